public import Foundation
import MotetCore

/// A parsed YAML document.
public struct ConfigurationDocument: Sendable {
    /// The name error sentences give the document: the path as the user wrote it.
    public let name: String
    /// The root of the tree.
    public let root: ConfigurationNode

    /// Takes a tree that does not come from a document, such as defaults.
    public init(_ root: ConfigurationNode, name: String) {
        self.root = root
        self.name = name
    }

    /// Parses YAML text.
    ///
    /// - Parameters:
    ///   - text: one YAML document.
    ///   - name: the name error sentences give it.
    /// - Throws: a problem with line and column if the text is not YAML, or is empty.
    public init(parsing text: String, name: String) throws(ConfigurationError) {
        self.name = name
        root = try YAMLParser(file: name).parse(text)
    }

    /// Reads and parses a YAML file.
    ///
    /// - Parameter url: the file; its relative path is the name in error sentences.
    /// - Throws: a problem if the file cannot be read, or is not one YAML document in UTF-8.
    public init(contentsOf url: URL) throws(ConfigurationError) {
        try self.init(parsing: Self.text(of: url), name: url.relativePath)
    }

    /// Reads values out of the document, and reports every problem met on the way.
    ///
    /// The closure runs to its end even if values are missing or wrong: it gets placeholders then,
    /// which never leave this function because it throws. Keys nobody asked for are problems too.
    ///
    /// - Parameter body: makes a value from the root's keys.
    /// - Returns: the closure's value.
    /// - Throws: ``ConfigurationError`` with all problems, or else what the closure throws.
    public func read<Value>(_ body: (ConfigurationReader) throws -> Value) throws -> Value {
        let log = ProblemLog(file: name)
        let result = Result {
            try ConfigurationValue(node: root, path: "", log: log).section(body)
        }
        guard log.problems.isEmpty else { throw ConfigurationError(log.problems) }
        return try result.get()
    }

    private static func text(of url: URL) throws(ConfigurationError) -> String {
        let name = url.relativePath
        func unreadable(_ message: String) -> ConfigurationError {
            ConfigurationError([
                ConfigurationProblem(.unreadableConfiguration, file: name, message: message)
            ])
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw unreadable("no such file; expected a YAML file. Check the path.")
        }
        guard !isFolder.boolValue else {
            throw unreadable("this is a folder; expected a YAML file.")
        }
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw unreadable("the file cannot be read; check its permissions.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw unreadable("not UTF-8 text; expected a YAML file. Save it in UTF-8.")
        }
        return text
    }
}
