import CKernels

/// What a column holds, in the form that guesses are made from.
struct ColumnFacts {
    let name: String
    let words: [String]
    let type: ColumnType
    let isUntyped: Bool
    let rows: Int
    /// The rows with a value; those of which are spelled as missing.
    let present: Int
    let distinct: Int
    let isExact: Bool
    let kinds: ValueKinds
    /// The counted values of a text file that are no numbers, the most frequent first.
    let unreadable: [ValueTable.Entry]
    /// Values without a place in the table that are no numbers either.
    let unreadableBeyond: Int
    /// All values, the most frequent first; none unless all were counted and there are few.
    let values: [ValueTable.Entry]
    let texts: [String]
    let minimum: Double
    let maximum: Double
    /// A number below 0 where all others are not: -1, -9, -99, ...
    let sentinel: Double?
    let notANumber: Int

    init(_ column: ColumnProfiler) {
        name = column.name
        words = NameWords.split(column.name)
        type = column.type
        isUntyped = column.isUntyped
        rows = column.rows
        present = column.rows - column.missing
        distinct = column.table.distinct
        isExact = column.table.isExact
        notANumber = column.notANumber
        var kinds = column.beyond
        var range = column.numbersBeyond
        var unreadable: [ValueTable.Entry] = []
        for entry in column.table.entries {
            kinds.add(entry.kind, isPadded: entry.isPadded, count: entry.count)
            if entry.number.isFinite { range.add(entry.number, count: entry.count) }
            if column.isUntyped, [.text, .boolean, .time].contains(entry.kind) {
                unreadable.append(entry)
            }
        }
        self.kinds = kinds
        let negative = column.table.entries.filter { $0.number < 0 }.map(\.number)
        let isStandIn = negative.count == 1 && [-1, -9, -99, -999, -9_999].contains(negative[0])
        sentinel =
            isStandIn && column.table.isExact && column.table.distinct > 2 ? negative[0] : nil
        minimum = range.minimum
        maximum = range.maximum
        unreadable.sort { $0.count > $1.count }
        self.unreadable = unreadable
        unreadableBeyond = column.beyond[.text, .boolean, .time]
        values =
            isExact && distinct <= 1_000
            ? column.table.entries.sorted { $0.count > $1.count } : []
        texts = column.texts
    }

    /// Whether every value is a number as files usually write it, or stored as one.
    var isPlainNumber: Bool {
        if !isUntyped { return type.isNumeric }
        let numbers = kinds[.integer, .decimal, .infinity]
        return numbers > 0 && numbers + kinds[.missing] == present
    }

    /// Whether every number is whole.
    var isWhole: Bool {
        if !isUntyped { return type.isInteger }
        return isPlainNumber && kinds[.decimal, .infinity] == 0
    }

    /// The values that are there and not spelled as missing.
    var valued: Int { isUntyped ? present - kinds[.missing] : present - notANumber }

    /// The most different values that are told one by one as classes.
    static let mostClasses = 100

    /// All different values as a label reads them, if they can be classes and all were counted.
    var classes: [String] {
        guard isUntyped || type.isText || type.isInteger, (2...Self.mostClasses).contains(distinct)
        else { return [] }
        let texts = Set(values.filter { $0.kind != .missing }.map(\.spelling.trimmed))
        let numbers = texts.compactMap { Int($0) }
        return numbers.count == texts.count
            ? texts.sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) } : texts.sorted()
    }

    /// The type that fits all values.
    var storedType: String {
        guard isUntyped else { return type.description }
        if valued == 0 { return "empty" }
        if isWhole { return "int64" }
        if isPlainNumber { return "float64" }
        if kinds[.boolean] == valued { return "boolean" }
        if kinds[.time] == valued { return "timestamp" }
        return "string"
    }

    /// Whether the name holds one of these words.
    func isNamed(_ names: Set<String>) -> Bool { words.contains { names.contains($0) } }
}

/// The words of a column's name.
enum NameWords {
    /// `CustomerID`, `customer_id` and `customerId` are all `customer`, `id`.
    static func split(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character = "_"
        let characters = Array(name)
        for (index, character) in characters.enumerated() {
            guard character.isLetter || character.isNumber else {
                words.append(word)
                word = ""
                previous = "_"
                continue
            }
            let nextIsSmall = index + 1 < characters.count && characters[index + 1].isLowercase
            let starts =
                character.isUppercase
                && (previous.isLowercase || previous.isNumber
                    || (previous.isUppercase && nextIsSmall))
            if starts {
                words.append(word)
                word = ""
            }
            word.append(character)
            previous = character
        }
        return (words + [word]).filter { !$0.isEmpty }.map { $0.lowercased() }
    }

    static let identifier: Set<String> = [
        "id", "ids", "uid", "key", "code", "sku", "no", "nr", "uuid", "guid", "asin", "ean", "upc",
        "gtin", "zip", "zipcode", "postcode", "postal",
    ]
    static let person: Set<String> = [
        "user", "customer", "client", "household", "visitor", "member", "buyer", "shopper",
        "account", "person", "uid",
    ]
    static let quantity: Set<String> = [
        "quantity", "qty", "count", "cnt", "number", "num", "n", "amount", "price", "cost", "value",
        "values", "age", "duration", "seconds", "minutes", "hours", "days", "weeks", "rate",
        "rates", "ratio", "score", "total", "sum", "avg", "mean", "discount", "sales", "size",
        "length", "height", "width", "distance", "balance", "gain", "loss", "pages", "stock",
    ]
    static let time: Set<String> = ["time", "date", "datetime", "timestamp", "ts", "created", "at"]
    static let label: Set<String> = [
        "label", "target", "click", "clicked", "clicks", "purchase", "purchased", "bought", "buy",
        "order", "ordered", "convert", "converted", "conversion", "revenue", "return", "returned",
        "refund", "refunded", "fraud", "churn", "churned", "like", "liked", "subscribe",
        "subscribed", "response", "responded", "outcome", "cart", "basket", "redeemed", "y",
        "install", "installed", "share", "shared", "follow", "followed", "cancelled", "canceled",
    ]
    static let target: Set<String> = ["label", "target", "y", "outcome", "class"]
    static let event: Set<String> = [
        "invoice", "order", "transaction", "session", "receipt", "ticket", "request", "impression",
        "event", "basket", "cart", "visit",
    ]
    static let rating: Set<String> = ["rating", "ratings", "stars"]
    static let scenario: Set<String> = [
        "market", "marketplace", "country", "channel", "scenario", "domain", "store", "campaign",
        "department", "device", "platform", "segment", "region", "source", "place", "placement",
        "visitor", "site", "surface",
    ]
    static let list: Set<String> = [
        "history", "list", "tags", "ids", "items", "genres", "categories", "keywords", "seq",
        "sequence", "path", "basket",
    ]
    static let weight: Set<String> = ["weight", "sample_weight", "instance_weight", "row_weight"]
}

extension ColumnProfile {
    /// Whether the name says that the column tells people apart, such as `user_id`.
    public var isNamedPerson: Bool {
        !NameWords.person.isDisjoint(with: NameWords.split(name))
            && !NameWords.split(name).contains("type")
    }

    /// Whether the name says that the column counts what was sold or asked for.
    public var isNamedDemand: Bool {
        let words: Set<String> = ["quantity", "qty", "sales", "units", "demand", "amount"]
        return !words.isDisjoint(with: NameWords.split(name))
    }

    /// Whether the name says that the column could tell scenarios apart, such as `market`.
    public var isNamedScenario: Bool {
        !NameWords.scenario.isDisjoint(with: NameWords.split(name))
    }
}
