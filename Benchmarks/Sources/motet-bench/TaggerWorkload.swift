import MotetCore
import MotetData
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTraining

/// `lstm-tagger`: sentences of 64 tokens out of 10,000 through an embedding and an LSTM of 128 that two
/// heads share: a class of the sentence from the mean of its states, and a tag of each token.
enum TaggerWorkload: FixedWorkload {
    static let name = "lstm-tagger"
    static let batchSize = 64
    static let tables = "touched rows"
    private static let steps = 64
    private static let vocabularySize = 10_000
    private static let units = 128
    private static let classes = 3
    private static let tags = 9

    static func trainer() throws -> Trainer { try trainer(masksZero: false) }

    static func trainer(masksZero: Bool) throws -> Trainer {
        let tokens = try Input("tokens", shape: [steps], dtype: .int32)
        let embedded = try Embedding(
            vocabularySize: vocabularySize,
            dimension: units,
            masksZero: masksZero
        )(tokens)
        let encoded = try LSTM(units, returnsSequences: true)(embedded)
        let model = try Model(
            inputs: [tokens],
            outputs: [
                "class": Dense(classes)(GlobalAveragePooling1D()(encoded)),
                "tag": TimeDistributed(Dense(tags))(encoded),
            ]
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: [NamedTask("class", .multiclass()), NamedTask("tag", .multiclass())],
            seed: 1,
            backend: OneDNNBackend(choices: KernelChoices(measures: true))
        )
    }

    static func data(rows: Int) throws -> PreparedDataset {
        try data(lengths: [Int](repeating: steps, count: rows), firstID: 0)
    }

    /// Rows in memory with sentences of these lengths, padded with 0.
    static func data(lengths: [Int], firstID: Int32 = 1) throws -> PreparedDataset {
        let rows = lengths.count
        let key = RandomKey(seed: 2026)
        func uniform(_ name: String, _ count: Int, below limit: Int) -> [Int32] {
            let stream = key.split(name)
            return (0..<count).map { Int32(stream.bits($0) % UInt64(limit)) }
        }
        var tokens = uniform("tokens", rows * steps, below: vocabularySize - Int(firstID))
        for index in tokens.indices {
            let isReal = index % steps < lengths[index / steps]
            tokens[index] = isReal ? tokens[index] + firstID : 0
        }
        return try PreparedDataset(inMemory: [
            "tokens": .integers(tokens, width: steps),
            "label/class": .floats(uniform("class", rows, below: classes).map(Float.init)),
            "label/tag": .floats(
                uniform("tag", rows * steps, below: tags).map(Float.init),
                width: steps
            ),
        ])
    }

    /// Forward, and twice that backward: gates from the input and from the state, and the heads.
    static var operations: Int {
        let gates = 2 * units * 4 * units
        return 3 * 2 * (steps * (gates + units * tags) + units * classes)
    }
}
