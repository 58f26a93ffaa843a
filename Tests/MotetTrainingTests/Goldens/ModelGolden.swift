import Foundation
import MotetCore
import MotetNN
import MotetRecommenders
import MotetTraining
import Testing

/// A model computed by PyTorch: `Tests/Goldens/models/<name>.safetensors` and the batches all share.
struct ModelGolden {
    static let fields = 6
    let name: String
    let architecture: Architecture
    /// The outputs.
    let heads: [TaskHead]
    let file: SafetensorsFile
    let batches: SafetensorsFile

    init(_ model: GoldenModel) throws {
        name = model.name
        architecture = model.architecture
        let within = model.secondLiesWithinFirst ? "first" : nil
        heads = Array(
            [TaskHead(name: "first"), TaskHead(name: "second", within: within)]
                .prefix(model.taskCount)
        )
        file = try ModelGolden.read(name)
        batches = try ModelGolden.read("batches")
    }

    /// The tasks as a trainer takes them.
    var tasks: [NamedTask] {
        heads.map { NamedTask($0.name, .binary(within: $0.within)) }
    }

    private static func read(_ name: String) throws -> SafetensorsFile {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url = folder.appendingPathComponent("Goldens/models/\(name).safetensors")
        return try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    }

    func model() throws -> Model {
        let features = (0..<ModelGolden.fields).map {
            FeatureInput(name: "field_\($0)", vocabularySize: 20, dimension: 4)
        }
        return try architecture.model(
            features: FeatureInputs(
                features: features,
                numericFeatures: (0..<3).map { "number_\($0)" }
            ),
            tasks: heads,
            towers: TowerSettings(units: [5])
        )
    }

    /// The golden's tensor for one of our parameters.
    ///
    /// Newer files have our names and stacks; for the first four, stacks are put together here.
    func tensor(_ kind: String, _ parameter: ParameterDescription) throws -> Tensor {
        if let tensor = file.tensors["\(kind)/\(parameter.name)"], tensor.shape == parameter.shape {
            return tensor
        }
        let names = sources(of: parameter.name)
        let parts = try names.map { name in
            try #require(file.tensors["\(kind)/\(name)"], "\(kind)/\(name) of \(parameter.name)")
        }
        return Tensor(parts.flatMap(\.floats), shape: parameter.shape)
    }

    /// The golden's names behind one of ours.
    private func sources(of name: String) -> [String] {
        let parts = name.split(separator: "/").map(String.init)
        let leaf = parts[parts.count - 1]
        if parts[0] == "embeddings" {
            return ["embeddings/\(parts[1].split(separator: "_")[1])/weight"]
        }
        // Layers count from 1 with us, from 0 there.
        let numbered = parts.last { $0.hasPrefix("dense_") }
        let layer = numbered.flatMap { Int($0.dropFirst(6)) }.map { $0 - 1 } ?? 0
        let level = parts.first { $0.hasPrefix("level_") }.flatMap { Int($0.dropFirst(6)) } ?? 1
        if parts.contains("towers") {
            if let output = parts.first(where: { $0.hasPrefix("output_") }) {
                let task = output == "output_first" ? 0 : 1
                return ["towers/\(task)/1/\(leaf)"]
            }
            return (0..<2).map { "towers/\($0)/\(layer)/\(leaf)" }
        }
        if parts.contains("experts") {
            if name.hasPrefix("mmoe") { return (0..<3).map { "experts/\($0)/\(layer)/\(leaf)" } }
            let prefix = "levels/\(level - 1)"
            let own = self.name == "cgc" ? 2 : 1
            let tasks = (0..<2).flatMap { task in
                (0..<own).map { "\(prefix)/task_experts/\(task)/\($0)/\(layer)/\(leaf)" }
            }
            return tasks + (0..<2).map { "\(prefix)/shared_experts/\($0)/\(layer)/\(leaf)" }
        }
        if parts.contains("task_gates") {
            return (0..<2).map { "levels/\(level - 1)/task_gates/\($0)/weight" }
        }
        if parts.contains("shared_gate") { return ["levels/\(level - 1)/shared_gate/weight"] }
        if parts.contains("gates") { return (0..<2).map { "gates/\($0)/weight" } }
        return ["shared_bottom/\(layer)/\(leaf)"]
    }

    /// The inputs of one batch by the names of a training program.
    func batch(_ step: Int) throws -> [String: Tensor] {
        let ids = try #require(batches.tensors["ids"]).integers
        let numeric = try #require(batches.tensors["numeric"]).floats
        let labels = try #require(batches.tensors["labels"]).floats
        var inputs: [String: Tensor] = [:]
        for field in 0..<ModelGolden.fields {
            inputs["field_\(field)"] = Tensor(
                (0..<32).map { ids[(step * 32 + $0) * ModelGolden.fields + field] }
            )
        }
        inputs["numeric"] = Tensor(
            Array(numeric[(step * 96)..<(step * 96 + 96)]),
            shape: [32, 3]
        )
        for (task, head) in heads.enumerated() {
            inputs["label/\(head.name)"] = Tensor(
                (0..<32).map { labels[(step * 32 + $0) * 2 + task] }
            )
        }
        return inputs
    }
}
