import Foundation
import Motet

/// An encoder of one block and eight word pieces, whose weights are numbers without chance.
struct TinyCheckpoint {
    /// A tensor to leave out or to give another shape.
    static let key = "encoder.layer.0.attention.self.key.weight"
    /// The tensors of the checkpoint.
    var shapes: [String: [Int]] = {
        var shapes = [
            "embeddings.word_embeddings.weight": [8, 4],
            "embeddings.position_embeddings.weight": [8, 4],
            "embeddings.token_type_embeddings.weight": [2, 4],
        ]
        let block = "encoder.layer.0."
        for name in ["attention.self.query", "attention.self.key", "attention.self.value"] {
            shapes[block + name + ".weight"] = [4, 4]
            shapes[block + name + ".bias"] = [4]
        }
        for (name, units, inputs) in [
            ("attention.output.dense", 4, 4), ("intermediate.dense", 8, 4), ("output.dense", 4, 8),
        ] {
            shapes[block + name + ".weight"] = [units, inputs]
            shapes[block + name + ".bias"] = [units]
        }
        for name in [
            "embeddings.LayerNorm", block + "attention.output.LayerNorm",
            block + "output.LayerNorm",
        ] {
            shapes[name + ".weight"] = [4]
            shapes[name + ".bias"] = [4]
        }
        return shapes
    }()

    /// Writes the folder `encoder` of a shop.
    func write(to shop: Shop) throws {
        try FileManager.default.createDirectory(
            atPath: shop.file("encoder"),
            withIntermediateDirectories: true
        )
        try shop.write(
            "encoder/config.json",
            """
            {"model_type": "bert", "vocab_size": 8, "hidden_size": 4, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 8,
             "type_vocab_size": 2}
            """
        )
        try shop.write(
            "encoder/vocab.txt",
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhome\nmail\nsearch\nbox\n"
        )
        var tensors: [String: Tensor] = [:]
        for (place, name) in shapes.keys.sorted().enumerated() {
            guard let shape = shapes[name] else { continue }
            let values = (0..<shape.reduce(1, *)).map { Float(($0 * 7 + place * 3) % 11 - 5) / 8 }
            tensors[name] = Tensor(values, shape: shape)
        }
        let bytes = SafetensorsFile(tensors: tensors).bytes
        try Data(bytes).write(to: URL(fileURLWithPath: shop.file("encoder/model.safetensors")))
    }
}
