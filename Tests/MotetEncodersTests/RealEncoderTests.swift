import Foundation
import MotetCore
import MotetData
import MotetEncoders
import MotetNN
import MotetOneDNN
import MotetTestSupport
import Testing

/// The real encoder and real texts, where they are at hand.
private enum RealEncoder {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let environment = ProcessInfo.processInfo.environment

    /// The encoder's folder: `MOTET_ENCODER`, else `data/minilm_encoder` in the package.
    static let folder =
        environment["MOTET_ENCODER"] ?? package.appending(path: "data/minilm_encoder").path
    /// The folder of the data sets: `MOTET_SHARED_DATA`, or `shared/data` beside the package.
    static let data =
        environment["MOTET_SHARED_DATA"]
        ?? package.deletingLastPathComponent().appending(path: "shared/data").path

    static let isHere = ["\(folder)/model.safetensors", "\(data)/grocery", "\(data)/online_retail"]
        .allSatisfy { FileManager.default.fileExists(atPath: $0) }
    static let sentence: Comment =
        "the encoder is not here: run `motet data fetch minilm_encoder --output data/minilm_encoder`, or name its folder in MOTET_ENCODER; the data sets are found by MOTET_SHARED_DATA"

    /// The 200 texts of the golden file, in its order.
    static func texts() throws -> [String] {
        var texts: [String] = []
        let grocery = try TableReader(
            TableSource("\(data)/grocery/classes_with_text.csv"),
            columns: [ColumnRequest("description", type: .string)]
        )
        while let batch = try grocery.next() {
            texts += (0..<batch.rowCount).compactMap { batch.columns[0].text(at: $0) }
        }
        let retail = try TableReader(
            TableSource("\(data)/online_retail/online_retail.csv.gz"),
            columns: [ColumnRequest("Description", type: .string)]
        )
        var seen = Set<String>()
        while texts.count < 200, let batch = try retail.next() {
            for row in 0..<batch.rowCount where texts.count < 200 {
                guard let text = batch.columns[0].text(at: row), !text.isEmpty else { continue }
                if seen.insert(text).inserted { texts.append(text) }
            }
        }
        return texts
    }
}

@Suite("The real encoder", .enabled(if: RealEncoder.isHere, RealEncoder.sentence))
struct RealEncoderTests {
    @Test func twoHundredTextsGetTheVectorsOfPyTorch() throws {
        let golden = try GoldenFile("encoder/sentences.safetensors")
        let ids = try #require(golden.file.tensors["ids"])
        let vectors = try #require(golden.file.tensors["vectors"])
        let encoder = try PretrainedEncoder(folder: RealEncoder.folder)
        let texts = try RealEncoder.texts()
        #expect(texts.count == 200)
        #expect(encoder.ids(texts).ids == ids)

        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend())
        let rows = texts.map { encoder.tokenizer.encode($0).ids }
        let received = try embedder.embed(rows)
        let expected = vectors.floats
        var (greatest, lowest) = (Float(0), Float(1))
        for row in 0..<200 {
            var cosine: Float = 0
            for place in row * 384..<(row + 1) * 384 {
                greatest = max(greatest, abs(received[place] - expected[place]))
                cosine += received[place] * expected[place]
            }
            lowest = min(lowest, cosine)
        }
        #expect(greatest < 1e-4, "greatest difference \(greatest)")
        #expect(lowest > 0.9999, "lowest cosine \(lowest)")
    }
}
