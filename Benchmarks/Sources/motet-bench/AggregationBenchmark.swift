import MotetMultiTask
import MotetNN
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
            ("graddrop, parameters", .gradDrop(), .fixed),
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
        // On a machine with other work a turn is best compared with the turn of the sum beside it.
        var ratios = durations
        for _ in 0..<rounds {
            var turn = 1.0
            for (index, trainer) in trainers.enumerated() {
                let seconds = try trainer.timeSteps(
                    data,
                    batchSize: workload.batchSize,
                    batches: 4,
                    steps: steps
                ).map(\.seconds)
                durations[index] += seconds
                if index == 0 { turn = seconds.median }
                ratios[index].append(seconds.median / turn)
            }
        }
        let memory = try trainers.map {
            try $0.stepMemory(data, batchSize: workload.batchSize)
        }
        let joint = durations[0].median
        // Experts are what all tasks share besides tables.
        let shared = trainers[0].model.parameters.reduce(0) {
            $0 + ($1.name.contains("/experts/") ? 4 * $1.count : 0)
        }
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
                "median_of_ratios": ratios[index].median,
                "least_ratio_to_joint": (durations[index].min() ?? 0) / (durations[0].min() ?? 1),
                "working_bytes": memory[index],
                "bytes_above_joint": memory[index] - memory[0],
                "bytes_of_copies": workload.tasks.count * shared,
            ])
        }
    }
}
