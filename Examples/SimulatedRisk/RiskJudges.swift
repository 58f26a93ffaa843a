import ExampleSupport
import Foundation
import Motet

/// Judges of orders: the model, rules, and both; what they decide, and what it costs in truth.
struct RiskJudges {
    let shop: RiskShop
    /// The model's probability for each order.
    let model: [Float]
    /// For each order the rules that apply.
    private let hits: [[RiskVerdict.Hit]]
    /// For each order what the rules count.
    private let counts: [[RiskLookback: RiskCounts]]
    private let rules: [RiskRule]

    /// What decisions cost, in the simulator's currency: a fraud its amount and a fee of 15, a refusal the margin and some of the
    /// customer, a review 3, which finds nine of ten.
    static func costs() throws -> RiskCosts {
        try RiskCosts(
            fraudFixed: 15,
            goodShare: 0.25,
            goodFixed: 5,
            review: 3,
            reviewCatches: 0.9
        )
    }

    /// The rules, without weights yet: they are learnt.
    static func rules() throws -> [RiskRule] {
        let day: Int64 = 86_400_000
        return [
            try RiskRule(
                "account_orders",
                .orders(of: .account, window: day, above: 1),
                .weight(0)
            ),
            try RiskRule("device_orders", .orders(of: .device, window: day, above: 2), .weight(0)),
            try RiskRule(
                "address_orders",
                .orders(of: .address, window: day, above: 3),
                .weight(0)
            ),
            try RiskRule(
                "address_spend",
                .spend(of: .address, window: 7 * day, above: 300),
                .weight(0)
            ),
            try RiskRule(
                "shared_device",
                .accounts(of: .device, window: 30 * day, above: 1),
                .weight(0)
            ),
            try RiskRule(
                "shared_address",
                .accounts(of: .address, window: 30 * day, above: 2),
                .weight(0)
            ),
            try RiskRule(
                "young_account",
                .number("account_age_days", RiskRange(below: 14)),
                .weight(0)
            ),
            try RiskRule("large", .amount(RiskRange(above: 100)), .weight(0)),
        ]
    }

    init(shop: RiskShop, model: [Float]) throws {
        (self.shop, self.model) = (shop, model)
        rules = try Self.rules()
        let policy = try RiskPolicy(rules: rules, costs: try Self.costs())
        let times = try shop.log.column("day"), hours = try shop.log.column("hour")
        let (device, address) = (try shop.log.column("device"), try shop.log.column("address"))
        let (user, age) = (try shop.log.column("user"), try shop.log.column("account_age_days"))
        var memory = RiskMemory(capacity: 1_000_000, window: 60 * 86_400_000)
        var (hits, counts) = ([[RiskVerdict.Hit]](), [[RiskLookback: RiskCounts]]())
        for row in shop.orders {
            let moment = (Int64(times[row]) * 24 + Int64(hours[row])) * 3_600_000
            let order = RiskOrder(
                id: RiskIdentity(high: 1, low: UInt64(row)),
                time: 1_780_000_000_000 + moment,
                amount: Double(shop.price[row]),
                tokens: [
                    .account: 1 << 40 + UInt64(user[row]), .device: 2 << 40 + UInt64(device[row]),
                    .address: 3 << 40 + UInt64(address[row]),
                ]
            )
            let own = memory.counts(for: policy.lookbacks, of: order)
            let facts = RiskFacts(
                amount: order.amount,
                numbers: ["account_age_days": [Double(age[row])]]
            )
            hits.append(policy.verdict(0.5, facts, counts: own).hits)
            counts.append(own)
            memory.add(order)
        }
        (self.hits, self.counts) = (hits, counts)
    }

    /// The places among the orders of those that choose, and of those that are judged.
    private var validation: [Int] {
        shop.orders.indices.filter {
            (shop.validationStart..<shop.testStart).contains(shop.orders[$0])
        }
    }
    private var tests: [Int] { shop.orders.indices.filter { shop.orders[$0] >= shop.testStart } }

    /// Judges the last orders by everyone.
    func measure(seed: UInt64, into table: inout SeedTable) throws {
        let predicted = model
        let base = logit(shareOfReports)
        let alone = try weights(offset: { _ in base }, hasIntercept: true)
        let beside = try weights(
            offset: { logit(Double(predicted[$0])) },
            hasIntercept: true,
            weighsModel: true
        )
        let plain = try weights(
            offset: { logit(Double(predicted[$0])) },
            hasIntercept: false
        )
        let prior = 1 / (1 + exponential(-base))
        let nothing = RuleWeights.Fit(weights: rules.map { _ in 0 })
        for (name, fit, probability) in [
            ("everything allowed", nothing, { (_: Int) in 0.0 }), ("rules", alone, { _ in prior }),
            ("model", nothing, { Double(predicted[$0]) }),
            ("model as it is, and rules", plain, { Double(predicted[$0]) }),
            ("model and rules", beside, { Double(predicted[$0]) }),
        ] as [(String, RuleWeights.Fit, (Int) -> Double)] {
            table.add(
                name,
                seed: seed,
                try values(fit, probability),
                parameters: name == "everything allowed" || name == "model" ? 0 : rules.count,
                seconds: 0
            )
        }
    }

