public import MotetData

/// The items of a shop with the values of their columns, in memory.
///
/// An item is known by its place, from 0 in the order of the files.
public struct Catalogue: Sendable {
    /// The names of the items, by place.
    public let items: [String]
    /// The categories of the items, by place; nil for one without.
    public let categories: [String?]
    /// How many of each are left to sell, by place; nil where that is not known.
    public let stock: [Int?]
    /// Numbers that formulas may name, by column and place; NaN where there is none.
    public let numbers: [String: [Double]]
    /// All columns as requests would spell them, by place.
    public let columns: [String: [RawValue]]
    private let places: NameIndex

    /// The number of items.
    public var count: Int { items.count }

    /// The place of an item; nil where the catalogue does not have it.
    public func place(of item: String) -> Int? { places.place(of: item) }

    /// Reads a catalogue.
    ///
    /// - Parameter files: where it is, and what its columns are.
    /// - Throws: `TableError` where a file or a column is not there, ``CandidateError`` (`catalogue`) with the
    ///   place of an item without a name or that is there before, and of a number that is none.
    public init(_ files: CatalogueFiles) throws {
        let reader = try TableSource(files.files).reader(of: files.wanted)
        try Self.check(files, reader.schema)
        var items: [String] = []
        var columns: [String: [RawValue]] = [:]
        while let batch = try reader.next() {
            for column in batch.columns {
                guard let values = column.rawValues() else {
                    throw CandidateError(
                        .catalogue,
                        "catalogue \"\(batch.file)\", column \"\(column.name)\": its values cannot be spelled in a "
                            + "request; expected texts, numbers, true or false, or lists of them; received "
                            + "\(column.type). Name the columns to read by `columns`."
                    )
                }
                columns[column.name, default: []].append(contentsOf: values)
            }
            let names = columns[files.item]?.dropFirst(items.count) ?? []
            for (row, value) in names.enumerated() {
                guard let name = value.name else {
                    throw Self.wrong(reader.place(ofRow: row, in: batch), "the item has no name")
                }
                items.append(name)
            }
        }
        guard !items.isEmpty else {
            throw CandidateError(
                .catalogue,
                "catalogue \"\(files.files.joined(separator: ", "))\": there is no item; expected at least one."
            )
        }
        self.items = items
        places = try NameIndex(items) { place in
            throw try Self.repeated(items[place], place, files)
        }
        self.columns = columns
        let count = items.count
        categories =
            files.category.flatMap { columns[$0] }?.map(\.name)
            ?? [String?](repeating: nil, count: count)
        stock =
            files.stock.flatMap { columns[$0] }?.map { $0.double.map(Self.pieces) }
            ?? [Int?](repeating: nil, count: count)
        var numbers: [String: [Double]] = [:]
        for name in files.numbers { numbers[name] = columns[name]?.map { $0.double ?? .nan } }
        self.numbers = numbers
    }

    /// Whole pieces of a stock: of one and a half there is one to sell.
    public static func pieces(_ stock: Double) -> Int {
        Int(max(-1e15, min(1e15, stock.rounded(.down))))
    }

    private static func check(
        _ files: CatalogueFiles,
        _ schema: [ColumnDescription]
    ) throws(CandidateError) {
        let named = [files.item] + [files.category, files.stock].compactMap { $0 } + files.numbers
        for name in named {
            guard let column = schema.first(where: { $0.name == name }) else {
                throw CandidateError(
                    .catalogue,
                    "catalogue \"\(files.files.joined(separator: ", "))\": there is no column \"\(name)\"; expected "
                        + "one of \(schema.map(\.name).joined(separator: ", "))."
                )
            }
            let mustBeNumber = name == files.stock || files.numbers.contains(name)
            guard !mustBeNumber || column.type.isNumeric || column.type == .boolean else {
                throw CandidateError(
                    .catalogue,
                    "catalogue \"\(files.files.joined(separator: ", "))\", column \"\(name)\": no numbers; expected a "
                        + "number in every row; received \(column.type)."
                )
            }
        }
    }

    /// The mistake of an item that was there before, found again in its file.
    private static func repeated(
        _ name: String,
        _ place: Int,
        _ files: CatalogueFiles
    ) throws -> CandidateError {
        let reader = try TableSource(files.files).reader(of: [files.item])
        let problem = "the item \"\(name)\" is there before"
        var first = 0
        while let batch = try reader.next() {
            guard first + batch.rowCount <= place else {
                return wrong(reader.place(ofRow: place - first, in: batch), problem)
            }
            first += batch.rowCount
        }
        return wrong("catalogue \"\(files.files.joined(separator: ", "))\"", problem)
    }

    private static func wrong(_ place: String, _ problem: String) -> CandidateError {
        CandidateError(
            .catalogue,
            "\(place): \(problem); expected each item once, with a name. Take the row out of the catalogue."
        )
    }
}
