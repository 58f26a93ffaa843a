import Foundation

@testable import MotetData

/// Prepares CSV text in a folder of its own.
final class PreparationHarness {
    let folder: TemporaryFolder
    let cache: String

    init() throws {
        folder = try TemporaryFolder()
        cache = folder.path + "/cache"
    }

    func source(_ name: String, _ text: String) throws -> TableSource {
        TableSource(try folder.write(name, text))
    }

    func prepare(
        _ schema: Schema,
        _ training: String,
        validation: String? = nil,
        test: String? = nil
    ) throws -> PreparedSplits {
        try Preparer(schema: schema, cacheFolder: cache).prepare(
            DataSources(
                training: source("train.csv", training),
                validation: validation.map { try source("valid.csv", $0) },
                test: test.map { try source("test.csv", $0) }
            )
        )
    }

    /// The sentence of the error that preparation ends with, the folder's path left out.
    func failure(_ schema: Schema, _ training: String, validation: String? = nil) -> String? {
        do {
            _ = try prepare(schema, training, validation: validation)
            return nil
        } catch {
            return "\(error)".replacingOccurrences(of: folder.path + "/", with: "")
        }
    }
}

extension PreparedDataset {
    func integers(_ name: String) throws -> [Int32] { try withIntegers(name) { Array($0) } }

    func floats(_ name: String) throws -> [Float] { try withFloats(name) { Array($0) } }

    func lists(_ name: String) throws -> [[Int32]] {
        try withRagged(name) { values, offsets in
            (0..<rowCount).map { Array(values[Int(offsets[$0])..<Int(offsets[$0 + 1])]) }
        }
    }

    /// Labels as text, `-` for a missing one.
    func labels(_ name: String) throws -> [String] {
        try floats("label/\(name)").map { $0.isNaN ? "-" : String($0) }
    }
}
