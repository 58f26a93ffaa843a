import Motet

/// Rows a model learns from: a visit with each of its candidates, and whether it was bought.
struct TrainingRows {
    /// Weeks, and the share of their visits.
    struct Part {
        var name: String
        var weeks: ClosedRange<Int>
        /// One visit of so many.
        var every: UInt64
    }

    /// What was written.
    struct Written {
        var visits = 0
        var count = 0
        var bought = 0
    }

    /// The first 13 weeks are history alone, the last 5 are for the replay.
    static let parts = [
        Part(name: "train", weeks: 14...46, every: 16),
        Part(name: "validation", weeks: 47...48, every: 4),
    ]

    private static let columns: [ColumnDescription] = [
        ColumnDescription(name: "time", type: .int64),
        ColumnDescription(name: "user", type: .int32),
        ColumnDescription(name: "item", type: .int32),
        ColumnDescription(name: "category", type: .string),
        ColumnDescription(name: "department", type: .string),
        ColumnDescription(name: "brand", type: .string),
        ColumnDescription(name: "moment", type: .string),
        ColumnDescription(name: "bought", type: .int32),
        ColumnDescription(name: "pieces", type: .float32),
        ColumnDescription(name: "offer", type: .float32),
    ]

    let part: Part

    init(_ part: Part) { self.part = part }

    /// Writes the part into a folder.
    func write(_ log: PurchaseLog, to folder: String) throws -> Written {
        let writer = try TableWriter(path: "\(folder)/\(part.name).parquet", columns: Self.columns)
        var candidates = Candidates()
        var written = Written()
        // Visits of one time see none of each other, as events of the time of a row are not seen.
        var waiting: [PurchaseLog.Visit] = []
        for visit in log.visits where visit.week <= part.weeks.upperBound {
            if let time = waiting.first?.time, time < visit.time {
                for visit in waiting { candidates.add(visit) }
                waiting = []
            }
            if part.weeks.contains(visit.week), Self.isSampled(visit.basket, part.every) {
                let items = candidates.items(of: visit.user, at: visit.time)
                if !items.isEmpty {
                    try append(visit, items, log, to: writer)
                    let bought = visit.items
                    written.visits += 1
                    written.count += items.count
                    written.bought += items.count { bought.contains($0) }
                }
            }
            waiting.append(visit)
        }
        try writer.finish()
        return written
    }

    private func append(
        _ visit: PurchaseLog.Visit,
        _ items: [Int32],
        _ log: PurchaseLog,
        to writer: TableWriter
    ) throws {
        let lines = Dictionary(grouping: visit.lines, by: \.item)
        let known = items.map { log.item($0) }
        func each<Value>(_ value: (Int32) -> Value) -> [Value] { items.map(value) }
        try writer.append([
            .int64(each { _ in visit.time }), .int32(each { _ in visit.user }), .int32(items),
            .string(known.map(\.category)), .string(known.map(\.department)),
            .string(known.map(\.brand)), .string(each { _ in visit.moment }),
            .int32(each { lines[$0] == nil ? 0 : 1 }),
            .float32(
                each { item in
                    lines[item].map { Self.pieces($0) } ?? .nan
                }
            ),
            .float32(
                each { item in
                    lines[item].map { $0.contains(where: \.isOffer) ? 1 : 0 } ?? .nan
                }
            ),
        ])
    }

    /// The pieces of some lines, from 1 to 20: fuel is counted in thousandths.
    private static func pieces(_ lines: [PurchaseLog.Line]) -> Float {
        Float(min(max(1, lines.reduce(0) { $0 + Int($1.quantity) }), 20))
    }

    /// Whether a visit is one of the sample: by a hash of its number, so by nothing that was bought.
    static func isSampled(_ basket: Int64, _ every: UInt64) -> Bool {
        var hash = UInt64(bitPattern: basket) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        return hash % every == 0
    }
}
