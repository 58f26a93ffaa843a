import Foundation
import MotetTraining

/// Where an explanation is written: `explanation.json`, `explanation.md` and `explanation.html`, each whole or not at all.
public struct ExplanationFolder: Hashable, Sendable {
    /// The folder.
    public let path: String

    /// Names a folder.
    public init(_ path: String) { self.path = path }

    /// The explanation as JSON with sorted keys.
    public var jsonFile: String { path + "/explanation.json" }
    /// The explanation as a page.
    public var markdownFile: String { path + "/explanation.md" }

    /// The explanation as a page with plots.
    public var pageFile: String { path + "/explanation.html" }

    /// Writes an explanation; what an earlier one left is replaced.
    ///
    /// - Parameter explanation: what was found.
    /// - Throws: `TrainingError` with the code `cannot_write`.
    public func write(_ explanation: Explanation) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(explanation), as: UTF8.self)
        try AtomicFile.write(jsonFile, text: json + "\n")
        try AtomicFile.write(markdownFile, text: explanation.markdown())
        try AtomicFile.write(pageFile, text: explanation.html())
    }

    /// Reads an explanation back.
    ///
    /// - Throws: `ExperimentError` with the code `run_invalid` where there is none, or a later version wrote it.
    public func explanation() throws -> Explanation {
        struct Format: Decodable { var format: Int }
        let decoder = JSONDecoder()
        guard let data = FileManager.default.contents(atPath: jsonFile),
            let format = try? decoder.decode(Format.self, from: data).format,
            format <= Explanation.formatVersion,
            let explanation = try? decoder.decode(Explanation.self, from: data)
        else {
            throw ExperimentError(
                .runInvalid,
                "explanation \"\(jsonFile)\": cannot be read; expected one of format "
                    + "\(Explanation.formatVersion) or lower. Make it by `motet explain`."
            )
        }
        return explanation
    }
}
