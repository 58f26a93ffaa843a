import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import Testing

@testable import MotetTraining

@Suite("Importance of features") struct FeatureImportanceTests {
    /// A linear model of four numbers of which the first alone counts, and a list that is only read along.
    private static func planted() throws -> (Trainer, PreparedDataset) {
        let x = try Input("numeric", shape: [4])
        let trainer = try Trainer(
            try Model(inputs: [x], outputs: ["y": Dense(1, name: "y")(x)]),
            optimizer: .sgd(learningRate: 0.1),
            tasks: [NamedTask("y", .binary())],
            seed: 1,
            backend: OneDNNBackend()
        )
        var parameters = trainer.parameters
        parameters["y/weight"] = Tensor([3, 2, 0, 0.5], shape: [4, 1])
        trainer.parameters = parameters
        var random = RandomKey(seed: 5).generator()
        var (numbers, labels): ([Float], [Float]) = ([], [])
        for _ in 0..<400 {
            let first = Float(random.nextNormal())
            // The second is constant, the third has no weight, the fourth moves with the third.
            numbers += [first, 0.75, Float(random.nextNormal()), 0]
            labels.append(first > 0 ? 1 : 0)
        }
        let data = try PreparedDataset(inMemory: [
            "numeric": .floats(numbers, width: 4), "label/y": .floats(labels),
        ])
        return (trainer, data)
    }

    private static let features = ["first", "constant", "weightless", "zero"].enumerated().map {
        FeatureColumns($1, [FeatureColumns.Part("numeric", elements: [$0])])
    }

    @Test func whatCountsLosesAndWhatDoesNotLosesNothing() throws {
        let (trainer, data) = try Self.planted()
        var passes: [Int] = []
        let found = try trainer.featureImportance(
            Self.features,
            data,
            repeats: 3,
            key: RandomKey(seed: 2),
            progress: { passes.append($0) }
        )
        #expect(passes == Array(1...13))
        #expect(found.map(\.feature) == ["first", "constant", "weightless", "zero"])
        let first = found[0].tasks[0]
        #expect(first.task == "y" && first.metric == "auc" && first.value == 1)
        // A ranking by chance has an AUC of about one half.
        #expect(abs(first.mean - 0.5) < 0.06 && first.drops.count == 3)
        #expect(first.deviation > 0)
        for other in found.dropFirst() { #expect(other.tasks[0].drops == [0, 0, 0]) }
    }

    @Test func theSameKeyPermutesAlike() throws {
        let (trainer, data) = try Self.planted()
        func drops(_ seed: UInt64) throws -> [Double] {
            try trainer.featureImportance(
                [Self.features[0]],
                data,
                repeats: 2,
                key: RandomKey(seed: seed)
            )[0].tasks[0].drops
        }
        #expect(try drops(4) == drops(4))
        #expect(try drops(4) != drops(5))
    }

    @Test func rowsOfListsMoveWhole() throws {
        let data = try PreparedDataset(inMemory: [
            "list": .ragged([[1, 2], [], [3], [4, 5, 6]]), "id": .integers([7, 8, 9, 10]),
        ])
        let moved = try data.reordering("list", by: [3, 0, 1, 2])
        try moved.withRagged("list") { values, offsets in
            #expect(Array(values) == [4, 5, 6, 1, 2, 3])
            #expect(Array(offsets) == [0, 3, 5, 5, 6])
        }
        try moved.withIntegers("id") { #expect(Array($0) == [7, 8, 9, 10]) }
        let chosen = data.selecting([2, 0])
        #expect(chosen.rowCount == 2)
        try chosen.withRagged("list") { values, offsets in
            #expect(Array(values) == [3, 1, 2] && Array(offsets) == [0, 1, 3])
        }
        try chosen.withIntegers("id") { #expect(Array($0) == [9, 7]) }
        #expect(throws: (any Error).self) { try data.reordering("lists", by: [0, 1, 2, 3]) }
    }

    @Test func partOfARowMovesAlone() throws {
        let data = try PreparedDataset(inMemory: ["x": .floats([1, 2, 3, 4, 5, 6], width: 2)])
        let moved = try data.reordering("x", by: [2, 0, 1], elements: [1])
        try moved.withFloats("x") { #expect(Array($0) == [1, 6, 3, 2, 5, 4]) }
    }
}
