import Foundation
import MotetCore
import MotetEncoders
import MotetNN
import MotetTestSupport
import Testing

/// The folder of a small encoder of random weights, made from `Tests/Goldens/encoder/tiny.safetensors`.
final class TinyEncoder {
    /// The folder.
    let folder: String
    /// The golden file the folder is made of.
    let golden: GoldenFile
    /// The texts whose vectors the golden file holds.
    let texts: [String]

    /// Writes the folder.
    ///
    /// - Parameter change: what is changed about the checkpoint's tensors, to plant a mistake.
    /// - Throws: when the golden file is missing or the folder cannot be made.
    init(_ change: (inout [String: Tensor]) -> Void = { _ in }) throws {
        golden = try GoldenFile("encoder/tiny.safetensors")
        let attributes = try #require(golden.cases["tiny"])
        let path = NSTemporaryDirectory() + "motet-encoder-\(UUID().uuidString)"
        folder = path
        texts = try JSONDecoder().decode(
            [String].self,
            from: Data(#require(attributes.text("texts")).utf8)
        )
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("config.json", Data(#require(attributes.text("config")).utf8))
        try write("vocab.txt", Data((Self.pieces().joined(separator: "\n") + "\n").utf8))
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in golden.file.tensors where name.hasPrefix("weights/") {
            tensors[String(name.dropFirst("weights/".count))] = tensor
        }
        change(&tensors)
        try write("model.safetensors", Data(SafetensorsFile(tensors: tensors).bytes))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Replaces a file.
    func write(_ name: String, _ data: Data) throws {
        try data.write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    /// The encoder in the folder.
    func load() throws -> PretrainedEncoder { try PretrainedEncoder(folder: folder) }

    /// The sentence with which loading fails.
    func sentence() -> String {
        do {
            _ = try load()
            return ""
        } catch { return "\(error)".replacing(folder, with: "DIR") }
    }

    /// A tensor of the golden file that is there.
    func tensor(_ name: String) throws -> Tensor {
        try #require(golden.file.tensors[name], "\(name)")
    }

    private static func pieces() throws -> [String] {
        struct Golden: Decodable { let pieces: [String] }
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Goldens/text/wordpiece.json"))
        return try JSONDecoder().decode(Golden.self, from: data).pieces
    }
}
