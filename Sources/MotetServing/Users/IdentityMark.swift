import Foundation
import Logging
import MotetTraining

/// What a folder's users are called by: a mark beside what is kept, so that another salt does not go unnoticed.
///
/// With another salt everybody is new, and what was kept stays under names nobody asks for any more.
enum IdentityMark {
    /// The file of a folder.
    static let file = "identities"

    /// Writes the mark of a folder, and warns where another one was there.
    ///
    /// - Parameters:
    ///   - folder: a folder with what is kept of users.
    ///   - identities: what they are called.
    ///   - logger: told of a change.
    /// - Throws: where the mark cannot be written.
    static func check(
        _ folder: String,
        _ identities: UserIdentities,
        _ logger: Logger
    ) throws {
        let path = folder + "/" + file
        let mark = identities.mark
        let known = try? String(contentsOfFile: path, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard known != mark else { return }
        if known != nil {
            logger.warning(
                "users have other names",
                metadata: [
                    "folder": .string(folder),
                    "sentence": .string(
                        "folder \"\(folder)\": users were called by another salt, or by none, before; expected the "
                            + "salt the folder was begun with. Everybody is new, and what was kept stays under the "
                            + "names of before: put the salt back, or begin a new folder."
                    ),
                ]
            )
        }
        try AtomicFile.write(path, text: mark + "\n")
    }
}

extension UserIdentities {
    /// A text that differs for every salt and tells nothing of it.
    var mark: String {
        let probe = "motet/identities"
        let name = kept(probe)
        return name == probe ? "plain" : "hashed " + name.prefix(16)
    }
}
