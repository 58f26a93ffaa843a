import HTTPTypes

/// The page that shows what the server does, and its figures.
///
/// The page is the same for everybody and holds no figure; it asks `/console/data` for them, which needs the secret
/// where the admin routes do. On the port of their own, where no secret is asked for, both answer requests alone
/// that name this machine's loopback: a page of another site that has its name point here is refused.
struct ConsoleRoutes: Sendable {
    let data: ConsoleData
    /// The secret the figures need; nil on a port of their own.
    let token: AdminToken?

    /// The routes.
    var routes: [Route] {
        [
            Route(.get, "/console", name: "console", page) { request in
                try checkHost(request)
                return Self.answer()
            },
            Route(.get, "/console/data", name: "console_data", figures) { request in
                try token?.check(request)
                try checkHost(request)
                var answer = data.answer()
                answer.fields[.cacheControl] = "no-store"
                return answer
            },
        ]
    }

    /// The page, which may run its own program and ask its own server, and nothing else.
    private static func answer() -> Answer {
        let nonce = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        var answer = Answer(
            contentType: "text/html; charset=utf-8",
            body: Array(ConsolePage.html(nonce: nonce).utf8)
        )
        for (name, value) in [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; "
                    + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ] {
            guard let name = HTTPField.Name(name) else { continue }
            answer.fields[name] = value
        }
        return answer
    }

    /// Refuses requests on the port without a secret that do not name the loopback.
    private func checkHost(_ request: IncomingRequest) throws(RequestError) {
        guard token == nil else { return }
        let host = request.head.authority ?? ""
        guard Self.isLoopback(host) else {
            throw RequestError(
                .misdirectedRequest,
                "foreign_host",
                field: "Host",
                message:
                    "Host: the console answers this machine alone; expected localhost, 127.0.0.1 or "
                    + "[::1]; received \(host.shortened)."
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

    private var failures: [RouteDocumentation.Reply] {
        [
            token == nil
                ? RouteDocumentation.failure(
                    .misdirectedRequest,
                    "The request names another host than this machine's loopback."
                )
                : RouteDocumentation.failure(.unauthorized, "The secret is missing or wrong.")
        ]
    }

    private var page: RouteDocumentation {
        RouteDocumentation(
            summary: "The live console, a page.",
            success: { _ in ["type": "string"] },
            successType: "text/html; charset=utf-8",
            failures: token == nil ? failures : []
        )
    }

    private var figures: RouteDocumentation {
        RouteDocumentation(
            summary: "What the console shows.",
            success: { _ in ConsoleSchemas.data },
            failures: failures
        )
    }
}
