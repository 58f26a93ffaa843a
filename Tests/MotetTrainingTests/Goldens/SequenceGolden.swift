import Foundation
import MotetCore
import MotetGraph
import MotetNN
import MotetRecommenders
import Testing

/// A model that reads a list step by step, computed by PyTorch row by row and without padding:
/// `Tests/Goldens/sequences/<name>.safetensors`, with our names of parameters, and the batches all share.
struct SequenceGolden: CustomTestStringConvertible, Sendable {
    static let rows = 32
    static let longest = 7
    static let tasks = [TaskHead(name: "first"), TaskHead(name: "second")]
    static let list = SizeSymbol("N.history")
    let name: String
    let reader: SequenceInteraction.Reader
    var testDescription: String { name }

    static let all = [
        SequenceGolden(name: "din", reader: .din(units: [6, 5], activation: .function(.sigmoid))),
        SequenceGolden(name: "din_prelu", reader: .din(units: [6, 5], activation: .prelu)),
        SequenceGolden(name: "din_dice", reader: .din(units: [6, 5], activation: .dice)),
        SequenceGolden(name: "dien", reader: .dien(auxiliary: 0)),
        SequenceGolden(name: "dien_auxiliary", reader: .dien(auxiliary: 0.5)),
        SequenceGolden(name: "sasrec", reader: .sasRec(AttentionBlocks(layers: 2, heads: 2))),
        SequenceGolden(name: "bst", reader: .bst(AttentionBlocks(layers: 1, heads: 2))),
    ]

    static func file(_ name: String) throws -> SafetensorsFile {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url = folder.appendingPathComponent("Goldens/sequences/\(name).safetensors")
        return try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    }

    /// The model; a reader takes the last `length` steps of a list.
    func model(length: Int = 5) throws -> Model {
        var features = (0..<3).map {
            FeatureInput(name: "field_\($0)", vocabularySize: 12, dimension: 4)
        }
        features.append(
            FeatureInput(
                name: "history",
                kind: .list,
                vocabularySize: 12,
                dimension: 4,
                table: "field_1",
                length: length
            )
        )
        var read = SequenceInteraction(history: "history", reader: reader)
        if read.name != "sasrec" { read.candidate = "field_1" }
        return try Architecture.sharedBottom(units: [8]).model(
            features: FeatureInputs(
                features: features,
                numericWidth: 2,
                interactions: [.sequence(read)]
            ),
            tasks: Self.tasks,
            towers: TowerSettings(units: [5])
        )
    }

    /// Parameters of the golden; vectors of places the golden has none of are far from 0.
    func states(_ file: SafetensorsFile, _ model: Model) throws -> StateStore {
        let states = StateStore()
        for parameter in model.parameters {
            guard parameter.isTrained else {
                let first = parameter.initializer
                let tensor = first.tensor(shape: parameter.shape, key: RandomKey(seed: 1))
                states.set(parameter.name, tensor)
                continue
            }
            let name = "parameters/\(parameter.name)"
            let tensor = try #require(file.tensors[name], "\(name)")
            let missing = parameter.count - tensor.floats.count
            try #require(missing >= 0 && (missing == 0 || name.contains("/positions/")))
            let floats = [Float](repeating: 9, count: missing) + tensor.floats
            states.set(parameter.name, Tensor(floats, shape: parameter.shape))
        }
        return states
    }

    /// The inputs of a batch by the names of a training program; lists are cut to their last `kept` steps.
    static func batch(
        _ file: SafetensorsFile,
        _ step: Int,
        kept: Int = longest
    ) throws -> [String: Tensor] {
        func part(_ values: [Int32], _ width: Int) -> [Int32] {
            Array(values[(step * rows * width)..<((step + 1) * rows * width)])
        }
        let ids = part(try #require(file.tensors["ids"]).integers, 3)
        let history = part(try #require(file.tensors["history"]).integers, longest)
        let lengths = part(try #require(file.tensors["lengths"]).integers, 1)
        let numeric = try #require(file.tensors["numeric"]).floats
        let labels = try #require(file.tensors["labels"]).floats
        var inputs: [String: Tensor] = [:]
        for field in 0..<3 {
            inputs["field_\(field)"] = Tensor((0..<rows).map { ids[$0 * 3 + field] })
        }
        inputs["numeric"] = Tensor(
            Array(numeric[(step * rows * 2)..<((step + 1) * rows * 2)]),
            shape: [rows, 2]
        )
        var (values, offsets): ([Int32], [Int32]) = ([], [0])
        for row in 0..<rows {
            let list = history[(row * longest)..<(row * longest + Int(lengths[row]))]
            values += list.suffix(kept)
            offsets.append(Int32(values.count))
        }
        inputs["history.values"] = Tensor(values)
        inputs["history.offsets"] = Tensor(offsets)
        for (task, head) in tasks.enumerated() {
            inputs["label/\(head.name)"] = Tensor(
                (0..<rows).map { labels[(step * rows + $0) * 2 + task] }
            )
        }
        return inputs
    }
}
