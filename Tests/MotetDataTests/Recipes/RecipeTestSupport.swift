import Foundation

@testable import MotetData

extension TemporaryFolder {
    /// The names in a folder below it, in order.
    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }
}

/// The real data sets, where they are at hand.
enum SharedData {
    /// The folder that holds them: of `MOTET_SHARED_DATA`, else `shared/data` beside the package.
    static let folder: String = {
        if let named = ProcessInfo.processInfo.environment["MOTET_SHARED_DATA"] { return named }
        return URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/data").path
    }()

    /// Whether a data set is there.
    static func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + name)
    }

    /// What a skipped test says.
    static let sentence =
        "the original files are not here: put them under shared/data beside the package, or name "
        + "their folder in MOTET_SHARED_DATA"
}

extension RecipeTable {
    /// The whole numbers of a column.
    func integers(_ name: String) -> [Int32] {
        if case .integers(let values)? = self[name] { return values }
        return []
    }

    /// The numbers of a column.
    func numbers(_ name: String) -> [Float] {
        if case .numbers(let values)? = self[name] { return values }
        return []
    }

    /// The texts of a column.
    func texts(_ name: String) -> [String?] {
        guard case .texts(let column)? = self[name] else { return [] }
        return column.codes.indices.map { column.text($0) }
    }

    /// The lists of whole numbers of a column.
    func lists(_ name: String) -> [[Int32]] {
        guard case .integerLists(let offsets, let values)? = self[name] else { return [] }
        return zip(offsets, offsets.dropFirst()).map { Array(values[Int($0)..<Int($1)]) }
    }

    /// A row as text, one entry a column, every bit of every number told apart.
    func row(_ row: Int, except left: Set<String> = []) -> [String: String] {
        var entries: [String: String] = [:]
        for column in columns where !left.contains(column.name) {
            switch column.values {
            case .integers(let values): entries[column.name] = "\(values[row])"
            case .numbers(let values): entries[column.name] = "\(values[row].bitPattern)"
            case .texts(let texts): entries[column.name] = texts.text(row) ?? "-"
            case .integerLists(let offsets, let values):
                let range = Int(offsets[row])..<Int(offsets[row + 1])
                entries[column.name] = "\(Array(values[range]))"
            case .textLists(let offsets, let texts):
                let range = Int(offsets[row])..<Int(offsets[row + 1])
                entries[column.name] = "\(range.map { texts.text($0) ?? "-" })"
            }
        }
        return entries
    }
}
