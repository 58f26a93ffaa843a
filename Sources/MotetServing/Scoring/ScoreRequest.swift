import HTTPTypes
import MotetCore
import MotetData
import MotetFeatures

/// A body of `POST /v1/score`, checked against the columns of a run.
struct ScoreRequest {
    /// The identities of the items, as they were given.
    var itemIDs: [JSONValue] = []
    /// The texts of the items' identities.
    private(set) var itemNames: [String] = []
    /// The user's identity, if there is one.
    var userID: String?
    /// The time asked for, in milliseconds since 1970; nil for now.
    private(set) var time: Int64?
    /// What the request says, by column.
    private(set) var columns: [String: RawRows.Column] = [:]
    /// What it says about the context, by column.
    private(set) var context: [String: RawValue] = [:]
    /// What it says about every item, by column.
    private(set) var shared: [String: RawValue] = [:]
    /// The part of the request that a column came from.
    private var parts: [String: String] = [:]

    /// The most characters of an identity.
    static let identityLength = 256

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - body: the value of the body.
    ///   - known: the columns of the run's features and its scenario.
    ///   - online: what tells a store which features are asked for; nil without a store.
    ///   - identities: what users are called from here on.
    ///   - limits: what a request may be.
    ///   - more: the fields that the body of another route has beside; items may be left out then.
    /// - Throws: `RequestError` with the field that is wrong.
    init(
        _ body: JSONValue,
        columns known: [String],
        online: OnlineFields? = nil,
        identities: UserIdentities = .plain,
        limits: ServingSettings.Limits,
        beside more: [String] = []
    ) throws(RequestError) {
        guard case .object(let members) = body else {
            throw .wrongType("body", expected: "an object", body)
        }
        let fields = RequestFields(known: known, online: online, limits: limits)
        var items: JSONValue?
        for member in members {
            switch member.key {
            case "user":
                let user = try fields.read(member.value, "user")
                userID = try user.identity.map { (value) throws(RequestError) in
                    identities.kept(try fields.identity(value, "user.id"))
                }
                try add(user.values, "user")
            case "context":
                let context = try fields.read(member.value, "context")
                if let identity = context.identity {
                    throw fields.unknown("context.id", "id", identity)
                }
                self.context = context.values
                try add(context.values, "context")
            case "items": items = member.value
            case "time" where online != nil: time = try Self.time(member.value)
            default: throw fields.unknownPart(member, beside: more)
            }
        }
        guard let items else {
            guard more.isEmpty else { return }
            throw RequestError(
                .badRequest,
                "missing_field",
                field: "items",
                message: "items: the field is missing; expected a list of items; received none."
            )
        }
        try readItems(items, fields, limits)
    }

    /// The identity of the user of a body, before it is checked.
    static func user(of body: JSONValue) -> String? {
        guard case .object(let members) = body,
            case .object(let user)? = members.first(where: { $0.key == "user" })?.value,
            let identity = user.first(where: { $0.key == "id" })?.value
        else { return nil }
        let text = RequestFields.text(identity)
        return text.isEmpty ? nil : text
    }

    /// A time in milliseconds since 1970; nil where it is `null`.
    private static func time(_ value: JSONValue) throws(RequestError) -> Int64? {
        if case .null = value { return nil }
        guard case .integer(let time) = value else {
            throw .wrongType("time", expected: "milliseconds since 1970", value)
        }
        try check(time: time)
        return time
    }

    /// Checks that a time is one that events may have.
    static func check(time: Int64) throws(RequestError) {
        guard EventLimits.times.contains(time) else {
            throw RequestError(
                .badRequest,
                "out_of_range",
                field: "time",
                message: "time: out of range; expected milliseconds since 1970 from "
                    + "\(EventLimits.times.lowerBound) to \(EventLimits.times.upperBound); received "
                    + "\(time)."
            )
        }
    }

    /// The number of items.
    var count: Int { itemIDs.count }

    /// The request's own columns, with what the table adds to them, and those of a source where there is neither.
    func rows(with sourced: [String: RawRows.Column], _ items: KnownItems) -> RawRows {
        let own = columns.merging(items.columns) { _, filled in filled }
        return RawRows(count: count, columns: own.merging(sourced) { own, _ in own })
    }

    /// How a value of the rows is called in the request.
    func field(row: Int?, column: String?) -> String? {
        guard let column else { return row.map { "items[\($0)]" } }
        switch parts[column] {
        case "items", nil: return row.map { "items[\($0)].\(column)" } ?? column
        case let part?: return "\(part).\(column)"
        }
    }

    /// Takes the fields of the user or the context, whichever comes first.
    private mutating func add(
        _ values: [String: RawValue],
        _ part: String
    ) throws(RequestError) {
        for (name, value) in values {
            guard parts[name] == nil else {
                throw RequestError(
                    .badRequest,
                    "duplicate_field",
                    field: "\(part).\(name)",
                    message:
                        "\(part).\(name): the field is given twice; expected it in `user` or in "
                        + "`context`; received it in both."
                )
            }
            columns[name] = .same(value)
            shared[name] = value
            parts[name] = part
        }
    }

    private mutating func readItems(
        _ items: JSONValue,
        _ fields: RequestFields,
        _ limits: ServingSettings.Limits
    ) throws(RequestError) {
        guard case .array(let values) = items else {
            throw .wrongType("items", expected: "a list of items", items)
        }
        guard !values.isEmpty, values.count <= limits.candidates else {
            throw RequestError(
                .badRequest,
                values.isEmpty ? "too_few_items" : "too_many_items",
                field: "items",
                message: "items: the number of items is out of range; expected from 1 to "
                    + "\(limits.candidates); received \(values.count)."
            )
        }
        itemIDs.reserveCapacity(values.count)
        itemNames.reserveCapacity(values.count)
        var own: [String: [RawValue]] = [:]
        for (index, value) in values.enumerated() {
            guard case .object(let members) = value else {
                throw .wrongType("items[\(index)]", expected: "an object", value)
            }
            var identity: JSONValue?
            for member in members {
                if member.key == "id" {
                    _ = try fields.identity(member.value, "items[\(index)].id")
                    identity = member.value
                }
                guard fields.isColumn(member.key) else {
                    if member.key == "id" { continue }
                    throw fields.unknown("items[\(index)].\(member.key)", member.key, member.value)
                }
                let raw = try fields.raw(member) { "items[\(index)].\(member.key)" }
                // Items without the field keep what the user or the context says.
                if own[member.key] == nil {
                    var fallback = RawValue.missing
                    if case .same(let value)? = columns[member.key] { fallback = value }
                    own[member.key] = [RawValue](repeating: fallback, count: values.count)
                }
                own[member.key]?[index] = raw
            }
            guard let identity else {
                throw RequestError(
                    .badRequest,
                    "missing_field",
                    field: "items[\(index)].id",
                    message:
                        "items[\(index)].id: the field is missing; expected the item's identity; received "
                        + "none."
                )
            }
            itemIDs.append(identity)
            itemNames.append(RequestFields.text(identity))
        }
        for (name, values) in own {
            columns[name] = .each(values)
            parts[name] = "items"
        }
    }
}
