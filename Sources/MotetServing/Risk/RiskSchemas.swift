import MotetDecisions

/// The schemas of `POST /v1/risk`.
enum RiskSchemas {
    static func request(_ run: RunColumns, _ settings: ServingSettings.Risk) -> JSONValue {
        guard case .object(let members) = ScoreSchemas.request(run),
            case .object(let scoring)? = members.first(where: { $0.key == "properties" })?.value
        else { return ["type": "object"] }
        let kinds = settings.kinds.map { kind -> JSONValue in
            let properties =
                [JSONMember(key: "kind", value: ["const": .text(kind.rawValue)])]
                + own(kind, settings) + scoring.filter { $0.key != "time" }
            let isDefault = kind == .order
            let required =
                (isDefault ? [] : ["kind"]) + ["id"]
                + (kind == .order ? ["amount", "currency"] : []) + ["items"]
            return [
                "type": "object", "required": .array(required.map { .text($0) }),
                "additionalProperties": false, "properties": .object(properties),
            ]
        }
        return kinds.count == 1 ? kinds[0] : ["oneOf": .array(kinds)]
    }

    private static func own(
        _ kind: ServingSettings.Risk.Kind,
        _ settings: ServingSettings.Risk
    ) -> [JSONMember] {
        func text(_ most: Int, _ pattern: String) -> JSONValue {
            [
                "type": ["string", "null"], "minLength": 1, "maxLength": .integer(Int64(most)),
                "pattern": .text(pattern),
            ]
        }
        let name: JSONValue = ["oneOf": [ScoreSchemas.identity, ["type": "null"]]]
        var members = [
            JSONMember(key: "id", value: ScoreSchemas.identity),
            JSONMember(key: "time", value: EventSchemas.time(["integer", "null"])),
            JSONMember(key: "explain", value: ["type": "boolean"]),
        ]
        for dimension in RiskDimension.allCases where dimension != .account {
            let schema: JSONValue =
                switch dimension {
                case .email: text(RiskRequest.mailLength, "@")
                case .phone: text(RiskRequest.phoneLength, "[0-9]")
                default: name
                }
            members.append(JSONMember(key: dimension.rawValue, value: schema))
        }
        guard kind == .order else { return members }
        return members + [
            JSONMember(
                key: "amount",
                value: ["type": "number", "minimum": 0, "maximum": .number(settings.maximumAmount)]
            ),
            JSONMember(key: "currency", value: ["const": .text(settings.currency)]),
        ]
    }

    static func answer(_ settings: ServingSettings.Risk) -> JSONValue {
        object(
            [
                ("request_id", ["type": "string"]), ("id", ScoreSchemas.identity),
                ("kind", ["enum": .array(settings.kinds.map { .text($0.rawValue) })]),
                ("repeated", ["type": "boolean"]), ("model", ["type": "string"]),
                ("variant", ["enum": ["control", "experiment"]]), ("degraded", ["type": "boolean"]),
                ("decision", decision), ("score", probability), ("model_score", probability),
                (
                    "reasons",
                    list(
                        object([
                            ("code", ["type": "string", "minLength": 1]), ("value", number),
                            ("weight", ["type": ["number", "null"]]),
                            ("demands", ["oneOf": [decision, ["type": "null"]]]),
                            ("text", ["type": "string", "minLength": 1]),
                        ])
                    )
                ),
                ("costs", object(RiskDecision.allCases.map { ($0.rawValue, amount) })),
                ("explain", explanation),
            ],
            optional: ["explain"]
        )
    }

    private static let explanation = object([
        ("thresholds", object([("review", probability), ("block", probability)])),
        ("cheapest", decision), ("evidence", number), ("evidence_limit", number),
        ("item_scores", itemScores), ("sourced_columns", count),
        (
            "counts",
            list(
                object([
                    ("of", ["enum": .array(RiskDimension.allCases.map { .text($0.rawValue) })]),
                    ("window_seconds", amount), ("orders", count), ("amount", amount),
                    ("accounts", count),
                ])
            )
        ),
    ])

    private static let itemScores: JSONValue = [
        "type": "array", "minItems": 1,
        "maxItems": .integer(Int64(RiskJudgement.leadingItems)),
        "items": object([("item", count), ("score", probability)]),
    ]

    private static let decision: JSONValue = [
        "enum": .array(RiskDecision.allCases.map { .text($0.rawValue) })
    ]
    private static let number: JSONValue = ["type": "number"]
    private static let amount: JSONValue = ["type": "number", "minimum": 0]
    private static let probability: JSONValue = ["type": "number", "minimum": 0, "maximum": 1]
    private static let count: JSONValue = ["type": "integer", "minimum": 0]

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
