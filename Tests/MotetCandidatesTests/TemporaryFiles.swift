import Foundation

/// A folder for the files of a test, removed when it goes away.
final class TemporaryFiles {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/motet-candidates-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Writes a text; the path of its file.
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        return path(name)
    }
}
