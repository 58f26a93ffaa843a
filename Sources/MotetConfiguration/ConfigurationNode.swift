/// A value of a YAML document with the place it stands at.
///
/// Two nodes are equal if they hold the same, wherever they stand and however they are written.
public struct ConfigurationNode: Sendable {
    /// What a node holds.
    public indirect enum Content: Hashable, Sendable {
        /// Nothing: `~`, `null` or an empty place.
        case null
        /// `true` or `false`.
        case boolean(Bool)
        /// A whole number.
        case integer(Int)
        /// A number with a fraction or an exponent, or beyond the whole numbers.
        case number(Double)
        /// Text.
        case string(String)
        /// Values in order.
        case list([ConfigurationNode])
        /// Values by key, in the order of the document.
        case map([Entry])
    }

    /// A key with its value.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public let key: String
        /// The key's line, from 1; 0 if it does not come from a document.
        public let line: Int
        /// The document of the key; nil for the one it is read as part of.
        public let file: String?
        /// The value.
        public let value: ConfigurationNode

        /// Creates an entry.
        public init(key: String, line: Int = 0, file: String? = nil, value: ConfigurationNode) {
            self.key = key
            self.line = line
            self.file = file
            self.value = value
        }

        /// Whether two entries have the same key and value.
        public static func == (left: Entry, right: Entry) -> Bool {
            left.key == right.key && left.value == right.value
        }

        /// Hashes key and value.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    /// What the node holds.
    public let content: Content
    /// A scalar as it is written, without quotes; empty for lists and maps.
    public let text: String
    /// The line, from 1; 0 if it does not come from a document.
    public let line: Int
    /// The column, from 1; 0 if it does not come from a document.
    public let column: Int
    /// The document the node comes from; nil for the one it is read as part of.
    public let file: String?

    init(content: Content, text: String, line: Int, column: Int, file: String? = nil) {
        self.content = content
        self.text = text
        self.line = line
        self.column = column
        self.file = file
    }

    /// Creates a node that does not come from a document.
    public init(_ content: Content) {
        self.init(content: content, text: ScalarSyntax.text(of: content), line: 0, column: 0)
    }

    /// The value of a key, or nil if this is no map or has no such key.
    public subscript(key: String) -> ConfigurationNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// How an error sentence shows the node: a scalar in code form, else the kind.
    var received: String {
        switch content {
        case .null: "nothing"
        case .string: "\"\(text)\""
        case .boolean, .integer, .number: text
        case .list: "a list"
        case .map: "a map"
        }
    }
}

extension ConfigurationNode: Hashable {
    /// Whether two nodes hold the same.
    public static func == (left: ConfigurationNode, right: ConfigurationNode) -> Bool {
        left.content == right.content
    }

    /// Hashes what the node holds.
    public func hash(into hasher: inout Hasher) { hasher.combine(content) }
}
