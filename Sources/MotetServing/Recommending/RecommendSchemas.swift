import HTTPTypes

/// What the OpenAPI document says of recommendations.
struct RecommendColumns: Sendable {
    /// The most items a request may ask for.
    let maximumLimit: Int
    /// The names of the sources.
    let sources: [String]

    init(_ settings: ServingSettings.Recommend) {
        maximumLimit = settings.maximumLimit
        sources = settings.sources.map(\.name)
    }
}

/// The schemas of `POST /v1/recommend`.
enum RecommendSchemas {
    static func request(_ run: RunColumns) -> JSONValue {
        guard case .object(var members) = ScoreSchemas.request(run.recommending),
            let recommend = run.recommend,
            let place = members.firstIndex(where: { $0.key == "properties" }),
            case .object(var properties) = members[place].value
        else { return ["type": "object"] }
        members.removeAll { $0.key == "required" }
        let names: JSONValue = [
            "type": "array", "maxItems": .integer(Int64(run.limits.listValues)),
            "items": ScoreSchemas.identity,
        ]
        let sources: JSONValue =
            recommend.sources.isEmpty
            ? ["type": "array", "maxItems": 0]
            : [
                "type": "array", "maxItems": .integer(Int64(recommend.sources.count)),
                "items": ["enum": .array(recommend.sources.map { .text($0) })],
            ]
        properties += [
            JSONMember(
                key: "limit",
                value: [
                    "type": "integer", "minimum": 1,
                    "maximum": .integer(Int64(recommend.maximumLimit)),
                ]
            ),
            JSONMember(key: "explain", value: ["type": "boolean"]),
            JSONMember(key: "sources", value: sources),
            JSONMember(key: "cart", value: names),
            JSONMember(key: "blocked_items", value: names),
            JSONMember(key: "blocked_categories", value: names),
        ]
        let index = members.firstIndex { $0.key == "properties" } ?? 0
        members[index].value = .object(properties)
        return .object(members)
    }

    static func answer(_ run: RunColumns) -> JSONValue {
        let names = (run.recommend?.sources ?? []) + [ServingSettings.Recommend.given]
        let source: JSONValue = ["enum": .array(names.map { .text($0) })]
        return [
            "type": "object",
            "required": ["request_id", "model", "variant", "degraded", "items"],
            "additionalProperties": false,
            "properties": [
                "request_id": ["type": "string"], "model": ["type": "string"],
                "variant": ["enum": ["control", "experiment"]],
                "degraded": ["type": "boolean"],
                "items": [
                    "type": "array",
                    "maxItems": .integer(Int64(run.recommend?.maximumLimit ?? 0)),
                    "items": [
                        "type": "object", "required": ["id", "score"],
                        "additionalProperties": false,
                        "properties": [
                            "id": ScoreSchemas.identity, "score": ["type": "number"],
                            "explain": item(run, source),
                        ],
                    ],
                ],
                "explain": explanation(source),
            ],
        ]
    }

    private static let count: JSONValue = ["type": "integer", "minimum": 0]

    private static func item(_ run: RunColumns, _ source: JSONValue) -> JSONValue {
        [
            "type": "object",
            "required": ["scores", "sources", "place_by_score", "moved_by"],
            "additionalProperties": false,
            "properties": [
                "scores": ScoreSchemas.scores(run),
                "sources": [
                    "type": "array", "minItems": 1,
                    "items": [
                        "type": "object", "required": ["source", "rank", "score"],
                        "additionalProperties": false,
                        "properties": [
                            "source": source, "rank": count,
                            "score": ["type": ["number", "null"]],
                        ],
                    ],
                ],
                "place_by_score": count,
                "moved_by": [
                    "type": "array", "items": ["enum": ["category_quota", "diversity"]],
                ],
            ],
        ]
    }

    private static func explanation(_ source: JSONValue) -> JSONValue {
        let codes = Recommendation.codes
        return [
            "type": "object",
            "required": [
                "formula", "candidates", "over_limit", "fallback", "sources", "outcomes", "removed",
            ],
            "additionalProperties": false,
            "properties": [
                "formula": ["type": "string"], "candidates": count, "over_limit": count,
                "fallback": ["type": "boolean"],
                "sources": [
                    "type": "array",
                    "items": [
                        "type": "object",
                        "required": ["source", "outcome", "candidates", "error"],
                        "additionalProperties": false,
                        "properties": [
                            "source": source,
                            "outcome": [
                                "enum": .array(
                                    RecommendRecord.Outcome.allCases.map { .text($0.rawValue) }
                                )
                            ],
                            "candidates": count, "error": ["type": ["string", "null"]],
                        ],
                    ],
                ],
                "outcomes": [
                    "type": "object", "additionalProperties": false,
                    "required": .array(codes.map { .text($0) }),
                    "properties": .object(codes.map { JSONMember(key: $0, value: count) }),
                ],
                "removed": [
                    "type": "array",
                    "maxItems": .integer(Int64(Recommendation.explainedRemovals)),
                    "items": [
                        "type": "object", "required": ["id", "rule", "reason", "sources"],
                        "additionalProperties": false,
                        "properties": [
                            "id": ScoreSchemas.identity,
                            "rule": [
                                "enum": .array(RecommendMetrics.rules.map { .text($0) })
                            ],
                            "reason": ["type": "string", "minLength": 1],
                            "sources": ["type": "array", "minItems": 1, "items": source],
                        ],
                    ],
                ],
            ],
        ]
    }
}
