import MotetData
import MotetExperiments

/// What the shop's table says of the items of a request.
///
/// What the request says of an item comes first, then what it says of the user and the context, then the table.
struct KnownItems {
    /// The rows of the table, where it has every item.
    private(set) var rows: ItemRows?
    /// Columns of the request that the table adds to.
    private(set) var columns: [String: RawRows.Column] = [:]
    /// The names of all columns it has.
    let names: Set<String>
    /// The memory of the rows.
    private var memory: ItemPlaces?

    /// Knows nothing.
    init() { names = [] }

    /// Looks the items up.
    init(_ request: ScoreRequest, _ items: ServedItems) {
        names = items.table.columns
        // One list of places, -1 for an item that is not there: it is the request's rows where all are.
        let memory = items.memories.take()
        let known = memory.find(request.itemNames, items)
        let places = memory.places
        self.memory = memory
        items.lookups.add(hits: known, misses: places.count - known)
        if known == places.count { rows = ItemRows(items.table, rows: places) }
        func place(_ row: Int) -> Int? { places[row] < 0 ? nil : places[row] }
        for name in names {
            switch request.columns[name] {
            case .same: continue
            case .each(let own):
                guard request.shared[name] == nil, own.contains(.missing) else { continue }
                columns[name] = .each(
                    own.enumerated().map { row, own in
                        own == .missing ? place(row).map { items.value(name, $0) } ?? own : own
                    }
                )
            case nil:
                guard rows == nil else { continue }
                columns[name] = .each(
                    (0..<request.count).map { row in
                        place(row).map { items.value(name, $0) } ?? .missing
                    }
                )
            }
        }
    }

    /// The values of a column, for what is not encoded: the fields that tell a store what is asked for.
    func column(_ name: String) -> RawRows.Column? {
        columns[name] ?? rows.flatMap { $0.table.values(name, $0.rows) }
    }
}

/// The places of a request's items in the shop's table.
///
/// `@unchecked Sendable`: `MemoryPool` hands it to one request at a time.
final class ItemPlaces: @unchecked Sendable {
    /// The places; -1 for an item that is not there.
    private(set) var places: [Int] = []

    /// Looks items up; how many are there.
    func find(_ names: [String], _ items: ServedItems) -> Int {
        places.removeAll(keepingCapacity: true)
        var known = 0
        for name in names {
            let place = items.place(of: name)
            places.append(place ?? -1)
            known += place == nil ? 0 : 1
        }
        return known
    }
}
