import Foundation
import Motet

/// What a customer ordered of an item on a day.
struct Order: Sendable {
    let customer: Int
    /// Its number, from 1.
    let item: Int
    /// Year, month and day as one number: 20111209.
    let day: Int
    let pieces: Float
    let price: Float
}

/// The orders of known customers of Online Retail, cancellations left out.
///
/// An item is a description: product codes of the same description, letters and digits in capitals, are
/// one item, so that no description stands on both sides of a split by items.
struct Orders {
    private(set) var orders: [Order] = []
    /// The description of each item; that of number 0, which stands for every unknown item, is empty.
    private(set) var descriptions = [""]
    private(set) var customerCount = 0

    private struct Line {
        let code: String
        let customer: Int
        let day: Int
        let pieces: Float
        let price: Float
    }

    /// Reads the file of the recipe `online_retail`.
    ///
    /// - Parameter path: the CSV file, plain or compressed.
    /// - Throws: `TableError` when it cannot be read.
    init(path: String) throws {
        let names = [
            "InvoiceNo", "StockCode", "Description", "InvoiceDate", "CustomerID", "Quantity",
            "UnitPrice",
        ]
        let reader = try TableReader(
            TableSource(path, format: .csv),
            columns: names.map { ColumnRequest($0, type: .string) }
        )
        var lines: [Line] = []
        var spellings: [String: [String: Int]] = [:]
        var customers: [String: Int] = [:]
        while let batch = try reader.next() {
            for row in 0..<batch.rowCount {
                let texts = batch.columns.map { $0.text(at: row) ?? "" }
                let code = texts[1].trimmingCharacters(in: .whitespaces).uppercased()
                let description = Self.normalised(texts[2])
                // Codes of other forms are postage, fees and corrections; C marks a cancellation.
                guard !texts[0].hasPrefix("C"), !texts[4].isEmpty, !description.isEmpty,
                    code.prefix(5).count(where: \.isNumber) == 5,
                    let pieces = Float(texts[5]), pieces > 0,
                    let price = Float(texts[6]), price > 0, let day = Self.day(texts[3])
                else { continue }
                let next = customers.count
                let customer = customers[texts[4]] ?? next
                customers[texts[4]] = customer
                spellings[code, default: [:]][description, default: 0] += 1
                lines.append(
                    Line(code: code, customer: customer, day: day, pieces: pieces, price: price)
                )
            }
        }
        customerCount = customers.count
        // A code's most frequent description; of equally frequent ones the first by letters.
        var items: [String: Int] = [:]
        var numbers: [String: Int] = [:]
        for (code, counts) in spellings.sorted(by: { $0.key < $1.key }) {
            let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
            guard let description = best?.key else { continue }
            if items[description] == nil {
                items[description] = descriptions.count
                descriptions.append(description)
            }
            numbers[code] = items[description]
        }
        orders = lines.map {
            Order(
                customer: $0.customer,
                item: numbers[$0.code] ?? 0,
                day: $0.day,
                pieces: $0.pieces,
                price: $0.price
            )
        }
        orders.sort { $0.day < $1.day }
    }

    /// Letters and digits in capitals, one blank between words.
    static func normalised(_ description: String) -> String {
        description.uppercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }

    /// `2010-12-01 08:26:00` or `12/1/2010 8:26` as 20101201; nil for other texts.
    static func day(_ text: String) -> Int? {
        let date = text.prefix { $0 != " " && $0 != "T" }
        let parts = date.split { $0 == "-" || $0 == "/" }.compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        return date.contains("/")
            ? parts[2] * 10_000 + parts[0] * 100 + parts[1]
            : parts[0] * 10_000 + parts[1] * 100 + parts[2]
    }
}
