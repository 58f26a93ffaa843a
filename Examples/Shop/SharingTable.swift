import ExampleSupport
import Motet

/// What models reached by task and scenario over several seeds, and where one that shares is better or worse than one that does not.
struct SharingTable {
    private var values: [String: [ShopTruth.Measure: [UInt64: Double]]] = [:]
    private(set) var models: [String] = []

    /// Takes in what a model reached with a seed.
    mutating func add(_ model: String, seed: UInt64, _ measured: [ShopTruth.Measure: Double]) {
        if values[model] == nil { models.append(model) }
        for (measure, value) in measured {
            values[model, default: [:]][measure, default: [:]][seed] = value
        }
    }

    /// A model against another, measure by measure.
    struct Line {
        let measure: ShopTruth.Measure
        let value: Double
        let base: Double
        let difference: PairedSeeds
        /// `helped`, `hurt` or `open`.
        let verdict: String
    }

    /// Where a model differs from another, in the order of tasks and scenarios.
    ///
    /// - Parameters:
    ///   - model: the one that shares.
    ///   - other: the one that does not.
    ///   - tasks: the tasks in the order of the lines.
    ///   - scenarios: the scenarios in the order of the lines.
    /// - Returns: a line for each measure that both have with all the seeds of either.
    func lines(
        _ model: String,
        against other: String,
        tasks: [String],
        scenarios: [String]
    ) -> [Line] {
        let (own, bases) = (values[model, default: [:]], values[other, default: [:]])
        let measures = own.keys.filter { bases[$0] != nil }
            .sorted { left, right in
                func rank(_ measure: ShopTruth.Measure) -> (Int, String, Int) {
                    (
                        tasks.firstIndex(of: measure.task) ?? tasks.count, measure.name,
                        scenarios.firstIndex(of: measure.scenario) ?? scenarios.count
                    )
                }
                return rank(left) < rank(right)
            }
        let most = own.values.map(\.count).max() ?? 0
        return measures.compactMap { measure in
            let (mine, theirs) = (own[measure, default: [:]], bases[measure, default: [:]])
            let seeds = mine.keys.filter { theirs[$0] != nil }.sorted()
            guard seeds.count == most,
                let paired = PairedSeeds(
                    seeds.map { (mine[$0, default: 0], theirs[$0, default: 0]) }
                )
            else { return nil }
            return Line(
                measure: measure,
                value: paired.value,
                base: paired.base,
                difference: paired,
                verdict: Self.verdict(paired, measure.goal)
            )
        }
    }

    private static func verdict(_ paired: PairedSeeds, _ goal: MetricGoal) -> String {
        guard paired.isClear else { return "open" }
        return goal.isBetter(paired.value, than: paired.base) ? "helped" : "hurt"
    }

    /// The lines as text for a terminal.
    func plain(
        _ model: String,
        against other: String,
        tasks: [String],
        scenarios: [String]
    ) -> String {
        var table = TextTable(
            [
                "task", "measure", "scenario", other, model, "difference", "95 % interval",
                "sharing",
            ],
            alignments: [.left, .left, .left, .right, .right, .right, .right, .left]
        )
        for line in lines(model, against: other, tasks: tasks, scenarios: scenarios) {
            let difference = line.difference
            table.addRow([
                line.measure.task, line.measure.name, line.measure.scenario,
                NumberText.fixed(line.base, digits: 4), NumberText.fixed(line.value, digits: 4),
                Self.signed(difference.mean),
                "[\(Self.signed(difference.mean - difference.halfWidth)), "
                    + "\(Self.signed(difference.mean + difference.halfWidth))]",
                line.verdict,
            ])
        }
        return table.plain()
    }

    private static func signed(_ value: Double) -> String {
        (value < 0 ? "" : "+") + NumberText.fixed(value, digits: 4)
    }
}
