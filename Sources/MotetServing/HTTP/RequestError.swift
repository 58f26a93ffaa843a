import HTTPTypes

/// A request that is not answered as asked: what the client is told.
///
/// The body of the answer is `{"error": {"code", "field", "message"}}`.
struct RequestError: Error, Hashable {
    /// The status of the answer.
    var status: HTTPResponse.Status
    /// A stable name, in snake case.
    var code: String
    /// The field of the request that is wrong, such as `items[3].price`; nil for the request as a whole.
    var field: String?
    /// The sentence.
    var message: String
    /// After how many seconds it is worth trying again.
    var retryAfterSeconds: Int?
    /// Methods that the path has, for an answer to another.
    var allowed: String?

    init(
        _ status: HTTPResponse.Status,
        _ code: String,
        field: String? = nil,
        message: String,
        retryAfterSeconds: Int? = nil,
        allowed: String? = nil
    ) {
        self.status = status
        self.code = code
        self.field = field
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
        self.allowed = allowed
    }

    /// Text that is no JSON.
    static func malformedJSON(_ message: String) -> RequestError {
        RequestError(.badRequest, "malformed_json", message: message)
    }

    /// A model that is not warm yet.
    static func notReady(_ limits: ServingSettings.Limits) -> RequestError {
        RequestError(
            .serviceUnavailable,
            "not_ready",
            message: "server: the model is not warm yet; expected requests after /readyz says so.",
            retryAfterSeconds: limits.retryAfterSeconds
        )
    }

    /// A field of the wrong type.
    static func wrongType(_ field: String, expected: String, _ value: JSONValue) -> RequestError {
        RequestError(
            .badRequest,
            "wrong_type",
            field: field,
            message: "\(field): a value of the wrong type; expected \(expected); received "
                + "\(value.kind)."
        )
    }

    /// A field that must be there.
    static func missing(_ field: String, _ expected: String) -> RequestError {
        RequestError(
            .badRequest,
            "missing_field",
            field: field,
            message: "\(field): the field is missing; expected \(expected); received none."
        )
    }

    /// A number, or a count, that cannot be.
    static func outOfRange(_ field: String, _ expected: String, _ received: String) -> RequestError
    {
        RequestError(
            .badRequest,
            "out_of_range",
            field: field,
            message: "\(field): out of range; expected \(expected); received \(received)."
        )
    }

    /// The answer's body.
    var body: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("error")
            writer.object { writer in
                writer.key("code")
                writer.text(code)
                writer.key("field")
                if let field { writer.text(field) } else { writer.null() }
                writer.key("message")
                writer.text(message)
            }
        }
        return writer.bytes
    }
}
