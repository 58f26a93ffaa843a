import Foundation
import MotetCore
import MotetData

/// Features of rows, computed from logs: what serving would have answered at the time of each row.
///
/// Events and rows are gone through once, in the order of time, the rows of a time before its events; so a
/// row sees exactly the events before it. Memory grows with the keys, not with the rows or the log.
public struct FeatureExtraction: Hashable, Sendable {
    /// A file with the categories of items.
    public struct ItemFile: Hashable, Sendable {
        /// Files, folders and patterns.
        public var files: [String]
        /// The column of items.
        public var item: String
        /// The column of categories.
        public var category: String

        /// Creates a mapping.
        public init(files: [String], item: String, category: String) {
            self.files = files
            self.item = item
            self.category = category
        }
    }

    /// The features.
    public var definitions: FeatureDefinitions
    /// The events.
    public var logs: [EventLog]
    /// The columns of the rows.
    public var rows: FeatureRows
    /// The categories of items; nil where events and rows tell them, or nobody asks.
    public var itemFile: ItemFile?

    /// Creates an extraction.
    public init(
        _ definitions: FeatureDefinitions,
        logs: [EventLog],
        rows: FeatureRows,
        itemFile: ItemFile? = nil
    ) {
        self.definitions = definitions
        self.logs = logs
        self.rows = rows
        self.itemFile = itemFile
    }

    /// What an extraction did.
    public struct Report: Hashable, Sendable {
        /// The rows of a log.
        public struct Log: Hashable, Sendable {
            /// Rows that took part.
            public let rows: Int
            /// Those of them that made no event and were passed over.
            public let skipped: Int
        }

        /// The logs, in their order.
        public var logs: [Log] = []
        /// Events that were applied up to the last row.
        public var applied = 0
        /// Events whose id was there before.
        public var duplicates = 0
        /// Rows of each file.
        public var rows: [Int] = []
        /// Keys there were in the end.
        public var keys = 0
    }

    /// Reads the categories of items.
    public func items() throws -> ItemTable {
        guard let itemFile else { return ItemTable() }
        var table = ItemTable()
        let reader = try TableSource(itemFile.files).reader(of: [itemFile.item, itemFile.category])
        let names = NameReader()
        while let batch = try reader.next() {
            let items = try names.names(batch.columns[0])
            let categories = try names.names(batch.columns[1])
            for (row, (item, category)) in zip(items, categories).enumerated() {
                guard let item, let category else { continue }
                do {
                    try Event.checkName(item, itemFile.item)
                    try Event.checkName(category, itemFile.category)
                } catch {
                    throw FeatureError(
                        error.code,
                        "\(reader.place(ofRow: row, in: batch)): \(error.description)"
                    )
                }
                table.categories[item] = category
            }
        }
        return table
    }

    /// Brings the events of all logs into the order of time.
    private func sortedEvents(_ report: inout Report, _ items: ItemTable) throws -> EventSorter {
        let sorter = EventSorter()
        for (index, log) in logs.enumerated() {
            let reader = try EventLogReader(log, index: index)
            while let events = try reader.next() {
                try sorter.add(events.map { items.resolved($0) })
            }
            report.logs.append(Report.Log(rows: reader.rows, skipped: reader.skipped))
        }
        try sorter.finish()
        return sorter
    }

    /// Writes tables with their rows' features.
    ///
    /// - Parameters:
    ///   - tables: for each a file, folder or pattern to read, and the file to write.
    ///   - progress: told the number of rows answered, now and then.
    /// - Returns: what was done.
    /// - Throws: `TableError`, ``FeatureError`` or ``EventError`` with the place of the mistake; no table is
    ///   left then.
    public func run(
        _ tables: [(from: String, to: String)],
        progress: (Int) -> Void = { _ in }
    ) throws -> Report {
        let made = try makeFolders(of: tables)
        do {
            return try write(tables, progress)
        } catch {
            // Nothing is left: a folder that was made for the tables is empty again.
            for folder in made { rmdir(folder) }
            throw error
        }
    }

    private func write(
        _ tables: [(from: String, to: String)],
        _ progress: (Int) -> Void
    ) throws -> Report {
        let plan = FeaturePlan(definitions, keepsProfiles: false)
        var report = Report()
        let items = try items()
        let readers = try tables.map { try RowReader(rows, plan, from: $0.from, to: $0.to) }
        let events = try sortedEvents(&report, items)
        var state = FeatureState(plan)
        var table = FeatureTable()
        var answered = 0
        while let reader = Self.earliest(readers), let time = reader.nextTime {
            while let next = events.nextTime, next < time, let event = try events.next() {
                switch state.apply(event) {
                case .applied: report.applied += 1
                case .duplicate: report.duplicates += 1
                case .late: preconditionFailure("FeatureExtraction: events come in order.")
                }
            }
            state.read(reader.request(), items, into: &table)
            try reader.answer(table)
            answered += 1
            if answered % 65_536 == 0 { progress(answered) }
        }
        for reader in readers { try reader.finish() }
        report.rows = readers.map(\.count)
        report.keys = state.keyCount
        return report
    }

    private static func earliest(_ readers: [RowReader]) -> RowReader? {
        var best: RowReader?
        for reader in readers {
            guard let time = reader.nextTime else { continue }
            if let least = best?.nextTime, least <= time { continue }
            best = reader
        }
        return best
    }
}
