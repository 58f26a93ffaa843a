import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A request after its body has arrived.
struct IncomingRequest: Sendable {
    /// The identity of the request, in the answer and the log.
    let id: String
    /// Method, path and header fields.
    let head: HTTPRequest
    /// What stands in the path for its parameters, decoded.
    var parameters: [String: String] = [:]
    /// The body; empty where the route takes none.
    let body: ByteBuffer

    /// What the query says for a name, decoded, each time it stands there.
    ///
    /// - Parameter name: the name.
    /// - Returns: its values; none where the query does not have it.
    /// - Throws: `RequestError` with the status 400 where a value is not UTF-8, percent-encoded.
    func query(_ name: String) throws(RequestError) -> [String] {
        let parts = (head.path ?? "").prefix { $0 != "#" }.split(
            separator: "?",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else { return [] }
        var values: [String] = []
        for part in parts[1].split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard String(pair[0]).removingPercentEncoding == name else { continue }
            let text = pair.count == 2 ? String(pair[1]) : ""
            guard let value = text.removingPercentEncoding else {
                throw RequestError(
                    .badRequest,
                    "malformed_query",
                    field: name,
                    message:
                        "\(name): it cannot be read; expected UTF-8, percent-encoded; received "
                        + "\(text.shortened)."
                )
            }
            values.append(value)
        }
        return values
    }
}

/// An answer before it is written.
struct Answer: Sendable {
    var status: HTTPResponse.Status = .ok
    var contentType = "application/json"
    var body: [UInt8]
    var fields: HTTPFields = [:]
    /// What the log says of it beside the status.
    var notes: [String: String] = [:]

    init(
        status: HTTPResponse.Status = .ok,
        contentType: String = "application/json",
        body: [UInt8],
        fields: HTTPFields = [:]
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.fields = fields
    }

    /// An answer in JSON.
    init(status: HTTPResponse.Status = .ok, _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object(body)
        self.init(status: status, body: writer.bytes)
    }

    /// An answer that tells what is wrong with a request.
    init(_ error: RequestError) {
        self.init(status: error.status, body: error.body)
        if let seconds = error.retryAfterSeconds { fields[.retryAfter] = String(seconds) }
        if let allowed = error.allowed { fields[.allow] = allowed }
        if error.status == .unauthorized { fields[.wwwAuthenticate] = "Bearer" }
    }
}

/// One thing the server does: where it is asked for, and what does it.
struct Route: Sendable {
    /// The method.
    let method: HTTPRequest.Method
    /// The path; `{name}` between its slashes is a parameter.
    let path: String
    /// The name in logs and metrics.
    let name: String
    /// What the OpenAPI document says of it.
    let documentation: RouteDocumentation
    /// Answers a request.
    let answer: @Sendable (IncomingRequest) async throws -> Answer

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        name: String,
        _ documentation: RouteDocumentation,
        answer: @escaping @Sendable (IncomingRequest) async throws -> Answer
    ) {
        self.method = method
        self.path = path
        self.name = name
        self.documentation = documentation
        self.answer = answer
    }

    /// Whether it takes a body of JSON.
    var takesBody: Bool { documentation.request != nil }
}

/// The routes of a port, found by path and method.
struct RouteTable: Sendable {
    /// All routes, in order.
    let routes: [Route]
    private let byPath: [String: [Route]]
    private let patterns: [PathPattern]

    init(_ routes: [Route]) {
        self.routes = routes
        byPath = Dictionary(grouping: routes, by: \.path)
        patterns = byPath.keys.sorted().map { PathPattern($0) }.filter(\.hasParameters)
    }

    /// The route of a request, and what stands in its path for the parameters.
    ///
    /// - Throws: `RequestError` with the status 404 or 405, or 400 for a parameter that cannot be decoded.
    func route(
        _ method: HTTPRequest.Method,
        _ path: String
    ) throws(RequestError) -> (route: Route, parameters: [String: String]) {
        let pattern = patterns.first { $0.fits(path) }
        guard let routes = byPath[pattern?.path ?? path] else {
            throw RequestError(
                .notFound,
                "not_found",
                message: "\(path.shortened): there is no such path; expected one of those in "
                    + "/openapi.json."
            )
        }
        if let route = routes.first(where: { $0.method == method }) {
            return (route, try pattern?.parameters(of: path) ?? [:])
        }
        let allowed = routes.map(\.method.rawValue).joined(separator: ", ")
        throw RequestError(
            .methodNotAllowed,
            "method_not_allowed",
            message:
                "\(path.shortened): the path does not have the method; expected \(allowed); received "
                + "\(method.rawValue).",
            allowed: allowed
        )
    }
}
