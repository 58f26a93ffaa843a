import MotetData
import MotetExperiments

/// The columns and tasks of a run as requests and answers have them, for the OpenAPI document.
struct RunColumns: Sendable {
    /// The schema of the value of each column, in order.
    private(set) var columns: [(name: String, schema: JSONValue)]
    /// The schema of the score of each task, in order.
    let scores: [(name: String, schema: JSONValue)]
    let limits: ServingSettings.Limits
    /// Whether a request may ask for a time.
    let takesTime: Bool
    /// What recommendations have beside; nil without them.
    let recommend: RecommendColumns?
    /// What requests of ads have; nil without them.
    let ads: AdColumns?
    /// The columns that requests of recommendations have beside those of the run.
    private let recommendColumns: [(name: String, schema: JSONValue)]

    /// The same with the columns of requests of recommendations.
    var recommending: RunColumns {
        var all = self
        all.columns += recommendColumns
        return all
    }

    init(
        _ model: ServedModel,
        online: OnlineFields?,
        limits: ServingSettings.Limits,
        ads: AdColumns? = nil
    ) {
        self.limits = limits
        self.ads = ads
        takesTime = online != nil
        let schema = model.predictor.run.fitted.schema
        let encoder = model.encoder
        let asides = (online?.asides(beside: encoder.columns) ?? []).map { name in
            (name: name, schema: Self.value(["null", "number", "string"], nil))
        }
        let own = encoder.columns.map { column in
            var types: Set<String> = ["null"]
            var hasList = false
            for feature in schema.features where feature.column == column {
                switch feature.kind {
                case .sequence: hasList = true
                case .numeric: types.formUnion(["number", "boolean"])
                case .categorical: types.formUnion(["string", "number", "boolean"])
                }
            }
            if schema.scenario?.column == column {
                types.formUnion(["string", "number", "boolean"])
            }
            if encoder.acceptsText(column), !hasList { types.insert("string") }
            return (name: column, schema: Self.value(types, hasList ? limits.listValues : nil))
        }
        let columns = own + asides
        self.columns = columns
        recommend = (model.catalogue?.resources.settings).map { RecommendColumns($0) }
        recommendColumns = (model.catalogue?.requestColumns ?? []).filter { name in
            !columns.contains { $0.name == name }
        }.map { name in
            let types: JSONValue = ["array", "boolean", "null", "number", "string"]
            let element: JSONValue = ["type": ["string", "number", "boolean", "null"]]
            return (
                name,
                [
                    "type": types, "maxItems": .integer(Int64(limits.listValues)),
                    "items": element,
                ]
            )
        }
        scores = model.tasks.map { task in
            guard let names = model.classes[task] else { return (task, ["type": "number"]) }
            return (
                task,
                [
                    "type": "object", "required": ["class", "probability"],
                    "additionalProperties": false,
                    "properties": [
                        "class": ["enum": .array(names.map { .text($0) })],
                        "probability": ["type": "number", "minimum": 0, "maximum": 1],
                    ],
                ]
            )
        }
    }

    private static func value(_ types: Set<String>, _ listLength: Int?) -> JSONValue {
        guard let listLength else {
            return ["type": .array(types.sorted().map { .text($0) })]
        }
        return [
            "type": ["array", "null"], "maxItems": .integer(Int64(listLength)),
            "items": ["type": ["string", "number", "boolean", "null"]],
        ]
    }
}

/// The schemas of `POST /v1/score`.
enum ScoreSchemas {
    /// The identity of a user or an item.
    static let identity: JSONValue = [
        "oneOf": [
            [
                "type": "string", "minLength": 1,
                "maxLength": .integer(Int64(ScoreRequest.identityLength)),
            ],
            ["type": "integer", "minimum": .integer(.min), "maximum": .integer(.max)],
        ]
    ]

    static func request(_ run: RunColumns) -> JSONValue {
        var properties = [
            JSONMember(key: "user", value: part(run, identity: identity, isRequired: false)),
            JSONMember(key: "context", value: part(run, identity: nil, isRequired: false)),
            JSONMember(
                key: "items",
                value: [
                    "type": "array", "minItems": 1,
                    "maxItems": .integer(Int64(run.limits.candidates)),
                    "items": part(run, identity: identity, isRequired: true),
                ]
            ),
        ]
        if run.takesTime {
            properties.append(
                JSONMember(key: "time", value: EventSchemas.time(["integer", "null"]))
            )
        }
        return [
            "type": "object", "required": ["items"], "additionalProperties": false,
            "properties": .object(properties),
        ]
    }

    static func answer(_ run: RunColumns) -> JSONValue {
        [
            "type": "object", "required": ["model", "degraded", "items"],
            "additionalProperties": false,
            "properties": [
                "model": ["type": "string"], "degraded": ["type": "boolean"],
                "items": [
                    "type": "array", "minItems": 1,
                    "items": [
                        "type": "object", "required": ["id", "scores"],
                        "additionalProperties": false,
                        "properties": ["id": identity, "scores": scores(run)],
                    ],
                ],
            ],
        ]
    }

    static func scores(_ run: RunColumns) -> JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "required": .array(run.scores.map { .text($0.name) }),
            "properties": .object(run.scores.map { JSONMember(key: $0.name, value: $0.schema) }),
        ]
    }

    private static func part(
        _ run: RunColumns,
        identity: JSONValue?,
        isRequired: Bool
    ) -> JSONValue {
        var properties = run.columns.map { JSONMember(key: $0.name, value: $0.schema) }
        if let identity {
            properties.removeAll { $0.key == "id" }
            properties.insert(JSONMember(key: "id", value: identity), at: 0)
        }
        var members = [
            JSONMember(key: "type", value: "object"),
            JSONMember(key: "additionalProperties", value: false),
            JSONMember(key: "properties", value: .object(properties)),
        ]
        if isRequired { members.append(JSONMember(key: "required", value: ["id"])) }
        return .object(members)
    }
}
