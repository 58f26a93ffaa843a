import Foundation
import MotetCore

/// The files of a source, in reading order and all of one format.
struct TableFiles {
    var paths: [String]
    var format: TableFormat
    var delimiter: Character
}

extension TableSource {
    /// Finds the files that the paths stand for.
    func resolved() throws -> TableFiles {
        try csv.validate()
        let files = try paths.flatMap(expanded)
        guard let first = files.first else {
            throw TableError(
                .fileMissing,
                "table source: no path is given; expected at least 1 file, folder or pattern."
            )
        }
        let format = try format ?? inferredFormat(first)
        for file in files where self.format == nil {
            let other = try inferredFormat(file)
            guard other == format else {
                throw TableError(
                    .tableFormat,
                    "\(file): file is in another format; expected \(format.rawValue) as in "
                        + "\"\(first)\"; received \(other.rawValue). Name files of one format."
                )
            }
        }
        let delimiter = csv.delimiter ?? (TableFormat.isTabSeparated(path: first) ? "\t" : ",")
        return TableFiles(paths: files, format: format, delimiter: delimiter)
    }

    private func inferredFormat(_ path: String) throws -> TableFormat {
        if let format = TableFormat(path: path) { return format }
        throw TableError(
            .tableFormat,
            "\(path): format is unknown; expected a name that ends in .csv, .tsv, .csv.gz, "
                + ".tsv.gz, .parquet, .arrow or .feather. Set `format` to csv, parquet or arrow."
        )
    }

    private func expanded(_ path: String) throws -> [String] {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: path, isDirectory: &isFolder) {
            return isFolder.boolValue ? try tables(inFolder: path) : [path]
        }
        guard path.contains(where: { "*?[".contains($0) }) else { throw missing(path) }
        let matches = matches(ofPattern: path)
        guard !matches.isEmpty else {
            throw TableError(
                .fileMissing,
                "\(path): no file matches the pattern; expected at least 1 table. Check the path."
            )
        }
        return matches
    }

    private func missing(_ path: String) -> TableError {
        let folder = (path as NSString).deletingLastPathComponent
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder))
            ?? []
        let name = (path as NSString).lastPathComponent
        let hint = Suggestion.sentence(for: name, in: names.sorted())
        return TableError(
            .fileMissing,
            "\(path): no such file; expected a table to read."
                + (hint.isEmpty ? " Check the path." : hint)
        )
    }

    /// The tables in a folder and below; names that begin with `.` or `_` are not data.
    private func tables(inFolder folder: String) throws -> [String] {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let tables = all.filter { relative in
            let parts = relative.split(separator: "/")
            guard !parts.contains(where: { $0.hasPrefix(".") || $0.hasPrefix("_") }) else {
                return false
            }
            var isFolder: ObjCBool = false
            let path = folder + "/" + relative
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                return false
            }
            return !isFolder.boolValue && (format != nil || TableFormat(path: relative) != nil)
        }
        guard !tables.isEmpty else {
            throw TableError(
                .fileMissing,
                "\(folder): folder holds no table; expected files that end in .csv, .tsv, .csv.gz, "
                    + ".tsv.gz, .parquet, .arrow or .feather."
            )
        }
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        return tables.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { base + $0 }
    }

    private func matches(ofPattern pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, GLOB_NOSORT, nil, &result) == 0, let paths = result.gl_pathv else {
            return []
        }
        let found = (0..<Int(result.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
        var isFolder: ObjCBool = false
        return found.filter {
            FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
