import HTTPTypes
import MotetFeatures

/// The schemas of the routes around the store of features.
enum EventSchemas {
    /// A time in milliseconds since 1970.
    static func time(_ types: JSONValue) -> JSONValue {
        [
            "type": types, "minimum": .integer(EventLimits.times.lowerBound),
            "maximum": .integer(EventLimits.times.upperBound),
        ]
    }

    /// A body of events: one, a list, or a list under `events`.
    static func request(_ limit: Int) -> JSONValue {
        let list: JSONValue = [
            "type": "array", "minItems": 1, "maxItems": .integer(Int64(limit)), "items": event,
        ]
        let batch: JSONValue = [
            "type": "object", "required": ["events"], "additionalProperties": false,
            "properties": ["events": list],
        ]
        return ["oneOf": [event, list, batch]]
    }

    private static let event: JSONValue = [
        "type": "object", "required": ["id", "time", "kind", "user"],
        "additionalProperties": false,
        "properties": [
            "id": name(isOptional: false), "time": time("integer"),
            "kind": ["enum": .array(EventKind.allCases.map { .text($0.rawValue) })],
            "user": name(isOptional: false), "item": name(isOptional: true),
            "category": name(isOptional: true), "scenario": name(isOptional: true),
            "query": [
                "type": ["string", "null"], "minLength": 1,
                "maxLength": .integer(Int64(EventLimits.queryBytes)),
                "pattern": "^[^\\u0000-\\u001f\\u007f]+$",
            ],
            "quantity": number, "price": number,
        ],
    ]

    private static let number: JSONValue = [
        "type": ["number", "null"], "minimum": 0,
        "maximum": .integer(Int64(EventLimits.greatestNumber)),
    ]

    private static func name(isOptional: Bool) -> JSONValue {
        var kinds: [JSONValue] = [
            [
                "type": "string", "minLength": 1,
                "maxLength": .integer(Int64(EventLimits.nameBytes)),
                "pattern": "^[^|\\u0000-\\u001f\\u007f]+$",
            ],
            ["type": "integer", "minimum": .integer(.min), "maximum": .integer(.max)],
        ]
        if isOptional { kinds.append(["type": "null"]) }
        return ["oneOf": .array(kinds)]
    }

    /// How many events became what.
    static let counts: JSONValue = {
        let count: JSONValue = ["type": "integer", "minimum": 0]
        return [
            "type": "object", "required": ["applied", "duplicate", "late"],
            "additionalProperties": false,
            "properties": ["applied": count, "duplicate": count, "late": count],
        ]
    }()

    /// A profile, as `UserProfile` is written.
    static let profile: JSONValue = [
        "type": "object", "required": ["interests", "stage", "changes", "degraded"],
        "additionalProperties": false,
        "properties": [
            "interests": list(
                of: ["category": text, "affinity": plain, "share": share],
                required: ["category", "affinity", "share"]
            ),
            "degraded": ["type": "boolean"],
            "stage": ["enum": .array(UserProfile.Stage.allCases.map { .text($0.rawValue) })],
            "visit": [
                "type": "object",
                "required": ["start", "seconds", "actions", "focusShare", "items"],
                "additionalProperties": false,
                "properties": [
                    "start": ["type": "integer"], "seconds": ["type": "number", "minimum": 0],
                    "actions": ["type": "integer", "minimum": 1], "focus": text,
                    "focusShare": share,
                    "items": ["type": "array", "maxItems": 10, "items": text], "query": text,
                ],
            ],
            "changes": list(
                of: [
                    "category": text, "visitShare": share, "usualShare": share,
                    "isNew": ["type": "boolean"],
                ],
                required: ["category", "visitShare", "usualShare", "isNew"]
            ),
        ],
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let plain: JSONValue = ["type": "number"]
    private static let share: JSONValue = ["type": "number", "minimum": 0, "maximum": 1]

    private static func list(of properties: JSONValue, required: JSONValue) -> JSONValue {
        [
            "type": "array",
            "items": [
                "type": "object", "additionalProperties": false, "required": required,
                "properties": properties,
            ],
        ]
    }
}

extension FeatureRoutes {
    static let events = RouteDocumentation(
        summary: "Takes in what users did: one event, a list, or a list under `events`.",
        request: { EventSchemas.request($0.limits.events) },
        success: { _ in EventSchemas.counts },
        failures: RouteDocumentation.bodyFailures + [
            RouteDocumentation.failure(
                .tooManyRequests,
                "As many requests or events wait as may wait.",
                headers: ["Retry-After"]
            )
        ] + storeFailures
    )

    static let profile = RouteDocumentation(
        summary:
            "What is known of a user: interests, the visit that goes on, what is new in it.",
        parameters: [user, time],
        success: { _ in EventSchemas.profile },
        failures: [
            RouteDocumentation.failure(.badRequest, "The identity or the time is not one."),
            RouteDocumentation.failure(.notFound, "Nothing is known of the user."),
        ] + storeFailures
    )

    static let forgetting = RouteDocumentation(
        summary: "Forgets a user: everything the store keeps, in memory and on the disk.",
        parameters: [user],
        success: { _ in .null },
        successStatus: .noContent,
        failures: [
            RouteDocumentation.failure(.badRequest, "The identity is not one."),
            RouteDocumentation.failure(
                .tooManyRequests,
                "As many events wait as may wait.",
                headers: ["Retry-After"]
            ),
        ] + storeFailures
    )

    private static let user = RouteDocumentation.Parameter(
        name: "id",
        description: "The user's identity, percent-encoded.",
        schema: [
            "type": "string", "minLength": 1,
            "maxLength": .integer(Int64(EventLimits.nameBytes)),
        ]
    )

    private static let time = RouteDocumentation.Parameter(
        name: "time",
        description: "The time asked for, in milliseconds since 1970; now if left out.",
        schema: [
            "type": "integer", "minimum": .integer(EventLimits.times.lowerBound),
            "maximum": .integer(EventLimits.times.upperBound),
        ],
        isOfQuery: true
    )

    private static let storeFailures: [RouteDocumentation.Reply] = [
        RouteDocumentation.failure(.internalServerError, "A failure of the server."),
        RouteDocumentation.failure(
            .serviceUnavailable,
            "The store cannot be used, or the server is ending.",
            headers: ["Retry-After"]
        ),
    ]
}
