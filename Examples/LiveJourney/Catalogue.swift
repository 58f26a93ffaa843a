import Motet

/// What can be recommended, and the baskets that tell what is bought together.
struct Catalogue {
    /// The last week that is looked at: the weeks after it choose the epoch, and are replayed.
    static let lastWeek = 46
    /// In how many visits an item must have been bought.
    static let leastVisits = 10

    private let log: PurchaseLog

    init(_ log: PurchaseLog) { self.log = log }

    /// The items, in the order of their numbers.
    var items: [Int32] {
        var visits: [Int32: Int] = [:]
        for visit in log.visits where visit.week <= Self.lastWeek {
            for item in visit.items { visits[item, default: 0] += 1 }
        }
        return visits.filter { $0.value >= Self.leastVisits }.map(\.key).sorted()
    }

    /// Writes the items with what is known of them.
    ///
    /// - Parameter path: the file.
    /// - Returns: how many there are.
    /// - Throws: `TableError` when the file cannot be written.
    func write(to path: String) throws -> Int {
        let items = items
        let known = items.map { log.item($0) }
        let names = ["category", "department", "brand"]
        let writer = try TableWriter(
            path: path,
            columns: [ColumnDescription(name: "item", type: .int32)]
                + names.map { ColumnDescription(name: $0, type: .string) }
        )
        try writer.append([
            .int32(items), .string(known.map(\.category)), .string(known.map(\.department)),
            .string(known.map(\.brand)),
        ])
        try writer.finish()
        return items.count
    }

    /// Writes a row for each item of a basket, those of the catalogue alone.
    func writeBaskets(to path: String) throws {
        let known = Set(items)
        let writer = try TableWriter(
            path: path,
            columns: [
                ColumnDescription(name: "basket", type: .int64),
                ColumnDescription(name: "item", type: .int32),
            ]
        )
        var rest = log.visits.filter { $0.week <= Self.lastWeek }[...]
        while !rest.isEmpty {
            let part = rest.prefix(10_000)
            rest = rest.dropFirst(part.count)
            let rows = part.flatMap { visit in
                visit.items.sorted().filter { known.contains($0) }.map { (visit.basket, $0) }
            }
            try writer.append([.int64(rows.map(\.0)), .int32(rows.map(\.1))])
        }
        try writer.finish()
    }
}
