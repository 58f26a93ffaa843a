import MotetCore
import MotetNN

/// Brings the weights of a checkpoint into our names and layouts, and checks every shape.
///
/// The checkpoint's dense weights are `[U, I]`, ours `[I, U]`; queries, keys and values are three products
/// there and one here.
struct EncoderWeights {
    private let configuration: EncoderConfiguration
    private let tensors: [String: Tensor]
    private let file: String
    /// What stands before all names, `bert.` in checkpoints of a task.
    private let prefix: String
    private(set) var values: [String: GivenValues] = [:]

    init(
        _ checkpoint: SafetensorsFile,
        _ configuration: EncoderConfiguration,
        file: String
    ) throws(EncoderError) {
        self.configuration = configuration
        self.file = file
        tensors = checkpoint.tensors
        let word = "embeddings.word_embeddings.weight"
        prefix = tensors[word] == nil && tensors["bert." + word] != nil ? "bert." : ""
        try checkNames()
        try readEmbeddings()
        for block in 0..<configuration.blocks { try readBlock(block) }
    }

    /// A checkpoint with more blocks than the configuration is another encoder's.
    private func checkNames() throws(EncoderError) {
        let start = prefix + "encoder.layer."
        for name in tensors.keys.sorted() where name.hasPrefix(start) {
            let number = name.dropFirst(start.count).prefix { $0 != "." }
            if let block = Int(number), block < configuration.blocks { continue }
            throw EncoderError(
                .encoderWeights,
                "encoder weights \"\(file)\": the tensor \"\(name)\" belongs to no block; expected \(configuration.blocks) blocks as `num_hidden_layers` in config.json says. The two files may be of different encoders."
            )
        }
    }

    private mutating func readEmbeddings() throws(EncoderError) {
        let (c, source) = (configuration, "embeddings.")
        try take("word/weight", source + "word_embeddings.weight", [c.vocabularySize, c.width])
        try take(
            "position/weight",
            source + "position_embeddings.weight",
            [c.maximumPositions, c.width]
        )
        try take(
            "segment/weight",
            source + "token_type_embeddings.weight",
            [c.segmentTypes, c.width]
        )
        try takeNormalization("normalization", source + "LayerNorm")
    }

    private mutating func readBlock(_ block: Int) throws(EncoderError) {
        let (c, source) = (configuration, "encoder.layer.\(block).")
        let ours = "block_\(block + 1)/"
        let parts = ["query", "key", "value"].map { source + "attention.self.\($0)." }
        var weights: [Tensor] = []
        var biases: [Float] = []
        for part in parts {
            weights.append(try tensor(part + "weight", [c.width, c.width]))
            biases += try tensor(part + "bias", [c.width]).floats
        }
        values[ours + "attention/projection/weight"] = GivenValues(Self.columns(weights))
        values[ours + "attention/projection/bias"] = GivenValues(Tensor(biases))
        try takeDense(
            ours + "attention/output",
            source + "attention.output.dense",
            (c.width, c.width)
        )
        try takeNormalization(
            ours + "attention_normalization",
            source + "attention.output.LayerNorm"
        )
        try takeDense(ours + "hidden", source + "intermediate.dense", (c.width, c.hiddenUnits))
        try takeDense(ours + "output", source + "output.dense", (c.hiddenUnits, c.width))
        try takeNormalization(ours + "output_normalization", source + "output.LayerNorm")
    }

    private mutating func take(
        _ ours: String,
        _ theirs: String,
        _ shape: [Int]
    ) throws(EncoderError) {
        values[ours] = GivenValues(try tensor(theirs, shape))
    }

    private mutating func takeDense(
        _ ours: String,
        _ theirs: String,
        _ sizes: (input: Int, units: Int)
    ) throws(EncoderError) {
        let weight = try tensor(theirs + ".weight", [sizes.units, sizes.input])
        values[ours + "/weight"] = GivenValues(Self.columns([weight]))
        try take(ours + "/bias", theirs + ".bias", [sizes.units])
    }

    private mutating func takeNormalization(
        _ ours: String,
        _ theirs: String
    ) throws(EncoderError) {
        // Checkpoints of the first years say gamma and beta.
        let isOld = tensors[prefix + theirs + ".gamma"] != nil
        try take(
            ours + "/scale",
            theirs + (isOld ? ".gamma" : ".weight"),
            [configuration.width]
        )
        try take(ours + "/shift", theirs + (isOld ? ".beta" : ".bias"), [configuration.width])
    }

    private func tensor(_ theirs: String, _ shape: [Int]) throws(EncoderError) -> Tensor {
        let name = prefix + theirs
        guard let tensor = tensors[name] else {
            throw EncoderError(
                .encoderWeights,
                "encoder weights \"\(file)\": the tensor \"\(name)\" is missing; expected shape \(shape); received \(tensors.count) tensors without it."
            )
        }
        guard tensor.shape == shape, tensor.dtype == .float32 else {
            throw EncoderError(
                .encoderWeights,
                "encoder weights \"\(file)\": the tensor \"\(name)\" has the wrong shape or type; expected float32 \(shape), as config.json says; received \(tensor.dtype.rawValue) \(tensor.shape)."
            )
        }
        return tensor
    }

    /// Weights `[U, I]` as the columns of one matrix `[I, U + U + ...]`.
    private static func columns(_ weights: [Tensor]) -> Tensor {
        let (units, inputs) = (weights[0].shape[0], weights[0].shape[1])
        let width = units * weights.count
        var result = Tensor(zeros: [inputs, width])
        result.withMutableFloats { target in
            for (part, weight) in weights.enumerated() {
                weight.withFloats { source in
                    for unit in 0..<units {
                        var place = part * units + unit
                        for input in unit * inputs..<(unit + 1) * inputs {
                            target[place] = source[input]
                            place += width
                        }
                    }
                }
            }
        }
        return result
    }
}
