import HTTPTypes
import MotetFeatures
import MotetForecasting

/// A body of `POST /v1/forecast`.
struct ForecastRequest {
    /// An item that is asked about.
    struct Item {
        var id: JSONValue
        var name: String
        /// The category of an item without history.
        var category: String?
        /// The price planned for each period ahead; nil where none is.
        var planned: [Double?] = []
        var reorder: ReorderTerms?
    }

    /// What an order depends on.
    struct ReorderTerms {
        var terms: Reorder.Terms
        /// The periods until the order after the next one arrives.
        var periods: Int
    }

    /// The items.
    private(set) var items: [Item] = []
    /// The categories, by their places among those of the history.
    private(set) var categories: [Int] = []
    /// Whether everything is asked about.
    private(set) var hasTotal = false
    /// How many periods ahead.
    private(set) var horizon: Int
    /// The time of the request, in milliseconds since 1970.
    private(set) var time: Int64

    private static let fields = ["items", "categories", "total", "horizon", "time"]

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - body: the value of the body.
    ///   - store: the history.
    ///   - limits: what a request may be.
    /// - Throws: `RequestError` with the field that is wrong.
    init(
        _ body: JSONValue,
        _ store: ForecastStore,
        _ limits: ServingSettings.Limits
    ) throws(RequestError) {
        horizon = store.horizon
        time = store.now()
        let reader = ForecastFields(store: store, limits: limits)
        let members = try reader.members(body, "body", Self.fields)
        for member in members {
            switch member.key {
            case "items": items = try reader.items(member.value)
            case "categories": categories = try reader.categories(member.value)
            case "total":
                guard case .boolean(let isWanted) = member.value else {
                    throw .wrongType("total", expected: "true or false", member.value)
                }
                hasTotal = isWanted
            case "horizon":
                horizon = try reader.integer(member.value, "horizon", 1...store.horizon)
            default: time = try reader.time(member.value, now: time)
            }
        }
        guard !items.isEmpty || !categories.isEmpty || hasTotal else {
            throw .missing("items", "`items`, `categories`, or `total` that is true")
        }
    }
}

/// Reads fields of requests of forecasts.
struct ForecastFields {
    let store: ForecastStore
    let limits: ServingSettings.Limits

    private static let itemFields = ["id", "category", "planned_prices", "reorder"]
    /// The fields of a reorder.
    static let reorderFields = [
        "price", "cost", "holding", "shortage", "stock", "on_order", "lead", "review", "pack",
        "minimum",
    ]

    /// The members of an object of which all are known.
    func members(
        _ value: JSONValue,
        _ field: String,
        _ known: [String]
    ) throws(RequestError) -> [JSONMember] {
        guard case .object(let members) = value else {
            throw .wrongType(field, expected: "an object", value)
        }
        for member in members where !known.contains(member.key) {
            let place = field == "body" ? member.key : "\(field).\(member.key)"
            throw RequestError(
                .badRequest,
                "unknown_field",
                field: place.shortened,
                message:
                    "\(place.shortened): there is no such field; expected \(known.joined(separator: ", "))."
            )
        }
        return members
    }

    func items(_ value: JSONValue) throws(RequestError) -> [ForecastRequest.Item] {
        var names: Set<String> = []
        var items: [ForecastRequest.Item] = []
        for (index, value) in try list(value, "items").enumerated() {
            let item = try item(value, "items[\(index)]")
            guard names.insert(item.name).inserted else {
                throw twice("items[\(index)].id", item.name)
            }
            items.append(item)
        }
        return items
    }

    func categories(_ value: JSONValue) throws(RequestError) -> [Int] {
        var places: Set<Int> = []
        var categories: [Int] = []
        for (index, value) in try list(value, "categories").enumerated() {
            let field = "categories[\(index)]"
            let name = try self.name(value, field)
            guard let place = store.panel.place(ofCategory: name) else {
                let known = store.panel.categories.prefix(12).map(\.name)
                throw RequestError(
                    .badRequest,
                    "unknown_category",
                    field: field,
                    message:
                        "\(field): the history has no such category; expected one of "
                        + known.joined(separator: ", ")
                        + (store.panel.categories.count > 12 ? ", ..." : "")
                        + "; received `\(name.shortened)`."
                )
            }
            guard places.insert(place).inserted else { throw twice(field, name) }
            categories.append(place)
        }
        return categories
    }

    func integer(
        _ value: JSONValue,
        _ field: String,
        _ range: ClosedRange<Int>
    ) throws(RequestError) -> Int {
        guard case .integer(let integer) = value else {
            throw .wrongType(field, expected: "a whole number", value)
        }
        guard let number = Int(exactly: integer), range.contains(number) else {
            throw .outOfRange(
                field,
                "from \(range.lowerBound) to \(range.upperBound)",
                "\(integer)"
            )
        }
        return number
    }

    func time(_ value: JSONValue, now: Int64) throws(RequestError) -> Int64 {
        if case .null = value { return now }
        guard case .integer(let time) = value else {
            throw .wrongType("time", expected: "milliseconds since 1970", value)
        }
        guard EventLimits.times.contains(time) else {
            throw .outOfRange("time", "milliseconds since 1970", "\(time)")
        }
        guard time <= now else {
            throw RequestError(
                .badRequest,
                "future_time",
                field: "time",
                message: "time: in the future; expected at most \(now); received \(time)."
            )
        }
        guard store.periodsPassed(at: time) >= 0 else {
            throw .outOfRange(
                "time",
                "a time after the end of the history, the first on \(store.panel.start(store.panel.count))",
                "\(time)"
            )
        }
        return time
    }

