import HTTPTypes
import MotetCore
import MotetData
import MotetDecisions
import MotetExperiments
import MotetLedger
import NIOCore

/// Chooses the prices of a request, on the thread it is called on.
struct PriceDesk: Sendable {
    let store: PriceStore
    /// Reads and scores what is asked about.
    let scorer: Scorer

    /// What was chosen, before it is kept.
    struct Decided: Sendable {
        /// The items, as they were named.
        let ids: [JSONValue]
        /// The price of each.
        let answers: [PriceBook.Answer]
        /// Those that are not kept yet.
        let toBeKept: [ChosenPrice]
        /// What writes them to the journal; nil where nothing is written.
        let appending: Result<LineAppending, LedgerError>?
        /// All prices there were to choose from, and how often each price changed; where they were asked for.
        let explanations: [Explanation]?
        /// The columns of persons that the run reads and was not told.
        let blanked: [String]
        /// When the period ends.
        let end: Int64
        /// When it was chosen.
        let time: Int64
        /// What the scores took.
        var record: ScoreRecord
        /// The place of the shop of all items, if they have one.
        let scenario: String?

        /// The answer, which is told once all prices are kept.
        var body: [UInt8] = []
    }

    /// What explains the price of an item.
    struct Explanation: Sendable {
        var options: [PriceDecision.Option]
        var changes: Int
    }

    /// An item whose price is wanted, with all that is known of it but its demand.
    private struct Wanted {
        var item: PriceRequest.Item
        var scope: String?
        var rules: PriceRules
        var row: PriceItems.Row?
        /// The price of the period, where it was chosen.
        var known: PriceBook.Answer?
        var present: Money
        var fallback: Money
        var objective: PriceObjective
        /// Whether there is anything to know its demand from.
        var hasHistory: Bool
    }

    /// Chooses the prices of a body.
    ///
    /// - Parameters:
    ///   - body: the bytes of the request.
    ///   - start: when it was handed to the threads.
    /// - Returns: what is to be kept and told.
    /// - Throws: `RequestError` for what is wrong with the request, else what the features' source throws.
    func decide(_ body: ByteBuffer, since start: ContinuousClock.Instant) throws -> Decided {
        var record = ScoreRecord(since: start)
        record.end(.queue)
        let value = try scorer.parsed(body)
        // A price may not depend on the user, so neither may the model.
        guard let (model, variant) = scorer.rollout.model(for: nil) else {
            throw RequestError.notReady(scorer.limits)
        }
        record.model = model.version
        record.variant = variant
        let settings = store.settings
        let request = try PriceRequest(
            value,
            settings,
            columns: Set(model.encoder.columns),
            limits: scorer.limits
        )
        let task = try PriceTask(settings, model)
        let personal = PersonalColumns(settings, model)
        try personal.check(request.rest, scorer.limits)
        let rest = personal.removed(from: request.rest)
        // What stands for columns of persons is no value of the request.
        var asking = scorer
        asking.checked.exempt = personal.names
        let time = store.now()
        let scopes = try scopes(request, rest, personal, model)
        let wanted = try store.withBook { book in
            try request.items.indices.map {
                try self.wanted(request.items[$0], scopes.each[$0], "items[\($0)]", book, time)
            }
        }
        let body = self.body(wanted, rest, personal, task)
        var beliefs: [DemandBelief]?
        if wanted.allSatisfy({ $0.known != nil }) {
            // All prices of the period were chosen before: the model has nothing to say.
            try asking.check(body, model, &record)
        } else {
            let scored = try scored(body, model, asking, &record)
            beliefs = try task.beliefs(scored, presents: wanted.map(\.present), model)
        }
        let answers = try choose(wanted, beliefs, record, at: time)
        let explanations = request.explains ? try explanations(answers, at: time) : nil
        let toBeKept = answers.filter { !$0.isKept }.map(\.chosen)
        var decided = Decided(
            ids: request.items.map(\.id),
            answers: answers,
            toBeKept: toBeKept,
            // Nothing may fail after this.
            appending: store.begin(toBeKept, at: time),
            explanations: explanations,
            blanked: personal.blanked,
            end: settings.book.end(of: settings.book.period(of: time)),
            time: time,
            record: record,
            scenario: scopes.all
        )
        // While the disk has the lines.
        decided.body = decided.answer(scorer.requestID, settings).body
        return decided
    }

