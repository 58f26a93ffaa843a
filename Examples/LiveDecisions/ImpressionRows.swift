import ExampleSupport
import Motet

/// Rows of a simulated log with their truth, those of one part of the time.
struct ImpressionRows {
    /// What models may read of a user and of a visit, and what the table of items does not have of an item.
    static let user = ["account_age_days", "user_0", "user_1", "user_2", "user_3"]
    static let visit = ["scenario", "hour", "weekday", "intent"]
    static let item = ["price"]

    private let log: RawRows
    private let truth: RawRows

    /// Reads a folder of `motet simulate`.
    init(_ folder: String) throws {
        log = try RawRows(
            reading: TableSource(["\(folder)/impressions"]),
            columns: ["timestamp", "user", "item", "device", "address", "position", "pay"]
                + Self.user + Self.visit + Self.item
        )
        truth = try RawRows(
            reading: TableSource(["\(folder)/truth/impressions"]),
            columns: ["fake_order"]
        )
    }

    var count: Int { log.count }

    /// A number of a row; nil where it is missing.
    func number(_ name: String, _ row: Int) -> Double? {
        let column = log.columns[name] ?? truth.columns[name]
        switch column?[row] ?? .missing {
        case .integer(let value): return Double(value)
        case .number(let value): return value.isNaN ? nil : value
        default: return nil
        }
    }

    func integer(_ name: String, _ row: Int) -> Int { number(name, row).map { Int($0) } ?? -1 }

    /// Columns of a row as JSON has them; what is missing is left out.
    func fields(_ names: [String], _ row: Int) -> [String: Any] {
        var fields: [String: Any] = [:]
        for name in names {
            switch log.columns[name]?[row] ?? .missing {
            case .integer(let value): fields[name] = value
            case .number(let value) where value.isFinite: fields[name] = value
            case .text(let text): fields[name] = text
            default: continue
            }
        }
        return fields
    }
}
