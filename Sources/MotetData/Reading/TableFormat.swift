/// A format of table files.
public enum TableFormat: String, Hashable, Sendable, CaseIterable {
    /// Text with a delimiter, plain or gzip: `.csv`, `.tsv`, `.csv.gz`, `.tsv.gz`.
    case csv
    /// Apache Parquet: `.parquet`, `.pq`.
    case parquet
    /// Arrow IPC, file or stream, Feather version 2: `.arrow`, `.feather`, `.ipc`, `.arrows`.
    case arrow

    /// The format a file's name tells, or nil.
    init?(path: String) {
        var name = (path.split(separator: "/").last ?? "").lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
        case "csv", "tsv", "tab": self = .csv
        case "parquet", "pq": self = .parquet
        case "arrow", "feather", "ipc", "arrows": self = .arrow
        default: return nil
        }
    }

    /// Whether a file's name says that tabs separate its fields.
    static func isTabSeparated(path: String) -> Bool {
        var name = path.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        return name.hasSuffix(".tsv") || name.hasSuffix(".tab")
    }
}
