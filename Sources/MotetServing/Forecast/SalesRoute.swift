import HTTPTypes
import Logging
import MotetForecasting
import NIOCore

/// The route that is told what was sold in a period that is over.
struct SalesRoute: Sendable {
    let store: ForecastStore

    /// The most items of a request.
    static let mostItems = 100_000

    /// The route, on the threads of the others.
    func route(_ routes: ServingRoutes) -> Route {
        let store = store
        let documentation = RouteDocumentation(
            summary: "What was sold in a period that was forecast and is over.",
            request: { _ in SalesSchemas.request },
            success: { _ in SalesSchemas.answer },
            failures: RouteDocumentation.bodyFailures + [
                RouteDocumentation.failure(503, "What was sold cannot be kept.")
            ]
        )
        return Route(.post, "/v1/forecast/sales", name: "forecast_sales", documentation) {
            request in
            let body = request.body
            return try await routes.pool.run {
                let value = try body.withUnsafeReadableBytes { bytes in
                    try bytes.withMemoryRebound(to: UInt8.self) {
                        try JSONParser.parse($0, maximumDepth: routes.limits.jsonDepth)
                    }
                }
                let sales = try SalesReport(value, store, routes.limits)
                do throws(ServingError) {
                    try store.outcomes.report(sales.lines, in: sales.period, store)
                } catch {
                    routes.logger.error(
                        "sales not kept",
                        metadata: ["error": .string(error.description)]
                    )
                    throw RequestError(
                        .serviceUnavailable,
                        "forecast_unusable",
                        message:
                            "server: what was sold cannot be kept; expected a folder that can be written. Send it again later.",
                        retryAfterSeconds: routes.limits.retryAfterSeconds
                    )
                }
                return sales.answer(store)
            }
        }
    }
}

/// A body of `POST /v1/forecast/sales`.
struct SalesReport {
    /// The number of the period.
    let period: Int
    /// The units of each item, in thousandths, with the series they belong to.
    let lines: [(units: Int64, names: [SeriesName])]

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
        let reader = ForecastFields(store: store, limits: limits)
        var values: [String: JSONValue] = [:]
        for member in try reader.members(body, "body", ["start", "items"]) {
            values[member.key] = member.value
        }
        period = try Self.period(values["start"], store)
        guard let items = values["items"] else { throw .missing("items", "what was sold, by item") }
        guard case .array(let listed) = items else {
            throw .wrongType("items", expected: "a list", items)
        }
        guard listed.count <= SalesRoute.mostItems else {
            throw .outOfRange("items", "at most \(SalesRoute.mostItems) of them", "\(listed.count)")
        }
        var known: Set<String> = []
        var lines: [(units: Int64, names: [SeriesName])] = []
        for (index, value) in listed.enumerated() {
            let place = "items[\(index)]"
            var (id, category, units): (String?, String?, UnitCount?) = (nil, nil, nil)
            for member in try reader.members(value, place, ["id", "category", "units"]) {
                let field = "\(place).\(member.key)"
                switch member.key {
                case "id": id = try reader.name(member.value, field)
                case "category":
                    if case .null = member.value { continue }
                    category = try reader.name(member.value, field)
                default:
                    units = UnitCount(
                        try reader.number(member.value, field, 0...UnitCount.greatest)
                    )
                }
            }
            guard let id else { throw .missing("\(place).id", "the item's identity") }
            guard let units else { throw .missing("\(place).units", "how many were sold") }
            guard known.insert(id).inserted else { throw reader.twice("\(place).id", id) }
            lines.append((units.thousandths, store.names(of: id, category: category)))
        }
        self.lines = lines
    }

    private static func period(
        _ value: JSONValue?,
        _ store: ForecastStore
    ) throws(RequestError) -> Int {
        guard let value else { throw .missing("start", "the first day of the period") }
        guard case .text(let text) = value, let day = CalendarDay(text) else {
            throw .wrongType("start", expected: "a day such as \"2011-12-05\"", value)
        }
        let period = store.panel.period.index(ofDay: day.number)
        guard store.panel.period.start(period).number == day.number else {
            throw .outOfRange(
                "start",
                "the first day of a \(store.panel.period.rawValue), such as \(store.panel.period.start(period))",
                text
            )
        }
        guard store.outcomes.wasForecast(period) else {
            throw .outOfRange("start", "a \(store.panel.period.rawValue) that was forecast", text)
        }
        guard store.now() >= store.begin(of: period + 1) else {
            throw RequestError(
                .badRequest,
                "unfinished_period",
                field: "start",
                message:
                    "start: the \(store.panel.period.rawValue) is not over; expected one that ended; received `\(text)`."
            )
        }
        return period
    }

    /// What is answered.
    func answer(_ store: ForecastStore) -> Answer {
        let sum = lines.reduce(0.0) { $0 + UnitCount(thousandths: $1.units).units }
        return Answer { writer in
            writer.key("start")
            writer.text(store.panel.period.start(period).description)
            writer.key("items")
            writer.integer(lines.count)
            writer.key("units")
            writer.number(sum)
        }
    }
}

/// The schemas of `POST /v1/forecast/sales`.
enum SalesSchemas {
    private static let day: JSONValue = [
        "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    ]

    static let request: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["start", "items"],
        "properties": [
            "start": day,
            "items": [
                "type": "array", "maxItems": .integer(Int64(SalesRoute.mostItems)),
                "items": [
                    "type": "object", "additionalProperties": false, "required": ["id", "units"],
                    "properties": [
                        "id": ScoreSchemas.identity,
                        "category": ["oneOf": [ScoreSchemas.identity, ["type": "null"]]],
                        "units": [
                            "type": "number", "minimum": 0, "maximum": .number(UnitCount.greatest),
                        ],
                    ],
                ],
            ],
        ],
    ]

    static let answer: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["start", "items", "units"],
        "properties": [
            "start": day, "items": ["type": "integer", "minimum": 0],
            "units": ["type": "number", "minimum": 0],
        ],
    ]
}
