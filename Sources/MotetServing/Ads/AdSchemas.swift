import HTTPTypes
import MotetDecisions
import MotetFeatures
import MotetLedger

/// The schemas of the routes of ads.
enum AdSchemas {
    private static let number: JSONValue = ["type": "number", "minimum": 0]
    private static let count: JSONValue = ["type": "integer", "minimum": 0]
    private static let text: JSONValue = ["type": "string"]

    private static func object(
        _ fields: [(String, JSONValue)],
        optional: Set<String> = []
    ) -> JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "required": .array(fields.filter { !optional.contains($0.0) }.map { .text($0.0) }),
            "properties": .object(fields.map { JSONMember(key: $0.0, value: $0.1) }),
        ]
    }

    static func request(_ run: RunColumns) -> JSONValue {
        guard let ads = run.ads, case .object(var members) = ScoreSchemas.request(run),
            let place = members.firstIndex(where: { $0.key == "properties" }),
            case .object(var properties) = members[place].value,
            let list = properties.firstIndex(where: { $0.key == "items" }),
            case .object(var items) = properties[list].value,
            let item = items.firstIndex(where: { $0.key == "items" }),
            case .object(var parts) = items[item].value,
            let inner = parts.firstIndex(where: { $0.key == "properties" }),
            case .object(var columns) = parts[inner].value
        else { return ["type": "object"] }
        let money: [(String, JSONValue)] = [
            (
                "amount",
                ["type": "number", "minimum": 0, "maximum": .number(ads.settings.maximumBudget)]
            ),
            ("currency", ["const": .text(ads.settings.currency)]),
        ]
        let payments = ads.settings.conversion == nil ? [Bid.Payment.click] : Bid.Payment.allCases
        let bid = object([
            ("type", ["enum": .array(payments.map { .text($0.rawValue) })]),
            (
                "amount",
                [
                    "type": "number", "minimum": .number(1e-6),
                    "maximum": .number(ads.settings.maximumBid),
                ]
            ),
            money[1],
        ])
        columns.removeAll { AdRequest.itemFields.contains($0.key) }
        columns += [
            JSONMember(key: "ad", value: ScoreSchemas.identity),
            JSONMember(key: "campaign", value: ScoreSchemas.identity),
            JSONMember(key: "bid", value: bid), JSONMember(key: "budget", value: object(money)),
        ]
        parts[inner].value = .object(columns)
        parts.removeAll { $0.key == "required" }
        let required: JSONValue =
            ads.hasCampaigns
            ? ["id", "ad", "campaign"] : ["id", "ad", "campaign", "bid", "budget"]
        parts.append(JSONMember(key: "required", value: required))
        items[item].value = .object(parts)
        properties[list].value = .object(items)
        properties += [
            JSONMember(key: "sale", value: ScoreSchemas.identity),
            JSONMember(key: "explain", value: ["type": "boolean"]),
            JSONMember(
                key: "places",
                value: [
                    "type": "integer", "minimum": 1,
                    "maximum": .integer(Int64(ads.settings.maximumPlaces)),
                ]
            ),
        ]
        let index = members.firstIndex { $0.key == "properties" } ?? 0
        members[index].value = .object(properties)
        if ads.hasCampaigns { members.removeAll { $0.key == "required" } }
        return .object(members)
    }

    static func answer(_ run: RunColumns) -> JSONValue {
        let optionalNumber: JSONValue = ["type": ["number", "null"]]
        let ad = object(
            [
                ("ad", text), ("campaign", text),
                ("id", ["type": ["string", "integer", "null"]]), ("price", number),
                ("charged_for", ["enum": .array(AdEvent.Kind.allCases.map { .text($0.rawValue) })]),
                ("ecpm", number),
                (
                    "explain",
                    object([
                        ("click", optionalNumber), ("conversion", optionalNumber),
                        ("bid", optionalNumber), ("share", optionalNumber),
                    ])
                ),
            ],
            optional: ["explain"]
        )
        let codes = AdSeller.Decided.codes
        let explanation = object([
            ("candidates", count), ("outcomes", object(codes.map { ($0, count) })),
            (
                "not_shown",
                [
                    "type": "array",
                    "maxItems": .integer(Int64(Recommendation.explainedRemovals)),
                    "items": object([
                        ("ad", text), ("campaign", text),
                        ("reason", ["enum": .array(codes.dropFirst().map { .text($0) })]),
                    ]),
                ]
            ),
        ])
        return object(
            [
                ("request_id", text), ("model", text),
                ("variant", ["enum": ["control", "experiment"]]),
                ("degraded", ["type": "boolean"]), ("sale", text), ("currency", text),
                ("repeated", ["type": "boolean"]), ("ads", ["type": "array", "items": ad]),
                ("explain", explanation),
            ],
            optional: ["explain"]
        )
    }

    static func events(_ run: RunColumns) -> JSONValue {
        object([
            (
                "events",
                [
                    "type": "array", "minItems": 1,
                    "maxItems": .integer(Int64(run.limits.events)),
                    "items": object(
                        [
                            ("sale", ScoreSchemas.identity), ("ad", ScoreSchemas.identity),
                            (
                                "type",
                                ["enum": .array(AdEvent.Kind.allCases.map { .text($0.rawValue) })]
                            ),
                            ("time", EventSchemas.time(["integer", "null"])),
                        ],
                        optional: ["time"]
                    ),
                ]
            )
        ])
    }

    static let charges = object([
        ("currency", text),
        (
            "events",
            [
                "type": "array",
                "items": object([
                    (
                        "outcome",
                        ["enum": .array(AdCharge.Outcome.allCases.map { .text($0.rawValue) })]
                    ),
                    ("campaign", ["type": ["string", "null"]]), ("amount", number),
                ]),
            ]
        ),
    ])
}

/// What the OpenAPI document says of ads.
struct AdColumns: Sendable {
    /// What bids may be.
    var settings: ServingSettings.Ads
    /// Whether there are ads without a request's.
    var hasCampaigns: Bool
}
