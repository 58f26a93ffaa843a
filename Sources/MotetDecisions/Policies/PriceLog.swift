import Foundation
import MotetCore

/// A price as the journal of a server has it: `POST /v1/price` writes a line for each.
public struct LoggedPrice: Sendable, Decodable, Hashable {
    /// The name that outcomes are joined by.
    public let decision: String
    /// The name of the draw: decisions of one draw are one choice.
    public let draw: String
    /// The item.
    public let item: String
    /// What the price was chosen for: `margin`, `revenue` or `units`.
    public let objective: String
    /// The price before.
    public let present: Double
    /// The price that was chosen.
    public let price: Double
    /// The probability with which it was to be chosen.
    public let propensity: Double
    /// The best price, as far as was known.
    public let best: Double
    /// The logarithm of the units of a period that were expected at the price before; nil where nothing was known of demand.
    public let level: Double?
    /// The elasticity that was believed in; nil where nothing was known of demand.
    public let elasticity: Double?
    /// What a unit cost.
    public let cost: Double?
    /// The units that could be sold in a period.
    public let stock: Int?
    /// The currency of the prices; nil in logs that do not tell.
    public var currency: String?

    /// What selling units at a price brings.
    public func reward(of units: Double, at price: Double) -> Double {
        switch objective {
        case "margin": units * (price - (cost ?? 0))
        case "revenue": units * price
        default: units
        }
    }

    /// The reward expected at a price by what was believed of demand; nil where nothing was known of it.
    public func expected(at price: Double) -> Double? {
        guard let level, let elasticity else { return nil }
        let mean = exp(level + elasticity * log(price / present))
        return reward(of: Sales.expected(mean: mean, stock: stock), at: price)
    }

    /// What of the line cannot be, as the rest of a sentence; nil where all can.
    var mistake: String? {
        func wrong(_ name: String, _ expected: String, _ received: String) -> String {
            "'\(name)' is out of range; expected \(expected); received \(received)."
        }
        let objectives = ["margin", "revenue", "units"]
        guard objectives.contains(objective) else {
            return wrong("objective", objectives.joined(separator: ", "), "`\(objective)`")
        }
        for (name, price) in [("present", present), ("price", price), ("best", best)]
        where !(price >= Self.least && price <= Self.greatest) {
            return wrong(name, "a price from \(Self.least) to \(Self.greatest)", "\(price)")
        }
        guard propensity > 0, propensity <= 1 else {
            return wrong("propensity", "more than 0 and at most 1", "\(propensity)")
        }
        if objective == "margin", cost == nil {
            return wrong("cost", "a number, as the margin is what counts", "none")
        }
        if let cost, !(abs(cost) <= Self.greatest) {
            return wrong("cost", "at most \(Self.greatest)", "\(cost)")
        }
        if let stock, stock < 0 { return wrong("stock", "at least 0", "\(stock)") }
        guard (level == nil) == (elasticity == nil) else {
            return wrong("elasticity", "both, or neither, of 'level' and 'elasticity'", "one")
        }
        if let level, !(abs(level) <= 700) { return wrong("level", "-700 to 700", "\(level)") }
        if let elasticity, !(abs(elasticity) <= 700) {
            return wrong("elasticity", "-700 to 700", "\(elasticity)")
        }
        return nil
    }

    /// The least price, and the greatest amount that a Double keeps to the millionth.
    private static let least = 1e-6
    private static let greatest = 1e9
}

/// What another policy would do in the places of logged prices.
public enum PriceCandidate: Sendable {
    /// The best price as far as was known, without exploration.
    case best
    /// The price before: no change.
    case present
    /// A price for each item.
    case prices([String: Double])
    /// For each decision some prices and their probabilities, which add up to 1.
    case propensities([String: [(price: Double, probability: Double)]])

    /// The prices it might choose and their probabilities; nil where it says nothing.
    func choices(_ logged: LoggedPrice) -> [(price: Double, probability: Double)]? {
        switch self {
        case .best: [(logged.best, 1)]
        case .present: [(logged.present, 1)]
        case .prices(let prices): prices[logged.item].map { [($0, 1)] }
        case .propensities(let table): table[logged.decision]
        }
    }
}

/// Logged prices with what came of them, ready for the evaluation of another policy.
public struct PriceLog: Sendable {
    /// What became of the lines of the journal.
    public struct Counts: Sendable, Hashable {
        /// Lines that were read.
        public var logged = 0
        /// Those without an outcome.
        public var withoutOutcome = 0
        /// Those of which the other policy says nothing.
        public var withoutCandidate = 0
        /// Those whose price followed from no demand: nothing was chosen there.
        public var withoutDemand = 0
        /// Choices that are evaluated: decisions of one draw are one.
        public var evaluated = 0
    }

    /// The lines, in their order.
    public let prices: [LoggedPrice]

    /// Takes prices.
    public init(_ prices: [LoggedPrice]) { self.prices = prices }

