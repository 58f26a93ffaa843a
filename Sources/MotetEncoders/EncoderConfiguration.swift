public import Foundation
import MotetCore
public import MotetNN

/// The sizes of a BERT-style encoder, as its `config.json` states them.
public struct EncoderConfiguration: Sendable, Hashable {
    /// The number of word pieces.
    public let vocabularySize: Int
    /// The width of a position's vector.
    public let width: Int
    /// The number of blocks.
    public let blocks: Int
    /// The number of heads of a block.
    public let heads: Int
    /// The width of the dense layer inside a block.
    public let hiddenUnits: Int
    /// The most positions there are vectors for.
    public let maximumPositions: Int
    /// The number of segment types.
    public let segmentTypes: Int
    /// What normalisations add to the variance.
    public let epsilon: Float
    /// The function of the dense layer inside a block.
    public let activation: LayerActivation

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - json: the contents of `config.json`.
    ///   - file: its path, for messages.
    /// - Throws: ``EncoderError`` when it is no JSON, a size is missing or out of range, or the encoder is
    ///   of a kind that is not run.
    public init(json: Data, file: String) throws(EncoderError) {
        guard let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw EncoderError(
                .encoderFile,
                "encoder configuration \"\(file)\": not a JSON object; expected the `config.json` of a BERT-style encoder."
            )
        }
        func size(_ key: String) throws(EncoderError) -> Int {
            let value = object[key]
            if let number = value as? Int, (1...1 << 24).contains(number) { return number }
            throw EncoderError(
                .encoderFile,
                "encoder configuration \"\(file)\", `\(key)`: missing or out of range; expected a whole number of at least 1; received \(value.map { "\($0)" } ?? "nothing")."
            )
        }
        func expect(_ key: String, _ allowed: [String]) throws(EncoderError) -> String {
            let value = object[key].map { "\($0)" } ?? allowed[0]
            if allowed.contains(value) { return value }
            throw EncoderError(
                .encoderUnsupported,
                "encoder configuration \"\(file)\", `\(key)`: not supported; expected \(allowed.joined(separator: " or ")); received \(value)."
            )
        }
        _ = try expect("model_type", ["bert"])
        _ = try expect("position_embedding_type", ["absolute"])
        _ = try expect("pad_token_id", ["0"])
        activation = try expect("hidden_act", ["gelu", "relu"]) == "relu" ? .relu : .gelu
        vocabularySize = try size("vocab_size")
        width = try size("hidden_size")
        blocks = try size("num_hidden_layers")
        heads = try size("num_attention_heads")
        hiddenUnits = try size("intermediate_size")
        maximumPositions = try size("max_position_embeddings")
        segmentTypes = try size("type_vocab_size")
        epsilon = Float((object["layer_norm_eps"] as? Double) ?? 1e-12)
        guard width % heads == 0 else {
            throw EncoderError(
                .encoderFile,
                "encoder configuration \"\(file)\", `num_attention_heads`: does not divide the width; expected a divisor of \(width); received \(heads)."
            )
        }
    }
}
