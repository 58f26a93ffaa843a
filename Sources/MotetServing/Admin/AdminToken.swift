import HTTPTypes

/// The secret that opens admin routes on the public port.
struct AdminToken: Sendable {
    /// The fewest bytes of a secret.
    static let minimumBytes = 16
    private let secret: [UInt8]

    /// Reads a secret from a file, blanks around it left out.
    ///
    /// - Parameters:
    ///   - file: its path.
    ///   - key: the setting that names it.
    /// - Throws: `ServingError` where it cannot be read or is too short.
    init(file: String, key: String = "admin.token_file") throws {
        let text = try SecretFile.text(
            file,
            key: key,
            .adminUnusable,
            minimumBytes: Self.minimumBytes
        )
        secret = Array(text.utf8)
    }

    /// Whether a field `Authorization` has the secret; how long this takes does not depend on where they
    /// differ.
    func opens(_ authorization: String?) -> Bool {
        let prefix = Array("Bearer ".utf8)
        let given = Array((authorization ?? "").utf8)
        var difference: UInt8 = given.count == prefix.count + secret.count ? 0 : 1
        for (index, byte) in given.enumerated() {
            let expected =
                index < prefix.count
                ? prefix[index] : secret[(index - prefix.count) % secret.count]
            difference |= byte ^ expected
        }
        return difference == 0
    }

    /// Checks a request.
    ///
    /// - Throws: `RequestError` with the status 401.
    func check(_ request: IncomingRequest) throws(RequestError) {
        guard opens(request.head.headerFields[.authorization]) else {
            throw RequestError(
                .unauthorized,
                "unauthorized",
                field: "Authorization",
                message:
                    "Authorization: it does not open this route; expected `Bearer` and the server's "
                    + "secret."
            )
        }
    }
}
