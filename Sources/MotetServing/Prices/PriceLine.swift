import Foundation
import MotetDecisions

/// A chosen price as a line of the journal, which `PriceLog` reads too.
enum PriceLine {
    /// The names of the fields, written once: a second may have 20,000 lines.
    enum Name {
        static let decision = JSONName("decision")
        static let draw = JSONName("draw")
        static let item = JSONName("item")
        static let scope = JSONName("scope")
        static let time = JSONName("time")
        static let period = JSONName("period")
        static let revision = JSONName("revision")
        static let objective = JSONName("objective")
        static let currency = JSONName("currency")
        static let present = JSONName("present")
        static let price = JSONName("price")
        static let propensity = JSONName("propensity")
        static let best = JSONName("best")
        static let reason = JSONName("reason")
        static let level = JSONName("level")
        static let elasticity = JSONName("elasticity")
        static let levelDeviation = JSONName("level_deviation")
        static let elasticityDeviation = JSONName("elasticity_deviation")
        static let cost = JSONName("cost")
        static let stock = JSONName("stock")
        static let fallback = JSONName("fallback")
        static let floor = JSONName("floor")
        static let ceiling = JSONName("ceiling")
        static let step = JSONName("step")
        static let greatestChange = JSONName("greatest_change")
        static let endings = JSONName("endings")
        static let model = JSONName("model")
        static let degraded = JSONName("degraded")
    }

    /// The line of a price.
    static func bytes(_ chosen: ChosenPrice, currency: String) -> [UInt8] {
        var lines = PriceLines(currency: currency)
        return lines.bytes(chosen)
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
