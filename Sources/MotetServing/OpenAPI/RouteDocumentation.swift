import HTTPTypes

/// What the OpenAPI document says of a route.
struct RouteDocumentation: Sendable {
    /// A status the route answers with.
    struct Reply: Sendable {
        var status: Int
        var description: String
        /// The schema of the body.
        var schema: JSONValue
        /// The type of the body.
        var contentType = "application/json"
        /// Header fields beside `X-Request-Id`.
        var headers: [String] = []
    }

    /// A parameter of the path, or one of the query, which may be left out.
    struct Parameter: Sendable {
        var name: String
        var description: String
        var schema: JSONValue
        var isOfQuery = false
    }

    /// One line.
    var summary: String
    /// The parameters of the path and of the query.
    var parameters: [Parameter] = []
    /// The schema of the request's body, made for the columns of a run; nil where there is no body.
    var request: (@Sendable (RunColumns) -> JSONValue)?
    /// Whether the body may be left out.
    var allowsNoBody = false
    /// What an answer of 200 holds, made for the columns of a run.
    var success: @Sendable (RunColumns) -> JSONValue
    /// The type of an answer of 200.
    var successType = "application/json"
    /// The status of an answer that succeeded; one of 204 has no body.
    var successStatus = HTTPResponse.Status.ok
    /// The other statuses.
    var failures: [Reply] = []

    /// A failure whose body tells code, field and sentence.
    static func failure(
        _ status: HTTPResponse.Status,
        _ description: String,
        headers: [String] = []
    ) -> Reply {
        Reply(
            status: status.code,
            description: description,
            schema: ["$ref": "#/components/schemas/Error"],
            headers: headers
        )
    }

    /// The failures of every route with a body.
    static let bodyFailures: [Reply] = [
        failure(.badRequest, "The body is malformed, or a field is wrong."),
        failure(.requestTimeout, "The body did not arrive in time."),
        failure(.contentTooLarge, "The body has too many bytes."),
        failure(
            .unsupportedMediaType,
            "The body is not of the type application/json, or is compressed."
        ),
    ]

    /// The failure of every route that needs a secret.
    static let unauthorized = failure(
        .unauthorized,
        "The secret is missing or wrong.",
        headers: ["WWW-Authenticate"]
    )

    /// The failures of every route that computes.
    static let computingFailures: [Reply] = [
        failure(.tooManyRequests, "As many requests wait as may wait.", headers: ["Retry-After"]),
        failure(.internalServerError, "A failure of the server."),
        failure(
            .serviceUnavailable,
            "No model is warm yet, or the server is ending.",
            headers: ["Retry-After"]
        ),
    ]
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember(key: $0.0, value: $0.1) })
    }
}
