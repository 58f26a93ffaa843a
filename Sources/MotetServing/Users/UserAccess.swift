import HTTPTypes

/// Who may use the routes of single users.
struct UserAccess: Sendable {
    /// Whether they are on the public port.
    let isPublic: Bool
    /// The secret they need; nil where they need none.
    let token: AdminToken?

    /// Whoever reaches the public port.
    static let open = UserAccess(isPublic: true, token: nil)

    private init(isPublic: Bool, token: AdminToken?) {
        self.isPublic = isPublic
        self.token = token
    }

    /// Reads the secret, where there is one.
    ///
    /// - Throws: `ServingError` where it cannot be read or is too short.
    init(_ settings: ServingSettings.Users) throws {
        isPublic = settings.access != .admin
        guard settings.access == .token else {
            token = nil
            return
        }
        // Without a file nothing opens the routes.
        token = try AdminToken(file: settings.tokenFile ?? "", key: "users.token_file")
    }

    /// Checks a request.
    ///
    /// - Throws: `RequestError` with the status 401.
    func check(_ request: IncomingRequest) throws(RequestError) { try token?.check(request) }

    /// What the OpenAPI document says of a route that is checked.
    func documented(_ documentation: RouteDocumentation) -> RouteDocumentation {
        guard token != nil else { return documentation }
        var documentation = documentation
        documentation.failures.append(RouteDocumentation.unauthorized)
        return documentation
    }
}
