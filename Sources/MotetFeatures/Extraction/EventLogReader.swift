import MotetCore
import MotetData

/// Makes events of the rows of a log, batch by batch.
final class EventLogReader {
    private let log: EventLog
    private let index: Int
    private let reader: TableReader
    private let names = NameReader()
    private var firstRow = 0
    /// Rows that took part, and those of them that made no event.
    private(set) var rows = 0
    private(set) var skipped = 0

    /// Opens a log; `index` is its place among all, for the ids of its rows.
    init(_ log: EventLog, index: Int) throws {
        self.log = log
        self.index = index
        reader = try TableSource(log.files).reader(of: log.columns)
    }

    /// The columns of a batch in the form the rows need.
    private struct Columns {
        var times: [Int64?]
        var users: [String?]
        var kinds: [String?]?
        var flags: [String?]?
        var delays: [Double]?
        var items: [String?]?
        var categories: [String?]?
        var scenarios: [String?]?
        var quantities: [Double]?
        var prices: [Double]?
        var amounts: [Double]?
        var ids: [String?]?
    }

    /// The events of the next rows; nil at the end.
    func next() throws -> [Event]? {
        guard let batch = try reader.next() else { return nil }
        defer { firstRow += batch.rowCount }
        let columns = try columns(of: batch)
        var events: [Event] = []
        events.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount {
            if let condition = log.condition, columns.flags?[row] != condition.value { continue }
            rows += 1
            do {
                events.append(try event(row, columns))
            } catch {
                guard log.invalid == .error else {
                    skipped += 1
                    continue
                }
                throw FeatureError(
                    error.code,
                    "\(reader.place(ofRow: row, in: batch)): \(error.description) Set `invalid: skip` to pass "
                        + "over such rows."
                )
            }
        }
        return events
    }

    private func columns(of batch: RecordBatch) throws -> Columns {
        func names(_ name: String?) throws -> [String?]? {
            try name.map { try self.names.names(batch.column($0)) }
        }
        func values(_ name: String?) throws -> [Double]? {
            try name.map { try numbers(batch.column($0)) }
        }
        var kindColumn: String?
        if case .column(let name) = log.kind { kindColumn = name }
        return Columns(
            times: try times(batch.column(log.time), log.unit),
            users: try self.names.names(batch.column(log.user)),
            kinds: try names(kindColumn),
            flags: try names(log.condition?.column),
            delays: try values(log.delayHours),
            items: try names(log.item),
            categories: try names(log.category),
            scenarios: try names(log.scenario),
            quantities: try values(log.quantity),
            prices: try values(log.price),
            amounts: try values(log.amount),
            ids: try names(log.id)
        )
    }

    private func event(_ row: Int, _ columns: Columns) throws(EventError) -> Event {
        func missing(_ field: String) -> EventError {
            EventError(.eventFieldMissing, field: field, "missing; expected a value.")
        }
        guard let user = columns.users[row] else { throw missing("user") }
        guard var time = columns.times[row] else { throw missing("time") }
        if let delays = columns.delays {
            let delay = (delays[row] * 3_600_000).rounded()
            guard abs(delay) < 1e15 else { throw missing("delay_hours") }
            // A time that wraps is out of the range of all times, and refused with the event.
            time &+= Int64(delay)
        }
        var quantity = columns.quantities?[row] ?? 1
        guard !quantity.isNaN else { throw missing("quantity") }
        var kind = try kind(row, columns)
        if quantity < 0, log.negativeQuantity == .returned {
            quantity = -quantity
            kind = .returned
        }
        var price = columns.prices?[row]
        if let amount = columns.amounts?[row], quantity > 0 { price = abs(amount) / quantity }
        if price?.isNaN == true { price = nil }
        var id = "\(index):\(firstRow + row)"
        if let ids = columns.ids {
            guard let given = ids[row] else { throw missing("id") }
            id = given
        }
        let event = Event(
            id: id,
            time: time,
            kind: kind,
            user: user,
            item: columns.items?[row],
            category: columns.categories?[row],
            scenario: columns.scenarios?[row],
            quantity: quantity,
            price: price
        )
        try event.check()
        return event
    }

    private func kind(_ row: Int, _ columns: Columns) throws(EventError) -> EventKind {
        switch log.kind {
        case .constant(let kind): return kind
        case .column:
            let name = columns.kinds?[row] ?? ""
            if let kind = EventKind(rawValue: name) { return kind }
            let known = EventKind.allCases.map(\.rawValue)
            throw EventError(
                .eventFieldRange,
                field: "kind",
                "unknown; expected one of \(known.joined(separator: ", ")); received \"\(name)\"."
            )
        }
    }
}

extension EventLog {
    /// The events of the log, in the order of its rows.
    ///
    /// - Returns: all of them.
    /// - Throws: ``FeatureError`` for the first row that makes no event, unless such are passed over; `TableError` where a
    ///   file cannot be read.
    public func events() throws -> [Event] {
        let reader = try EventLogReader(self, index: 0)
        var events: [Event] = []
        while let next = try reader.next() { events += next }
        return events
    }
}
