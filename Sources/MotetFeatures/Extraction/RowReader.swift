import MotetCore
import MotetData

/// Goes through the rows of a table in the order of their times, and writes them with their features.
final class RowReader {
    private let rows: FeatureRows
    private let path: String
    private let reader: TableReader
    private let kept: [ColumnDescription]
    private let plan: FeaturePlan
    private let writer: TableWriter
    private let names = NameReader()

    private var batch: RecordBatch?
    private var times: [Int64] = []
    private var users: [String?]?
    private var items: [String?]?
    private var categories: [String?]?
    private var scenarios: [String?]?
    private var row = 0
    private var lastTime = Int64.min
    /// The batch's values of each feature, in the one list of its type.
    private var featureNumbers: [[Float]] = []
    private var featureTexts: [[String?]] = []
    /// The number of rows that were answered.
    private(set) var count = 0

    init(_ rows: FeatureRows, _ plan: FeaturePlan, from path: String, to output: String) throws {
        self.rows = rows
        self.path = path
        self.plan = plan
        let source = TableSource(path)
        let all = try source.columns()
        let names = rows.keep ?? all.map(\.name)
        var read = names
        for case let name? in [rows.time, rows.user, rows.item, rows.category, rows.scenario]
        where !read.contains(name) { read.append(name) }
        reader = try source.reader(of: read)
        kept = try reader.schema.prefix(names.count).map {
            ColumnDescription(name: $0.name, type: try Self.written($0, path))
        }
        if let double = plan.columns.first(where: { column in names.contains(column.name) }) {
            throw FeatureError(
                .featureRow,
                "\(path), column \"\(double.name)\": a feature is called so too; expected different names. "
                    + "Leave the column out by `keep`."
            )
        }
        let columns = plan.columns.map {
            ColumnDescription(name: $0.name, type: $0.isText ? .string : .float32)
        }
        writer = try TableWriter(path: output, columns: kept + columns)
        try readBatch()
    }

    /// The type a column is written in.
    private static func written(_ column: ColumnDescription, _ path: String) throws -> ColumnType {
        switch column.type {
        case .int8, .int16, .int32, .uint8, .uint16: return .int32
        case .int64, .uint32, .uint64, .timestamp: return .int64
        case .float32, .float64, .boolean: return column.type
        case .string, .dictionary: return .string
        case .list(let element):
            switch element {
            case .int8, .int16, .int32, .uint8, .uint16: return .list(.int32)
            default: break
            }
            throw FeatureError(
                .featureRow,
                "\(path), column \"\(column.name)\": cannot be carried along; expected a plain type or a list "
                    + "of int32; received \(column.type). Name the columns to carry in `keep`."
            )
        }
    }

    /// The time of the next row; nil at the end.
    var nextTime: Int64? { batch == nil ? nil : times[row] }

    /// What the next row asks for.
    func request() -> FeatureRequest {
        FeatureRequest(
            user: users?[row],
            scenario: scenarios?[row],
            items: [FeatureCandidate(item: items?[row], category: categories?[row])],
            time: times[row]
        )
    }

    /// Answers the next row.
    func answer(_ table: FeatureTable) throws {
        for (index, column) in table.columns.enumerated() {
            switch column[0] {
            case .number(let number): featureNumbers[index].append(number)
            case .text(let text): featureTexts[index].append(text.isEmpty ? nil : text)
            }
        }
        count += 1
        row += 1
        guard row == times.count, let batch else { return }
        let features = plan.columns.indices.map { index -> TableValues in
            plan.columns[index].isText
                ? .string(featureTexts[index]) : .float32(featureNumbers[index])
        }
        try writer.append(try copied(batch) + features)
        try readBatch()
    }

    /// Brings the file to the disk.
    func finish() throws { try writer.finish() }

    private func readBatch() throws {
        batch = nil
        while let next = try reader.next() {
            guard next.rowCount > 0 else { continue }
            func values(_ name: String?) throws -> [String?]? {
                try name.map { try names.names(next.column($0)) }
            }
            users = try values(rows.user)
            items = try values(rows.item)
            categories = try values(rows.category)
            scenarios = try values(rows.scenario)
            times = try orderedTimes(next)
            row = 0
            batch = next
            featureNumbers = plan.columns.map { _ in [] }
            featureTexts = plan.columns.map { _ in [] }
            return
        }
    }

    private func orderedTimes(_ batch: RecordBatch) throws -> [Int64] {
        let found = try MotetFeatures.times(batch.column(rows.time), rows.unit)
        return try found.enumerated().map { row, time in
            guard let time, EventLimits.times.contains(time) else {
                throw FeatureError(
                    .featureRow,
                    "\(reader.place(ofRow: row, in: batch)), column \"\(rows.time)\": no time; expected one "
                        + "from 1973 to 2100; received \(time.map { "\($0) milliseconds" } ?? "nothing")."
                )
            }
            guard time >= lastTime else {
                throw FeatureError(
                    .featureRow,
                    "\(reader.place(ofRow: row, in: batch)), column \"\(rows.time)\": earlier than the row "
                        + "before; expected rows in the order of time. Sort the file by this column."
                )
            }
            lastTime = time
            return time
        }
    }

    private func copied(_ batch: RecordBatch) throws -> [TableValues] {
        try kept.map { description in
            let column = try batch.column(description.name)
            switch description.type {
            case .int32:
                return .int32(try integers(column).map { Int32(truncatingIfNeeded: $0) })
            case .int64:
                let values = try integers(column)
                return .int64(column.type == .timestamp ? values.map { $0 / 1_000 } : values)
            case .float32:
                return .float32(
                    column.withValues(of: Float.self) { values in
                        values.indices.map { column.isValid($0) ? values[$0] : .nan }
                    }
                )
            case .float64:
                return .float64(
                    column.withValues(of: Double.self) { values in
                        values.indices.map { column.isValid($0) ? values[$0] : .nan }
                    }
                )
            case .boolean:
                try checkComplete(column)
                return .boolean((0..<column.count).map { column.boolean(at: $0) })
            case .string:
                return .string((0..<column.count).map { column.text(at: $0) })
            default:
                return .list(try lists(column))
            }
        }
    }

    private func checkComplete(_ column: ArrowColumn) throws {
        guard column.nullCount > 0 else { return }
        throw FeatureError(
            .featureRow,
            "\(path), column \"\(column.name)\": values are missing, which cannot be carried along in "
                + "\(column.type); expected one in every row. Leave it out by `keep`."
        )
    }

    private func integers(_ column: ArrowColumn) throws -> [Int64] {
        try checkComplete(column)
        var values = [Int64](repeating: 0, count: column.count)
        let failure = values.withUnsafeMutableBufferPointer { column.copyIntegers(into: $0) }
        guard failure == nil else {
            throw FeatureError(
                .featureRow,
                "\(path), column \"\(column.name)\": a number beyond Int64; expected smaller ones. Leave it out "
                    + "by `keep`."
            )
        }
        return values
    }

    private func lists(_ column: ArrowColumn) throws -> [[Int32]] {
        let elements = try integers(column.elements).map { Int32(truncatingIfNeeded: $0) }
        return column.withListOffsets { offsets in
            (0..<column.count).map { Array(elements[Int(offsets[$0])..<Int(offsets[$0 + 1])]) }
        }
    }
}
