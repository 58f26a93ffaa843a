public import Foundation

/// A folder for one test, which goes away with it.
public final class ScratchFolder {
    /// Where it is.
    public let path: String

    /// Makes the folder under a name of its own.
    public init() throws {
        path = NSTemporaryDirectory() + "motet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file of text and gives its path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        try write(name, Data(text.utf8))
    }

    /// Writes a file and gives its path.
    @discardableResult
    public func write(_ name: String, _ data: Data) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try data.write(to: URL(fileURLWithPath: file))
        return file
    }

    /// The names of what is in it.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// The contents of every file below a folder in it, by path.
    public func contents(_ folder: String = ".") -> [String: Data] {
        let root = path + "/" + folder
        var files: [String: Data] = [:]
        for case let file as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            var isFolder: ObjCBool = false
            let place = root + "/" + file
            guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            files[file] = FileManager.default.contents(atPath: place)
        }
        return files
    }
}
