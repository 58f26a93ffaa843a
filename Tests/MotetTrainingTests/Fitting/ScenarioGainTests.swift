import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Where scenarios want different things, a model that knows them must gain from it; where they want the same, it
/// must not lose.
@Suite("What scenarios gain") struct ScenarioGainTests {
    private static let scenarios = 3

    /// Each scenario looks at a number of its own, or all at the same one.
    private func data(rows: Int, seed: UInt64, differ: Bool) throws -> PreparedDataset {
        var random = RandomKey(seed: seed).generator()
        var (numbers, clicks): ([Float], [Float]) = ([], [])
        var scenario: [Int32] = []
        for _ in 0..<rows {
            let place = Int32.random(in: 0..<Int32(Self.scenarios), using: &random)
            let row = (0..<4).map { _ in Float(random.nextNormal()) }
            let logit = 3 * Double(row[differ ? Int(place) : 0])
            numbers += row
            scenario.append(place)
            clicks.append(random.nextUniform() < 1 / (1 + exponential(-logit)) ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "numeric": .floats(numbers, width: 4), "scenario": .integers(scenario),
            "label/click": .floats(clicks),
        ])
    }

    /// The mean loss of rows that were not trained on.
    private func loss(
        _ architecture: Architecture,
        differ: Bool,
        feature: Int = 0
    ) throws -> Double {
        let model = try architecture.model(
            features: FeatureInputs(features: [], numericWidth: 4),
            tasks: [TaskHead(name: "click")],
            towers: TowerSettings(units: [8]),
            scenarios: Self.scenarios,
            scenarioFeature: feature
        )
        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: 0.02),
            tasks: [NamedTask("click", .binary(metrics: [.logLoss]))],
            seed: 3,
            backend: OneDNNBackend()
        )
        let history = try trainer.fit(
            data(rows: 4000, seed: 1, differ: differ),
            epochs: 8,
            batchSize: 64,
            validation: data(rows: 2000, seed: 2, differ: differ)
        )
        let report = try #require(history.epochs.last?.validation)
        let entry = try #require(report.entries.first { $0.scenario == nil })
        return try #require(entry.estimate.value.value)
    }

    static let all: [Architecture] = [
        .perScenario(units: [16]), .star { $0.starUnits = [16] },
        .pepnet { $0.gateUnits = 16 }, .hmoe(experts: 3, expertUnits: [16]),
        .m2m { $0.expertUnits = [16] }, .hamur { $0.bottomUnits = [16] },
        .m3oe {
            $0.starUnits = [16]
            $0.expertUnits = [16]
        },
        .adaSparse { $0.networkUnits = [16] }, .sarNet { $0.expertUnits = [16] },
    ]

    @Test(arguments: all)
    func scenariosThatDifferAreToldApart(architecture: Architecture) throws {
        let blind = try loss(.sharedBottom(units: [16]), differ: true)
        let knowing = try loss(architecture, differ: true)
        #expect(knowing < blind - 0.1, "\(architecture.name): \(knowing), shared bottom \(blind)")
    }

    @Test(arguments: all)
    func scenariosThatAgreeLoseLittle(architecture: Architecture) throws {
        let blind = try loss(.sharedBottom(units: [16]), differ: false)
        let knowing = try loss(architecture, differ: false)
        #expect(knowing < blind + 0.05, "\(architecture.name): \(knowing), shared bottom \(blind)")
    }

    @Test func aPlainFeatureTellsThemApartToo() throws {
        let blind = try loss(.sharedBottom(units: [16]), differ: true)
        let told = try loss(.sharedBottom(units: [16]), differ: true, feature: 4)
        #expect(told < blind - 0.1, "\(told), shared bottom \(blind)")
    }
}