    /// The share of reported orders among those that were trained on.
    private var shareOfReports: Double {
        let rows = shop.orders.filter { $0 < shop.validationStart }
        return rows.reduce(0.0) { $0 + Double(shop.labels[4][$1]) } / Double(rows.count)
    }

    private func weights(
        offset: (Int) -> Double,
        hasIntercept: Bool,
        weighsModel: Bool = false
    ) throws -> RuleWeights.Fit {
        try RuleWeights.fit(
            rules: rules.count,
            hits: validation.map { hits[$0].map(\.rule) },
            offsets: validation.map(offset),
            labels: validation.map { shop.labels[4][shop.orders[$0]] == 1 },
            hasIntercept: hasIntercept,
            weighsModel: weighsModel
        )
    }

    private func values(
        _ fit: RuleWeights.Fit,
        _ probability: @escaping (Int) -> Double
    ) throws -> [String: Double] {
        let policy = try RiskPolicy(
            rules: zip(rules, fit.weights).map { rule, weight in
                try RiskRule(rule.code, rule.condition, .weight(min(max(weight, -20), 20)))
            },
            costs: try Self.costs(),
            evidenceLimit: 20,
            modelWeight: min(max(fit.modelWeight, 0), RiskPolicy.greatestModelWeight),
            intercept: fit.intercept
        )
        var (labels, scores) = ([Float](), [Float]())
        var (cost, missed, refused, reviewed) = (0.0, 0.0, 0.0, 0.0)
        let places = tests
        for place in places {
            let row = shop.orders[place]
            let (isFake, amount) = (shop.isFake[row], Double(shop.price[row]))
            let verdict = policy.verdict(probability(place), amount, hits[place])
            // What the decision costs where the truth is known: reviewers still miss a share.
            cost += policy.costs.expected(isFake ? 1 : 0, amount: amount)[verdict.decision]
            if isFake, verdict.decision == .allow { missed += 1 }
            if !isFake, verdict.decision == .block { refused += 1 }
            if verdict.decision == .review { reviewed += 1 }
            labels.append(isFake ? 1 : 0)
            scores.append(Float(verdict.probability))
        }
        let frauds = Double(labels.count { $0 == 1 })
        let observations = try Observations(labels: labels, predictions: scores)
        return [
            "PR-AUC": Metric.prAUC.evaluate(observations).value ?? .nan,
            "cost": cost / Double(places.count), "missed": missed / frauds,
            "refused": refused / (Double(places.count) - frauds),
            "reviewed": reviewed / Double(places.count),
        ]
    }

    private func logit(_ probability: Double) -> Double {
        let inside = min(max(probability, RiskPolicy.margin), 1 - RiskPolicy.margin)
        return logarithm(inside / (1 - inside))
    }

    /// Writes the orders for other programs: part, label, truth, amount, what the model reads, what the rules count.
    func write(to path: String) throws {
        let lookbacks = try RiskPolicy(rules: rules, costs: try Self.costs()).lookbacks
        let ids = try shop.ids()
        let age = try shop.log.column("account_age_days")
        var text = "part,label,fake,amount,age_days," + shop.names.joined(separator: ",") + ","
        text += ids.map(\.name).joined(separator: ",")
        for lookback in lookbacks {
            let name = "\(lookback.dimension.rawValue)_\(lookback.window / 86_400_000)d"
            text += ",count_\(name)_orders,count_\(name)_amount,count_\(name)_accounts"
        }
        text += "\n"
        let width = shop.names.count
        for (place, row) in shop.orders.enumerated() {
            let part =
                row < shop.validationStart ? "train" : row < shop.testStart ? "validation" : "test"
            text +=
                "\(part),\(Int(shop.labels[4][row])),\(shop.isFake[row] ? 1 : 0),\(shop.price[row]),\(age[row])"
            for number in shop.numbers[(row * width)..<((row + 1) * width)] { text += ",\(number)" }
            for id in ids { text += ",\(id.values[row])" }
            for lookback in lookbacks {
                let own = counts[place][lookback] ?? RiskCounts(orders: 0, amount: 0, accounts: 0)
                text += ",\(own.orders),\(own.amount),\(own.accounts)"
            }
            text += "\n"
        }
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
