import MotetData
import MotetExperiments

/// A request of scores that was read and given its features, before it is encoded.
struct PreparedScore: Sendable {
    let request: ScoreRequest
    let model: ServedModel
    let sourced: SourcedFeatures
    let items: KnownItems
    var record: ScoreRecord

    /// The rows of several requests of one model, one request after the other.
    ///
    /// - Parameter all: the requests.
    /// - Returns: the rows, and their rows in the table of items where it has all of them.
    static func joined(_ all: [PreparedScore]) -> (RawRows, ItemRows?) {
        let parts = all.map { $0.request.rows(with: $0.sourced.columns, $0.items) }
        let known = all.compactMap(\.items.rows)
        var items: ItemRows?
        if known.count == all.count, let table = known.first?.table {
            items = ItemRows(table, rows: known.flatMap(\.rows))
        }
        var names = Set(parts.flatMap(\.columns.keys))
        if items == nil { for rows in known { names.formUnion(rows.table.columns) } }
        var columns: [String: RawRows.Column] = [:]
        for name in names {
            var values: [RawValue] = []
            for (part, prepared) in zip(parts, all) {
                // What a request does not say of items the table says.
                let own = part.columns[name] ?? prepared.items.column(name) ?? .same(.missing)
                switch own {
                case .same(let value):
                    values += [RawValue](repeating: value, count: part.count)
                case .each(let each): values += each
                }
            }
            columns[name] = .each(values)
        }
        let count = parts.reduce(0) { $0 + $1.count }
        return (RawRows(count: count, columns: columns), items)
    }
}
