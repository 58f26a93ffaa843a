import HTTPTypes
import MotetCandidates
import MotetData

/// A body of `POST /v1/recommend`, checked against the columns of a run and its catalogue.
struct RecommendRequest {
    /// What it has in common with a request of scores; items are candidates.
    let scoring: ScoreRequest
    /// How many items are wanted.
    private(set) var limit: Int
    /// Whether the answer is to explain itself.
    private(set) var explains = false
    /// The sources to ask, by their numbers; nil for all, or for none where there are items.
    private(set) var sources: [Int]?
    /// The items in the basket.
    private(set) var cart: [String] = []
    /// Items that are not to be shown.
    private(set) var blockedItems: Set<String> = []
    /// Categories of which nothing is to be shown.
    private(set) var blockedCategories: Set<String> = []

    /// The fields that a request of scores does not have.
    static let fields = [
        "limit", "explain", "sources", "cart", "blocked_items", "blocked_categories",
    ]

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - body: the value of the body.
    ///   - catalogue: the catalogue as the run reads it.
    ///   - online: what tells a store which features are asked for; nil without a store.
    ///   - identities: what users are called from here on.
    ///   - limits: what a request may be.
    /// - Throws: `RequestError` with the field that is wrong.
    init(
        _ body: JSONValue,
        _ catalogue: ModelCatalogue,
        online: OnlineFields?,
        identities: UserIdentities,
        limits: ServingSettings.Limits
    ) throws(RequestError) {
        guard case .object(let members) = body else {
            throw .wrongType("body", expected: "an object", body)
        }
        let settings = catalogue.resources.settings
        scoring = try ScoreRequest(
            .object(members.filter { !Self.fields.contains($0.key) }),
            columns: catalogue.requestColumns,
            online: online,
            identities: identities,
            limits: limits,
            beside: Self.fields
        )
        limit = settings.limit
        for member in members {
            switch member.key {
            case "limit": limit = try Self.limit(member.value, settings.maximumLimit)
            case "explain":
                guard case .boolean(let explains) = member.value else {
                    throw .wrongType("explain", expected: "true or false", member.value)
                }
                self.explains = explains
            case "sources": sources = try Self.sources(member.value, settings)
            case "cart": cart = try Self.names(member, limits)
            case "blocked_items": blockedItems = Set(try Self.names(member, limits))
            case "blocked_categories": blockedCategories = Set(try Self.names(member, limits))
            default: continue
            }
        }
    }

    /// The numbers of the sources to ask.
    func asked(of count: Int) -> [Int] {
        sources ?? (scoring.count > 0 ? [] : Array(0..<count))
    }

    private static func limit(
        _ value: JSONValue,
        _ most: Int
    ) throws(RequestError) -> Int {
        guard case .integer(let limit) = value else {
            throw .wrongType("limit", expected: "a whole number", value)
        }
        guard limit >= 1, limit <= most else {
            throw RequestError(
                .badRequest,
                "out_of_range",
                field: "limit",
                message: "limit: out of range; expected from 1 to \(most); received \(limit)."
            )
        }
        return Int(limit)
    }

    private static func sources(
        _ value: JSONValue,
        _ settings: ServingSettings.Recommend
    ) throws(RequestError) -> [Int] {
        guard case .array(let values) = value else {
            throw .wrongType("sources", expected: "a list of names", value)
        }
        let known = settings.sources.map(\.name)
        var places: [Int] = []
        for (index, value) in values.enumerated() {
            let field = "sources[\(index)]"
            guard case .text(let name) = value else {
                throw .wrongType(field, expected: "the name of a source", value)
            }
            guard let place = known.firstIndex(of: name), !places.contains(place) else {
                let isTwice = known.contains(name)
                let problem = isTwice ? "the source is named twice" : "there is no such source"
                let names = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw RequestError(
                    .badRequest,
                    isTwice ? "duplicate_field" : "unknown_source",
                    field: field,
                    message: "\(field): \(problem); expected some of \(names), each once; "
                        + "received `\(name.shortened)`."
                )
            }
            places.append(place)
        }
        // Sources are merged in the order of the settings, whatever that of the request.
        return places.sorted()
    }

    /// Names of items or categories.
    private static func names(
        _ member: JSONMember,
        _ limits: ServingSettings.Limits
    ) throws(RequestError) -> [String] {
        guard case .array(let values) = member.value else {
            throw .wrongType(member.key, expected: "a list of names", member.value)
        }
        guard values.count <= limits.listValues else {
            throw RequestError(
                .badRequest,
                "too_many_values",
                field: member.key,
                message: "\(member.key): the list is too long; expected at most "
                    + "\(limits.listValues) values; received \(values.count)."
            )
        }
        let fields = RequestFields(known: [], online: nil, limits: limits)
        var names: [String] = []
        for (index, value) in values.enumerated() {
            names.append(try fields.identity(value, "\(member.key)[\(index)]"))
        }
        return names
    }
}
