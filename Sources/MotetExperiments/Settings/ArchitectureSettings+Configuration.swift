import MotetConfiguration
import MotetRecommenders

extension ArchitectureSettings {
    /// The names of the keys.
    static var keyNames: [String] { keys.map(\.name) }

    /// Reads the settings; a key that is left out keeps its default.
    init(reading reader: ConfigurationReader) {
        self.init()
        for key in Self.keys {
            if let value = reader.architectureValue(key.name, key.form) { key.set(&self, value) }
        }
    }

    /// The settings as entries that read back equal.
    var entries: [(String, ConfigurationNode?)] {
        Self.keys.map { ($0.name, $0.value(self).node) }
    }
}

extension ConfigurationReader {
    fileprivate func architectureValue(
        _ key: String,
        _ form: ArchitectureValueForm
    ) -> ArchitectureValue? {
        switch form {
        case .integer(let minimum):
            return integer(ifPresent: key, in: .atLeast(minimum)).map { .integer($0) }
        case .widths(let count):
            let widths = list(ifPresent: key, count: .atLeast(count)) {
                $0.integer(in: .atLeast(1))
            }
            return widths.map { .integers($0) }
        case .number(let range):
            return number(ifPresent: key, in: range.bounds).map { .number(Float($0)) }
        case .flag: return has(key) ? .flag(boolean(key)) : nil
        case .choice(let words):
            return value(key)?.choice(of: words.map { ($0, $0) }).map { .text($0) }
        case .name: return string(ifPresent: key).map { .name($0) }
        case .names: return has(key) ? .texts(strings(key, allowsOne: true)) : nil
        case .nameLists:
            return section(ifPresent: key) { map in
                let pairs = map.keys.map { ($0, map.strings($0, allowsOne: true)) }
                return .textLists(Dictionary(pairs) { first, _ in first })
            }
        }
    }
}

extension ArchitectureRange {
    fileprivate var bounds: Bounds<Double> {
        switch self {
        case .atLeast(let lower): .atLeast(lower)
        case .above(let lower): .above(lower)
        case .between(let lower, let upper): .between(lower, upper)
        case .from(let lower, let upper): .from(lower, below: upper)
        }
    }
}

extension ArchitectureValue {
    /// The value in a configuration; nil for names of which there is none.
    fileprivate var node: ConfigurationNode? {
        switch self {
        case .integer(let value): .integer(value)
        case .integers(let values): .integers(values)
        case .number(let value): .float(value)
        case .flag(let value): .boolean(value)
        case .text(let value): .string(value)
        case .name(let value): value.isEmpty ? nil : .string(value)
        case .texts(let values): values.isEmpty ? nil : .strings(values)
        case .textLists(let lists):
            lists.isEmpty
                ? nil : .map(lists.sorted { $0.key < $1.key }.map { ($0.key, .strings($0.value)) })
        }
    }
}
