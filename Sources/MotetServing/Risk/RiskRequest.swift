import HTTPTypes
import MotetDecisions
import MotetFeatures

/// A body of `POST /v1/risk`, but for what the model reads.
struct RiskRequest {
    /// What is judged.
    private(set) var kind = ServingSettings.Risk.Kind.order
    /// Its identity, as it was given.
    let id: JSONValue
    /// When it was placed, in milliseconds since 1970.
    private(set) var time: Int64
    /// Its amount; 0 for a review.
    private(set) var amount = 0.0
    /// Device, address and so on, in one form each; the account comes with the user.
    private(set) var contacts: [RiskDimension: String] = [:]
    /// The e-mail address as it was given.
    private(set) var email: String?
    /// Whether the answer is to explain itself.
    private(set) var explains = false
    /// What is a request of scores, with the time where a store is asked.
    let scoring: JSONValue
    /// Everything that must be the same when the order comes again.
    let canonical: [UInt8]

    /// The fields that a request of scores does not have.
    static let fields =
        ["kind", "id", "amount", "currency", "time", "explain"]
        + RiskDimension.allCases.filter { $0 != .account }.map(\.rawValue)

    /// The most characters of an e-mail address and of a telephone number.
    static let mailLength = 320
    static let phoneLength = 64

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - body: the value of the body.
    ///   - settings: what is judged, and by what.
    ///   - now: the time now, in milliseconds since 1970.
    ///   - takesTime: whether a request of scores has a time.
    ///   - limits: what a request may be.
    /// - Throws: `RequestError` with the field that is wrong.
    init(
        _ body: JSONValue,
        _ settings: ServingSettings.Risk,
        now: Int64,
        takesTime: Bool,
        limits: ServingSettings.Limits
    ) throws(RequestError) {
        guard case .object(let members) = body else {
            throw .wrongType("body", expected: "an object", body)
        }
        let values = Dictionary(
            members.map { ($0.key, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        kind = try Self.kind(values["kind"], settings)
        let fields = RequestFields(known: [], online: nil, limits: limits)
        guard let id = values["id"] else {
            throw .missing("id", "the identity of the \(kind.rawValue)")
        }
        _ = try fields.identity(id, "id")
        self.id = id
        time = try Self.time(values["time"], now, ahead: settings.aheadSeconds)
        if kind == .order {
            amount = try Self.amount(values["amount"], most: settings.maximumAmount)
            try CurrencyField.check(values["currency"], is: settings.currency)
        } else if let name = ["amount", "currency"].first(where: { values[$0] != nil }) {
            throw RequestError(
                .badRequest,
                "unknown_field",
                field: name,
                message: "\(name): a review has none; expected it in orders alone."
            )
        }
        for dimension in RiskDimension.allCases where dimension != .account {
            let name = dimension.rawValue
            guard let value = values[name] else { continue }
            if case .null = value { continue }
            switch dimension {
            case .email:
                let mail = try Self.text(value, name, most: Self.mailLength, "an e-mail address") {
                    $0.contains("@")
                }
                email = mail
                contacts[.email] = ContactForm.email(mail)
            case .phone:
                let phone = try Self.text(value, name, most: Self.phoneLength, "a telephone number")
                {
                    $0.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                }
                contacts[.phone] = ContactForm.phone(phone)
            default: contacts[dimension] = try fields.identity(value, name)
            }
        }
        if values["items"] == nil { throw .missing("items", "the items of the \(kind.rawValue)") }
        if let value = values["explain"] {
            guard case .boolean(let explains) = value else {
                throw .wrongType("explain", expected: "true or false", value)
            }
            self.explains = explains
        }
        scoring = .object(
            members.filter {
                !Self.fields.contains($0.key) || ($0.key == "time" && takesTime)
            }
        )
        var writer = JSONWriter()
        writer.value(.object(members.filter { $0.key != "explain" }))
        canonical = writer.bytes
    }

    private static func kind(
        _ value: JSONValue?,
        _ settings: ServingSettings.Risk
    ) throws(RequestError) -> ServingSettings.Risk.Kind {
        guard let value else {
            if settings.order != nil { return .order }
            throw .missing("kind", "`review`, for orders are not judged here")
        }
        guard case .text(let name) = value else {
            throw .wrongType("kind", expected: "the name of a kind", value)
        }
        guard let kind = settings.kinds.first(where: { $0.rawValue == name }) else {
            let known = settings.kinds.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw RequestError(
                .badRequest,
                "unknown_kind",
                field: "kind",
                message:
                    "kind: it is not judged here; expected \(known); received `\(name.shortened)`."
            )
        }
        return kind
    }

    private static func time(
        _ value: JSONValue?,
        _ now: Int64,
        ahead: Double
    ) throws(RequestError) -> Int64 {
        guard let value, value != .null else { return now }
        guard case .integer(let time) = value else {
            throw .wrongType("time", expected: "milliseconds since 1970", value)
        }
        try ScoreRequest.check(time: time)
        let latest = now + Int64(ahead * 1000)
        guard time <= latest else {
            throw RequestError(
                .badRequest,
                "out_of_range",
                field: "time",
                message:
                    "time: in the future; expected at most \(latest); received \(time). Check the clock."
            )
        }
        return time
    }

    private static func amount(
        _ value: JSONValue?,
        most: Double
    ) throws(RequestError) -> Double {
        guard let value else { throw .missing("amount", "the amount of the order") }
        let amount: Double
        switch value {
        case .integer(let integer): amount = Double(integer)
        case .number(let number): amount = number
        default: throw .wrongType("amount", expected: "a number", value)
        }
        guard amount >= 0, amount <= most else {
            throw RequestError(
                .badRequest,
                "out_of_range",
                field: "amount",
                message:
                    "amount: out of range; expected from 0 to \(most) (`risk.maximum_amount`); received "
                    + "\(amount)."
            )
        }
        return amount
    }

    private static func text(
        _ value: JSONValue,
        _ field: String,
        most: Int,
        _ what: String,
        _ isOne: (String) -> Bool
    ) throws(RequestError) -> String {
        guard case .text(let text) = value else {
            throw .wrongType(field, expected: "a text", value)
        }
        guard (1...most).contains(text.unicodeScalars.count), isOne(text) else {
            throw RequestError(
                .badRequest,
                "out_of_range",
                field: field,
                message:
                    "\(field): it cannot be \(what); expected one of at most \(most) characters; received "
                    + "`\(text.shortened)`."
            )
        }
        return text
    }
}
