import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTraining
import Testing

/// Sentences of up to 6 tokens 1...8, padded with 0: a token's tag is whether it is even, and a
/// sentence's class whether it holds a token above 6.
private struct TinySentences {
    static let length = 6

    static func data(
        rows: Int = 400,
        seed: UInt64 = 3,
        tagOfPadding: Float,
        missingTags: Bool = false
    ) throws -> PreparedDataset {
        var random = RandomKey(seed: seed).generator()
        var (tokens, tags, classes): ([Int32], [Float], [Float]) = ([], [], [])
        for row in 0..<rows {
            let own = (0..<Int.random(in: 1...length, using: &random)).map { _ in
                Int32.random(in: 1...8, using: &random)
            }
            let padding = length - own.count
            tokens += own + [Int32](repeating: 0, count: padding)
            let hidden = missingTags && row.isMultiple(of: 2)
            tags += own.map { hidden ? .nan : $0.isMultiple(of: 2) ? 1 : 0 }
            tags += [Float](repeating: tagOfPadding, count: padding)
            classes.append(own.contains { $0 > 6 } ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "tokens": .integers(tokens, width: length), "label/tag": .floats(tags, width: length),
            "label/long": .floats(classes),
        ])
    }

    /// Tags by softmax, or by a chain whose transitions are learnt.
    static func chainTrainer(loss: Loss = .categoricalCrossEntropy) throws -> Trainer {
        let tokens = try Input("tokens", shape: [length], dtype: .int32)
        let embedded = try Embedding(vocabularySize: 9, dimension: 8, masksZero: true)(tokens)
        let model = try Model(
            inputs: [tokens],
            outputs: ["tag": CRF(2, name: "chain")(Dense(2)(embedded))]
        )
        let objective = TaskObjective(loss: loss, metrics: [.accuracy])
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.02),
            tasks: [NamedTask("tag", objective)],
            seed: 5,
            backend: OneDNNBackend()
        )
    }

    static func trainer(masksZero: Bool = true) throws -> Trainer {
        let tokens = try Input("tokens", shape: [length], dtype: .int32)
        let embedded = try Embedding(vocabularySize: 9, dimension: 8, masksZero: masksZero)(tokens)
        let hidden = try Dense(16, activation: .relu)(embedded)
        let flat = try Reshape([length * 16])(hidden)
        let model = try Model(
            inputs: [tokens],
            outputs: ["tag": Dense(2)(hidden), "long": Dense(1)(flat)]
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.01),
            tasks: [
                NamedTask("tag", .multiclass(metrics: [.accuracy, .macroF1])),
                NamedTask("long", .binary()),
            ],
            seed: 5,
            backend: OneDNNBackend()
        )
    }
}

@Suite("Tasks of sequences") struct SequenceTaskTests {
    @Test func tagsAndClassesAreLearntTogether() throws {
        let train = try TinySentences.data(tagOfPadding: .nan)
        let trainer = try TinySentences.trainer()
        _ = try trainer.fit(train, epochs: 15, batchSize: 32)
        let test = try TinySentences.data(seed: 4, tagOfPadding: .nan)
        let report = MetricReport(evaluating: try trainer.evaluate(test))
        let accuracy = report.value(MetricSelector(.accuracy, task: "tag")).value ?? 0
        let auc = report.value(MetricSelector(.auc, task: "long")).value ?? 0
        let f1 = report.value(MetricSelector(.macroF1, task: "tag")).value ?? 0
        #expect(accuracy > 0.99 && f1 > 0.99, "tag accuracy \(accuracy), macro F1 \(f1)")
        #expect(auc > 0.95, "AUC \(auc)")
    }

    @Test(arguments: [Float(0), 1])
    func labelsOfPaddingChangeNothing(tag: Float) throws {
        let missing = try TinySentences.data(tagOfPadding: .nan)
        let given = try TinySentences.data(tagOfPadding: tag)
        let (one, other) = (try TinySentences.trainer(), try TinySentences.trainer())
        let first = try one.fit(missing, epochs: 2, batchSize: 32)
        let second = try other.fit(given, epochs: 2, batchSize: 32)
        #expect(one.parameters == other.parameters)
        #expect(first.epochs.last?.losses == second.epochs.last?.losses)
        let counts = try [missing, given].map { try Self.tokens(one, $0) }
        #expect(counts[0] == counts[1] && counts[0] > 400)
    }

