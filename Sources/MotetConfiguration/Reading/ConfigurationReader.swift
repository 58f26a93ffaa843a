public import MotetCore

/// Reads the keys of one map of a configuration.
///
/// Nothing here throws: a key that is missing, unknown, of the wrong type or out of range is recorded
/// with its line, a placeholder is returned, and reading goes on, so that a user sees all problems at
/// once. ``ConfigurationDocument/read(_:)`` throws them in the end; placeholders never get out.
///
/// ```swift
/// let model = reader.section("model") { model in
///     PLE(
///         levels: model.integer("levels", default: 2, in: .atLeast(1)),
///         expertUnits: model.integers("expert_units", in: .atLeast(1))
///     )
/// }
/// ```
///
/// Each kind of value has three forms: `integer("levels")` must be there, `integer("levels",
/// default: 2)` may be left out, and `integer(ifPresent: "levels")` is nil then. A key without a value
/// counts as left out.
public final class ConfigurationReader {
    /// The keys that lead to this map, such as `training.optimizer`; empty at the top.
    public let path: String

    private let map: ConfigurationValue
    private let entries: [ConfigurationNode.Entry]
    private var known: [String] = []

    init(_ map: ConfigurationValue) {
        self.map = map
        path = map.path
        guard case .map(let entries) = map.node.content else {
            preconditionFailure("a reader needs a map")
        }
        self.entries = entries
    }

    /// A reader that has no keys and whose problems nobody sees.
    static func placeholders(at path: String) -> ConfigurationReader {
        let node = ConfigurationNode(.map([]))
        let log = ProblemLog(file: "")
        return ConfigurationReader(ConfigurationValue(node: node, path: path, log: log))
    }

    /// The keys of the map in their order, for maps whose keys are names.
    public var keys: [String] { entries.map(\.key) }

    /// The value of a key, or nil if it is left out.
    public func value(_ key: String) -> ConfigurationValue? {
        know(key)
        guard let node = entries.first(where: { $0.key == key })?.value, node.content != .null
        else { return nil }
        return ConfigurationValue(node: node, path: place(key), log: map.log)
    }

    /// Whether a key has a value; asking makes the key known.
    public func has(_ key: String) -> Bool { value(key) != nil }

    /// Records a problem about a key, such as two keys that do not go together.
    ///
    /// - Parameters:
    ///   - key: the key; the map itself if nil.
    ///   - message: what is wrong, from the colon on, as a sentence.
    ///   - code: the kind of mistake.
    public func fail(_ key: String? = nil, _ message: String, code: ErrorCode = .unusableValue) {
        let (line, file) = position(of: key)
        map.log.record(code, line: line, file: file, path: key.map(place) ?? path, message)
    }

    /// Takes a key as one that may stand here, whether or not it does.
    func know(_ key: String) {
        if !known.contains(key) { known.append(key) }
    }

    /// The value of a key that must be there; records a problem if it is left out.
    func required(_ key: String, expected: String) -> ConfigurationValue? {
        if let value = value(key) { return value }
        let (line, file) = position(of: key)
        map.log.record(
            .missingKey,
            line: line,
            file: file,
            path: place(key),
            "missing; expected \(expected)."
        )
        return nil
    }

    /// Where a key stands; the map if it is left out.
    private func position(of key: String?) -> (line: Int, file: String?) {
        guard let entry = entries.first(where: { $0.key == key }) else {
            return (map.node.line, map.node.file)
        }
        return (entry.line, entry.file)
    }

    /// A map without keys in the place of a key that is left out.
    func emptySection(_ key: String) -> ConfigurationValue {
        ConfigurationValue(node: map.emptyMap.node, path: place(key), log: map.log)
    }

    /// Records a problem for each key nobody asked for.
    func reportUnknownKeys() {
        for entry in entries where !known.contains(entry.key) {
            let path = place(entry.key)
            map.log.record(
                .unknownKey,
                line: entry.line,
                file: entry.file,
                path: path,
                unknownKey(entry.key)
            )
        }
    }

    private func unknownKey(_ key: String) -> String {
        let hint = Suggestion.sentence(for: key, in: known)
        guard hint.isEmpty else { return "unknown key.\(hint)" }
        guard !known.isEmpty else { return "unknown key; expected none here." }
        let names = known.map { "`\($0)`" }.joined(separator: ", ")
        return "unknown key; expected \(known.count == 1 ? names : "one of \(names)")."
    }

    private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