    /// Chooses the prices that are not known.
    ///
    /// The book is held only for what a price follows from, and to note it: what takes long is the choice, which nobody else waits for.
    private func choose(
        _ wanted: [Wanted],
        _ beliefs: [DemandBelief]?,
        _ record: ScoreRecord,
        at time: Int64
    ) throws -> [PriceBook.Answer] {
        let drafts = store.withBook { book in
            wanted.indices.map { row in
                wanted[row].known == nil
                    ? book.draft(question(wanted[row], beliefs?[row], record), at: time) : nil
            }
        }
        let settings = store.settings.book
        let chosen = try drafts.map { draft in
            try draft.map { try settings.choice($0, store.curves) }
        }
        return try store.withBook { book in
            try wanted.indices.compactMap { row in
                if let known = wanted[row].known { return known }
                guard let draft = drafts[row], let own = chosen[row] else { return nil }
                return try book.add(ifCurrent: own, of: draft)
                    ?? book.choose(draft.question, at: time)
            }
        }
    }

    private func question(
        _ wanted: Wanted,
        _ belief: DemandBelief?,
        _ record: ScoreRecord
    ) -> PriceQuestion {
        var question = PriceQuestion(
            item: wanted.item.name,
            scope: wanted.scope,
            present: wanted.present,
            belief: wanted.hasHistory ? belief : nil,
            fallback: wanted.fallback,
            rules: wanted.rules,
            objective: wanted.objective,
            stock: wanted.item.stock
        )
        question.model = record.model
        question.isDegraded = record.isDegraded
        return question
    }

    private func explanations(
        _ answers: [PriceBook.Answer],
        at time: Int64
    ) throws -> [Explanation] {
        try store.withBook { book in
            try answers.map { answer in
                let question = answer.chosen.question
                return Explanation(
                    options: try book.options(of: answer.chosen),
                    changes: book.changes(item: question.item, scope: question.scope, at: time)
                )
            }
        }
    }

    /// The body that asks for the scores of the items at their present prices, without anything personal.
    private func body(
        _ wanted: [Wanted],
        _ rest: [JSONMember],
        _ personal: PersonalColumns,
        _ task: PriceTask
    ) -> JSONValue {
        let items = wanted.map { wanted -> JSONValue in
            let members = personal.removed(fromItem: wanted.item.members).filter {
                $0.key != task.column
            }
            let price = JSONMember(key: task.column, value: .number(wanted.present.units))
            return .object(members + [price])
        }
        // The price stands in the items, whatever the user or the context says.
        let parts = rest.map { part -> JSONMember in
            guard case .object(let fields) = part.value else { return part }
            return JSONMember(
                key: part.key,
                value: .object(fields.filter { $0.key != task.column })
            )
        }
        return .object(parts + [JSONMember(key: "items", value: .array(items))])
    }

    /// The scores of a body, counted for the watch on scores.
    private func scored(
        _ body: JSONValue,
        _ model: ServedModel,
        _ scorer: Scorer,
        _ record: inout ScoreRecord
    ) throws -> Scorer.Scored {
        let scored = try scorer.scores(body, model, &record)
        record.scores = scorer.histograms(scored.scores, model)
        record.tally = ScoreTally(
            scored.scores,
            model.layout.scenarios(of: scored.request.columns),
            model.layout
        )
        return scored
    }

