import HTTPTypes
import MotetCore
import MotetData

/// Turns fields of requests into raw values of columns.
struct RequestFields {
    private let columns: Set<String>
    private let names: [String]
    /// Fields that are no columns of the run, but tell a store what features are asked for.
    private let asides: Set<String>
    private let takesTime: Bool
    private let limits: ServingSettings.Limits

    init(known: [String], online: OnlineFields?, limits: ServingSettings.Limits) {
        let asides = online?.asides(beside: known) ?? []
        names = known + asides
        columns = Set(names)
        self.asides = Set(asides)
        takesTime = online != nil
        self.limits = limits
    }

    /// Whether a field is a column of the run, or tells a store what is asked for.
    func isColumn(_ name: String) -> Bool { columns.contains(name) }

    /// The values of an object, and its `id` where that is no column of the run alone.
    func read(
        _ value: JSONValue,
        _ part: String
    ) throws(RequestError) -> (identity: JSONValue?, values: [String: RawValue]) {
        guard case .object(let members) = value else {
            throw .wrongType(part, expected: "an object", value)
        }
        var identity: JSONValue?
        var values: [String: RawValue] = [:]
        for member in members {
            if member.key == "id" { identity = member.value }
            guard isColumn(member.key) else {
                if member.key == "id" { continue }
                throw unknown("\(part).\(member.key)", member.key, member.value)
            }
            values[member.key] = try raw(member) { "\(part).\(member.key)" }
        }
        if part == "context", columns.contains("id") { identity = nil }
        return (identity, values)
    }

    /// The value of a field as it stands in a row.
    func raw(_ member: JSONMember, _ field: () -> String) throws(RequestError) -> RawValue {
        if asides.contains(member.key) {
            switch member.value {
            case .null, .integer, .number, .text: break
            default: throw .wrongType(field(), expected: "a text or a number", member.value)
            }
        }
        return try raw(member.value, field)
    }

    /// A value as it stands in a row.
    func raw(_ value: JSONValue, _ field: () -> String) throws(RequestError) -> RawValue {
        switch value {
        case .null: return .missing
        case .boolean(let isTrue): return .boolean(isTrue)
        case .integer(let integer): return .integer(integer)
        case .number(let number): return .number(number)
        case .text(let text): return .text(text)
        case .object: throw .wrongType(field(), expected: "a value or a list of values", value)
        case .array(let values):
            guard values.count <= limits.listValues else {
                throw RequestError(
                    .badRequest,
                    "too_many_values",
                    field: field(),
                    message:
                        "\(field()): the list is too long; expected at most \(limits.listValues) "
                        + "values; received \(values.count)."
                )
            }
            var list: [RawValue] = []
            list.reserveCapacity(values.count)
            for value in values {
                if case .array = value {
                    throw .wrongType(field(), expected: "single values in the list", value)
                }
                list.append(try raw(value, field))
            }
            return .list(list)
        }
    }

    /// The text of an identity.
    func identity(
        _ value: JSONValue,
        _ field: @autoclosure () -> String
    ) throws(RequestError) -> String {
        switch value {
        case .integer, .text:
            let text = Self.text(value)
            // A text has no more scalars than bytes.
            let isShort =
                text.utf8.count <= ScoreRequest.identityLength
                || text.unicodeScalars.count <= ScoreRequest.identityLength
            guard !text.isEmpty, isShort else {
                let field = field()
                throw RequestError(
                    .badRequest,
                    "out_of_range",
                    field: field,
                    message: "\(field): the identity has a wrong length; expected from 1 to "
                        + "\(ScoreRequest.identityLength) characters; received \(text.unicodeScalars.count)."
                )
            }
            return text
        default:
            throw .wrongType(field(), expected: "a text or a whole number", value)
        }
    }

    /// The text of a text or a whole number.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .text(let text): text
        case .integer(let integer): String(integer)
        default: ""
        }
    }

    /// A field the run does not know.
    func unknown(_ field: String, _ name: String, _ value: JSONValue) -> RequestError {
        let shown = names.prefix(24).joined(separator: ", ") + (names.count > 24 ? ", ..." : "")
        return RequestError(
            .badRequest,
            "unknown_field",
            field: field.shortened,
            message:
                "\(field.shortened): the model has no such column; expected `id` of users and items "
                + "or one of \(shown); received `\(name.shortened)`."
                + (name.isShort ? Suggestion.sentence(for: name, in: names) : "")
        )
    }

    /// A part of the request there is not.
    func unknownPart(_ member: JSONMember, beside more: [String] = []) -> RequestError {
        let parts = ["user", "context", "items"] + (takesTime ? ["time"] : []) + more
        let shown = parts.map { "`\($0)`" }
        return RequestError(
            .badRequest,
            "unknown_field",
            field: member.key.shortened,
            message:
                "\(member.key.shortened): there is no such field; expected "
                + shown.dropLast().joined(separator: ", ") + " and " + (shown.last ?? "")
                + "; received `\(member.key.shortened)`."
                + (member.key.isShort ? Suggestion.sentence(for: member.key, in: parts) : "")
        )
    }
}
