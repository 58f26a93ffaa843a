import MotetMultiTask
import MotetOptimizers
import MotetTraining

/// Steps that combine the gradients of four tasks, beside steps on the sum of the losses, in turns.
struct AggregationBenchmark {
    private let workload: Workload
    private let steps: Int
    private let rounds: Int

    private static let variants:
        [(
            name: String, aggregation: GradientAggregation?, weighting: LossWeighting
        )] = [
            ("joint", nil, .fixed), ("famo", nil, .famo()), ("gradnorm", nil, .gradNorm()),
            ("upgrad, representation", .upgrad, .fixed),
            ("pcgrad, representation", .pcgrad, .fixed),
            ("upgrad, parameters", .upgrad.at(.parameters), .fixed),
            ("pcgrad, parameters", .pcgrad.at(.parameters), .fixed),
        ]

    init(_ arguments: BenchmarkArguments) throws {
        var workload = try arguments.workload()
        workload.tasks = ["first", "second", "third", "fourth"]
        self.workload = workload
        steps = try arguments.number("--steps", default: 20)
        rounds = try arguments.number("--rounds", default: 3)
    }

    func run() throws {
        let data = try workload.data(rows: 4 * workload.batchSize)
        var trainers: [Trainer] = []
        for variant in Self.variants {
            trainers.append(
                try workload.trainer(
                    tables: .touchedRows,
                    weighting: variant.weighting,
                    aggregation: variant.aggregation
                )
            )
        }
        var durations = Self.variants.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, trainer) in trainers.enumerated() {
                durations[index] += try trainer.timeSteps(
                    data,
                    batchSize: workload.batchSize,
                    batches: 4,
                    steps: steps
                ).map(\.seconds)
            }
        }
        let memory = try trainers.map {
            try $0.stepMemory(data, batchSize: workload.batchSize)
        }
        let joint = durations[0].median
        for (index, variant) in Self.variants.enumerated() {
            try printResult([
                "workload": workload.name,
                "system": "motet",
                "measure": "combined gradients",
                "tasks": workload.tasks.count,
                "variant": variant.name,
                "median_step_seconds": durations[index].median,
                "least_step_seconds": durations[index].min() ?? 0,
                "ratio_to_joint": durations[index].median / joint,
                "least_ratio_to_joint": (durations[index].min() ?? 0) / (durations[0].min() ?? 1),
                "working_bytes": memory[index],
            ])
        }
    }
}
