import Foundation

/// The folder a recipe writes into, and what it has written.
final class RecipeFolder {
    /// The folder.
    let path: String
    /// The files written, in order.
    private(set) var files: [String] = []

    /// Makes the folder if it is not there.
    init(_ path: String) throws {
        self.path = path
        try RecipeFolder.make(path)
    }

    /// Makes a folder, and those it lies in.
    static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw DatasetError(
                .inputOutput,
                "folder \"\(path)\": cannot be made; expected a place that may be written to. "
                    + "Choose another one."
            )
        }
    }

    /// Takes away a folder and those it lies in up to another one, as far as they are empty.
    static func removeEmpty(_ path: String, upTo top: String) {
        var folder = path
        while folder.hasPrefix(top), rmdir(folder) == 0 || errno == ENOENT {
            folder = (folder as NSString).deletingLastPathComponent
        }
    }

    /// Opens the file of a part.
    func writer(_ part: RecipePart) throws -> RecipeWriter { try writer(part.rawValue) }

    /// Opens a Parquet file.
    func writer(_ name: String) throws -> RecipeWriter {
        let file = "\(path)/\(name).parquet"
        files.append(file)
        return RecipeWriter(file)
    }

    /// Writes a table as one Parquet file.
    func write(_ table: RecipeTable, to name: String) throws {
        let writer = try writer(name)
        try writer.append(table)
        try writer.finish()
    }

    /// Writes the rows of each part to its file, and reports how many they are; rows without a part
    /// are left out.
    func write(_ table: RecipeTable, parts: [RecipePart?], _ report: inout DatasetReport) throws {
        for part in RecipePart.allCases {
            let rows = parts.indices.filter { parts[$0] == part }
            try write(table.rows(rows), to: part.rawValue)
            report.count("rows, \(part.rawValue)", rows.count)
        }
    }

    /// Writes a text file.
    func write(_ text: String, to name: String) throws {
        let file = "\(path)/\(name)"
        do {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            throw DatasetError(
                .inputOutput,
                "file \"\(file)\": cannot be written; expected a place that may be written to, "
                    + "with room. Choose another folder."
            )
        }
        files.append(file)
    }
}
