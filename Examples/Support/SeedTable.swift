public import Motet

/// What several variants of a model reached on the same rows, over several seeds.
///
/// ```swift
/// var table = SeedTable(["accuracy": .higher, "error": .lower])
/// table.add("multi-task", seed: 0, ["accuracy": 0.91, "error": 0.2], parameters: 512, seconds: 3)
/// print(table.plain())
/// print(table.verdict("multi-task", against: "single-task"))
/// ```
public struct SeedTable: Sendable {
    /// What is measured, and which values are good ones.
    public let metrics: [(name: String, goal: MetricGoal)]
    private var order: [String] = []
    private var runs: [String: [UInt64: Run]] = [:]

    private struct Run: Sendable {
        var values: [String: Double] = [:]
        var parameters = 0
        var seconds = 0.0
    }

    /// Creates an empty table.
    public init(_ metrics: KeyValuePairs<String, MetricGoal>) {
        self.metrics = metrics.map { ($0.key, $0.value) }
    }

    /// Adds what a variant reached with a seed.
    ///
    /// Single-task models make up one variant: added one after the other, their values are put together,
    /// and their parameters and times added up.
    ///
    /// - Parameters:
    ///   - variant: what was trained.
    ///   - seed: the seed.
    ///   - values: the values of the metrics it was measured by.
    ///   - parameters: how many numbers it learnt.
    ///   - seconds: how long its training took.
    public mutating func add(
        _ variant: String,
        seed: UInt64,
        _ values: [String: Double],
        parameters: Int,
        seconds: Double
    ) {
        for name in values.keys {
            precondition(metrics.contains { $0.name == name }, "no metric \"\(name)\" in the table")
        }
        if runs[variant] == nil { order.append(variant) }
        var run = runs[variant, default: [:]][seed] ?? Run()
        run.values.merge(values) { _, new in new }
        run.parameters += parameters
        run.seconds += seconds
        runs[variant, default: [:]][seed] = run
    }

    /// A metric's values by seed, in the order of the seeds.
    public func values(_ metric: String, of variant: String) -> [Double] {
        runs[variant, default: [:]].sorted { $0.key < $1.key }.compactMap {
            $0.value.values[metric]
        }
    }

    /// A line for each variant: means and standard deviations over seeds, parameters, seconds.
    public var table: TextTable {
        var table = TextTable(["model"] + metrics.map(\.name) + ["parameters", "seconds"])
        for variant in order {
            let all = runs[variant, default: [:]].values
            let cells = metrics.map { Self.cell(values($0.name, of: variant)) }
            let seconds = all.map(\.seconds).reduce(0, +) / Double(max(all.count, 1))
            table.addRow(
                [variant] + cells
                    + [
                        "\(all.first?.parameters ?? 0)",
                        NumberText.fixed(seconds, digits: seconds < 9.95 ? 1 : 0),
                    ]
            )
        }
        return table
    }

    /// The table as text for a terminal.
    public func plain() -> String { table.plain() }

    /// Says for each metric who won: a variant is ahead if it is better with every seed, else it is open.
    ///
    /// - Parameters:
    ///   - variant: the one the sentence is about.
    ///   - other: what it is compared with, seed by seed.
    /// - Returns: a line for each metric both have, without a line break at the end.
    public func verdict(_ variant: String, against other: String) -> String {
        metrics.compactMap { metric, goal -> String? in
            let pairs = pairs(metric, variant, other)
            guard !pairs.isEmpty else { return nil }
            let better = pairs.count { goal.isBetter($0.value, than: $0.base) }
            let worse = pairs.count { goal.isBetter($0.base, than: $0.value) }
            let mean = pairs.reduce(0) { $0 + $1.value - $1.base } / Double(pairs.count)
            let outcome =
                better == pairs.count
                ? "\(variant) is ahead" : worse == pairs.count ? "\(other) is ahead" : "open"
            return "\(metric): \(outcome) (\(mean < 0 ? "" : "+")"
                + "\(NumberText.fixed(mean, digits: 4)) on average; "
                + "better with \(better) of \(pairs.count) seeds)"
        }
        .joined(separator: "\n")
    }

    /// The values of both variants with each seed they share.
    private func pairs(
        _ metric: String,
        _ variant: String,
        _ other: String
    ) -> [(value: Double, base: Double)] {
        let bases = runs[other, default: [:]]
        return runs[variant, default: [:]].sorted { $0.key < $1.key }.compactMap { seed, run in
            guard let value = run.values[metric], let base = bases[seed]?.values[metric] else {
                return nil
            }
            return (value, base)
        }
    }

    /// The mean of values and their standard deviation: `0.9123 +- 0.0011`; a single value has no deviation.
    ///
    /// - Parameters:
    ///   - values: the values.
    ///   - digits: the digits behind the point.
    /// - Returns: the text; `-` for no values.
    public static func cell(_ values: [Double], digits: Int = 4) -> String {
        guard !values.isEmpty else { return "-" }
        let mean = values.reduce(0, +) / Double(values.count)
        let text = NumberText.fixed(mean, digits: digits)
        guard values.count > 1 else { return text }
        let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        let deviation = (squares / Double(values.count - 1)).squareRoot()
        return "\(text) +- \(NumberText.fixed(deviation, digits: digits))"
    }
}
