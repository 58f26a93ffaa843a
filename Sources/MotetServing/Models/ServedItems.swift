import MotetCandidates
import MotetCore
import MotetData
import MotetExperiments
import MotetFeatures

/// The shop's table of items as one model reads it: encoded once, so that requests need only name items.
final class ServedItems: Sendable {
    /// The rows of the table.
    let table: EncodedItems
    /// How many items of requests it had.
    let lookups = CacheCounts()
    /// The memory of the places of requests' items.
    let memories = MemoryPool { ItemPlaces() }
    /// The row of each item.
    private let places: NameIndex
    private let values: [String: [RawValue]]

    /// The number of items.
    var count: Int { places.count }

    /// Reads the table.
    ///
    /// - Parameters:
    ///   - files: where it is.
    ///   - predictor: the run that reads it.
    ///   - encoder: what encodes it as the training rows were.
    ///   - isExact: whether every item is computed whole with each request.
    /// - Throws: `ServingError` for an item without a name, one that is there twice, or a table of nothing the run
    ///   reads; `TableError` where a file or a column cannot be read; `PreparationError` where a value cannot be
    ///   encoded.
    init(
        _ files: ServingSettings.ItemFiles,
        _ predictor: RunPredictor,
        _ encoder: RowEncoder,
        isExact: Bool
    ) throws {
        let source = TableSource(files.files)
        let online = Set(
            predictor.run.experiment.onlineFeatures?.definitions.features.map(\.name) ?? []
        )
        let there = try source.columns().map(\.name)
        let wanted = there.filter { encoder.columns.contains($0) && !online.contains($0) }
        guard !wanted.isEmpty else {
            throw Self.unusable(
                files,
                "there is no column that the run reads; expected one of "
                    + "\(encoder.columns.joined(separator: ", ")); received \(there.joined(separator: ", "))."
            )
        }
        let names = wanted.contains(files.item) ? wanted : [files.item] + wanted
        var rows = try RawRows(reading: source, columns: names)
        guard case .each(let named)? = rows.columns[files.item], !named.isEmpty else {
            throw Self.unusable(files, "there is no item; expected at least one.")
        }
        let itemNames = try named.enumerated().map { row, value in
            guard let name = value.name else {
                throw Self.unusable(
                    files,
                    "row \(row + 1) has no item; expected a name in \"\(files.item)\"."
                )
            }
            return name
        }
        places = try NameIndex(itemNames) { row in
            throw Self.unusable(
                files,
                "the item \"\(itemNames[row].shortened)\" is there twice; expected each once; received it again in "
                    + "row \(row + 1)."
            )
        }
        if !wanted.contains(files.item) { rows.columns[files.item] = nil }
        for feature in predictor.run.fitted.schema.features where feature.kind == .sequence {
            guard case .each(let values)? = rows.columns[feature.column] else { continue }
            let delimiter = feature.delimiter?.first ?? ","
            rows.columns[feature.column] = .each(values.map { $0.list(delimitedBy: delimiter) })
        }
        values = rows.columns.compactMapValues {
            if case .each(let values) = $0 { values } else { nil }
        }
        table = try predictor.items(
            rows,
            encoder,
            storedBytes: isExact ? 0 : files.storedMebibytes << 20
        ) { "items, row \($0 + 1)" }
    }

    /// The row of an item; nil where the table does not have it.
    func place(of item: String) -> Int? { places.place(of: item) }

    /// The value of an item that the table has.
    func value(_ column: String, _ place: Int) -> RawValue { values[column]?[place] ?? .missing }

    /// The values of a column, by row; none where the table does not tell it.
    func values(of column: String) -> [RawValue] { values[column] ?? [] }

    private static func unusable(
        _ files: ServingSettings.ItemFiles,
        _ problem: String
    ) -> ServingError {
        ServingError(
            .itemsUnusable,
            "items \"\(files.files.joined(separator: ", "))\": \(problem)"
        )
    }
}
