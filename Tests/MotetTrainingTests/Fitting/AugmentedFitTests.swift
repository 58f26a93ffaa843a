import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTraining
import Testing

/// Training on pictures that are changed anew in each epoch.
@Suite("Fits of augmented pictures") struct AugmentedFitTests {
    private static let side = 8

    private static func data(_ count: Int) throws -> PreparedDataset {
        var numbers = RandomKey(seed: 6).generator()
        var (images, borders, classes) = ([Image](), [Float](), [Float]())
        for row in 0..<count {
            var image = Image(height: side, width: side, colour: [0])
            let left = Int.random(in: 0...4, using: &numbers)
            let top = Int.random(in: 0...4, using: &numbers)
            for y in top..<top + 3 { for x in left..<left + 3 { image[y, x, 0] = 250 } }
            for y in 0..<side {
                for x in 0..<side {
                    image[y, x, 0] = image[y, x, 0] / 2 + UInt8(numbers.next() % 60)
                }
            }
            images.append(image)
            borders += [left, top, left + 3, top + 3].map { Float($0) / Float(side) }
            classes.append(row % 2 == 0 ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "image": ImageStack(images).column(), "label/box": .floats(borders, width: 4),
            "label/class": .floats(classes),
        ])
    }

    private static let rule = ImageAugmentation(
        "image",
        height: side,
        width: side,
        channels: 1,
        boxes: "label/box",
        flipProbability: 0.5,
        maximumShift: 2,
        brightness: 0.1,
        seed: 9
    )

    private static func trainer() throws -> Trainer {
        let input = try Input("image", shape: [side, side, 1])
        let features = try Conv2D(4, kernelSize: 3, padding: .same, activation: .relu)(input)
        let flat = try Flatten()(features)
        let model = try Model(
            inputs: [input],
            outputs: ["box": Dense(4)(flat), "class": Dense(1)(flat)]
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.003),
            tasks: [
                NamedTask("box", .regression(loss: .boxHuber(delta: 0.1), metrics: [.meanIoU])),
                NamedTask("class", .binary(metrics: [.auc])),
            ],
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    @Test(arguments: [5, 8, 13]) func resumedFitsAreBitEqual(stopAfter: Int) throws {
        let train = try Self.data(70).augmented(Self.rule)
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func options() -> FitOptions { FitOptions(epochs: 4, batchSize: 16, validation: train) }
        let whole = try Self.trainer()
        let history = try whole.fit(train, options: options())

        var interrupted = options()
        interrupted.checkpoints = CheckpointFolder(path: path)
        var steps = 0
        interrupted.shouldStop = {
            steps += 1
            return steps == stopAfter
        }
        #expect(try Self.trainer().fit(train, options: interrupted).isInterrupted)
        var resumed = options()
        resumed.checkpoints = CheckpointFolder(path: path)
        resumed.resumes = true
        let second = try Self.trainer()
        let rest = try second.fit(train, options: resumed)
        #expect(second.parameters == whole.parameters)
        #expect(rest.epochs.map(\.losses) == history.epochs.map(\.losses))
    }

    @Test func trainingSeesChangedPicturesAndEvaluationDoesNot() throws {
        let plain = try Self.data(70)
        let changed = try plain.augmented(Self.rule)
        let (first, second) = (try Self.trainer(), try Self.trainer())
        #expect(first.parameters == second.parameters)
        _ = try first.fit(plain, epochs: 1, batchSize: 16)
        _ = try second.fit(changed, epochs: 1, batchSize: 16)
        #expect(first.parameters != second.parameters)
        #expect(try first.predict(plain)["box"] == first.predict(changed)["box"])
    }
}
