import MotetDecisions

/// The schemas of `POST /v1/price`.
enum PriceSchemas {
    static func request(_ run: RunColumns, _ settings: ServingSettings.Price) -> JSONValue {
        guard case .object(let members) = ScoreSchemas.request(run),
            case .object(let scoring)? = members.first(where: { $0.key == "properties" })?.value
        else { return ["type": "object"] }
        let properties = scoring.map { member -> JSONMember in
            switch member.key {
            case "items": JSONMember(key: "items", value: items(member.value, settings))
            case "user", "context":
                JSONMember(key: member.key, value: part(member.value, settings, more: []))
            default: member
            }
        }
        let own = [
            JSONMember(key: "currency", value: ["const": .text(settings.currency)]),
            JSONMember(key: "explain", value: ["type": "boolean"]),
        ]
        return [
            "type": "object", "required": ["currency", "items"], "additionalProperties": false,
            "properties": .object(own + properties),
        ]
    }

    private static func items(_ list: JSONValue, _ settings: ServingSettings.Price) -> JSONValue {
        guard case .object(let members) = list else { return list }
        let price = range(1e-6, settings.maximum)
        let own = [
            JSONMember(key: "present", value: price), JSONMember(key: "list", value: price),
            JSONMember(key: "cost", value: range(0, settings.maximum)),
            JSONMember(
                key: "stock",
                value: [
                    "type": ["integer", "null"], "minimum": 0,
                    "maximum": .integer(Int64(PriceRequest.mostStock)),
                ]
            ),
            JSONMember(key: "floor", value: price), JSONMember(key: "ceiling", value: price),
            JSONMember(key: "greatest_change", value: range(1e-6, 100)),
        ]
        return .object(
            members.map { member in
                guard member.key == "items" else { return member }
                return JSONMember(key: "items", value: part(member.value, settings, more: own))
            }
        )
    }

    /// A part of the request: what is never used may be anything.
    private static func part(
        _ part: JSONValue,
        _ settings: ServingSettings.Price,
        more: [JSONMember]
    ) -> JSONValue {
        guard case .object(let members) = part else { return part }
        let personal = Set(settings.neverUse.map(\.text))
        let names = Set(more.map(\.key))
        return .object(
            members.map { member in
                guard member.key == "properties", case .object(let fields) = member.value else {
                    return member
                }
                let own = fields.filter { !names.contains($0.key) }.map { field in
                    personal.contains(field.key) && field.key != "id"
                        ? JSONMember(key: field.key, value: .object([])) : field
                }
                return JSONMember(key: "properties", value: .object(own + more))
            }
        )
    }

    private static func range(_ least: Double, _ greatest: Double) -> JSONValue {
        [
            "type": ["number", "null"], "minimum": .number(least), "maximum": .number(greatest),
        ]
    }

    static func answer(_ settings: ServingSettings.Price) -> JSONValue {
        object(
            [
                ("request_id", text), ("model", text),
                ("variant", ["enum": ["control", "experiment"]]), ("degraded", boolean),
                ("currency", ["const": .text(settings.currency)]),
                ("objective", ["const": .text(settings.objective.rawValue)]),
                ("valid_until", ["type": "integer"]), ("items", list(item)),
                ("explain", object([("never_used", list(text))])),
            ],
            optional: ["explain"]
        )
    }

    private static let item = object(
        [
            ("id", ScoreSchemas.identity), ("price", amount), ("decision", text),
            (
                "propensity", ["type": "number", "minimum": 0, "maximum": 1]
            ),
            ("reason", ["enum": .array(PriceReason.allCases.map { .text($0.rawValue) })]),
            ("repeated", boolean), ("fallback", boolean),
            ("expected_units", ["type": ["number", "null"], "minimum": 0]),
            ("expected_value", optional), ("explain", explanation),
        ],
        optional: ["explain"]
    )

    private static let explanation = object([
        ("present", amount), ("best", amount), ("cost", optional),
        ("stock", ["type": ["integer", "null"]]), ("model", text),
        ("chosen_at", ["type": "integer"]), ("changes", ["type": "integer", "minimum": 0]),
        (
            "demand",
            [
                "oneOf": [
                    object([
                        ("level", number), ("elasticity", ["type": "number", "maximum": 0]),
                        ("level_deviation", number), ("elasticity_deviation", number),
                    ]), ["type": "null"],
                ]
            ]
        ),
        (
            "rules",
            object([
                ("floor", amount), ("ceiling", amount), ("step", amount),
                ("greatest_change", optional), ("endings", list(["type": "integer"])),
            ])
        ),
        (
            "options",
            list(
                object([
                    ("price", amount), ("units", number), ("value", number),
                    ("propensity", ["type": "number", "minimum": 0, "maximum": 1]),
                ])
            )
        ),
    ])

    private static let text: JSONValue = ["type": "string"]
    private static let boolean: JSONValue = ["type": "boolean"]
    private static let number: JSONValue = ["type": "number"]
    private static let optional: JSONValue = ["type": ["number", "null"]]
    private static let amount: JSONValue = ["type": "number", "minimum": 0]

    private static func list(_ items: JSONValue) -> JSONValue {
        ["type": "array", "items": items]
    }

    /// An object with these fields and no others.
    private static func object(
        _ fields: [(String, JSONValue)],
        optional: [String] = []
    ) -> JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "required": .array(
                fields.map(\.0).filter { !optional.contains($0) }.map { .text($0) }
            ),
            "properties": .object(fields.map { JSONMember(key: $0.0, value: $0.1) }),
        ]
    }
}