    /// The planted fault of the test above: without a mask the labels of padding do matter.
    @Test func withoutAMaskLabelsOfPaddingCount() throws {
        let missing = try TinySentences.data(tagOfPadding: .nan)
        let given = try TinySentences.data(tagOfPadding: 1)
        let one = try TinySentences.trainer(masksZero: false)
        let other = try TinySentences.trainer(masksZero: false)
        _ = try one.fit(missing, epochs: 1, batchSize: 32)
        _ = try other.fit(given, epochs: 1, batchSize: 32)
        #expect(one.parameters != other.parameters)
        #expect(try Self.tokens(one, given) == 400 * TinySentences.length)
    }

    @Test func sentencesWithoutTagsTrainTheOtherTask() throws {
        let data = try TinySentences.data(tagOfPadding: .nan, missingTags: true)
        let whole = try TinySentences.data(tagOfPadding: .nan)
        let trainer = try TinySentences.trainer()
        _ = try trainer.fit(data, epochs: 1, batchSize: 32)
        let observed = try trainer.evaluate(data).map(\.observations.count)
        let all = try trainer.evaluate(whole).map(\.observations.count)
        #expect(observed == [200, 400] && all == [400, 400])
    }

    @Test func aChainLearnsItsTransitionsAndIsDecoded() throws {
        let train = try TinySentences.data(tagOfPadding: .nan)
        let trainer = try TinySentences.chainTrainer()
        let before = trainer.parameters
        let history = try trainer.fit(train, epochs: 10, batchSize: 32)
        #expect(before["chain/transitions"] != trainer.parameters["chain/transitions"])
        let test = try TinySentences.data(seed: 4, tagOfPadding: .nan)
        let report = MetricReport(evaluating: try trainer.evaluate(test))
        let accuracy = report.value(MetricSelector(.accuracy, task: "tag")).value ?? 0
        #expect(accuracy > 0.99, "\(accuracy)")
        // A likelihood of whole sentences: at first about 3.5 tokens of log 2 each.
        let first = history.epochs[0].losses[0].value ?? 0
        #expect(first > 0.7, "\(first)")
    }

    @Test func aChainTakesNoOtherLoss() throws {
        let error = #expect(throws: TrainingError.self) {
            _ = try TinySentences.chainTrainer(loss: .categoricalCrossEntropy(labelSmoothing: 0.1))
        }
        #expect(error?.message.contains("does not fit the output of a CRF") == true)
    }

    @Test(arguments: [Float(2), -1, 0.5], [false, true])
    func aTagThatIsNoneOfTheTagsIsRefused(tag: Float, isChain: Bool) throws {
        let trainer =
            isChain ? try TinySentences.chainTrainer() : try TinySentences.trainer()
        let data = try PreparedDataset(inMemory: [
            "tokens": .integers([1, 2, 3, 0, 0, 0], width: 6),
            "label/tag": .floats([0, 1, tag, .nan, .nan, .nan], width: 6),
            "label/long": .floats([1]),
        ])
        let error = #expect(throws: TrainingError.self) {
            _ = try trainer.fit(data, epochs: 1, batchSize: 1)
        }
        #expect(
            error?.message
                == "task \"tag\": a label is out of range; expected 0 or 1, NaN where there is none; received \(tag)."
        )
    }

    @Test func predictionsComeInTheOrderOfTheRows() throws {
        let trainer = try TinySentences.trainer()
        let data = try TinySentences.data(tagOfPadding: .nan)
        let predicted = try trainer.predict(data, batchSize: 64)
        let tags = try #require(predicted["tag"])
        #expect(tags.shape == [400, TinySentences.length, 2])
        #expect(predicted["long"]?.shape == [400, 1])
        // Probabilities of classes.
        let sums = stride(from: 0, to: tags.floats.count, by: 2).map { index in
            tags.floats[index] + tags.floats[index + 1]
        }
        #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 })
        let observed = try trainer.evaluate(data)[1].observations.predictions
        #expect(predicted["long"]?.floats == observed)
    }

    @Test func labelsOfAnotherLengthAreAMistake() throws {
        let trainer = try TinySentences.trainer()
        let data = try PreparedDataset(inMemory: [
            "tokens": .integers([1, 2, 0, 0, 0, 0], width: 6),
            "label/tag": .floats([0, 1], width: 2),
            "label/long": .floats([1]),
        ])
        let error = #expect(throws: TrainingError.self) { _ = try trainer.evaluate(data) }
        #expect(
            error?.message
                == "data: the labels of the task \"tag\" do not fit its output; expected 6 float32 numbers a row; received 2 of float32."
        )
    }

    /// The tokens that count in the metrics of tags.
    private static func tokens(_ trainer: Trainer, _ data: PreparedDataset) throws -> Int {
        try trainer.evaluate(data)[0].observations.labels.count { !$0.isNaN }
    }
}
