public import MotetData

extension BasketCounts {
    /// The columns of the file of pairs.
    static let columns = [
        ColumnDescription(name: "item", type: .string),
        ColumnDescription(name: "other", type: .string),
        ColumnDescription(name: "count", type: .int64),
        ColumnDescription(name: "score", type: .float64),
    ]

    /// Puts every row of a log into a basket.
    ///
    /// - Parameters:
    ///   - source: the log; a row is an item of a basket.
    ///   - basket: the column that names the basket: an order, a receipt, or a user.
    ///   - item: the column that names the item.
    /// - Returns: how many rows name both; the others are passed over.
    /// - Throws: `TableError` where the log cannot be read or has no such column, ``CandidateError``
    ///   (`bought_together`) where a column's values are no names.
    public mutating func add(_ source: TableSource, basket: String, item: String) throws -> Int {
        let reader = try source.reader(of: [basket, item])
        var rows = 0
        while let batch = try reader.next() {
            let columns = batch.columns.map { $0.rawValues() }
            guard let baskets = columns[0], let items = columns[1] else {
                throw CandidateError(
                    .boughtTogether,
                    "baskets \"\(batch.file)\": values that are no names; expected texts or whole numbers in "
                        + "\"\(basket)\" and \"\(item)\"; received \(batch.columns[0].type) and "
                        + "\(batch.columns[1].type)."
                )
            }
            for (basket, item) in zip(baskets, items) {
                guard let basket = basket.name, let item = item.name else { continue }
                add(basket: basket, item: item)
                rows += 1
            }
        }
        return rows
    }

    /// Writes pairs: the columns `item`, `other`, `count`, `score`.
    ///
    /// - Parameters:
    ///   - pairs: what was counted.
    ///   - path: the file, CSV, Parquet or Arrow by its name; it appears whole or not at all.
    /// - Throws: `TableError` where it cannot be written.
    public static func write(_ pairs: [Pair], to path: String) throws {
        let writer = try TableWriter(path: path, columns: columns)
        for start in stride(from: 0, to: pairs.count, by: 65_536) {
            let part = pairs[start..<min(start + 65_536, pairs.count)]
            try writer.append([
                .string(part.map(\.item)), .string(part.map(\.other)),
                .int64(part.map { Int64($0.count) }), .float64(part.map(\.score)),
            ])
        }
        try writer.finish()
    }
}
