// Trees for `ConfigurationWriter` read like the YAML they become.

extension ConfigurationNode: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Text.
    public init(stringLiteral value: String) { self.init(.string(value)) }
}

extension ConfigurationNode: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int) { self.init(.integer(value)) }
}

extension ConfigurationNode: ExpressibleByFloatLiteral {
    /// A number.
    public init(floatLiteral value: Double) { self.init(.number(value)) }
}

extension ConfigurationNode: ExpressibleByBooleanLiteral {
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self.init(.boolean(value)) }
}

extension ConfigurationNode: ExpressibleByArrayLiteral {
    /// A list.
    public init(arrayLiteral elements: ConfigurationNode...) { self.init(.list(elements)) }
}

extension ConfigurationNode: ExpressibleByDictionaryLiteral {
    /// A map in the order written.
    public init(dictionaryLiteral elements: (String, ConfigurationNode)...) {
        self = .map(elements)
    }
}

extension ConfigurationNode {
    /// Text.
    public static func string(_ value: String) -> ConfigurationNode { Self(.string(value)) }
    /// A whole number.
    public static func integer(_ value: Int) -> ConfigurationNode { Self(.integer(value)) }
    /// A number.
    public static func number(_ value: Double) -> ConfigurationNode { Self(.number(value)) }
    /// A number of single precision, written with the digits that single precision has.
    public static func float(_ value: Float) -> ConfigurationNode {
        Self(.number(Double("\(value)") ?? Double(value)))
    }
    /// `true` or `false`.
    public static func boolean(_ value: Bool) -> ConfigurationNode { Self(.boolean(value)) }
    /// A list of text.
    public static func strings(_ values: [String]) -> ConfigurationNode {
        Self(.list(values.map(string)))
    }
    /// A list of whole numbers.
    public static func integers(_ values: [Int]) -> ConfigurationNode {
        Self(.list(values.map(integer)))
    }
    /// A list.
    public static func list(_ values: [ConfigurationNode]) -> ConfigurationNode {
        Self(.list(values))
    }
    /// A map; keys without a value are left out.
    public static func map(_ entries: [(String, ConfigurationNode?)]) -> ConfigurationNode {
        Self(.map(entries.compactMap { key, value in value.map { Entry(key: key, value: $0) } }))
    }
}
