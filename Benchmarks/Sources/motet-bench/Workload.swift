import MotetCore
import MotetData
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import MotetTraining

/// A training workload of docs/benchmarks.md: uniform random ids, two or more binary tasks, Adam.
struct Workload {
    let name: String
    let fields: Int
    let dimension: Int
    let vocabularySize: Int
    let batchSize: Int
    let rows: Int
    let architecture: Architecture
    let towerUnits: [Int]
    var tasks = ["first", "second"]

    static let all = [
        Workload(
            name: "census-mmoe",
            fields: 40,
            dimension: 4,
            vocabularySize: 100,
            batchSize: 1024,
            rows: 1024 * 1200,
            architecture: .mmoe(experts: 8, expertUnits: [16]),
            towerUnits: [8]
        ),
        Workload(
            name: "aliccp-mmoe-small",
            fields: 23,
            dimension: 16,
            vocabularySize: 1000,
            batchSize: 2048,
            rows: 2048 * 60,
            architecture: .mmoe(experts: 4, expertUnits: [512, 256]),
            towerUnits: [128, 64]
        ),
        Workload(
            name: "aliccp-mmoe",
            fields: 23,
            dimension: 16,
            vocabularySize: 100_000,
            batchSize: 2048,
            rows: 2048 * 60,
            architecture: .mmoe(experts: 4, expertUnits: [512, 256]),
            towerUnits: [128, 64]
        ),
        Workload(
            name: "aliccp-ple",
            fields: 23,
            dimension: 16,
            vocabularySize: 1000,
            batchSize: 2048,
            rows: 2048 * 80,
            architecture: .ple(levels: 2, sharedExperts: 2, taskExperts: 2, expertUnits: [256]),
            towerUnits: [128, 64]
        ),
    ]

    func model() throws -> Model {
        let features = (0..<fields).map {
            FeatureInput(
                name: "field_\($0)",
                vocabularySize: vocabularySize,
                dimension: dimension
            )
        }
        return try architecture.model(
            features: FeatureInputs(features: features, numericWidth: 0),
            tasks: tasks.map { TaskHead(name: $0) },
            towers: TowerSettings(units: towerUnits)
        )
    }

    /// Rows in memory, the same as the first of those that `write` puts on disk.
    func data(rows: Int) throws -> PreparedDataset {
        let key = RandomKey(seed: 2026)
        var columns: [(name: String, values: PreparedValues)] = []
        for field in 0..<fields {
            let stream = key.split("field").split(field)
            let ids = (0..<rows).map { Int32(stream.bits($0) % UInt64(vocabularySize)) }
            columns.append(("field_\(field)", .integers(ids)))
        }
        for task in tasks {
            let stream = key.split(task)
            let labels: [Float] = (0..<rows).map { stream.bits($0) % 10 == 0 ? 1 : 0 }
            columns.append(("label/\(task)", .floats(labels)))
        }
        return try PreparedDataset(inMemory: columns)
    }

    func trainer(
        tables: Optimizer.TableMode,
        weighting: LossWeighting = .fixed,
        aggregation: GradientAggregation? = nil
    ) throws -> Trainer {
        try Trainer(
            model(),
            optimizer: .adam(learningRate: 1e-3).with { $0.tables = tables },
            tasks: tasks.map { NamedTask($0, .binary()) },
            weighting: weighting,
            aggregation: aggregation,
            seed: 1,
            backend: OneDNNBackend(choices: KernelChoices(measures: true))
        )
    }
}
