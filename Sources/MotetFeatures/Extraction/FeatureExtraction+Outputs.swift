import Foundation
import MotetCore
import MotetData

extension FeatureExtraction {
    /// The files that tables are written to: each under its own name in a folder, as Parquet.
    ///
    /// - Parameters:
    ///   - tables: files, folders or patterns.
    ///   - folder: the folder; ``run(_:progress:)`` makes it.
    /// - Returns: each table with its file.
    /// - Throws: ``FeatureError`` when two have one name, or one would replace itself.
    public static func outputs(
        of tables: [String],
        in folder: String
    ) throws(FeatureError) -> [(from: String, to: String)] {
        var names: Set<String> = []
        var outputs: [(from: String, to: String)] = []
        for table in tables {
            let last = URL(fileURLWithPath: table).lastPathComponent
            let stem = last.prefix { $0 != "." && $0 != "*" && $0 != "?" && $0 != "[" }
            let name = (stem.isEmpty ? "rows" : String(stem)) + ".parquet"
            let path = folder + "/" + name
            guard names.insert(name).inserted else {
                throw FeatureError(
                    .featureRow,
                    "\(table): another table is written as \"\(name)\" too; expected different names."
                )
            }
            let isItself =
                URL(fileURLWithPath: table).resolvingSymlinksInPath().path
                == URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            guard !isItself else {
                throw FeatureError(
                    .featureRow,
                    "\(table): would be replaced by itself; expected another folder in `--output`."
                )
            }
            outputs.append((table, path))
        }
        return outputs
    }

    /// Makes the folders of files.
    ///
    /// - Parameter tables: the tables with their files.
    /// - Returns: the folders that were not there.
    /// - Throws: ``FeatureError`` when one cannot be made.
    func makeFolders(
        of tables: [(from: String, to: String)]
    ) throws(FeatureError) -> [String] {
        var made: [String] = []
        for table in tables {
            let folder = URL(fileURLWithPath: table.to).deletingLastPathComponent().path
            guard !FileManager.default.fileExists(atPath: folder) else { continue }
            do {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
            } catch {
                throw FeatureError(
                    .inputOutput,
                    "\(folder): cannot be made; expected a writable folder; received "
                        + "\"\(SystemReason.text(of: error))\"."
                )
            }
            made.append(folder)
        }
        return made
    }
}
