import MotetCandidates
import MotetData
import MotetDecisions

/// What the shop's table of items says of their prices.
final class PriceItems: Sendable {
    /// What it says of an item.
    struct Row: Sendable {
        var cost: Money?
        var list: Money?
        var category: String?
        /// In how many periods it was sold.
        var history: Double?
    }

    private let places: NameIndex
    /// The columns that are named, each with a value of each item.
    private let cost, list, category, history: [RawValue]?

    /// Reads the columns.
    ///
    /// - Parameters:
    ///   - files: the table.
    ///   - settings: what names the columns.
    /// - Throws: `ServingError` for an item without a name, one that is there twice, and a price or a cost that is none;
    ///   `TableError` where a file or a column cannot be read.
    init(_ files: ServingSettings.ItemFiles, _ settings: ServingSettings.Price) throws {
        let named = settings.columns
        let all = [files.item] + Set(settings.columns.named).sorted().filter { $0 != files.item }
        let rows = try RawRows(reading: TableSource(files.files), columns: all)
        let columns = rows.columns.compactMapValues { column -> [RawValue]? in
            if case .each(let values) = column { values } else { nil }
        }
        cost = named.cost.flatMap { columns[$0] }
        list = named.list.flatMap { columns[$0] }
        category = named.category.flatMap { columns[$0] }
        history = named.history.flatMap { columns[$0] }
        let names = try (columns[files.item] ?? []).enumerated().map { row, value in
            guard let name = value.name else {
                throw Self.unusable(
                    "items, row \(row + 1): the item has no name; expected one in \"\(files.item)\"."
                )
            }
            return name
        }
        places = try NameIndex(names) { row in
            throw Self.unusable(
                "items, row \(row + 1): the item \"\(names[row].shortened)\" is there twice; expected each once."
            )
        }
        for (column, least) in [(named.cost, 0.0), (named.list, 1e-6)] {
            guard let column else { continue }
            for (row, value) in (columns[column] ?? []).enumerated() {
                if case .missing = value { continue }
                if let number = value.price, least...settings.maximum ~= number { continue }
                throw Self.unusable(
                    "items, row \(row + 1), column \"\(column)\": no amount of money; expected from \(least) to "
                        + "\(settings.maximum); received \(value.price.map { "\($0)" } ?? "no number")."
                )
            }
        }
    }

    /// What the table says of an item; nil where it does not have it.
    subscript(_ item: String) -> Row? {
        guard let place = places.place(of: item) else { return nil }
        return Row(
            cost: cost?[place].price.map { Money($0) },
            list: list?[place].price.map { Money($0) },
            category: category.flatMap { $0[place].name },
            history: history?[place].price
        )
    }

    static func unusable(_ problem: String) -> ServingError {
        ServingError(.pricesUnusable, "price: \(problem)")
    }
}

extension RawValue {
    /// A finite number; nil for what is none.
    fileprivate var price: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number.isFinite ? number : nil
        case .missing, .boolean, .text, .list: nil
        }
    }
}
