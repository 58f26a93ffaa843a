import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Where tasks are not the same, gates and experts of one's own must help.
///
/// The protocol of the MMoE paper at a small size: four seeds, errors on fresh rows.
@Suite("Task relatedness") struct RelatednessTests {
    static let width = 24

    /// The mean squared error over both tasks on fresh rows, after training.
    private func error(
        _ architecture: Architecture,
        correlation: Double,
        seed: UInt64
    ) throws -> Double {
        let key = RandomKey(seed: seed)
        let tasks = SyntheticTasks(
            width: RelatednessTests.width,
            correlation: correlation,
            waves: 5,
            key: key
        )
        let train = try tasks.data(rows: 6000, key: key.split("train"))
        let test = try tasks.data(rows: 2000, key: key.split("test"))
        let model = try architecture.model(
            features: FeatureInputs(features: [], numericWidth: RelatednessTests.width),
            tasks: [TaskHead(name: "first"), TaskHead(name: "second")],
            towers: TowerSettings(units: [8])
        )
        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: 3e-3),
            tasks: ["first", "second"].map { NamedTask($0, .regression(metrics: [.rmse])) },
            seed: seed,
            backend: OneDNNBackend()
        )
        _ = try trainer.fit(train, epochs: 12, batchSize: 128)
        let report = MetricReport(evaluating: try trainer.evaluate(test))
        let errors = report.entries.compactMap(\.estimate.value.value)
        return errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    }

    @Test func separationHelpsWhereTasksAreUnrelated() throws {
        // Parameters of the trunks are alike: 24 x 42, 24 x 4 x 10 and gates, (24 + 8) x 32.
        let architectures: [(name: String, Architecture)] = [
            ("shared bottom", .sharedBottom(units: [42])),
            ("MMoE", .mmoe(experts: 4, expertUnits: [10])),
            ("PLE", .ple(levels: 1, sharedExperts: 1, taskExperts: 1, expertUnits: [14])),
        ]
        for correlation in [0.5, 0.0] {
            var errors: [[Double]] = []
            for (_, architecture) in architectures {
                errors.append(
                    try (0..<4).map {
                        try error(architecture, correlation: correlation, seed: UInt64($0))
                    }
                )
            }
            let means = errors.map { $0.reduce(0, +) / Double($0.count) }
            for index in 1..<architectures.count {
                let wins = zip(errors[index], errors[0]).filter { $0 < $1 }.count
                #expect(
                    means[index] < means[0] && wins >= 3,
                    "\(architectures[index].name) at \(correlation): \(errors[index]) against \(errors[0])"
                )
            }
        }
    }
}
