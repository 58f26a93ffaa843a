import MotetCore
import MotetData
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Shifts its input, and on request adds a loss or replaces that of a task.
private final class LossyLayer: Layer {
    static let kind = "lossy"
    let name: String?
    let replaces: Bool
    let adds: Bool

    init(replaces: Bool, adds: Bool) {
        name = "lossy"
        self.replaces = replaces
        self.adds = adds
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shift = try context.parameter("shift", shape: [1], initializer: .ones, role: .bias)
        let output = try context.graph.apply(AddBias(), inputs[0], shift)
        if adds {
            context.addLoss("square", of: ["a", "b"]) { (_, graph) throws(GraphError) in
                let square = try graph.apply(Arithmetic(.multiply), shift, shift)
                return try graph.apply(MotetGraph.Reshape([]), square)
            }
        }
        if replaces {
            context.setLoss(of: "a", reading: ["b"]) { (rows, loss, graph) throws(GraphError) in
                let weights = try rows.weights(known: "a", positive: ["b"], in: &graph)
                let labels = try rows.weights(known: "a", positive: ["a"], in: &graph)
                let made = try loss.apply(
                    output: try rows.output(of: "a"),
                    labels: labels,
                    weights: weights,
                    in: &graph
                )
                return TaskLoss.Values(
                    loss: made.loss,
                    weightSum: made.weightSum,
                    rowWeights: weights
                )
            }
        }
        return [output]
    }
}

@Suite("Losses of models") struct ModelLossTests {
    private func model(replaces: Bool = false, adds: Bool = false) throws -> Model {
        let input = try Input("numeric", shape: [2])
        let logit = try Dense(1, name: "a")(input)
        let layer = LossyLayer(replaces: replaces, adds: adds)
        return try Model(
            inputs: [input],
            outputs: [
                ("a", try layer.call([logit], at: nil)[0]), ("b", try Dense(1, name: "b")(input)),
            ]
        )
    }

    private func program(_ model: Model, tasks trained: [Int] = [0, 1]) throws -> TrainingProgram {
        let tasks = try TaskList([NamedTask("a", .binary()), NamedTask("b", .binary())], model)
        return try TrainingProgram(
            model,
            tasks,
            TrainingProgram.Part(tasks: trained),
            optimizer: .sgd(learningRate: 0.1),
            usesSampleWeight: false,
            key: RandomKey(seed: 1)
        )
    }

    private func trainer(_ model: Model) throws -> Trainer {
        try Trainer(
            model,
            optimizer: .sgd(learningRate: 0.1),
            tasks: [NamedTask("a", .binary()), NamedTask("b", .binary())],
            seed: 1,
            backend: OneDNNBackend()
        )
    }

    private func data() throws -> PreparedDataset {
        try PreparedDataset(inMemory: [
            "numeric": .floats([0, 0, 0, 0, 0, 0, 0, 0], width: 2),
            "label/a": .floats([1, 0, 1, 1]), "label/b": .floats([1, 1, 0, .nan]),
        ])
    }

    @Test func anAddedLossIsPartOfTheGradient() throws {
        let trainer = try trainer(try model(adds: true))
        let plain = try self.trainer(try model())
        for trainer in [trainer, plain] {
            _ = try trainer.fit(try data(), epochs: 1, batchSize: 4)
        }
        let found = try #require(trainer.parameters["lossy/shift"]).floats[0]
        let without = try #require(plain.parameters["lossy/shift"]).floats[0]
        // The gradient of the square of 1 is 2, and the rate 0.1.
        #expect(abs(found - (without - 0.2)) < 1e-6, "\(found), \(without)")
    }

    @Test func anAddedLossNeedsAllItsTasks() throws {
        let model = try model(adds: true)
        let joint = try program(model).graph.nodes.filter { $0.scope == "loss square" }
        let single = try program(model, tasks: [0]).graph.nodes.filter { $0.scope == "loss square" }
        #expect(!joint.isEmpty && single.isEmpty)
    }

    /// Rows 0 and 1 are positive in b; at the logit 1 their losses are those of labels 1 and 0.
    @Test func aReplacedLossIsTheTasksOwn() throws {
        let model = try model(replaces: true)
        let program = try program(model)
        #expect(program.columns["label/b"] == "label/b")
        let trainer = try trainer(model)
        var zeros = ParameterStore()
        for parameter in model.parameters { zeros[parameter.name] = Tensor(zeros: parameter.shape) }
        trainer.parameters = zeros
        let history = try trainer.fit(try data(), epochs: 1, batchSize: 4)
        let loss = try #require(history.epochs.first?.losses.first?.value)
        // Parameters of 0 make a logit of 0, and log 2 for either label.
        #expect(abs(loss - 0.693147) < 1e-5, "\(loss)")
        let weight = try #require(trainer.parameters["lossy/shift"]).floats[0]
        // Labels 1 and 0 of the two rows that take part pull in opposite directions.
        #expect(abs(weight) < 1e-6, "\(weight)")
    }

