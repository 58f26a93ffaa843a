import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import MotetTraining

/// What scenarios cost: a training step for ten scenarios beside one for one scenario.
///
/// Both have the same number of rows: layers of 256, 128 and 64 on 368 numbers, one task, batches of 4,096, Adam.
struct ScenarioBenchmark {
    private static let (width, batchSize) = (368, 4096)
    private static let hidden = [256, 128, 64]
    private let rounds: Int

    /// What is measured, by name; the first is what the others of its kind are compared with.
    private static let kinds: [(name: String, architecture: Architecture)] = [
        ("star", .star { $0.starUnits = hidden }),
        (
            "star without auxiliary network",
            .star {
                $0.starUnits = hidden
                $0.auxiliary = false
            }
        ),
        ("per_scenario", .perScenario(units: hidden)),
    ]

    init(_ arguments: BenchmarkArguments) throws {
        rounds = max(1, try arguments.number("--steps", default: 160) / 40)
    }

    func run() throws {
        for (name, architecture) in Self.kinds {
            let counts = [1, 10]
            let trainers = try counts.map { try Self.trainer(architecture, scenarios: $0) }
            let data = try counts.map { try Self.data(scenarios: $0) }
            // Turn by turn, so that both see the same machine.
            var seconds: [[Double]] = counts.map { _ in [] }
            for _ in 0..<rounds {
                for index in counts.indices {
                    let steps = try trainers[index].timeSteps(
                        data[index],
                        batchSize: Self.batchSize,
                        steps: 40
                    ).map(\.seconds)
                    // Means of eight steps, without the first eight of a turn.
                    for start in stride(from: 8, to: 40, by: 8) {
                        seconds[index].append(steps[start..<(start + 8)].reduce(0, +) / 8)
                    }
                }
            }
            let best = seconds.map { $0.min() ?? 0 }
            let median = seconds.map(\.median)
            try printResult([
                "workload": "scenarios",
                "architecture": name,
                "milliseconds_one": best[0] * 1000,
                "milliseconds_ten": best[1] * 1000,
                "ratio": best[1] / best[0],
                "median_ratio": median[1] / median[0],
                "parameters_one": trainers[0].model.parameters.map(\.count).reduce(0, +),
                "parameters_ten": trainers[1].model.parameters.map(\.count).reduce(0, +),
            ])
        }
    }

    private static func trainer(_ architecture: Architecture, scenarios: Int) throws -> Trainer {
        try Trainer(
            architecture.model(
                features: FeatureInputs(features: [], numericWidth: width),
                tasks: [TaskHead(name: "click")],
                towers: TowerSettings(units: []),
                scenarios: scenarios
            ),
            optimizer: .adam(learningRate: 1e-3),
            tasks: [NamedTask("click", .binary())],
            seed: 1,
            backend: OneDNNBackend(choices: KernelChoices(measures: true))
        )
    }

    private static func data(scenarios: Int) throws -> PreparedDataset {
        let key = RandomKey(seed: 2026)
        let rows = 8 * batchSize
        func stream(_ name: String, _ count: Int) -> [UInt64] {
            let part = key.split(name)
            return (0..<count).map { part.bits($0) }
        }
        let numbers = stream("numeric", rows * width).map { Float($0 >> 40) * 0x1p-24 - 0.5 }
        return try PreparedDataset(inMemory: [
            "numeric": .floats(numbers, width: width),
            "scenario": .integers(
                stream("scenario", rows).map { Int32($0 % UInt64(scenarios)) }
            ),
            "label/click": .floats(stream("click", rows).map { $0 % 10 == 0 ? 1 : 0 }),
        ])
    }
}
