import Motet

/// What is true of rows, and how far answers are from it.
struct ShopTruth {
    /// What is measured: of a task, in a scenario or in all rows.
    struct Measure: Hashable {
        let task: String
        let name: String
        let scenario: String

        var goal: MetricGoal { name == Self.ranking ? .higher : .lower }

        /// Mean divergence of probabilities from the true ones: what endless rows would show as log loss above the least.
        static let excess = "excess loss"
        /// How well who cheated is found among the paid orders.
        static let ranking = "PR-AUC"
        /// Errors of expected units over the units.
        static let units = "WAPE"
        /// Mean absolute error of the elasticity of the row's item.
        static let elasticity = "elasticity error"
        static let allRows = "all"
    }

    private(set) var scenario: [Int32]
    let names: [String]
    /// The probabilities of the steps, each given the step before; NaN where a row is no honest impression.
    private(set) var probabilities: [String: [Float]]
    /// 1 for a fake order that was paid, 0 for an honest one, NaN where nothing was.
    private(set) var isFake: [Float]
    /// The expected units of an item on a day; NaN for impressions.
    private(set) var units: [Float]
    /// The elasticity of each row's item.
    private(set) var elasticity: [Float]

    /// The truth of all rows, impressions first.
    init(_ log: SimulatedLog, _ days: ItemDays, scenario: [Int32], names: [String]) throws {
        (self.scenario, self.names) = (scenario, names)
        let fake = try log.column("fake_order")
        probabilities = [:]
        for (task, column) in [
            ("click", "p_click"), ("cart", "p_cart"), ("pay", "p_pay"), ("returned", "p_return"),
        ] {
            let honest = zip(try log.column(column), fake).map { $1 == 1 ? .nan : $0 }
            probabilities[task] = honest + days.none
        }
        isFake = zip(fake, try log.column("pay")).map { $1 == 1 ? $0 : .nan } + days.none
        units = fake.map { _ in .nan } + (try days.expectedUnits)
        let ofItems = try days.elasticities
        elasticity = (try log.column("item") + days.item).map { ofItems[Int($0)] }
    }

    /// The truth of some rows.
    func of(_ rows: [Int]) -> ShopTruth {
        var part = self
        part.scenario = rows.map { scenario[$0] }
        part.probabilities = probabilities.mapValues { values in rows.map { values[$0] } }
        part.isFake = rows.map { isFake[$0] }
        part.units = rows.map { units[$0] }
        part.elasticity = rows.map { elasticity[$0] }
        return part
    }

    /// How far answers are from the truth, in all rows and in each scenario.
    ///
    /// - Parameter answers: those of the rows.
    /// - Returns: what can be measured.
    /// - Throws: `MetricError` where answers are no numbers.
    func measure(_ answers: ShopAnswers) throws -> [Measure: Double] {
        var values: [Measure: Double] = [:]
        for place in [nil] + names.indices.map({ Int32($0) }) {
            let rows = scenario.indices.filter { place == nil || scenario[$0] == place }
            func add(_ task: String, _ name: String, _ value: Double?) {
                let scenario = place.map { names[Int($0)] } ?? Measure.allRows
                if let value, value.isFinite {
                    values[Measure(task: task, name: name, scenario: scenario)] = value
                }
            }
            for (task, truth) in probabilities {
                add(task, Measure.excess, Self.excessLoss(answers.scores[task], truth, rows))
            }
            add("fraud", Measure.ranking, try Self.ranking(answers.scores["fraud"], isFake, rows))
            add("units", Measure.units, Self.wape(answers.scores["units"], units, rows))
            // Where the task has rows of its own: purchases in places, units in the catalogue.
            for (task, own) in [("pay", probabilities["pay"] ?? []), ("units", units)] {
                let known = rows.filter { own.indices.contains($0) && own[$0].isFinite }
                let error = Self.meanError(answers.elasticities[task], elasticity, known)
                add(task, Measure.elasticity, error)
            }
        }
        return values
    }

    /// The mean of `p log(p / q) + (1 - p) log((1 - p) / (1 - q))` over the rows that have a true probability `p`.
    static func excessLoss(_ predicted: [Float]?, _ truth: [Float], _ rows: [Int]) -> Double? {
        guard let predicted else { return nil }
        var (sum, count) = (0.0, 0)
        for row in rows where truth[row].isFinite {
            let (p, q) = (Double(truth[row]), min(max(Double(predicted[row]), 1e-7), 1 - 1e-7))
            sum += (p > 0 ? p * logarithm(p / q) : 0)
            sum += (p < 1 ? (1 - p) * logarithm((1 - p) / (1 - q)) : 0)
            count += 1
        }
        return count > 0 ? sum / Double(count) : nil
    }

    private static func ranking(
        _ predicted: [Float]?,
        _ truth: [Float],
        _ rows: [Int]
    ) throws -> Double? {
        guard let predicted else { return nil }
        let known = rows.filter { truth[$0].isFinite }
        guard known.contains(where: { truth[$0] == 1 }) else { return nil }
        let observations = try Observations(
            labels: known.map { truth[$0] },
            predictions: known.map { predicted[$0] }
        )
        return Metric.prAUC.evaluate(observations).value
    }

    /// `sum |predicted - true| / sum true`.
    static func wape(_ predicted: [Float]?, _ truth: [Float], _ rows: [Int]) -> Double? {
        guard let predicted else { return nil }
        var (error, sum) = (0.0, 0.0)
        for row in rows where truth[row].isFinite {
            error += abs(Double(predicted[row]) - Double(truth[row]))
            sum += Double(truth[row])
        }
        return sum > 0 ? error / sum : nil
    }

    private static func meanError(
        _ predicted: [Float]?,
        _ truth: [Float],
        _ rows: [Int]
    ) -> Double? {
        guard let predicted, !rows.isEmpty else { return nil }
        let sum = rows.reduce(0.0) { $0 + abs(Double(predicted[$1]) - Double(truth[$1])) }
        return sum / Double(rows.count)
    }
}
