/// A setting of an architecture: its key in configurations, what may stand there, and its property.
public struct ArchitectureKey<Settings> {
    /// The key.
    public let name: String
    /// What may stand there.
    public let form: ArchitectureValueForm
    /// The value of settings.
    public let value: (Settings) -> ArchitectureValue
    /// Sets the value; one of another form changes nothing.
    public let set: (inout Settings, ArchitectureValue) -> Void

    private init<Property>(
        _ name: String,
        _ form: ArchitectureValueForm,
        _ path: WritableKeyPath<Settings, Property>,
        _ wrap: @escaping (Property) -> ArchitectureValue,
        _ unwrap: @escaping (ArchitectureValue) -> Property?
    ) {
        self.name = name
        self.form = form
        value = { wrap($0[keyPath: path]) }
        set = { settings, value in
            if let property = unwrap(value) { settings[keyPath: path] = property }
        }
    }

    /// A whole number.
    public static func count(
        _ name: String,
        _ path: WritableKeyPath<Settings, Int>,
        atLeast minimum: Int = 1
    ) -> Self {
        Self(name, .integer(atLeast: minimum), path, ArchitectureValue.integer) {
            if case .integer(let value) = $0 { value } else { nil }
        }
    }

    /// Widths of layers, each at least 1.
    public static func widths(
        _ name: String,
        _ path: WritableKeyPath<Settings, [Int]>,
        atLeast count: Int = 1
    ) -> Self {
        Self(name, .widths(atLeast: count), path, ArchitectureValue.integers) {
            if case .integers(let value) = $0 { value } else { nil }
        }
    }

    /// A number.
    public static func number(
        _ name: String,
        _ path: WritableKeyPath<Settings, Float>,
        in range: ArchitectureRange
    ) -> Self {
        Self(name, .number(range), path, ArchitectureValue.number) {
            if case .number(let value) = $0 { value } else { nil }
        }
    }

    /// `true` or `false`.
    public static func flag(_ name: String, _ path: WritableKeyPath<Settings, Bool>) -> Self {
        Self(name, .flag, path, ArchitectureValue.flag) {
            if case .flag(let value) = $0 { value } else { nil }
        }
    }

    /// One of several words.
    public static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        _ path: WritableKeyPath<Settings, Choice>
    ) -> Self {
        Self(
            name,
            .choice(Choice.allCases.map(\.rawValue)),
            path,
            { ArchitectureValue.text($0.rawValue) },
            { if case .text(let value) = $0 { Choice(rawValue: value) } else { nil } }
        )
    }

    /// The name of a task or feature; empty where nothing is written.
    public static func name(_ name: String, _ path: WritableKeyPath<Settings, String>) -> Self {
        Self(name, .name, path, ArchitectureValue.name) {
            if case .name(let value) = $0 { value } else { nil }
        }
    }

    /// Names of tasks or features; none where nothing is written.
    public static func names(_ name: String, _ path: WritableKeyPath<Settings, [String]>) -> Self {
        Self(name, .names, path, ArchitectureValue.texts) {
            if case .texts(let value) = $0 { value } else { nil }
        }
    }

    /// For names, lists of names.
    public static func nameLists(
        _ name: String,
        _ path: WritableKeyPath<Settings, [String: [String]]>
    ) -> Self {
        Self(name, .nameLists, path, ArchitectureValue.textLists) {
            if case .textLists(let value) = $0 { value } else { nil }
        }
    }
}

/// What may stand at a key of an architecture.
public enum ArchitectureValueForm: Sendable, Hashable {
    /// A whole number.
    case integer(atLeast: Int)
    /// Whole numbers of at least 1, at least so many of them.
    case widths(atLeast: Int)
    /// A number.
    case number(ArchitectureRange)
    /// `true` or `false`.
    case flag
    /// One of some words.
    case choice([String])
    /// A name.
    case name
    /// Names.
    case names
    /// A map from names to lists of names.
    case nameLists
}

/// The range of a number.
public enum ArchitectureRange: Sendable, Hashable {
    /// From this one on.
    case atLeast(Double)
    /// Greater than this one.
    case above(Double)
    /// From the first to the second, both included.
    case between(Double, Double)
    /// From the first up to, but not including, the second.
    case from(Double, below: Double)
}

/// A value at a key of an architecture.
public enum ArchitectureValue: Sendable, Hashable {
    /// A whole number.
    case integer(Int)
    /// Whole numbers.
    case integers([Int])
    /// A number.
    case number(Float)
    /// `true` or `false`.
    case flag(Bool)
    /// A word.
    case text(String)
    /// A name, empty for none.
    case name(String)
    /// Names.
    case texts([String])
    /// For names, lists of names.
    case textLists([String: [String]])
}
