import Foundation

/// The original files of a data set, found in a folder.
public struct DatasetFiles: Hashable, Sendable {
    /// The folder they lie in.
    public let folder: String
    /// The path of each file, by its role.
    public let paths: [String: String]

    /// Creates a set of files.
    public init(folder: String, paths: [String: String]) {
        self.folder = folder
        self.paths = paths
    }

    /// The path of a file of the layout.
    func path(_ role: String) throws(DatasetError) -> String {
        if let path = paths[role] { return path }
        throw DatasetError(
            .datasetFilesMissing,
            "data set in \"\(folder)\": no file for `\(role)`; expected one; received "
                + "\(paths.keys.sorted().joined(separator: ", "))."
        )
    }

    /// Finds the files of a data set.
    ///
    /// - Parameters:
    ///   - card: the data set.
    ///   - folder: its own folder, one that holds it under its name, or one a package was
    ///     installed into.
    /// - Returns: the files of the first layout that is complete.
    /// - Throws: ``DatasetError`` that names the missing files.
    public static func locate(
        _ card: DatasetCard,
        in folder: String
    ) throws(DatasetError) -> DatasetFiles {
        let manager = FileManager.default
        var candidates = [folder + "/" + card.name, folder]
        if case .package(let package) = card.origin {
            candidates += ["\(folder)/\(package.name)/data", "\(folder)/data"]
        }
        if case .archive(let archive, _) = card.origin {
            candidates.append("\(folder)/\(archive.folder)")
        }
        var fewest: (folder: String, missing: [String])?
        for candidate in candidates {
            for layout in card.layouts {
                let missing = layout.map(\.path)
                    .filter { !manager.fileExists(atPath: "\(candidate)/\($0)") }
                if missing.isEmpty {
                    let paths = layout.map { ($0.role, "\(candidate)/\($0.path)") }
                    return DatasetFiles(
                        folder: candidate,
                        paths: Dictionary(paths, uniquingKeysWith: { first, _ in first })
                    )
                }
                if missing.count < fewest?.missing.count ?? .max { fewest = (candidate, missing) }
            }
        }
        let found = fewest ?? (folder, [])
        let shown = found.missing.prefix(6).joined(separator: ", ")
        throw DatasetError(
            .datasetFilesMissing,
            "data set \"\(card.name)\": files are missing in \(found.folder); expected also "
                + "\(shown)\(found.missing.count > 6 ? ", ..." : ""). Name the folder they are "
                + "in, or fetch the data set (\(card.origin.title))."
        )
    }
}
