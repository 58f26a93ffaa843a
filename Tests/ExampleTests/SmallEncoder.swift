import ExampleSupport
import Foundation
import Motet

/// A pretrained encoder of one block and random weights that knows some words, as a folder of files.
enum SmallEncoder {
    static let width = 16
    /// The most pieces of a text, `[CLS]` and `[SEP]` included.
    static let maximumLength = 24

    /// Writes the files `ExampleData.encoder` looks for.
    static func write(to folder: String, words: [String]) throws {
        let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words
        let sizes: [String: Any] = [
            "model_type": "bert", "vocab_size": pieces.count, "hidden_size": width,
            "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 2 * width,
            "max_position_embeddings": maximumLength, "type_vocab_size": 2, "hidden_act": "gelu",
        ]
        var files = [
            "config.json": try JSONSerialization.data(withJSONObject: sizes),
            "vocab.txt": Data(pieces.joined(separator: "\n").utf8),
            "tokenizer_config.json": Data("{\"do_lower_case\": true}".utf8),
            "sentence_bert_config.json": Data("{\"max_seq_length\": \(maximumLength)}".utf8),
        ]
        let weights = SafetensorsFile(tensors: tensors(pieces: pieces.count))
        files["model.safetensors"] = Data(weights.bytes)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, contents) in files {
            try contents.write(to: URL(fileURLWithPath: folder + "/" + name))
        }
    }

    /// The encoder that knows the words of sentences, written to files and read back.
    static func read(_ sentences: [[String]]) throws -> PretrainedEncoder {
        let folder = NSTemporaryDirectory() + "motet-small-encoder-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let characters = (0...9).flatMap { ["\($0)", "##\($0)"] } + [".", "-"]
        let words = Set(sentences.joined().map { $0.lowercased() })
            .filter { $0.allSatisfy(\.isLetter) }
        try write(
            to: folder + "/minilm_encoder",
            words: characters + words.sorted()
        )
        return try ExampleData.encoder(ExampleOptions(folder: folder))
    }

    private static func tensors(pieces: Int) -> [String: Tensor] {
        let block = "encoder.layer.0."
        var shapes = [
            "embeddings.word_embeddings.weight": [pieces, width],
            "embeddings.position_embeddings.weight": [maximumLength, width],
            "embeddings.token_type_embeddings.weight": [2, width],
        ]
        for (name, inputs, units) in [
            ("attention.self.query", width, width), ("attention.self.key", width, width),
            ("attention.self.value", width, width), ("attention.output.dense", width, width),
            ("intermediate.dense", width, 2 * width), ("output.dense", 2 * width, width),
        ] {
            shapes[block + name + ".weight"] = [units, inputs]
            shapes[block + name + ".bias"] = [units]
        }
        var random = RandomKey(seed: 5).generator()
        var tensors: [String: Tensor] = [:]
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            let values = (0..<shape.reduce(1, *)).map { _ in 0.3 * Float(random.nextNormal()) }
            tensors[name] = Tensor(values, shape: shape)
        }
        for name in [
            "embeddings.", block + "attention.output.", block + "output.",
        ] {
            tensors[name + "LayerNorm.weight"] = Tensor([Float](repeating: 1, count: width))
            tensors[name + "LayerNorm.bias"] = Tensor([Float](repeating: 0, count: width))
        }
        return tensors
    }
}
