import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import Testing

@testable import MotetTraining

/// Rows of a picture, a text and numbers, of which not every one has every task's label.
@Suite("Rows of several parts") struct MultiPartTests {
    private static let (side, length, width) = (4, 5, 2)

    /// What a row holds, by its number: every third has no picture, every fourth no text.
    private struct Row {
        let number: Int
        var hasPicture: Bool { number % 3 != 2 }
        var hasText: Bool { number % 4 != 3 }

        var picture: [UInt8] {
            (0..<side * side * 3).map { hasPicture ? UInt8((31 * number + 7 * $0) % 256) : 0 }
        }
        var ids: [Int32] {
            (0..<length).map { place in
                hasText && place <= number % length ? Int32(1 + (number + place) % 9) : 0
            }
        }
        var numbers: [Float] { [Float(number), 0.5 - Float(number % 2)] }
        /// Of rows with a picture and an even number.
        var kind: Float { hasPicture && number % 2 == 0 ? Float(number % 3) : .nan }
        /// Of rows with a text.
        var isGood: Float { hasText ? Float(number / 2 % 2) : .nan }
    }

    private static func data(_ numbers: [Int]) throws -> PreparedDataset {
        let rows = numbers.map { Row(number: $0) }
        return try PreparedDataset(inMemory: [
            "image": .bytes(rows.flatMap(\.picture), width: side * side * 3, scale: 1 / 255),
            "token_ids": .integers(rows.flatMap(\.ids), width: length),
            "numbers": .floats(rows.flatMap(\.numbers), width: width),
            "label/kind": .floats(rows.map(\.kind)), "label/good": .floats(rows.map(\.isGood)),
        ])
    }

    @Test(arguments: [0, 3])
    func partsAndLabelsOfARowStayTogether(step: Int) throws {
        let options = BatchLoaderOptions(batchSize: 7, shuffleKey: RandomKey(seed: 3))
        let loader = try BatchLoader(try Self.data(Array(0..<40)), options: options)
        loader.start(epoch: 2, step: step)
        var seen: [Int] = []
        while let batch = try loader.next() {
            let rows = batch.rows.map { Row(number: Int($0)) }
            let pixels = rows.flatMap { $0.picture.map { Float($0) * (1 / 255 as Float) } }
            #expect(batch.tensor("image")?.floats == pixels)
            #expect(batch.tensor("token_ids")?.integers == rows.flatMap(\.ids))
            #expect(batch.tensor("numbers")?.floats == rows.flatMap(\.numbers))
            // Bits, since a missing label equals nothing.
            func bits(_ values: [Float]?) -> [UInt32]? { values?.map(\.bitPattern) }
            #expect(bits(batch.tensor("label/kind")?.floats) == bits(rows.map(\.kind)))
            #expect(bits(batch.tensor("label/good")?.floats) == bits(rows.map(\.isGood)))
            seen += rows.map(\.number)
        }
        #expect(seen.count == 40 - 7 * step && Set(seen).count == seen.count)
        #expect(seen != seen.sorted())
    }

    private static func trainer(_ tasks: [String]) throws -> Trainer {
        let image = try Input("image", shape: [side, side, 3])
        let ids = try Input("token_ids", shape: [length], dtype: .int32)
        let numbers = try Input("numbers", shape: [width])
        let pixels = try Conv2D(4, kernelSize: 3, padding: .same, activation: .relu)(image)
        let photo = try Flatten()(MaxPooling2D(poolSize: 2)(pixels))
        let words = try Embedding(vocabularySize: 10, dimension: 6, masksZero: true)(ids)
        let text = try GlobalAveragePooling1D()(words)
        let shared = try Dense(8, activation: .tanh, name: "shared")(
            Concatenate()(photo, text, numbers)
        )
        let objectives: [String: TaskObjective] = [
            "kind": .multiclass(weight: 0.7), "good": .binary(weight: 1.5),
        ]
        return try Trainer(
            try Model(
                inputs: [image, ids, numbers],
                outputs: [
                    "kind": Dense(3, name: "kind")(shared), "good": Dense(1, name: "good")(shared),
                ]
            ),
            optimizer: .sgd(learningRate: 0.1),
            tasks: tasks.compactMap { name in objectives[name].map { NamedTask(name, $0) } },
            seed: 5,
            backend: OneDNNBackend()
        )
    }

    /// What a step of gradient descent on all of some rows adds to each parameter.
    private static func changes(_ tasks: [String], _ rows: [Int]) throws -> [String: [Float]] {
        let trainer = try trainer(tasks)
        let before = trainer.parameters
        _ = try trainer.fit(data(rows), epochs: 1, batchSize: rows.count)
        let after = trainer.parameters
        return Dictionary(
            uniqueKeysWithValues: before.names.map { name in
                let (old, new) = (before[name]?.floats ?? [], after[name]?.floats ?? [])
                return (name, zip(old, new).map { $1 - $0 })
            }
        )
    }

    /// A step on mixed rows is the sum of a step on the rows of each task.
    @Test func aRowTrainsTheTasksItHasLabelsOf() throws {
        let all = Array(0..<30)
        let mixed = try Self.changes(["kind", "good"], all)
        let kind = try Self.changes(["kind"], all.filter { !Row(number: $0).kind.isNaN })
        let good = try Self.changes(["good"], all.filter { !Row(number: $0).isGood.isNaN })
        for (name, found) in mixed {
            let (one, other) = (try #require(kind[name]), try #require(good[name]))
            for (place, value) in found.enumerated() {
                // Differences of parameters near 1 in float32.
                #expect(abs(value - one[place] - other[place]) < 1e-6, "\(name)")
            }
        }
        #expect(mixed["shared/weight"]?.contains { abs($0) > 1e-4 } == true)
        #expect(kind["good/weight"]?.allSatisfy { $0 == 0 } == true)
    }
}
