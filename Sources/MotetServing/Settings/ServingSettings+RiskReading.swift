import Foundation
import MotetConfiguration
import MotetDecisions
import MotetFeatures

extension ServingSettings.Risk {
    /// The code of what the model's probability alone asks for; no rule can have it.
    static let modelCode = "model_score"

    init(reading reader: ConfigurationReader, folder: String, file: String) {
        let place = ReadingPlace(folder: folder, file: file)
        let store = reader.string("store")
        self.init(currency: reader.string("currency"))
        self.folder = store == "memory" ? nil : place.path(store)
        durability = reader.choice("durability", default: durability)
        orders = reader.integer("orders", default: orders, in: .between(1, 100_000_000))
        answers = reader.integer("answers", default: answers, in: .between(1, 10_000_000))
        maximumAmount = reader.number(
            "maximum_amount",
            default: maximumAmount,
            in: .between(1e-6, 1e9)
        )
        aheadSeconds = reader.number(
            "ahead_seconds",
            default: aheadSeconds,
            in: .between(0, 86_400)
        )
        order = reader.section(ifPresent: "order") { Subject(reading: $0, place) } ?? nil
        review = reader.section(ifPresent: "review") { Subject(reading: $0, place) } ?? nil
        if !(1...16).contains(currency.utf8.count) {
            reader.fail(
                "currency",
                "no name of a currency; expected 1 to 16 characters, such as EUR; received \"\(currency)\"."
            )
        }
        if !reader.has("order"), !reader.has("review") {
            reader.fail(
                nil,
                "nothing is judged; expected `order`, `review` or both; received neither."
            )
        }
    }
}

extension ServingSettings.Risk.Subject {
    private static let kinds = [
        "orders", "spend", "accounts", "email", "phone", "amount", "column",
    ]

    /// Reads a section; nil where a mistake was told that leaves nothing to go on with.
    init?(reading reader: ConfigurationReader, _ place: ReadingPlace) {
        let task = place.named(reader, "task")
        let costs = reader.section("costs") { Self.costs($0) }
        let limit = reader.number(
            "evidence_limit",
            default: 6,
            in: .between(0, RiskRule.greatestWeight)
        )
        let weight = reader.number(
            "model_weight",
            default: 1,
            in: .between(0, RiskPolicy.greatestModelWeight)
        )
        let intercept = reader.number(
            "intercept",
            default: 0,
            in: .between(-RiskRule.greatestWeight, RiskRule.greatestWeight)
        )
        let rules =
            reader.list(ifPresent: "rules") { value in
                value.variant(of: Self.kinds) { Self.rule($0, $1, place) }
            } ?? []
        guard let costs else { return nil }
        do {
            self.init(
                task: task,
                policy: try RiskPolicy(
                    rules: rules,
                    costs: costs,
                    evidenceLimit: limit,
                    modelWeight: weight,
                    intercept: intercept
                )
            )
        } catch {
            reader.fail("rules", error.description)
            return nil
        }
    }

    private static func costs(_ reader: ConfigurationReader) -> RiskCosts? {
        func cost(_ key: String, _ fallback: Double) -> Double {
            reader.number(key, default: fallback, in: .between(0, 1e9))
        }
        let fraud = (cost("fraud_share", 1), cost("fraud_fixed", 0))
        let good = (cost("good_share", 0), cost("good_fixed", 0))
        let review = reader.number("review", in: .between(0, 1e9))
        let catches = reader.number("review_catches", default: 1, in: .between(0, 1))
        let refuses = reader.number("review_refuses", default: 0, in: .between(0, 1))
        do {
            return try RiskCosts(
                fraudShare: fraud.0,
                fraudFixed: fraud.1,
                goodShare: good.0,
                goodFixed: good.1,
                review: review,
                reviewCatches: catches,
                reviewRefuses: refuses
            )
        } catch {
            reader.fail(nil, error.description)
            return nil
        }
    }

    private static func rule(
        _ kind: String,
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) -> RiskRule? {
        let code = reader.string("code")
        if code == ServingSettings.Risk.modelCode {
            reader.fail("code", "the model's own reason is called so; expected another code.")
        }
        let effect = effect(reader)
        do {
            guard let condition = try condition(kind, reader, place) else { return nil }
            return try RiskRule(code, condition, effect)
        } catch {
            reader.fail(nil, "\(error)")
            return nil
        }
    }

    private static func effect(_ reader: ConfigurationReader) -> RiskRule.Effect {
        let choices: KeyValuePairs<String, RiskDecision> = ["review": .review, "block": .block]
        if reader.has("weight") == reader.has("decision") {
            reader.fail(
                nil,
                "a rule moves the odds or demands a decision; expected one of `weight` and `decision`; received "
                    + (reader.has("weight") ? "both." : "neither.")
            )
        }
        if reader.has("decision") { return .atLeast(reader.choice("decision", of: choices)) }
        let most = RiskRule.greatestWeight
        return .weight(reader.number("weight", default: 0, in: .between(-most, most)))
    }

    private static func condition(
        _ kind: String,
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) throws -> RiskRule.Condition? {
        switch kind {
        case "email", "phone":
            guard let patterns = patterns(reader, place) else { return nil }
            return kind == "email" ? .email(patterns) : .phone(patterns)
        case "amount": return .amount(try range(reader))
        case "column":
            let name = reader.string("name")
            return .number(name, try range(reader))
        default:
            let dimension = reader.choice("of", as: RiskDimension.self)
            let above = reader.number("above", in: .between(0, 1e12))
            guard reader.has("window") else {
                _ = reader.string("window")
                return nil
            }
            let window = reader.parsed("window", default: 1_000) { try TimeSpan.parse($0) }
            switch kind {
            case "orders": return .orders(of: dimension, window: window, above: above)
            case "spend": return .spend(of: dimension, window: window, above: above)
            default: return .accounts(of: dimension, window: window, above: above)
            }
        }
    }

    private static func range(_ reader: ConfigurationReader) throws -> RiskRange {
        try RiskRange(
            below: reader.number(ifPresent: "below"),
            above: reader.number(ifPresent: "above")
        )
    }

    /// The patterns of the file, and of files with one a line.
    private static func patterns(
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) -> [TextPattern]? {
        var texts = reader.strings("patterns", default: [])
        for file in reader.strings("files", default: [], allowsOne: true) {
            guard let data = FileManager.default.contents(atPath: place.path(file)) else {
                reader.fail(
                    "files",
                    "the file cannot be read; expected a text with a pattern a line; received "
                        + "\"\(place.path(file))\"."
                )
                return nil
            }
            texts += String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        do {
            return try texts.map { try TextPattern($0) }
        } catch {
            reader.fail("patterns", "\(error)")
            return nil
        }
    }
}
