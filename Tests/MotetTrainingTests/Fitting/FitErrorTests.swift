import Foundation
import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

/// What a user can do wrong, and the sentence for it.
@Suite("Mistakes in fitting") struct FitErrorTests {
    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func column(_ name: String, _ values: [Float]) throws -> PreparedDataset {
        let base = [Int32](repeating: 1, count: values.count)
        let zeros = [Float](repeating: 0, count: values.count)
        var columns: [(name: String, values: PreparedValues)] = [
            ("item", .integers(base)), ("history", .ragged(base.map { [$0] })),
            ("numeric", .floats(zeros + zeros, width: 2)), ("scenario", .integers(base)),
        ]
        for label in ["label/click", "label/buy"] {
            let positives = [Float](repeating: 1, count: values.count)
            columns.append((label, .floats(label == name ? values : positives)))
        }
        return try PreparedDataset(inMemory: columns)
    }

    @Test func aTaskWithoutAPositiveRowIsRefused() throws {
        let data = try column("label/click", [0, 0, 0])
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        #expect(
            message { _ = try trainer.fit(data, epochs: 1, batchSize: 2) }
                == "task \"click\": no training row is positive; expected at least 1 label of 1 among 3 rows. Check the label column or its rule."
        )
    }

    @Test func aTaskWithoutALabelIsRefused() throws {
        let data = try column("label/click", [.nan, .nan])
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        #expect(
            message { _ = try trainer.fit(data, epochs: 1, batchSize: 2) }
                == "task \"click\": no training row has a label; expected at least 1 among 2 rows."
        )
    }

    @Test func aLabelThatIsNeitherZeroNorOneIsRefused() throws {
        let data = try column("label/click", [0, 1, 2])
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        #expect(
            message { _ = try trainer.fit(data, epochs: 1, batchSize: 2) }
                == "task \"click\": a label is out of range; expected 0 or 1; received 2.0."
        )
    }

    @Test func aMissingColumnIsNamed() throws {
        let data = try PreparedDataset(inMemory: [
            "itme": .integers([1]), "label/click": .floats([1]), "label/buy": .floats([1]),
        ])
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        let sentence = message { _ = try trainer.fit(data, epochs: 1, batchSize: 1) }
        #expect(sentence.hasPrefix("data: there is no column \"item\", which the model reads;"))
        #expect(sentence.hasSuffix("Did you mean `itme`?"))
    }

    /// Pictures of 6 x 6 in colour are wanted; grey and smaller ones are refused, right ones are not.
    @Test func picturesOfAnotherSizeOrOtherChannelsAreRefused() throws {
        let image = try Input("image", shape: [6, 6, 3])
        let trainer = try Trainer(
            Model(inputs: [image], outputs: ["kind": Dense(1)(Flatten()(image))]),
            optimizer: .adam(learningRate: 0.01),
            tasks: [NamedTask("kind", .binary(metrics: []))],
            seed: 1,
            backend: OneDNNBackend()
        )
        for (shape, isRight) in [([6, 6], false), ([5, 5, 3], false), ([6, 6, 3], true)] {
            let size = shape.reduce(1, *)
            let data = try PreparedDataset(inMemory: [
                "image": .bytes([UInt8](repeating: 7, count: 2 * size), width: size),
                "label/kind": .floats([0, 1]),
            ])
            for sentence in [
                message { _ = try trainer.fit(data, epochs: 1, batchSize: 2) },
                message { _ = try trainer.predict(data) },
            ] {
                guard !isRight else {
                    #expect(sentence == "")
                    continue
                }
                #expect(sentence.hasPrefix("data: the column \"image\" does not fit the model;"))
                #expect(sentence.contains("6, 6, 3") && sentence.contains("\(size)]"))
            }
        }
    }

    @Test func aTaskTheModelHasNotIsRefused() throws {
        let model = try TinyMarket.model()
        let sentence = message {
            _ = try Trainer(
                model,
                optimizer: .adam(learningRate: 1),
                tasks: [NamedTask("clik", .binary())],
                seed: 1,
                backend: OneDNNBackend()
            )
        }
        #expect(sentence.hasSuffix("Did you mean `click`?"))
    }

    @Test func aStepThatIsNotFiniteStopsBeforeTheParameters() throws {
        var numeric = [Float](repeating: 1, count: 20)
        numeric[13] = .infinity
        let ones = [Int32](repeating: 1, count: 10)
        let labels: [Float] = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
        let data = try PreparedDataset(inMemory: [
            "item": .integers(ones), "history": .ragged(ones.map { [$0] }),
            "numeric": .floats(numeric, width: 2), "label/click": .floats(labels),
            "label/buy": .floats(labels),
        ])
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = FitOptions(epochs: 1, batchSize: 10)
        options.checkpoints = CheckpointFolder(path: path)
        let before = trainer.parameters
        let sentence = message { _ = try trainer.fit(data, options: options) }
        #expect(sentence.contains("became") && sentence.contains("at step 1;"), "\(sentence)")
        #expect(sentence.contains("embeddings/concatenate"), "\(sentence)")
        #expect(trainer.parameters == before)
        #expect(options.checkpoints?.hasLast == true)
    }

    @Test func damagedCheckpointsAreRefused() throws {
        let train = try TinyMarket.data(rows: 200, seed: 1)
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = CheckpointFolder(path: path)
        var options = FitOptions(epochs: 1, batchSize: 50)
        options.checkpoints = folder
        let trainer = try TinyMarket.trainer(TinyMarket.model())
        _ = try trainer.fit(train, options: options)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.lastFile))
        options.resumes = true
        options.epochs = 2

        try whole.dropLast(10).write(to: URL(fileURLWithPath: folder.lastFile))
        let cut = message { _ = try trainer.fit(train, options: options) }
        #expect(cut.contains("the file ends within its data"), "\(cut)")

        var edited = whole
        edited[edited.count - 100] ^= 1
        try edited.write(to: URL(fileURLWithPath: folder.lastFile))
        let changed = message { _ = try trainer.fit(train, options: options) }
        #expect(changed.contains("do not match their checksum"), "\(changed)")

        try whole.write(to: URL(fileURLWithPath: folder.lastFile))
        let other = try TinyMarket.trainer(TinyMarket.model(.sharedBottom(units: [3])))
        let foreign = message { _ = try other.fit(train, options: options) }
        #expect(foreign.contains("expected the same model and optimizer"), "\(foreign)")
    }
}