    /// A factorization machine changes outputs behind the architecture, whose losses read them as they are in the end.
    @Test(arguments: [
        Architecture.esmm(networkUnits: [4]),
        .escm2(networkUnits: [4], estimator: .ips, propensityFloor: 0.01),
    ])
    func lossesOfModelsReadOutputsWithTheMachine(architecture: Architecture) throws {
        let model = try architecture.model(
            features: FeatureInputs(
                features: ["item", "place"].map {
                    FeatureInput(name: $0, vocabularySize: 5, dimension: 3)
                },
                numericWidth: 0,
                interactions: [.fm]
            ),
            tasks: [TaskHead(name: "click"), TaskHead(name: "buy", within: "click")],
            towers: TowerSettings(units: [3])
        )
        let (clicks, buys): ([Float], [Float]) = ([1, 0, 1, 1, 0, 1], [1, 0, 0, 1, 0, 0])
        let data = try PreparedDataset(inMemory: [
            "item": .integers([0, 1, 2, 3, 4, 1]), "place": .integers([4, 3, 2, 1, 0, 4]),
            "label/click": .floats(clicks), "label/buy": .floats(buys),
        ])
        let trainer = try Trainer(
            model,
            optimizer: .sgd(learningRate: 0.1),
            tasks: [NamedTask("click", .binary()), NamedTask("buy", .binary(within: "click"))],
            seed: 3,
            backend: OneDNNBackend()
        )
        func answers() throws -> (click: [Double], buy: [Double]) {
            let made = try trainer.predict(data)
            return (
                try #require(made["click"]).floats.map(Double.init),
                try #require(made["buy"]).floats.map(Double.init)
            )
        }
        let before = try answers()
        // So great that outputs without it would be far away.
        var parameters = trainer.parameters
        parameters["fm/item/weight"] = Tensor((0..<10).map { Float($0 % 4) - 1.5 }, shape: [5, 2])
        trainer.parameters = parameters
        let (click, buy) = try answers()
        #expect(zip(before.buy, buy).allSatisfy { abs($0 - $1) > 0.05 })
        let history = try trainer.fit(data, epochs: 1, batchSize: 6)
        let losses = try #require(history.epochs.first).losses.compactMap(\.value)
        func entropy(_ label: Float, _ probability: Double) -> Double {
            -logarithm(label == 1 ? probability : 1 - probability)
        }
        let rows = clicks.indices
        let clicked = rows.map { entropy(clicks[$0], click[$0]) }.reduce(0, +) / 6
        var bought =
            rows.map { entropy(clicks[$0] * buys[$0], click[$0] * buy[$0]) }.reduce(0, +) / 6
        if architecture.name == "escm2" {
            let shares = rows.map { Double(clicks[$0]) / max(click[$0], 0.01) }
            let weighed = rows.map { shares[$0] * entropy(buys[$0], buy[$0]) }.reduce(0, +)
            bought += weighed / shares.reduce(0, +)
        }
        #expect(abs(losses[0] - clicked) < 1e-5, "\(losses[0]), \(clicked)")
        #expect(abs(losses[1] - bought) < 1e-5, "\(losses[1]), \(bought)")
    }

    @Test func aLossThatReadsATaskThereIsNotIsRefused() throws {
        let model = try model(replaces: true)
        let error = #expect(throws: TrainingError.self) {
            try Trainer(
                model,
                optimizer: .sgd(learningRate: 0.1),
                tasks: [NamedTask("a", .binary())],
                seed: 1,
                backend: OneDNNBackend()
            )
        }
        #expect("\(try #require(error))".contains("task \"b\": the model's losses read its labels"))
    }

    /// The calibrator is a relation between steps; a program of one step has none.
    @Test func aPhaseOfOneStepTrainsWithoutTheCalibrator() throws {
        let model = try Architecture.aitm(networkUnits: [4]).model(
            features: FeatureInputs(features: [], numericWidth: 2),
            tasks: [TaskHead(name: "a"), TaskHead(name: "b")],
            towers: TowerSettings(units: [3])
        )
        let joint = try program(model).graph.nodes.contains { $0.scope == "loss calibrator" }
        let single = try program(model, tasks: [0]).graph.nodes
            .contains { $0.scope == "loss calibrator" }
        #expect(joint && !single)
    }
}
