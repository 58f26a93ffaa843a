import Foundation
import MotetDecisions

/// A chosen price as a line of the journal, which `PriceLog` reads too.
enum PriceLine {
    /// The line of a price.
    static func bytes(_ chosen: ChosenPrice, currency: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 640)
        let question = chosen.question
        writer.object { writer in
            func text(_ key: String, _ value: String?) {
                writer.key(key)
                writer.optional(value)
            }
            func number(_ key: String, _ value: Double?) {
                writer.key(key)
                writer.optional(value)
            }
            text("decision", chosen.name)
            text("draw", chosen.name)
            text("item", question.item)
            text("scope", question.scope)
            writer.key("time")
            writer.integer(chosen.time)
            writer.key("period")
            writer.integer(chosen.period)
            writer.key("revision")
            writer.integer(chosen.revision)
            text("objective", question.objective.name)
            text("currency", currency)
            number("present", question.present.units)
            number("price", chosen.price.units)
            number("propensity", chosen.propensity)
            number("best", chosen.best.units)
            text("reason", chosen.reason.rawValue)
            number("level", question.belief?.mean.x)
            number("elasticity", question.belief?.mean.y)
            number("level_deviation", question.belief?.covariance.level.squareRoot())
            number("elasticity_deviation", question.belief?.covariance.elasticity.squareRoot())
            number("cost", question.objective.cost?.units)
            writer.key("stock")
            if let stock = question.stock { writer.integer(stock) } else { writer.null() }
            writer.key("fallback")
            writer.boolean(chosen.isFallback)
            number("floor", question.rules.floor.units)
            number("ceiling", question.rules.ceiling.units)
            number("step", question.rules.step.units)
            number("greatest_change", question.rules.greatestChange)
            writer.key("endings")
            writer.array { writer in
                for ending in question.rules.endings.sorted() { writer.integer(ending) }
            }
            text("model", question.model)
            writer.key("degraded")
            writer.boolean(question.isDegraded)
        }
        return writer.bytes
    }

    /// The price of a line; nil for what is none.
    static func chosen(_ line: Data) -> ChosenPrice? {
        let parsed = line.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: UInt8.self) {
                try? JSONParser.parse($0, maximumDepth: 4)
            }
        }
        guard case .object(let members)? = parsed else { return nil }
        let values = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        func number(_ key: String) -> Double? {
            switch values[key] {
            case .integer(let integer)?: Double(integer)
            case .number(let number)?: number
            default: nil
            }
        }
        func integer(_ key: String) -> Int64? {
            if case .integer(let integer)? = values[key] { integer } else { nil }
        }
        func text(_ key: String) -> String? {
            if case .text(let text)? = values[key] { text } else { nil }
        }
        func money(_ key: String) -> Money? { number(key).map { Money($0) } }
        var endings: Set<Int> = []
        if case .array(let all)? = values["endings"] {
            for case .integer(let ending) in all { endings.insert(Int(ending)) }
        }
        guard let item = text("item"), let time = integer("time"), let period = integer("period"),
            let revision = integer("revision"), let present = money("present"),
            let price = money("price"), let propensity = number("propensity"),
            let best = money("best"),
            let reason = text("reason").flatMap({ PriceReason(rawValue: $0) }),
            let objective = text("objective").flatMap({
                PriceObjective(named: $0, cost: money("cost"))
            }), let floor = money("floor"), let ceiling = money("ceiling"),
            let step = money("step"),
            let rules = try? PriceRules(
                floor: floor,
                ceiling: ceiling,
                step: step,
                greatestChange: number("greatest_change"),
                endings: endings
            )
        else { return nil }
        var belief: DemandBelief?
        if let level = number("level"), let elasticity = number("elasticity"),
            let levelDeviation = number("level_deviation"),
            let elasticityDeviation = number("elasticity_deviation")
        {
            belief = try? DemandBelief(
                reference: present,
                level: level,
                elasticity: elasticity,
                levelDeviation: levelDeviation,
                elasticityDeviation: elasticityDeviation
            )
            guard belief != nil else { return nil }
        }
        var question = PriceQuestion(
            item: item,
            scope: text("scope"),
            present: present,
            belief: belief,
            fallback: price,
            rules: rules,
            objective: objective,
            stock: integer("stock").map { Int($0) }
        )
        question.model = text("model") ?? ""
        question.isDegraded = values["degraded"] == .boolean(true)
        return ChosenPrice(
            question,
            period: period,
            revision: Int(revision),
            time: time,
            price: price,
            propensity: propensity,
            reason: reason,
            best: best
        )
    }
}

extension PriceObjective {
    /// What a line and an answer call it.
    var name: String {
        switch self {
        case .margin: "margin"
        case .revenue: "revenue"
        case .units: "units"
        }
    }

    /// What a unit costs; nil where it does not matter.
    var cost: Money? {
        if case .margin(let cost) = self { cost } else { nil }
    }

    /// An objective by its name; nil where there is none, or its cost is not known.
    init?(named name: String, cost: Money?) {
        switch name {
        case "margin":
            guard let cost else { return nil }
            self = .margin(cost: cost)
        case "revenue": self = .revenue
        case "units": self = .units
        default: return nil
        }
    }
}
