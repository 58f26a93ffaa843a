import HTTPTypes
import MotetDecisions

/// A body of `POST /v1/price`: the items whose prices are wanted, and what is known of them.
struct PriceRequest {
    /// An item whose price is wanted.
    struct Item {
        /// Its identity, as it was given.
        var id: JSONValue
        /// The same as a text.
        var name: String
        /// The price it has, where the request tells it.
        var present: Money?
        /// Its list price.
        var list: Money?
        /// What a unit costs.
        var cost: Money?
        /// The units that can be sold in a period.
        var stock: Int?
        /// A range that is narrower than that of the settings.
        var floor, ceiling: Money?
        /// A change that is smaller than that of the settings.
        var greatestChange: Double?
        /// The fields that the model may read.
        var members: [JSONMember]
    }

    /// The items, in their order.
    private(set) var items: [Item] = []
    /// Whether the answer is to explain itself.
    private(set) var explains = false
    /// The fields of the body that are of the user and the context, for the model.
    private(set) var rest: [JSONMember] = []

    /// The fields a request of scores does not have.
    static let fields = ["currency", "explain"]
    /// The fields an item of a request of scores does not have.
    static let itemFields = [
        "present", "list", "cost", "stock", "floor", "ceiling", "greatest_change",
    ]
    /// The greatest stock.
    static let mostStock = 1_000_000_000

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - body: the value of the body.
    ///   - settings: how prices are chosen.
    ///   - columns: the columns that the run reads.
    ///   - limits: what a request may be.
    /// - Throws: `RequestError` with the field that is wrong.
    init(
        _ body: JSONValue,
        _ settings: ServingSettings.Price,
        columns: Set<String>,
        limits: ServingSettings.Limits
    ) throws(RequestError) {
        guard case .object(let members) = body else {
            throw .wrongType("body", expected: "an object", body)
        }
        var (items, currency): (JSONValue?, JSONValue?)
        for member in members {
            switch member.key {
            case "items": items = member.value
            case "currency": currency = member.value
            case "explain":
                guard case .boolean(let explains) = member.value else {
                    throw .wrongType("explain", expected: "true or false", member.value)
                }
                self.explains = explains
            default: rest.append(member)
            }
        }
        try CurrencyField.check(currency, is: settings.currency)
        guard let items else { throw .missing("items", "a list of items") }
        guard case .array(let values) = items else {
            throw .wrongType("items", expected: "a list of items", items)
        }
        guard (1...limits.candidates).contains(values.count) else {
            throw RequestError(
                .badRequest,
                values.isEmpty ? "too_few_items" : "too_many_items",
                field: "items",
                message:
                    "items: the number of items is out of range; expected from 1 to \(limits.candidates); received "
                    + "\(values.count)."
            )
        }
        let reader = PriceItemReader(settings: settings, columns: columns, limits: limits)
        var names: Set<String> = []
        for (index, value) in values.enumerated() {
            let item = try reader.item(value, "items[\(index)]")
            guard names.insert(item.name).inserted else {
                throw RequestError(
                    .badRequest,
                    "duplicate_item",
                    field: "items[\(index)].id",
                    message:
                        "items[\(index)].id: the item is there twice; expected items that differ; received "
                        + "`\(item.name.shortened)`."
                )
            }
            self.items.append(item)
        }
    }
}

/// Reads items of requests of prices.
struct PriceItemReader {
    let settings: ServingSettings.Price
    let columns: Set<String>
    let limits: ServingSettings.Limits

    /// An item of a request.
    func item(
        _ value: JSONValue,
        _ place: @autoclosure () -> String
    ) throws(RequestError) -> PriceRequest.Item {
        guard case .object(let members) = value else {
            throw .wrongType(place(), expected: "an object", value)
        }
        guard let id = members.first(where: { $0.key == "id" })?.value else {
            throw .missing("\(place()).id", "the item's identity")
        }
        let fields = RequestFields(known: [], online: nil, limits: limits)
        var item = PriceRequest.Item(
            id: id,
            name: try fields.identity(id, "\(place()).id"),
            members: members.filter {
                !PriceRequest.itemFields.contains($0.key) || columns.contains($0.key)
            }
        )
        for member in members {
            // Told where something is wrong; a text for each field of each item costs more than reading it.
            func field() -> String { "\(place()).\(member.key)" }
            if member.value == .null { continue }
            switch member.key {
            case "present": item.present = try price(member.value, field())
            case "list": item.list = try price(member.value, field())
            case "floor": item.floor = try price(member.value, field())
            case "ceiling": item.ceiling = try price(member.value, field())
            case "cost": item.cost = Money(try number(member.value, field(), 0...settings.maximum))
            case "stock": item.stock = try stock(member.value, field())
            case "greatest_change":
                item.greatestChange = try number(member.value, field(), 1e-6...100)
            default: continue
            }
        }
        return item
    }

    /// A price: at least a millionth.
    private func price(
        _ value: JSONValue,
        _ field: @autoclosure () -> String
    ) throws(RequestError) -> Money {
        Money(try number(value, field(), 1e-6...settings.maximum))
    }

    private func stock(
        _ value: JSONValue,
        _ field: @autoclosure () -> String
    ) throws(RequestError) -> Int {
        guard case .integer(let integer) = value else {
            throw .wrongType(field(), expected: "a whole number", value)
        }
        guard let stock = Int(exactly: integer), 0...PriceRequest.mostStock ~= stock else {
            throw .outOfRange(field(), "from 0 to \(PriceRequest.mostStock)", "\(integer)")
        }
        return stock
    }

    private func number(
        _ value: JSONValue,
        _ field: @autoclosure () -> String,
        _ range: ClosedRange<Double>
    ) throws(RequestError) -> Double {
        let number: Double
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let value): number = value
        default: throw .wrongType(field(), expected: "a number", value)
        }
        guard range.contains(number) else {
            throw .outOfRange(
                field(),
                "from \(range.lowerBound) to \(range.upperBound)",
                "\(number)"
            )
        }
        return number
    }
}
