import MotetCore
import MotetData
import MotetGraph
import MotetNN
import MotetRecommenders
import Testing

@testable import MotetTraining

@Suite("Architectures with scenarios") struct ScenarioArchitectureTests {
    static let all: [Architecture] = [
        .perScenario(units: [8]), .star { $0.starUnits = [8] }, .pepnet(),
        .hmoe(experts: 2, expertUnits: [8]), .m2m { $0.expertUnits = [8] },
        .hamur { $0.bottomUnits = [8] }, .m3oe { $0.expertUnits = [8] },
        .adaSparse { $0.networkUnits = [8] },
        .sarNet {
            $0.expertUnits = [8]
            $0.biasFeatures = ["history"]
        },
    ]

    private func model(_ architecture: Architecture) throws -> Model {
        try architecture.model(
            features: FeatureInputs(
                features: [
                    FeatureInput(name: "item", vocabularySize: 30, dimension: 4),
                    FeatureInput(
                        name: "history",
                        kind: .sequence(.mean),
                        vocabularySize: 30,
                        dimension: 4,
                        table: "item"
                    ),
                ],
                numericWidth: 2
            ),
            tasks: [TaskHead(name: "click"), TaskHead(name: "buy")],
            towers: TowerSettings(units: [4]),
            scenarios: 3
        )
    }

    private func options(epochs: Int) -> FitOptions {
        var options = FitOptions(epochs: epochs, batchSize: 64)
        options.scenarios = TinyMarket.scenarios
        return options
    }

    @Test(arguments: all)
    func lossesFall(architecture: Architecture) throws {
        let model = try model(architecture)
        let trainer = try TinyMarket.trainer(model)
        let history = try trainer.fit(
            TinyMarket.data(rows: 1200, seed: 1),
            options: options(epochs: 4)
        )
        let losses = history.epochs.compactMap { $0.losses.first?.value }
        #expect(losses.count == 4)
        #expect(try #require(losses.last) < losses[0], "\(architecture.name): \(losses)")
        #expect(losses.allSatisfy { $0.isFinite })
    }

    /// The third scenario has no rows in training: the network of all answers for it.
    @Test func aScenarioWithoutTrainingRowsIsTheSharedNetwork() throws {
        let architecture = Architecture.star { $0.starUnits = [8] }
        let model = try model(architecture)
        let trainer = try TinyMarket.trainer(model)
        _ = try trainer.fit(
            TinyMarket.data(rows: 900, seed: 1, places: 2),
            options: options(epochs: 2)
        )
        let parameters = trainer.parameters
        let factors = try #require(parameters["star/dense_1/scenario_weight"])
        let count = factors.floats.count / 3
        #expect(factors.floats[(2 * count)...].allSatisfy { $0 == 1 })
        #expect(factors.floats[..<count].contains { $0 != 1 })
        let seen = try #require(parameters["star/normalization/seen"])
        #expect(seen.floats == [2, 2, 1])
        let variance = try #require(parameters["star/normalization/variance"])
        // The number of the place is constant within it.
        #expect(variance.floats.allSatisfy { $0.isFinite && $0 >= 0 })
        #expect(variance.floats.contains { $0 > 0 && $0 != 1 })
    }

    /// What tells how a row came about teaches, and is not asked when answers are wanted.
    @Test func answersOfSARNetDoNotDependOnBiasFeatures() throws {
        func answers(_ biasFeatures: [String]) throws -> (plain: [Float], changed: [Float]) {
            let model = try model(
                .sarNet {
                    $0.expertUnits = [8]
                    $0.biasFeatures = biasFeatures
                }
            )
            let trainer = try TinyMarket.trainer(model)
            _ = try trainer.fit(
                TinyMarket.data(rows: 300, seed: 1),
                options: options(epochs: 2)
            )
            func predicted(_ lists: [[Int32]]) throws -> [Float] {
                let data = try PreparedDataset(inMemory: [
                    "numeric": .floats([0, 1, 1, 0], width: 2), "item": .integers([3, 4]),
                    "history": .ragged(lists), "scenario": .integers([0, 1]),
                ])
                return try #require(try trainer.predict(data)["click"]).floats
            }
            return (try predicted([[1, 2], [5]]), try predicted([[9], [7, 8, 9]]))
        }
        let biased = try answers(["history"])
        #expect(biased.plain == biased.changed)
        let read = try answers([])
        #expect(read.plain != read.changed)
    }

    @Test func withoutTheirNumberScenariosAreRefused() throws {
        let error = #expect(throws: GraphError.self) {
            try Architecture.star().model(
                features: FeatureInputs(features: [], numericWidth: 2),
                tasks: [TaskHead(name: "click")],
                towers: TowerSettings()
            )
        }
        #expect("\(try #require(error))".contains("star: the scenarios are missing"))
    }
}
