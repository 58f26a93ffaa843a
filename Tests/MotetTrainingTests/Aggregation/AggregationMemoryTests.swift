import MotetCore
import MotetData
import MotetMultiTask
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// What a step works in when gradients of tasks are compared, beside a step on the sum of the losses.
@Suite("Memory of combined gradients") struct AggregationMemoryTests {
    private static let tasks = ["first", "second", "third", "fourth"]
    private static let rows = 256

    /// The proportions of the benchmark `aliccp-mmoe-small`, an eighth in every direction.
    private static func trainer(_ aggregation: GradientAggregation?) throws -> Trainer {
        let features = (0..<23).map {
            FeatureInput(name: "field_\($0)", vocabularySize: 10, dimension: 2)
        }
        let model = try Architecture.mmoe(experts: 4, expertUnits: [64, 32]).model(
            features: FeatureInputs(features: features, numericWidth: 0),
            tasks: tasks.map { TaskHead(name: $0) },
            towers: TowerSettings(units: [16, 8])
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: tasks.map { NamedTask($0, .binary()) },
            aggregation: aggregation,
            seed: 1,
            backend: OneDNNBackend()
        )
    }

    private static func data() throws -> PreparedDataset {
        let ids = (0..<rows).map { Int32($0 % 10) }
        var columns: [(name: String, values: PreparedValues)] = (0..<23).map {
            ("field_\($0)", .integers(ids))
        }
        for (index, task) in tasks.enumerated() {
            let labels = (0..<rows).map { Float(($0 + index) % 2) }
            columns.append(("label/\(task)", .floats(labels)))
        }
        return try PreparedDataset(inMemory: columns)
    }

    @Test func exactGradientsNeedNoMoreThanTheirCopies() throws {
        let data = try Self.data()
        let joint = try Self.trainer(nil)
        let shared = joint.model.parameters.filter { $0.name.contains("/experts/") }
        let copies = Self.tasks.count * 4 * shared.reduce(0) { $0 + $1.count }
        #expect(copies == 4 * 4 * 4 * (46 * 64 + 64 + 64 * 32 + 32))
        let plain = try joint.stepMemory(data, batchSize: Self.rows)
        let exact = try Self.trainer(.upgrad.at(.parameters)).stepMemory(data, batchSize: Self.rows)
        #expect(exact > plain && exact - plain <= copies, "\(exact - plain) of \(copies)")
    }

    /// At the representation gates are factored out: no more than an activation for each task.
    @Test func gradientsAtTheRepresentationNeedNoMoreThanActivations() throws {
        let data = try Self.data()
        let plain = try Self.trainer(nil).stepMemory(data, batchSize: Self.rows)
        let compared = try Self.trainer(.upgrad).stepMemory(data, batchSize: Self.rows)
        #expect(compared - plain <= 4 * Self.tasks.count * Self.rows * 32)
    }
}
