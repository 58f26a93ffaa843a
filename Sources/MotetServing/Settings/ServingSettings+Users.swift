import MotetConfiguration

extension ServingSettings {
    /// How the routes under `/v1/users` are reached.
    public struct Users: Hashable, Sendable {
        /// Who may use the routes.
        public enum Access: String, CaseIterable, Hashable, Sendable {
            /// Whoever reaches the public port.
            case open
            /// Whoever has the secret.
            case token
            /// Whoever reaches the port of the admin routes.
            case admin
        }

        /// Who may use them.
        public var access = Access.open
        /// A file with the secret.
        public var tokenFile: String?

        /// Creates settings: whoever reaches the public port may use the routes.
        public init() {}
    }
}

extension ServingSettings.Users {
    init(reading reader: ConfigurationReader, folder: String, hasAdminPort: Bool) {
        self.init()
        access = reader.choice("access", default: access)
        tokenFile = reader.string(ifPresent: "token_file").map {
            ServingSettings.path($0, folder)
        }
        switch access {
        case .token where tokenFile == nil:
            reader.fail("token_file", "the file is missing; expected one with the secret.")
        case .open where tokenFile != nil, .admin where tokenFile != nil:
            reader.fail(
                "token_file",
                "nobody is asked for it; expected it with `access: token`; received `access: "
                    + "\(access.rawValue)`."
            )
        case .admin where !hasAdminPort:
            reader.fail(
                "access",
                "there is no port of admin routes; expected `admin: { port: ... }` beside it."
            )
        default: break
        }
    }
}
