import ExampleSupport
import Motet

extension ColdStartItems {
    /// What is reported of the rows of a test: metrics of `buys`, over all pairs and within each
    /// customer's, and of `many`.
    private static let measured: [(name: String, task: String, metric: Metric)] = [
        ("buys AUC", "buys", .auc), ("buys GAUC", "buys", .gauc), ("many AUC", "many", .auc),
    ]

    /// Every variant with every seed, on the same rows.
    static func compare(
        _ data: Rows,
        _ vectors: Tensor,
        seeds: [UInt64],
        epochs: Int = 12
    ) throws -> String {
        var known = SeedTable(["buys AUC": .higher, "buys GAUC": .higher, "many AUC": .higher])
        var new = known
        for variant in Variant.allCases {
            for seed in seeds {
                let trainer = try makeTrainer(makeModel(variant, vectors), seed: seed)
                let seconds = try Stopwatch.seconds { try fit(trainer, data, epochs: epochs) }
                let learned = trainer.model.parameters
                    .filter { !$0.name.hasPrefix("descriptions/") }.map(\.count).reduce(0, +)
                func add(_ rows: PreparedDataset, to table: inout SeedTable) throws {
                    let report = MetricReport(evaluating: try trainer.evaluate(rows))
                    var values: [String: Double] = [:]
                    for (name, task, metric) in measured {
                        values[name] = report.estimate(task: task, metric: metric)?.value.value
                    }
                    table.add(
                        variant.rawValue,
                        seed: seed,
                        values,
                        parameters: learned,
                        seconds: seconds
                    )
                }
                try add(data.known, to: &known)
                try add(data.new, to: &new)
            }
        }
        var parts: [String] = []
        for (title, table) in [("known items", known), ("items training has never seen", new)] {
            parts += ["test rows, \(title):", table.plain()]
            for (variant, other) in [
                (Variant.descriptions, Variant.numbers), (.both, .numbers),
            ] {
                parts += [
                    "\(variant.rawValue) against \(other.rawValue):",
                    table.verdict(variant.rawValue, against: other.rawValue), "",
                ]
            }
        }
        return parts.joined(separator: "\n")
    }
}