    private func item(
        _ value: JSONValue,
        _ place: String
    ) throws(RequestError)
        -> ForecastRequest.Item
    {
        let members = try members(value, place, Self.itemFields)
        guard let id = members.first(where: { $0.key == "id" })?.value else {
            throw .missing("\(place).id", "the item's identity")
        }
        let name = try self.name(id, "\(place).id")
        var item = ForecastRequest.Item(id: id, name: name)
        for member in members {
            let field = "\(place).\(member.key)"
            switch member.key {
            case "category":
                if case .null = member.value { continue }
                item.category = try self.name(member.value, field)
            case "planned_prices": item.planned = try prices(member.value, field)
            case "reorder": item.reorder = try reorder(member.value, field)
            default: continue
            }
        }
        guard store.settings.fallback != .refuse || store.panel.place(ofItem: name) != nil else {
            throw RequestError(
                .badRequest,
                "unknown_item",
                field: "\(place).id",
                message:
                    "\(place).id: the item has no history; expected one that was sold before "
                    + "\(store.panel.start(store.panel.count)); received `\(name.shortened)`. A server with another "
                    + "`forecast.fallback` answers for such items."
            )
        }
        return item
    }

    private func prices(_ value: JSONValue, _ field: String) throws(RequestError) -> [Double?] {
        guard case .array(let values) = value else {
            throw .wrongType(field, expected: "a list of prices, one for each period ahead", value)
        }
        guard values.count <= store.horizon else {
            throw .outOfRange(field, "at most \(store.horizon) prices", "\(values.count)")
        }
        var prices: [Double?] = []
        for (index, value) in values.enumerated() {
            if case .null = value {
                prices.append(nil)
            } else {
                prices.append(try number(value, "\(field)[\(index)]", 0...1e9))
            }
        }
        return prices
    }

    private func reorder(
        _ value: JSONValue,
        _ field: String
    ) throws(RequestError) -> ForecastRequest.ReorderTerms {
        let usual = store.settings.reorder
        var numbers: [String: Double] = [:]
        var (lead, review) = (usual.lead, usual.review)
        for member in try members(value, field, Self.reorderFields) {
            let place = "\(field).\(member.key)"
            switch member.key {
            case "lead": lead = try integer(member.value, place, 0...store.horizon)
            case "review": review = try integer(member.value, place, 1...store.horizon)
            default:
                let least = member.key == "pack" ? Reorder.Terms.leastPack : 0
                numbers[member.key] = try number(
                    member.value,
                    place,
                    least...Reorder.Terms.greatest
                )
            }
        }
        guard lead + review <= store.horizon else {
            throw .outOfRange(
                "\(field).lead",
                "`lead` and `review` of at most \(store.horizon) periods together, as far as is forecast",
                "\(lead) and \(review)"
            )
        }
        guard let price = numbers["price"], let cost = numbers["cost"] else {
            throw .missing(
                "\(field).\(numbers["price"] == nil ? "price" : "cost")",
                "what a unit sells for, and what it costs"
            )
        }
        guard let holding = numbers["holding"] ?? usual.holding else {
            throw .missing(
                "\(field).holding",
                "what a unit costs that is left over, or `forecast.reorder.holding` of the server"
            )
        }
        var terms = Reorder.Terms(price: price, cost: cost, holding: holding)
        terms.shortage = numbers["shortage"] ?? usual.shortage
        terms.stock = numbers["stock"] ?? 0
        terms.onOrder = numbers["on_order"] ?? 0
        terms.pack = numbers["pack"] ?? 1
        terms.minimum = numbers["minimum"] ?? 0
        do { try terms.check() } catch {
            let name = error.description.prefix { $0 != ":" }
            throw RequestError(
                .badRequest,
                name == "cost" ? "cost_above_price" : "out_of_range",
                field: "\(field).\(name)",
                message: "\(field).\(error.description)"
            )
        }
        return ForecastRequest.ReorderTerms(terms: terms, periods: lead + review)
    }

    private func list(_ value: JSONValue, _ field: String) throws(RequestError) -> [JSONValue] {
        guard case .array(let values) = value else {
            throw .wrongType(field, expected: "a list", value)
        }
        let most = store.settings.maximumItems
        guard (1...most).contains(values.count) else {
            throw .outOfRange(field, "from 1 to \(most) of them", "\(values.count)")
        }
        return values
    }

    func name(_ value: JSONValue, _ field: String) throws(RequestError) -> String {
        try RequestFields(known: [], online: nil, limits: limits).identity(value, field)
    }

    func number(
        _ value: JSONValue,
        _ field: String,
        _ range: ClosedRange<Double>
    ) throws(RequestError) -> Double {
        let number: Double
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let given): number = given
        default: throw .wrongType(field, expected: "a number", value)
        }
        guard range.contains(number) else {
            throw .outOfRange(field, "from \(range.lowerBound) to \(range.upperBound)", "\(number)")
        }
        return number
    }

    func twice(_ field: String, _ name: String) -> RequestError {
        RequestError(
            .badRequest,
            "duplicate",
            field: field,
            message:
                "\(field): it is asked for twice; expected names that differ; received `\(name.shortened)`."
        )
    }
}
