import HTTPTypes

/// The page that shows what the server does, and its figures.
///
/// The page is the same for everybody and holds no figure; it asks `/console/data` for them, which needs the secret
/// where the admin routes do.
struct ConsoleRoutes: Sendable {
    let data: ConsoleData
    /// The secret the figures need; nil on a port of their own.
    let token: AdminToken?

    /// The routes.
    var routes: [Route] {
        [
            Route(.get, "/console", name: "console", page) { _ in Self.answer() },
            Route(.get, "/console/data", name: "console_data", figures) { request in
                try token?.check(request)
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

    private var page: RouteDocumentation {
        RouteDocumentation(
            summary: "The live console, a page.",
            success: { _ in ["type": "string"] },
            successType: "text/html; charset=utf-8"
        )
    }

    private var figures: RouteDocumentation {
        RouteDocumentation(
            summary: "What the console shows.",
            success: { _ in ConsoleSchemas.data },
            failures: token == nil ? [] : [RouteDocumentation.unauthorized]
        )
    }
}