    /// The place of the shop of each item, and of all.
    private func scopes(
        _ request: PriceRequest,
        _ rest: [JSONMember],
        _ personal: PersonalColumns,
        _ model: ServedModel
    ) throws -> (each: [String?], all: String?) {
        let column = model.predictor.run.fitted.schema.scenario?.column
        let none = [String?](repeating: nil, count: request.items.count)
        guard let column, !model.layout.scenarios.isEmpty else { return (none, nil) }
        let fields = RequestFields(known: [], online: nil, limits: scorer.limits)
        func value(_ members: [JSONMember], _ place: String) throws -> RawValue? {
            try members.first { $0.key == column }.map { member in
                try fields.raw(member.value) { "\(place).\(column)" }
            }
        }
        var shared: RawValue?
        for part in rest {
            guard case .object(let members) = part.value else { continue }
            shared = try value(members, part.key) ?? shared
        }
        let own = try request.items.enumerated().map { index, item in
            try value(personal.removed(fromItem: item.members), "items[\(index)]")
                ?? shared ?? .missing
        }
        let places = model.layout.scenarios(of: [column: .each(own)])
        guard case .each(let numbers) = places else { return (none, nil) }
        let names = numbers.map { number in number.map { model.layout.scenarios[$0] } }
        let all = Set(names).count == 1 ? names.first ?? nil : nil
        return (store.settings.isPerScenario ? names : none, all)
    }
}

extension PriceDesk {
    /// What is known of an item but its demand.
    private func wanted(
        _ item: PriceRequest.Item,
        _ scope: String?,
        _ place: @autoclosure () -> String,
        _ book: PriceBook,
        _ time: Int64
    ) throws(RequestError) -> Wanted {
        let settings = store.settings
        let row = store.items?[item.name]
        let rules = try rules(item, settings.rules(of: item.name, category: row?.category), place())
        let known = book.known(item: item.name, scope: scope, rules: rules, at: time)
        let last = book.last(item: item.name, scope: scope)?.price
        let list = item.list ?? row?.list
        guard let present = known?.chosen.price ?? item.present ?? last ?? list else {
            throw .missing("\(place()).present", "the price the item has, for none is known of it")
        }
        let isNarrowed = item.floor != nil || item.ceiling != nil || item.greatestChange != nil
        if known == nil, isNarrowed, rules.nearest(to: present, after: present) == nil {
            let reach = rules.reach(after: present)
            throw RequestError(
                .badRequest,
                "contradictory_limits",
                field: place(),
                message:
                    "\(place()): no price obeys all limits; expected one from \(rules.floor) to \(rules.ceiling) that the "
                    + "greatest change reaches after \(present); received a reach from \(reach.least) to "
                    + "\(reach.greatest). Widen floor, ceiling or greatest_change."
            )
        }
        return Wanted(
            item: item,
            scope: scope,
            rules: rules,
            row: row,
            known: known,
            present: present,
            fallback: settings.fallback == .list ? list ?? present : present,
            objective: try objective(item, row, known, place()),
            hasHistory: (store.items == nil || row != nil)
                && (settings.history == 0 || (row?.history ?? 0) >= settings.history)
        )
    }

    private func objective(
        _ item: PriceRequest.Item,
        _ row: PriceItems.Row?,
        _ known: PriceBook.Answer?,
        _ place: @autoclosure () -> String
    ) throws(RequestError) -> PriceObjective {
        switch store.settings.objective {
        case .revenue: return .revenue
        case .units: return .units
        case .margin:
            if let cost = item.cost ?? row?.cost { return .margin(cost: cost) }
            // A price that was chosen needs no cost.
            if let known { return known.chosen.question.objective }
            throw .missing("\(place()).cost", "what a unit costs, for the margin is what counts")
        }
    }

    private func rules(
        _ item: PriceRequest.Item,
        _ rules: PriceRules,
        _ place: @autoclosure () -> String
    ) throws(RequestError) -> PriceRules {
        do {
            return try rules.narrowed(
                floor: item.floor,
                ceiling: item.ceiling,
                greatestChange: item.greatestChange
            )
        } catch {
            throw RequestError(
                .badRequest,
                "contradictory_limits",
                field: place(),
                message: "\(place()): \(error.description)"
            )
        }
    }
}