    /// Reads the files of a journal.
    ///
    /// - Parameter files: files of JSON lines, in order. A last line that is torn is passed over; the server that opens the journal
    ///   next cuts it off.
    /// - Throws: `DecisionError` with file and line for one that is no price.
    public init(files: [String]) throws(DecisionError) {
        var prices: [LoggedPrice] = []
        let decoder = JSONDecoder()
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw DecisionError(
                    .decision,
                    "\(file): the file cannot be read; expected a journal of prices; received none."
                )
            }
            let isWhole = data.last == 10
            let lines = data.split(separator: 10, omittingEmptySubsequences: false)
            for (number, line) in lines.enumerated() where !line.isEmpty {
                if !isWhole, number == lines.count - 1 { continue }
                guard let logged = try? decoder.decode(LoggedPrice.self, from: Data(line)) else {
                    throw DecisionError(
                        .decision,
                        "\(file):\(number + 1): the line is no logged price; expected one that `POST /v1/price` wrote; received "
                            + "\(line.count) bytes."
                    )
                }
                if let mistake = logged.mistake {
                    throw DecisionError(.decision, "\(file):\(number + 1): \(mistake)")
                }
                prices.append(logged)
            }
        }
        self.prices = prices
    }

    /// The log as the estimators take it.
    ///
    /// Decisions of one draw are one choice: their rewards are averaged, and a draw counts once.
    ///
    /// - Parameters:
    ///   - outcomes: by decision the units that were sold at the price, in what the demand is of.
    ///   - candidate: the other policy.
    /// - Returns: the columns, with what the belief at the time expects, and what became of the lines.
    /// - Throws: `DecisionError` for a number out of its range, and where no line has an outcome.
    public func decisions(
        outcomes: [String: Double],
        candidate: PriceCandidate
    ) throws(DecisionError) -> (LoggedDecisions, Counts) {
        var counts = Counts()
        counts.logged = prices.count
        var order: [String] = []
        var groups: [String: (first: LoggedPrice, sum: Double, count: Double)] = [:]
        for logged in prices {
            if let mistake = logged.mistake {
                throw DecisionError(.decision, "decision \"\(logged.decision)\": \(mistake)")
            }
            guard logged.level != nil else {
                counts.withoutDemand += 1
                continue
            }
            guard let units = outcomes[logged.decision] else {
                counts.withoutOutcome += 1
                continue
            }
            guard candidate.choices(logged) != nil else {
                counts.withoutCandidate += 1
                continue
            }
            // A draw whose limits changed meanwhile chose anew.
            let key = "\(logged.draw) \(logged.price) \(logged.propensity)"
            let reward = logged.reward(of: units, at: logged.price)
            if groups[key] == nil {
                order.append(key)
                groups[key] = (logged, 0, 0)
            }
            groups[key]?.sum += reward
            groups[key]?.count += 1
        }
        var (rewards, propensities, targets) = ([Double](), [Double](), [Double]())
        var (ofDecision, ofPolicy) = ([Double](), [Double]())
        for key in order {
            guard let group = groups[key], let choices = candidate.choices(group.first) else {
                continue
            }
            let logged = group.first
            rewards.append(group.sum / group.count)
            propensities.append(logged.propensity)
            var (target, value, whole) = (0.0, 0.0, 0.0)
            for choice in choices {
                guard choice.price > 0, choice.price.isFinite, choice.probability >= 0 else {
                    throw DecisionError(
                        .decision,
                        "decision \"\(logged.decision)\": the other policy's choice is none; expected a price above 0 and a "
                            + "probability from 0; received \(choice.price) and \(choice.probability)."
                    )
                }
                // Prices are written with the digits of a Double; a millionth of the currency tells them apart.
                if Money(choice.price) == Money(logged.price) { target += choice.probability }
                value += choice.probability * (logged.expected(at: choice.price) ?? 0)
                whole += choice.probability
            }
            guard abs(whole - 1) < 1e-6 else {
                throw DecisionError(
                    .decision,
                    "decision \"\(logged.decision)\": the other policy's probabilities do not add up; expected 1; received \(whole)."
                )
            }
            targets.append(min(target, 1))
            ofDecision.append(logged.expected(at: logged.price) ?? 0)
            ofPolicy.append(value)
        }
        counts.evaluated = rewards.count
        guard !rewards.isEmpty else {
            throw DecisionError(
                .decision,
                "logged prices: none can be evaluated; expected one with a demand, an outcome and a price of the other policy; "
                    + "received \(counts.logged), of which \(counts.withoutDemand) have no demand, "
                    + "\(counts.withoutOutcome) no outcome and \(counts.withoutCandidate) no price of the other policy."
            )
        }
        let decisions = try LoggedDecisions(
            rewards: rewards,
            propensities: propensities,
            targets: targets,
            expectation: LoggedDecisions.Expectation(ofDecision: ofDecision, ofPolicy: ofPolicy)
        )
        return (decisions, counts)
    }
}
