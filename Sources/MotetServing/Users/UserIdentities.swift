import Foundation
import MotetFeatures

/// What users are called in everything the server keeps: by their own identities, or by a hash of each.
///
/// The hash is HMAC-SHA-256 of the identity's UTF-8, with the salt as the key, in base64url without padding: 43
/// characters. Whoever does not have the salt can neither tell the identity nor try them all.
struct UserIdentities: Sendable {
    /// The fewest bytes of a salt.
    static let minimumBytes = 16
    private let code: KeyedHash?

    /// The identities themselves.
    static let plain = UserIdentities(code: nil)

    private init(code: KeyedHash?) { self.code = code }

    /// Hashes with a salt.
    init(salt: String) { code = KeyedHash(key: Array(salt.utf8)) }

    /// Hashes with the salt of a file.
    ///
    /// - Parameter file: its path.
    /// - Throws: `ServingError` where it cannot be read or is too short.
    init(saltFile file: String) throws(ServingError) {
        self.init(
            salt: try SecretFile.text(
                file,
                key: "ids.salt_file",
                .identitiesUnusable,
                minimumBytes: Self.minimumBytes
            )
        )
    }

    /// What a user is called from the edge on.
    func kept(_ identity: String) -> String {
        guard let code else { return identity }
        return Data(code.hash(identity.utf8)).base64EncodedString().replacing("+", with: "-")
            .replacing("/", with: "_").replacing("=", with: "")
    }

    /// Events of the users as they are called.
    func kept(_ events: [Event]) -> [Event] {
        guard code != nil else { return events }
        return events.map { event in
            var event = event
            event.user = kept(event.user)
            return event
        }
    }
}
