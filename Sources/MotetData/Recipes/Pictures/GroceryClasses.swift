import Foundation
import MotetCore

/// The classes of the Grocery Store Dataset: names, coarse classes, descriptions.
struct GroceryClasses {
    /// The names by number.
    private(set) var names: [String] = []
    /// The number of each class's coarse class.
    private(set) var coarse: [Int32] = []
    /// The names of the coarse classes by number.
    private(set) var coarseNames: [String] = []
    /// What a shop says of each class.
    private(set) var descriptions: [String] = []

    /// Reads the table of classes: with the descriptions in it, or the repository's own, which names the
    /// file of each.
    init(_ files: DatasetFiles) throws {
        let path = try files.path("classes")
        let isRepository = path.hasSuffix("/classes.csv")
        let columns =
            isRepository
            ? [
                "Class ID (int)", "Class Name (str)", "Coarse Class ID (int)",
                "Coarse Class Name (str)", "Product Description Path (str)",
            ] : ["class_id", "class_name", "coarse_id", "coarse_name", "description"]
        let table = try OriginalTable(TableSource(path, format: .csv), texts: columns)
        let texts = columns.map { name in
            (0..<table.rowCount).map { table.texts(name).text($0) ?? "" }
        }
        for row in 0..<table.rowCount {
            guard texts[0][row] == String(row), let number = Int(texts[2][row]),
                (0...coarseNames.count).contains(number)
            else {
                throw DatasetError(
                    .datasetContent,
                    "\(path), row \(row + 1): the classes are not numbered in order; expected class "
                        + "\(row) and a coarse class up to \(coarseNames.count); received "
                        + "\"\(texts[0][row])\" and \"\(texts[2][row])\"."
                )
            }
            if number == coarseNames.count { coarseNames.append(texts[3][row]) }
            names.append(texts[1][row])
            coarse.append(Int32(number))
            descriptions.append(
                isRepository
                    ? try GroceryClasses.text(texts[4][row], beside: path) : texts[4][row]
            )
        }
    }

    /// The text of a file the table names; some of the table's names lack their ending.
    private static func text(_ name: String, beside path: String) throws -> String {
        let folder = (path as NSString).deletingLastPathComponent
        for ending in ["", ".txt"] {
            let file = URL(fileURLWithPath: folder + name + ending)
            guard let data = try? Data(contentsOf: file) else { continue }
            return String(decoding: data, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        throw DatasetError(
            .datasetContent,
            "\(path): the description is missing; expected a file \(folder)\(name)."
        )
    }

    /// The numbers of classes, checked.
    func checked(_ texts: [String], _ part: String) throws(DatasetError) -> [Int32] {
        var numbers: [Int32] = []
        for (row, text) in texts.enumerated() {
            guard let number = Int32(text), (0..<Int32(names.count)).contains(number) else {
                throw DatasetError(
                    .datasetContent,
                    "grocery, \(part), picture \(row + 1): no such class; expected 0 to "
                        + "\(names.count - 1); received \"\(text)\"."
                )
            }
            numbers.append(number)
        }
        return numbers
    }
}
