import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetMultiTask
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

@Suite("Training on combined gradients") struct AggregatedFitTests {
    private static let places: [TaskDifferentiation.Place] = [.representation, .parameters]

    private static func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// The sum of the gradients is the gradient of the sum.
    @Test(arguments: places)
    func theSumLearnsAsTheLossesSummed(_ place: TaskDifferentiation.Place) throws {
        let data = try TinyMarket.data(rows: 256, seed: 1, missing: true)
        for architecture: Architecture in [
            .sharedBottom(units: [8]), .mmoe(experts: 3, expertUnits: [8]),
            .ple(levels: 2, sharedExperts: 1, taskExperts: 1, expertUnits: [6]),
        ] {
            let model = try TinyMarket.model(architecture, scenarioTowers: true)
            let plain = try TinyMarket.trainer(model, optimizer: .sgd(learningRate: 0.1))
            let summed = try TinyMarket.trainer(
                model,
                optimizer: .sgd(learningRate: 0.1),
                aggregation: .sum.at(place)
            )
            let one = try plain.fit(data, epochs: 2, batchSize: 64)
            let other = try summed.fit(data, epochs: 2, batchSize: 64)
            for (left, right) in zip(one.epochs, other.epochs) {
                for (left, right) in zip(left.losses, right.losses) {
                    let (left, right) = (try #require(left.value), try #require(right.value))
                    #expect(abs(left - right) < 1e-5)
                }
            }
            for name in plain.parameters.names {
                let left = try #require(plain.parameters[name]).floats
                let right = try #require(summed.parameters[name]).floats
                for (left, right) in zip(left, right) { #expect(abs(left - right) < 1e-5) }
            }
        }
    }

    /// With nothing dropped sign dropout is the sum; with something it is not, and learns all the same.
    @Test func signDropoutWithoutLossIsTheSum() throws {
        let data = try TinyMarket.data(rows: 256, seed: 1)
        let model = try TinyMarket.model()
        let optimizer = Optimizer.sgd(learningRate: 0.1)
        let rules: [GradientAggregation] = [
            .sum.at(.parameters), .gradDrop(leak: 1), .gradDrop(),
        ]
        let trainers = try rules.map {
            try TinyMarket.trainer(model, optimizer: optimizer, aggregation: $0)
        }
        let histories = try trainers.map { try $0.fit(data, epochs: 4, batchSize: 64) }
        for name in trainers[0].parameters.names {
            let sum = try #require(trainers[0].parameters[name]).floats
            let whole = try #require(trainers[1].parameters[name]).floats
            #expect(zip(sum, whole).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name)")
        }
        #expect(trainers[2].parameters != trainers[0].parameters)
        let losses = try histories[2].epochs.map { epoch in
            try epoch.losses.map { try #require($0.value) }.reduce(0, +)
        }
        #expect(try #require(losses.last) < losses[0])
    }

    /// Where tables are compared too, gradients are longer, and tasks that share tables alone can be compared.
    @Test func tablesCanBeCompared() throws {
        let data = try TinyMarket.data(rows: 256, seed: 1)
        let rule = GradientAggregation.upgrad.at(.parameters)
        let norms = try [rule, rule.includingTables()].map { rule in
            let trainer = try TinyMarket.trainer(TinyMarket.model(), aggregation: rule)
            let history = try trainer.fit(data, epochs: 1, batchSize: 256)
            return try #require(history.epochs[0].gradients?.meanNorm(0))
        }
        #expect(norms[1] > norms[0])
        let item = try Input("item", shape: [1], dtype: .int32)
        let row = try Flatten()(Embedding(vocabularySize: 4, dimension: 3, name: "items")(item))
        let model = try Model(
            inputs: [item],
            outputs: [
                ("click", try Dense(1, name: "click")(row)),
                ("view", try Dense(1, name: "view")(row)),
            ]
        )
        func trainer(_ aggregation: GradientAggregation) throws -> Trainer {
            try Trainer(
                model,
                optimizer: .sgd(learningRate: 0.1),
                tasks: ["click", "view"].map { NamedTask($0, .binary()) },
                aggregation: aggregation,
                seed: 3,
                backend: OneDNNBackend()
            )
        }
        #expect(Self.message { _ = try trainer(rule) }.contains("share no dense parameter"))
        let items = try PreparedDataset(inMemory: [
            "item": .integers([0, 1, 1, 3], width: 1), "label/click": .floats([1, 0, 0, 1]),
            "label/view": .floats([0, 1, 1, 0]),
        ])
        let history = try trainer(rule.includingTables()).fit(items, epochs: 1, batchSize: 4)
        #expect(try #require(history.epochs[0].gradients).steps == 1)
    }

    /// Factors of losses that look at all losses do not make the tasks' own parts shared.
    @Test(arguments: [LossWeighting.geometricMean, .famo(), .uncertainty, .smoothMaximum(mu: 1)])
    func weightingsGoWithAggregations(_ weighting: LossWeighting) throws {
        let data = try TinyMarket.data(rows: 128, seed: 4)
        let model = try TinyMarket.model()
        let optimizer = Optimizer.sgd(learningRate: 0.1)
        let plain = try TinyMarket.trainer(model, optimizer: optimizer, weighting: weighting)
        let summed = try TinyMarket.trainer(
            model,
            optimizer: optimizer,
            weighting: weighting,
            aggregation: .sum
        )
        let doubled = try TinyMarket.trainer(
            model,
            optimizer: optimizer,
            weighting: weighting,
            aggregation: .mean
        )
        for trainer in [plain, summed, doubled] {
            _ = try trainer.fit(data, epochs: 1, batchSize: 128)
        }
        for name in plain.parameters.names {
            let left = try #require(plain.parameters[name]).floats
            let right = try #require(summed.parameters[name]).floats
            let mean = try #require(doubled.parameters[name]).floats
            #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
            // Half the factor in what is shared, none in towers.
            if name.contains("towers") {
                #expect(zip(left, mean).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
            }
        }
    }

    /// A number and two answers from one layer, of which only some may be trained.
    private static func shop(
        _ tasks: [String],
        _ place: TaskDifferentiation.Place
    ) throws -> Trainer {
        let x = try Input("x", shape: [2])
        let shared = try Dense(4, activation: .tanh, name: "shared")(x)
        let outputs: [(name: String, tensor: SymbolicTensor)] = try tasks.map {
            ($0, try Dense(1, name: $0)(shared))
        }
        return try Trainer(
            try Model(inputs: [x], outputs: outputs),
            optimizer: .sgd(learningRate: 0.1),
            tasks: tasks.map { NamedTask($0, $0 == "amount" ? .regression() : .binary()) },
            aggregation: .upgrad.at(place),
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    @Test(arguments: places)
    func aTaskThatIsNotFiniteIsLeftOutAndCounted(_ place: TaskDifferentiation.Place) throws {
        // The square of one amount is above what float32 holds.
        let data = try PreparedDataset(inMemory: [
            "x": .floats([0.5, 1, -1, 0.3, 0.2, -0.7, 1, 1], width: 2),
            "label/amount": .floats([1, 2, 1e30, 0]), "label/click": .floats([1, 0, 0, 1]),
            "label/view": .floats([0, 1, 0, 1]),
        ])
        let broken = try Self.shop(["amount", "click", "view"], place)
        let start = broken.parameters
        let history = try broken.fit(data, epochs: 3, batchSize: 4)
        let record = try #require(history.epochs.last?.gradients)
        #expect(record.skippedSteps == [1, 0, 0])
        #expect(
            record.warnings == [
                "task \"amount\" was left out of 1 of 1 steps, because its loss or gradient was not finite"
            ]
        )
        #expect(history.epochs.last?.losses[0].value == nil)
        // Its own parameters stay, and the others learn as if it were not there.
        let without = try Self.shop(["click", "view"], place)
        _ = try without.fit(data, epochs: 3, batchSize: 4)
        for name in start.names {
            let found = try #require(broken.parameters[name]).floats
            let own = name.hasPrefix("amount") ? start[name] : without.parameters[name]
            for (left, right) in zip(found, try #require(own).floats) {
                #expect(abs(left - right) < 1e-6, "\(name)")
            }
        }
    }

    /// Two tasks that want the opposite of each other oppose each other in every step.
    @Test func oppositesAreToldBeforeFriends() throws {
        let trainer = try Self.shop(["click", "view", "skip"], .representation)
        let data = try PreparedDataset(inMemory: [
            "x": .floats([0.5, 1, -1, 0.3, 0.2, -0.7, 1, 1], width: 2),
            "label/click": .floats([1, 0, 0, 1]), "label/view": .floats([1, 0, 0, 1]),
            "label/skip": .floats([0, 1, 1, 0]),
        ])
        // Heads that read the shared layer alike.
        var parameters = trainer.parameters
        for task in ["view", "skip"] {
            parameters["\(task)/weight"] = parameters["click/weight"]
        }
        trainer.parameters = parameters
        let history = try trainer.fit(data, epochs: 1, batchSize: 4)
        let record = try #require(history.epochs[0].gradients)
        #expect(try #require(record.meanCosine(0, 1)) > 0.999)
        #expect(record.conflictShare(0, 1) == 0 && record.conflictShare(2, 0) == 1)
        let sentences = record.conflicts(limit: 2)
        #expect(sentences.count == 2)
        #expect(sentences.allSatisfy { $0.contains("skip opposed in 100 % of steps") })
    }

    /// Where no task is left there is nothing to learn from.
    @Test func whereNoTaskIsFiniteTrainingEnds() throws {
        let data = try PreparedDataset(inMemory: [
            "x": .floats([0.5, .infinity, -1, 0.3], width: 2), "label/click": .floats([1, 0]),
            "label/view": .floats([0, 1]),
        ])
        let trainer = try Self.shop(["click", "view"], .representation)
        let start = trainer.parameters
        let message = Self.message { _ = try trainer.fit(data, epochs: 1, batchSize: 2) }
        #expect(
            message.hasPrefix("training: the sum of squares of the gradients became NaN"),
            "\(message)"
        )
        #expect(trainer.parameters == start)
    }

    @Test(arguments: [
        GradientAggregation.gradvac(beta: 0.3), .metaBalance(), .nashMTL(interval: 3),
        .pcgrad.at(.parameters), .dbMTL(), .moco(), .gradDrop(leak: 0.1),
        .cagrad().at(.parameters).includingTables(),
    ])
    func resumingGivesTheSameBits(_ aggregation: GradientAggregation) throws {
        let data = try TinyMarket.data(rows: 200, seed: 5)
        let model = try TinyMarket.model()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-aggregation-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try TinyMarket.trainer(model, aggregation: aggregation)
        let wholeHistory = try whole.fit(data, options: FitOptions(epochs: 3, batchSize: 32))
        var options = FitOptions(epochs: 3, batchSize: 32)
        options.checkpoints = CheckpointFolder(path: folder.path)
        var steps = 0
        options.shouldStop = {
            steps += 1
            return steps == 10
        }
        let first = try TinyMarket.trainer(model, aggregation: aggregation)
        #expect(try first.fit(data, options: options).isInterrupted)
        options.shouldStop = { false }
        options.resumes = true
        let second = try TinyMarket.trainer(model, aggregation: aggregation)
        let history = try second.fit(data, options: options)
        #expect(second.parameters == whole.parameters)
        #expect(history.epochs.map(\.gradients) == wholeHistory.epochs.map(\.gradients))
        #expect(history.epochs.map(\.losses) == wholeHistory.epochs.map(\.losses))
    }

    @Test func aPhaseOfOneTaskOrAFrozenTrunkAddsUp() throws {
        let data = try TinyMarket.data(rows: 128, seed: 2)
        let model = try TinyMarket.model(.sharedBottom(units: [8]))
        let schedule: TrainingSchedule = [
            .single("click"), .joint(epochs: 1),
            .joint(epochs: 1).freezing("shared_bottom_1/dense_1", "embeddings"),
        ]
        let trainer = try TinyMarket.trainer(model, aggregation: .upgrad)
        let history = try trainer.fit(data, schedule: schedule, batchSize: 32)
        #expect(history.epochs.map { $0.gradients?.steps } == [0, 4, 0])
    }

    @Test func mistakesHaveSentences() throws {
        let model = try TinyMarket.model()
        #expect(
            Self.message {
                _ = try TinyMarket.trainer(
                    TinyMarket.model(.singleTask(units: [8])),
                    aggregation: .upgrad
                )
            }
                == "aggregation \"upgrad\": tasks [\"click\", \"buy\"] share no dense parameter that could be compared; expected one at least. Leave the aggregation out, or choose an architecture that shares."
        )
        #expect(
            Self.message {
                _ = try TinyMarket.trainer(
                    model,
                    aggregation: .upgrad.at(.parameters, parts: ["mmoe_1/expert"])
                )
            }.hasPrefix(
                "aggregation \"upgrad\": no parameter belongs to \"mmoe_1/expert\"; expected the beginning of a name such as "
            )
        )
        #expect(
            Self.message { _ = try TinyMarket.trainer(model, aggregation: .cagrad(c: -1)) }
                == "aggregation \"cagrad\": 'c' is out of range; expected at least 0; received -1.0."
        )
        #expect(
            Self.message {
                _ = try TinyMarket.trainer(
                    model,
                    aggregation: .mgda.at(.representation, parts: ["a"])
                )
            }
                == "aggregation \"mgda\": named parts are compared at parameters only; expected none; received [\"a\"]."
        )
    }

    /// An average of gradients is not harmed by a step that is not finite.
    @Test func averagesStayWhereATaskIsLeftOut() throws {
        let x = try Input("x", shape: [1])
        let shared = try Dense(2, name: "shared")(x)
        let trainer = try Trainer(
            try Model(
                inputs: [x],
                outputs: ["a": Dense(1, name: "a")(shared), "b": Dense(1, name: "b")(shared)]
            ),
            optimizer: .sgd(learningRate: 0.01),
            tasks: [NamedTask("a", .regression()), NamedTask("b", .regression())],
            aggregation: .moco(),
            seed: 2,
            backend: OneDNNBackend()
        )
        let data = try PreparedDataset(inMemory: [
            "x": .floats([1, 2, 3], width: 1), "label/a": .floats([1, 1e30, 2]),
            "label/b": .floats([0, 1, 2]),
        ])
        let history = try trainer.fit(data, epochs: 2, batchSize: 1)
        #expect(history.epochs.map { $0.gradients?.skippedSteps } == [[1, 0], [1, 0]])
        let average = try #require(trainer.states.tensor("aggregation/a/shared/weight")).floats
        #expect(average.allSatisfy(\.isFinite) && average.contains { $0 != 0 })
    }

    @Test func oneTaskIsRefused() throws {
        let x = try Input("x", shape: [2])
        let model = try Model(inputs: [x], outputs: ["only": Dense(1)(x)])
        #expect(
            Self.message {
                _ = try Trainer(
                    model,
                    optimizer: .sgd(learningRate: 0.1),
                    tasks: [NamedTask("only", .binary())],
                    aggregation: .mgda,
                    seed: 1,
                    backend: OneDNNBackend()
                )
            }
                == "aggregation \"mgda\": the number of tasks is out of range; expected 2 to 64, whose gradients are combined; received 1."
        )
    }

    /// Only what a part names is compared, but the factors hold for all that is shared.
    @Test func namedPartsAreComparedAlone() throws {
        let data = try TinyMarket.data(rows: 64, seed: 2)
        let model = try TinyMarket.model(.sharedBottom(units: [8, 6]))
        func record(_ parts: [String]) throws -> TaskGradientRecord {
            let trainer = try TinyMarket.trainer(
                model,
                optimizer: .sgd(learningRate: 0),
                aggregation: .sum.at(.parameters, parts: parts)
            )
            return try #require(
                trainer.fit(data, epochs: 1, batchSize: 64).epochs[0].gradients
            )
        }
        let first = try record(["shared_bottom_1/dense_1"])
        let second = try record(["shared_bottom_1/dense_2"])
        let both = try record([])
        for task in 0..<2 {
            let (a, b) = (try #require(first.meanNorm(task)), try #require(second.meanNorm(task)))
            let whole = try #require(both.meanNorm(task))
            #expect(abs((a * a + b * b).squareRoot() - whole) < 1e-5 * whole)
            #expect(a > 0 && b > 0)
        }
    }
}
