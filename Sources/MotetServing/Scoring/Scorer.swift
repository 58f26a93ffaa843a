import HTTPTypes
import MotetCore
import MotetData
import MotetExperiments
import NIOCore

/// Answers `POST /v1/score`, on the thread it is called on.
struct Scorer: Sendable {
    let rollout: Rollout
    let features: any FeatureSource
    /// What tells a store which features are asked for; nil without a store.
    var online: OnlineFields?
    /// What users are called.
    var identities = UserIdentities.plain
    let limits: ServingSettings.Limits
    /// Keeps some answers for the console.
    var decisions: DecisionLog?
    /// Holds what is answered against what then happens.
    var outcomes: OutcomeWatch?
    /// The identity of the request.
    let requestID: String
    /// The fields that the body of another route has beside.
    var beside: [String] = []
    /// Which columns of a request are checked for values that nobody knows.
    var checked = KnownValues.Scope()

    /// What a model makes of the items of a request.
    struct Scored {
        var request: ScoreRequest
        /// What the source of features gave.
        var sourced: SourcedFeatures
        /// What the shop's table says.
        var items: KnownItems
        /// For each task of the model a score for each item.
        var scores: [[ServedModel.Score]]
    }

    /// Reads a body and asks for its features.
    ///
    /// - Parameters:
    ///   - body: the bytes of the request.
    ///   - start: when it was handed to the threads.
    /// - Returns: what is to be encoded and computed by the model of its user.
    /// - Throws: `RequestError` for what is wrong with the request, else what the features' source throws.
    func prepare(
        _ body: ByteBuffer,
        since start: ContinuousClock.Instant
    ) throws -> PreparedScore {
        var record = ScoreRecord(since: start)
        record.end(.queue)
        let value = try parsed(body)
        let user = ScoreRequest.user(of: value).map { identities.kept($0) }
        guard let (model, variant) = rollout.model(for: user) else {
            throw RequestError.notReady(limits)
        }
        record.model = model.version
        record.variant = variant
        record.shadow = rollout.shadowModel(for: user, request: requestID)
        return try prepare(value, model, record)
    }

    /// Encodes and computes a request by itself.
    ///
    /// - Parameter prepared: the request.
    /// - Returns: for each task a score for each item.
    /// - Throws: `RequestError` for a value that cannot be encoded, and for scores that are not finite.
    func compute(_ prepared: inout PreparedScore) throws -> [[ServedModel.Score]] {
        let (model, request) = (prepared.model, prepared.request)
        let batch = try batch(request, prepared.sourced, prepared.items, model)
        prepared.record.end(.encode)
        let scores = try model.scores(batch)
        try check(scores, model)
        prepared.record.end(.compute)
        return scores
    }

    /// Writes the answer of a request.
    ///
    /// - Parameters:
    ///   - prepared: the request.
    ///   - scores: for each task a score for each item.
    /// - Returns: the answer, and what it took.
    func answer(
        _ prepared: PreparedScore,
        _ scores: [[ServedModel.Score]]
    ) -> (Answer, ScoreRecord) {
        let (request, model, sourced) = (prepared.request, prepared.model, prepared.sourced)
        var record = prepared.record
        sample(prepared, scores)
        record.scores = histograms(scores, model)
        let scenarios = model.layout.scenarios(of: request.columns)
        record.tally = ScoreTally(scores, scenarios, model.layout)
        if let decisions, decisions.isDue {
            record.decision = Decision(
                request,
                scores,
                by: model,
                scenarios,
                sourced: sourced.columns.count,
                record,
                id: requestID
            )
        }
        outcomes?.answered(
            request.userID,
            request.itemNames.enumerated().map { ($1, $0) },
            scores,
            scenarios,
            model
        )
        if record.shadow != nil {
            record.values = numbers(scores, model)
            record.sourced = sourced.columns
        }
        var answer = answer(request, scores, model, isDegraded: sourced.isDegraded)
        answer.notes = ["model": model.version, "variant": record.variant]
        record.end(.write)
        return (answer, record)
    }

    /// Keeps a row of a request for the watch on drift, now and then.
    private func sample(_ prepared: PreparedScore, _ scores: [[ServedModel.Score]]) {
        prepared.model.sample(scores) {
            var rows = prepared.request.rows(with: prepared.sourced.columns, prepared.items)
            for name in prepared.items.names where rows.columns[name] == nil {
                rows.columns[name] = prepared.items.column(name)
            }
            return rows
        }
    }

    /// The numbers another model gives for the same body.
    ///
    /// - Parameters:
    ///   - body: the bytes of a request that was answered.
    ///   - model: the other model.
    ///   - sourced: what the source of features gave the first model; it is asked only for what that did not
    ///     need.
    /// - Returns: for each of its tasks a number for each item.
    /// - Throws: where the other model cannot answer it.
    func numbers(
        _ body: ByteBuffer,
        by model: ServedModel,
        with sourced: [String: RawRows.Column]
    ) throws -> [String: [Float]] {
        var prepared = try prepare(
            try parsed(body),
            model,
            ScoreRecord(since: .now),
            with: sourced
        )
        return numbers(try compute(&prepared), model)
    }

    func parsed(_ body: ByteBuffer) throws -> JSONValue {
        try body.withUnsafeReadableBytes { bytes in
            try bytes.withMemoryRebound(to: UInt8.self) {
                try JSONParser.parse($0, maximumDepth: limits.jsonDepth)
            }
        }
    }

