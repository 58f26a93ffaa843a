import MotetOptimizers
import MotetTraining

/// What it costs to look at the gradients of tasks during training: epochs with looks beside epochs without, in turns.
struct LookBenchmark {
    /// Looks of an epoch: none, as many as by default, and 20.
    private static let looks: [(name: String, count: Int?)] = [
        ("none", 0), ("default", nil), ("20", 20),
    ]
    private let workload: Workload
    private let rounds: Int

    init(_ arguments: BenchmarkArguments) throws {
        workload = try arguments.workload()
        rounds = try arguments.number("--rounds", default: 5)
    }

    func run() throws {
        let data = try workload.data(rows: workload.rows)
        let trainers = try Self.looks.map { _ in try workload.trainer(tables: .touchedRows) }
        var seconds: [[Double]] = trainers.map { _ in [] }
        var ratios = seconds
        for _ in 0..<rounds {
            var plain = 1.0
            for (index, trainer) in trainers.enumerated() {
                var options = FitOptions(epochs: 2, batchSize: workload.batchSize)
                options.gradientProbes = Self.looks[index].count
                // The first epoch compiles the programs.
                let rates = try trainer.fit(data, options: options).epochs.map(\.rowsPerSecond)
                let time = Double(workload.rows) / (rates.last ?? 1)
                if index == 0 { plain = time }
                seconds[index].append(time)
                ratios[index].append(time / plain)
            }
        }
        for (index, look) in Self.looks.enumerated() {
            try printResult([
                "workload": workload.name,
                "system": "motet",
                "measure": "looks at gradients",
                "looks": look.name,
                "steps": workload.rows / workload.batchSize,
                "median_epoch_seconds": seconds[index].median,
                "median_of_ratios": ratios[index].median,
            ])
        }
    }
}
