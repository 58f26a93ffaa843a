import ExampleSupport
import Motet

/// The purchases of the Complete Journey, visit by visit in the order of time.
struct PurchaseLog {
    /// A line of a till's receipt.
    struct Line: Hashable {
        /// The number of the row in the original table: the identity of the event.
        var number: Int64
        var item: Int32
        var quantity: Int32
        /// Whether the shop's card made it cheaper.
        var isOffer: Bool
    }

    /// A household's visit to a store.
    struct Visit: Hashable {
        /// In milliseconds since 1970.
        var time: Int64
        var week: Int
        var user: Int32
        /// The identity of the basket.
        var basket: Int64
        var lines: [Line]

        /// The items, each once.
        var items: Set<Int32> { Set(lines.map(\.item)) }

        /// The part of the day by the log's clock: the scenario.
        var moment: String {
            switch time / 3_600_000 % 24 {
            case ..<12: "morning"
            case 12..<16: "midday"
            case 16..<20: "afternoon"
            default: "evening"
            }
        }
    }

    /// What is known of an item.
    struct Item: Hashable {
        var category = "unknown"
        var department = "unknown"
        var brand = "unknown"
    }

    let visits: [Visit]
    private let items: [Int32: Item]

    /// A log of its own, such as that of a test.
    init(visits: [Visit], items: [Int32: Item]) {
        self.visits = visits
        self.items = items
    }

    /// Reads the original files.
    init(_ files: DatasetFiles) throws {
        guard let products = files.paths["products"], let purchases = files.paths["transactions"]
        else { throw ExampleError("\(files.folder): the tables of the data are not there.") }
        self.init(visits: try Self.visits(purchases), items: try Self.items(products))
    }

    /// What is known of an item; of one that nobody described, nothing.
    func item(_ id: Int32) -> Item { items[id] ?? Item() }

    /// The visits whose times are in a range.
    func visits(_ times: Range<Int64>) -> ArraySlice<Visit> {
        func place(_ time: Int64) -> Int {
            var (low, high) = (0, visits.count)
            while low < high {
                let middle = (low + high) / 2
                if visits[middle].time < time { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return visits[place(times.lowerBound)..<place(times.upperBound)]
    }

    private static func items(_ path: String) throws -> [Int32: Item] {
        let reader = try TableReader(
            TableSource(path),
            columns: ["product_id", "product_category", "department", "brand"]
        )
        var items: [Int32: Item] = [:]
        while let batch = try reader.next() {
            let ids = integers(try batch.column("product_id"))
            let texts = try ["product_category", "department", "brand"].map {
                try batch.column($0)
            }
            for (row, id) in ids.enumerated() {
                func text(_ column: Int) -> String { texts[column].text(at: row) ?? "unknown" }
                items[Int32(id)] = Item(category: text(0), department: text(1), brand: text(2))
            }
        }
        return items
    }

    private static func visits(_ path: String) throws -> [Visit] {
        let names = [
            "household_id", "basket_id", "product_id", "quantity", "week", "transaction_timestamp",
        ]
        let reader = try TableReader(
            TableSource(path),
            columns: (names + ["retail_disc"]).map { ColumnRequest($0) }
        )
        var visits: [Visit] = []
        var places: [Int64: Int] = [:]
        var number: Int64 = 0
        while let batch = try reader.next() {
            let columns = try names.map { integers(try batch.column($0)) }
            let discounts = try batch.column("retail_disc")
            for row in columns[0].indices {
                let basket = columns[1][row]
                let line = Line(
                    number: number,
                    item: Int32(columns[2][row]),
                    quantity: Int32(clamping: columns[3][row]),
                    isOffer: (discounts.number(at: row) ?? 0) > 0
                )
                number += 1
                if let place = places[basket] {
                    visits[place].lines.append(line)
                    continue
                }
                places[basket] = visits.count
                visits.append(
                    Visit(
                        // Columns of times are in microseconds.
                        time: columns[5][row] / 1000,
                        week: Int(columns[4][row]),
                        user: Int32(columns[0][row]),
                        basket: basket,
                        lines: [line]
                    )
                )
            }
        }
        return visits.sorted { ($0.time, $0.basket) < ($1.time, $1.basket) }
    }

    private static func integers(_ column: ArrowColumn) -> [Int64] {
        var values = [Int64](repeating: 0, count: column.count)
        values.withUnsafeMutableBufferPointer { _ = column.copyIntegers(into: $0) }
        return values
    }

    /// Writes the lines as a table of events.
    func write(to path: String) throws {
        let writer = try TableWriter(
            path: path,
            columns: [
                ColumnDescription(name: "id", type: .int64),
                ColumnDescription(name: "time", type: .int64),
                ColumnDescription(name: "user", type: .int32),
                ColumnDescription(name: "item", type: .int32),
                ColumnDescription(name: "category", type: .string),
            ]
        )
        var rest = visits[...]
        while !rest.isEmpty {
            let part = rest.prefix(10_000)
            rest = rest.dropFirst(part.count)
            let lines = part.flatMap { visit in visit.lines.map { (visit, $0) } }
            try writer.append([
                .int64(lines.map { $1.number }), .int64(lines.map { $0.0.time }),
                .int32(lines.map { $0.0.user }), .int32(lines.map { $1.item }),
                .string(lines.map { item($1.item).category }),
            ])
        }
        try writer.finish()
    }
}