    /// Scores the items of the body of another route.
    ///
    /// - Parameters:
    ///   - value: the body, without the fields of the route.
    ///   - model: what scores.
    ///   - record: what it took.
    /// - Returns: the scores.
    /// - Throws: `RequestError` for what is wrong with the request, else what the features' source throws.
    func scores(
        _ value: JSONValue,
        _ model: ServedModel,
        _ record: inout ScoreRecord
    ) throws -> Scored {
        var prepared = try prepare(value, model, record)
        let scores = try compute(&prepared)
        record = prepared.record
        sample(prepared, scores)
        return Scored(
            request: prepared.request,
            sourced: prepared.sourced,
            items: prepared.items,
            scores: scores
        )
    }

    /// Finds what is wrong with the body of another route, without computing anything.
    ///
    /// - Parameters:
    ///   - value: the body, without the fields of the route.
    ///   - model: what would score.
    ///   - record: what it took.
    /// - Throws: what `scores` throws, but for scores that are not finite.
    func check(_ value: JSONValue, _ model: ServedModel, _ record: inout ScoreRecord) throws {
        let prepared = try prepare(value, model, record)
        record = prepared.record
        _ = try batch(prepared.request, prepared.sourced, prepared.items, model)
        record.end(.encode)
    }

    func prepare(
        _ value: JSONValue,
        _ model: ServedModel,
        _ record: ScoreRecord,
        with known: [String: RawRows.Column] = [:]
    ) throws -> PreparedScore {
        var record = record
        let request = try ScoreRequest(
            value,
            columns: model.encoder.columns,
            online: online,
            identities: identities,
            limits: limits,
            beside: beside
        )
        record.items = request.count
        try model.knownValues?.check(request, checked)
        record.end(.parse)
        let items = model.items.map { KnownItems(request, $0) } ?? KnownItems()
        var sourced = try features(for: request, model, known, items)
        if !known.isEmpty { sourced.columns.merge(known) { _, known in known } }
        record.isDegraded = sourced.isDegraded
        record.end(.features)
        return PreparedScore(
            request: request,
            model: model,
            sourced: sourced,
            items: items,
            record: record
        )
    }

    private func numbers(
        _ scores: [[ServedModel.Score]],
        _ model: ServedModel
    ) -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: zip(model.tasks, scores.map { $0.map(\.value) }))
    }

    private func features(
        for request: ScoreRequest,
        _ model: ServedModel,
        _ known: [String: RawRows.Column],
        _ items: KnownItems
    ) throws -> SourcedFeatures {
        let missing = model.columns(where: {
            request.columns[$0] == nil && known[$0] == nil && !items.names.contains($0)
        })
        guard !missing.isEmpty else { return SourcedFeatures() }
        return try features.features(
            missing,
            for: FeatureQuery(
                userID: request.userID,
                itemIDs: request.itemNames,
                context: request.context,
                columns: request.columns,
                time: request.time,
                known: items
            )
        )
    }

    private func batch(
        _ request: ScoreRequest,
        _ sourced: SourcedFeatures,
        _ items: KnownItems,
        _ model: ServedModel
    ) throws -> RequestBatch {
        do {
            return try model.batch(
                request.count,
                { items.columns[$0] ?? request.columns[$0] ?? sourced.columns[$0] },
                items: items.rows
            ) { "items[\($0)]" }
        } catch let error as PreparationError {
            throw RequestError(
                .badRequest,
                error.code.rawValue,
                field: request.field(row: error.row, column: error.column),
                message: error.description
            )
        }
    }

    /// Checks that scores are finite.
    func check(
        _ scores: [[ServedModel.Score]],
        _ model: ServedModel
    ) throws(RequestError) {
        for (task, values) in zip(model.tasks, scores) {
            guard let row = values.firstIndex(where: { !$0.value.isFinite }) else { continue }
            throw RequestError(
                .badRequest,
                "score_not_finite",
                field: "items[\(row)]",
                message:
                    "items[\(row)]: the score of \"\(task)\" is not finite; expected numbers such as "
                    + "those of the training; received some that the model cannot compute with."
            )
        }
    }

    func histograms(
        _ scores: [[ServedModel.Score]],
        _ model: ServedModel
    ) -> [String: Histogram] {
        var histograms: [String: Histogram] = [:]
        for (task, values) in zip(model.tasks, scores) {
            var histogram = Histogram(Histogram.scores)
            for score in values { histogram.add(Double(score.value)) }
            histograms[task] = histogram
        }
        return histograms
    }

    private func answer(
        _ request: ScoreRequest,
        _ scores: [[ServedModel.Score]],
        _ model: ServedModel,
        isDegraded: Bool
    ) -> Answer {
        let names = model.tasks.reduce(0) { $0 + $1.utf8.count }
        var writer = JSONWriter(
            capacity: 256 + request.count * (64 + names + 24 * model.tasks.count)
        )
        let (id, all, tasks) = (
            JSONName("id"), JSONName("scores"), model.tasks.map { JSONName($0) }
        )
        writer.object { writer in
            writer.key("model")
            writer.text(model.version)
            writer.key("degraded")
            writer.boolean(isDegraded)
            writer.key("items")
            writer.array { writer in
                for row in 0..<request.count {
                    writer.object { writer in
                        writer.key(id)
                        writer.value(request.itemIDs[row])
                        writer.key(all)
                        writer.object { writer in
                            for task in tasks.indices {
                                writer.key(tasks[task])
                                scores[task][row].write(to: &writer)
                            }
                        }
                    }
                }
            }
        }
        return Answer(body: writer.bytes)
    }
}

extension ServedModel.Score {
    /// The number, or the probability of the class.
    var value: Float {
        switch self {
        case .number(let value), .choice(_, let value): value
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .number(let value): writer.number(value)
        case .choice(let name, let probability):
            writer.object { writer in
                writer.key("class")
                writer.text(name)
                writer.key("probability")
                writer.number(probability)
            }
        }
    }
}
