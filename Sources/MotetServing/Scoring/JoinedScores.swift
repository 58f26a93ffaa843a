import MotetData
import MotetExperiments

/// The rows of several requests of one model, one request after the other, in memory that is kept.
///
/// `@unchecked Sendable`: `MemoryPool` hands it to one batch at a time.
final class JoinedScores: @unchecked Sendable {
    /// The number of rows.
    private(set) var count = 0
    /// Their rows in the table of items, where it has all of them.
    private(set) var items: ItemRows?
    private var places: [Int] = []
    private var columns: [String: Column] = [:]
    private var names: [String] = []

    /// The values of a column.
    private struct Column {
        var values: [RawValue] = []
        /// Whether it is one of those that are joined now.
        var isUsed = false
    }

    /// Joins requests, in place of those before.
    ///
    /// - Parameter all: the requests, of one model.
    func join(_ all: [PreparedScore]) {
        count = all.reduce(0) { $0 + $1.request.count }
        joinPlaces(all)
        for name in names { columns[name]?.isUsed = false }
        names.removeAll(keepingCapacity: true)
        for prepared in all {
            for name in prepared.request.columns.keys { use(name) }
            for name in prepared.items.columns.keys { use(name) }
            for name in prepared.sourced.columns.keys { use(name) }
            if items == nil, let rows = prepared.items.rows {
                for name in rows.table.columns { use(name) }
            }
        }
        for name in names {
            // The values are taken out of the dictionary, so that they are not copied.
            guard let place = columns.index(forKey: name) else { continue }
            var values = columns.values[place].values
            columns.values[place].values = []
            values.removeAll(keepingCapacity: true)
            for prepared in all { prepared.append(name, to: &values) }
            columns.values[place].values = values
        }
    }

    /// The values of a column; nil for one that no request brings.
    func column(_ name: String) -> RawRows.Column? {
        guard let column = columns[name], column.isUsed else { return nil }
        return .each(column.values)
    }

    /// Joins the rows of the table; none where it lacks an item.
    private func joinPlaces(_ all: [PreparedScore]) {
        items = nil
        places.removeAll(keepingCapacity: true)
        for prepared in all {
            guard let rows = prepared.items.rows else { return }
            places.append(contentsOf: rows.rows)
        }
        if let table = all.first?.items.rows?.table { items = ItemRows(table, rows: places) }
    }

    private func use(_ name: String) {
        guard columns[name]?.isUsed != true else { return }
        columns[name, default: Column()].isUsed = true
        names.append(name)
    }
}

extension PreparedScore {
    /// Adds the values of a column; what a request does not say of items the table says.
    fileprivate func append(_ name: String, to values: inout [RawValue]) {
        let own = items.columns[name] ?? request.columns[name] ?? sourced.columns[name]
        for row in 0..<request.count {
            values.append(own?[row] ?? items.rows?.value(name, row) ?? .missing)
        }
    }
}
