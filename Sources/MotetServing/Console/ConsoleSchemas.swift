/// The schema of what the console shows.
enum ConsoleSchemas {
    /// The whole of it.
    static let data = object([
        ("time", integer), ("started", integer), ("motet", text), ("ready", ["type": "boolean"]),
        ("memory_bytes", optionalNumber), ("cpu_seconds", optionalNumber), ("degraded", count),
        (
            "queue",
            object([("waiting", count), ("limit", count), ("busy", count), ("workers", count)])
        ),
        ("stages", list(object([("stage", text), ("mean", number)]))),
        (
            "models",
            list(
                object([
                    ("role", ["enum": ["control", "experiment", "shadow"]]),
                    ("version", optionalText), ("previous", optionalText), ("answers", count),
                    ("reference", optional(object([("part", text), ("rows", count)]))),
                ])
            )
        ),
        ("differences", list(object([("task", text), ("mean", number)]))),
        ("traffic", traffic), ("store", optional(store)), ("ads", optional(ads)),
        ("learning", optional(list(learnedStep))), ("forecasts", optional(forecasts)),
        ("scores", list(scores)),
        (
            "drift",
            list(
                object([
                    ("version", text), ("kind", ["enum": ["feature", "score", "outcome"]]),
                    ("name", text),
                    ("rows", count), ("stability", optionalNumber), ("distance", optionalNumber),
                    ("probability", optionalNumber), ("calibration", optionalNumber),
                    ("alarm", ["type": "boolean"]),
                ])
            )
        ),
        ("decisions", list(decision)),
    ])

    private static let ads = object([
        ("currency", text),
        (
            "campaigns",
            list(
                object([
                    ("campaign", text), ("budget", number), ("spent", number),
                    ("planned", number), ("share", number), ("sold", count), ("charges", count),
                    ("points", list(list(number))),
                ])
            )
        ),
    ])

    private static let learnedStep = object([
        ("step", count), ("after", integer), ("through", integer), ("rows", count),
        ("corrections", count), ("promoted", optionalText), ("reason", optionalText),
        (
            "tasks",
            list(
                object([
                    ("task", text), ("rows", count), ("positives", count), ("live", measure),
                    ("candidate", measure),
                ])
            )
        ),
    ])

    private static let forecasts = object([
        ("period", ["enum": ["day", "week"]]), ("origin", text), ("stated", number),
        ("counts_events", ["type": "boolean"]),
        (
            "scores",
            list(
                object([
                    ("level", level), ("ahead", count), ("periods", count), ("count", count),
                    ("wape", optionalNumber), ("bias", optionalNumber), ("inside", number),
                ])
            )
        ),
        (
            "series",
            list(
                object([
                    ("level", level), ("name", text),
                    (
                        "points",
                        list(
                            object([
                                ("start", text), ("mean", optionalNumber), ("low", optionalNumber),
                                ("high", optionalNumber), ("actual", optionalNumber),
                                ("over", ["type": "boolean"]),
                            ])
                        )
                    ),
                ])
            )
        ),
    ])

    private static let level: JSONValue = ["enum": ["total", "category", "item"]]

    private static let measure = object([
        ("log_loss", optionalNumber), ("calibration", optionalNumber),
    ])

    private static let traffic = object([
        ("piece_seconds", count), ("times", list(integer)),
        (
            "routes",
            list(
                object([
                    ("route", text), ("total", count), ("failures", count), ("refused", count),
                    ("requests", list(count)), ("failed", list(count)),
                    ("p50", list(optionalNumber)), ("p50_all", optionalNumber),
                    ("p50_minute", optionalNumber), ("p99", list(optionalNumber)),
                    ("p99_all", optionalNumber), ("p99_minute", optionalNumber),
                ])
            )
        ),
    ])

    private static let store = object([
        ("kind", text), ("applied", count), ("duplicate", count), ("late", count),
        ("failures", count),
        (
            "operations",
            list(object([("operation", text), ("count", count), ("mean", number)]))
        ),
    ])

    private static let scores = object([
        ("version", text), ("window_seconds", count),
        (
            "tasks",
            list(
                object([
                    ("task", text), ("logarithmic", ["type": "boolean"]), ("edges", list(number)),
                    ("spreads", list(spread)),
                ])
            )
        ),
    ])

    private static let spread = object([
        ("scenario", optionalText), ("count", count), ("mean", optionalNumber),
        ("stability", optionalNumber), ("counts", list(count)),
        (
            "reference",
            optional(
                object([
                    ("rows", count), ("mean", number), ("label_mean", optionalNumber),
                    ("shares", list(number)),
                ])
            )
        ),
    ])

    private static let decision = object([
        ("kind", ["enum": .array(Decision.Kind.allCases.map { .text($0.rawValue) })]),
        ("request", text), ("time", integer), ("user", optionalText),
        ("scenario", optionalText), ("model", text), ("variant", text),
        ("degraded", ["type": "boolean"]), ("milliseconds", number), ("count", count),
        ("notes", list(text)),
        (
            "items",
            list(
                object([
                    ("id", text), ("value", optionalNumber),
                    ("scores", list(object([("task", text), ("value", number)]))),
                    ("sources", list(text)), ("reasons", list(text)),
                ])
            )
        ),
    ])

    private static let text: JSONValue = ["type": "string"]
    private static let optionalText: JSONValue = ["type": ["string", "null"]]
    private static let integer: JSONValue = ["type": "integer"]
    private static let count: JSONValue = ["type": "integer", "minimum": 0]
    private static let number: JSONValue = ["type": "number"]
    private static let optionalNumber: JSONValue = ["type": ["number", "null"]]

    private static func list(_ items: JSONValue) -> JSONValue {
        ["type": "array", "items": items]
    }

    private static func optional(_ schema: JSONValue) -> JSONValue {
        ["oneOf": [schema, ["type": "null"]]]
    }

    /// An object with these fields and no others.
    private static func object(_ fields: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "required": .array(fields.map { .text($0.0) }),
            "properties": .object(fields.map { JSONMember(key: $0.0, value: $0.1) }),
        ]
    }
}
