import HTTPTypes
import MotetForecasting

/// The route that forecasts demand.
struct ForecastRoute: Sendable {
    let store: ForecastStore

    /// The route, on the threads and with the models of the others.
    func route(_ routes: ServingRoutes) -> Route {
        let store = store
        let documentation = RouteDocumentation(
            summary:
                "The demand of items, categories and everything, with quantiles, and what to order.",
            request: { _ in ForecastSchemas.request(store) },
            success: { _ in ForecastSchemas.answer(store) },
            failures: RouteDocumentation.bodyFailures + RouteDocumentation.computingFailures
        )
        return Route(.post, "/v1/forecast", name: "forecast", documentation) { request in
            guard routes.rollout.isWarm else { throw RequestError.notReady(routes.limits) }
            let forecaster = Forecaster(
                store: store,
                rollout: routes.rollout,
                limits: routes.limits,
                requestID: request.id
            )
            let start = ContinuousClock.now
            let (answer, report) = try await routes.pool.run {
                try forecaster.answer(request.body, since: start)
            }
            routes.metrics.forecast(report)
            return answer
        }
    }
}

/// The schemas of `POST /v1/forecast`.
enum ForecastSchemas {
    static func request(_ store: ForecastStore) -> JSONValue {
        let most = JSONValue.integer(Int64(store.settings.maximumItems))
        let price: JSONValue = ["type": "number", "minimum": 0, "maximum": .number(1e9)]
        let periods = JSONValue.integer(Int64(store.horizon))
        var terms = ForecastFields.reorderFields.map { name -> JSONMember in
            switch name {
            case "lead":
                JSONMember(key: name, value: ["type": "integer", "minimum": 0, "maximum": periods])
            case "review":
                JSONMember(key: name, value: ["type": "integer", "minimum": 1, "maximum": periods])
            default: JSONMember(key: name, value: price)
            }
        }
        terms = terms.map { member in
            let least = ["holding": 1e-9, "pack": 0.001][member.key]
            guard let least else { return member }
            return JSONMember(
                key: member.key,
                value: ["type": "number", "minimum": .number(least), "maximum": .number(1e9)]
            )
        }
        let needed: [JSONValue] =
            ["price", "cost"] + (store.settings.reorder.holding == nil ? ["holding"] : [])
        let item: JSONValue = [
            "type": "object", "required": ["id"], "additionalProperties": false,
            "properties": [
                "id": ScoreSchemas.identity,
                "category": ["oneOf": [ScoreSchemas.identity, ["type": "null"]]],
                "planned_prices": [
                    "type": "array", "maxItems": periods,
                    "items": ["type": ["number", "null"], "minimum": 0, "maximum": .number(1e9)],
                ],
                "reorder": [
                    "type": "object", "additionalProperties": false, "required": .array(needed),
                    "properties": .object(terms),
                ],
            ],
        ]
        return [
            "type": "object", "additionalProperties": false,
            "anyOf": [
                ["required": ["items"]], ["required": ["categories"]],
                ["required": ["total"], "properties": ["total": ["const": true]]],
            ],
            "properties": [
                "items": ["type": "array", "minItems": 1, "maxItems": most, "items": item],
                "categories": [
                    "type": "array", "minItems": 1, "maxItems": most,
                    "items": ScoreSchemas.identity,
                ],
                "total": ["type": "boolean"],
                "horizon": ["type": "integer", "minimum": 1, "maximum": periods],
                "time": EventSchemas.time(["integer", "null"]),
            ],
        ]
    }

    static func answer(_ store: ForecastStore) -> JSONValue {
        let number: JSONValue = ["type": "number", "minimum": 0]
        let text: JSONValue = ["type": "string"]
        let day: JSONValue = ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"]
        let forecasts: JSONValue = [
            "type": "array", "minItems": 1,
            "items": object([
                ("start", day), ("mean", number),
                (
                    "quantiles",
                    ["type": "array", "items": object([("level", number), ("units", number)])]
                ),
            ]),
        ]
        let reorder = object([
            ("critical_ratio", number), ("target", number), ("quantity", number),
            ("expected_cost", number), ("expected_shortage", number),
        ])
        let item = object([
            ("id", ScoreSchemas.identity), ("category", ["type": ["string", "null"]]),
            ("fallback", ["enum": ["average", "zero", .null]]), ("forecasts", forecasts),
            ("reorder", ["oneOf": [reorder, ["type": "null"]]]),
        ])
        return object([
            ("request_id", text), ("model", text),
            ("variant", ["enum": ["control", "experiment"]]),
            ("degraded", ["type": "boolean"]),
            ("period", ["const": .text(store.panel.period.rawValue)]), ("origin", day),
            ("items", ["type": "array", "items": item]),
            (
                "categories",
                ["type": "array", "items": object([("id", text), ("forecasts", forecasts)])]
            ),
            ("total", ["oneOf": [object([("forecasts", forecasts)]), ["type": "null"]]]),
        ])
    }

    private static func object(_ fields: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "required": .array(fields.map { .text($0.0) }),
            "properties": .object(fields.map { JSONMember(key: $0.0, value: $0.1) }),
        ]
    }
}
