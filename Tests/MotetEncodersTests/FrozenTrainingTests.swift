import MotetCore
import MotetData
import MotetEncoders
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTestSupport
import MotetTraining
import Testing

/// A model on top of an encoder, trained.
@Suite("Training on an encoder") struct FrozenTrainingTests {
    /// Texts with a label that their first piece decides, as prepared rows.
    private static func data(_ tiny: TinyEncoder) throws -> PreparedDataset {
        let ids = try tiny.tensor("ids")
        let (rows, width) = (ids.shape[0], ids.shape[1])
        let labels = (0..<rows).map { Float($0 % 2) }
        return try PreparedDataset(inMemory: [
            ("ids", .tensor(Tensor(ids.integers, shape: [rows, width]))),
            ("label/positive", .floats(labels)),
        ])
    }

    private static func trainer(
        _ tiny: TinyEncoder,
        _ training: TextEncoder.Training
    ) throws -> Trainer {
        let width = try tiny.tensor("ids").shape[1]
        let ids = try Input("ids", shape: [width], dtype: .int32)
        let vector = try TextEncoder(tiny.load(), training: training, name: "encoder")(ids)
        let model = try Model(inputs: [ids], outputs: ["positive": Dense(1)(vector)])
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.05),
            tasks: [NamedTask("positive", .binary())],
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    @Test(
        arguments: [
            (.frozen, "dense_1/"), (.lastBlocks(1), "encoder/block_2/"),
            (.adapters(rank: 2, alpha: 4), "adapter"), (.all, "encoder/word/"),
        ] as [(TextEncoder.Training, String)]
    )
    func onlyWhatLearnsChanges(training: TextEncoder.Training, learning: String) throws {
        let tiny = try TinyEncoder()
        let trainer = try Self.trainer(tiny, training)
        let before = trainer.parameters
        let history = try trainer.fit(Self.data(tiny), epochs: 8, batchSize: 7)
        let after = trainer.parameters
        let trained = Set(trainer.model.parameters.filter(\.isTrained).map(\.name))
        for name in before.names {
            let isChanged = before[name] != after[name]
            #expect(isChanged == trained.contains(name), "\(name)")
        }
        #expect(trained.contains { $0.contains(learning) })
        let losses = history.epochs.compactMap { $0.losses.first?.value }
        #expect(losses[losses.count - 1] < losses[0])
    }
}
