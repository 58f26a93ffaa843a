import HTTPTypes

/// What keeps pages of other sites away from a port that asks for no secret.
///
/// A browser on this machine reaches the loopback too. A page whose name is made to point here names another host; one
/// that sends a form or a request of its own names its origin. Both are refused before a route is asked.
enum LoopbackGuard {
    /// Puts the check before a route.
    ///
    /// - Parameter route: the route.
    /// - Returns: one that answers this machine's programs, and the pages of this port.
    static func guarding(_ route: Route) -> Route {
        var documentation = route.documentation
        documentation.failures.append(
            RouteDocumentation.failure(
                .misdirectedRequest,
                "The request names another host than this machine's loopback, or comes from a page of another site."
            )
        )
        return Route(route.method, route.path, name: route.name, documentation) { request in
            try check(request.head)
            return try await route.answer(request)
        }
    }

    /// Refuses what does not name the loopback, or was made by a page of another origin.
    ///
    /// - Throws: `RequestError` with the status 421.
    static func check(_ head: HTTPRequest) throws(RequestError) {
        let host = head.authority ?? ""
        guard isLoopback(host) else {
            throw RequestError(
                .misdirectedRequest,
                "foreign_host",
                field: "Host",
                message:
                    "Host: this port answers this machine alone; expected localhost, 127.0.0.1 or [::1]; received "
                    + "\(host.shortened)."
            )
        }
        guard let origin = head.headerFields[.origin] else { return }
        guard origin.lowercased() == "http://" + host.lowercased() else {
            throw RequestError(
                .misdirectedRequest,
                "foreign_origin",
                field: "Origin",
                message:
                    "Origin: this port answers no page of another site; expected http://\(host.shortened), or none; "
                    + "received \(origin.shortened)."
            )
        }
    }

    /// Whether a host, with or without a port, is this machine's loopback.
    static func isLoopback(_ host: String) -> Bool {
        var name = host[...]
        if let colon = name.lastIndex(of: ":"),
            name[name.index(after: colon)...].allSatisfy(\.isNumber)
        {
            name = name[..<colon]
        }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
    }
}

extension HTTPField.Name {
    /// Where the page of a request comes from.
    fileprivate static var origin: HTTPField.Name {
        guard let name = HTTPField.Name("Origin") else {
            preconditionFailure("Origin is the name of a field")
        }
        return name
    }
}
