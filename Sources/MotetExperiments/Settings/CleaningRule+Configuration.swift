import MotetConfiguration
import MotetData

extension CleaningRule {
    /// The names in configurations.
    static let names = ["duplicates", "range", "repair", "outliers"]

    init(reading reader: ConfigurationReader, name: String) {
        switch name {
        case "range":
            self = .range(
                column: reader.string("column"),
                minimum: reader.number(ifPresent: "minimum"),
                maximum: reader.number(ifPresent: "maximum"),
                action: reader.choice("action", default: .drop)
            )
        case "repair":
            self = .repair(
                column: reader.string("column"),
                reader.list("repairs", count: .atLeast(1)) { value in
                    value.variantOrScalar(of: TextRepair.names) { TextRepair(name: $0, $1) }
                }
            )
        case "outliers":
            let column = reader.string("column")
            let action: OutlierAction = reader.choice("action", default: .clip)
            if let factor = reader.number(ifPresent: "interquartile", in: .atLeast(0)) {
                if reader.has("quantiles") {
                    reader.fail("quantiles", "`interquartile` is given too; expected one of them.")
                }
                self = .outliers(column: column, .interquartile(factor: factor), action: action)
            } else {
                let ends = reader.list("quantiles", count: .between(2, 2)) {
                    $0.number(in: .between(0, 1))
                }
                self = .outliers(
                    column: column,
                    .quantiles(lower: ends.first ?? 0, upper: ends.last ?? 1),
                    action: action
                )
            }
        default:
            self = .duplicates(
                key: reader.strings("key", count: .atLeast(1), allowsOne: true),
                keep: reader.choice("keep", default: .first)
            )
        }
    }

    /// The rule as a tree that reads back equal.
    var node: ConfigurationNode {
        switch self {
        case .duplicates(let key, let keep):
            ["duplicates": ["key": .strings(key), "keep": .string(keep.rawValue)]]
        case .range(let column, let minimum, let maximum, let action):
            [
                "range": .map([
                    ("column", .string(column)),
                    ("minimum", minimum.map(ConfigurationNode.number)),
                    ("maximum", maximum.map(ConfigurationNode.number)),
                    ("action", .string(action.rawValue)),
                ])
            ]
        case .repair(let column, let repairs):
            ["repair": ["column": .string(column), "repairs": .list(repairs.map(\.node))]]
        case .outliers(let column, let limits, let action):
            [
                "outliers": .map([
                    ("column", .string(column)),
                    limits.entry,
                    ("action", .string(action.rawValue)),
                ])
            ]
        }
    }
}

extension CleaningRule.OutlierLimits {
    fileprivate var entry: (String, ConfigurationNode?) {
        switch self {
        case .quantiles(let lower, let upper):
            ("quantiles", .list([.number(lower), .number(upper)]))
        case .interquartile(let factor): ("interquartile", .number(factor))
        }
    }
}

extension TextRepair {
    /// The names in configurations; those after the fifth have a text beside them.
    static let names = [
        "trim", "decimal_comma", "uppercase", "lowercase", "remove_thousands", "cut_after",
        "missing",
    ]

    /// A repair from its name and the text beside it; nil after a problem.
    init?(name: String, _ value: ConfigurationValue?) {
        switch name {
        case "trim": self = .trim
        case "decimal_comma": self = .decimalComma
        case "uppercase": self = .uppercase
        case "lowercase": self = .lowercase
        default:
            guard let text = value?.string() else { return nil }
            switch name {
            case "remove_thousands": self = .removeThousands(text)
            case "cut_after": self = .cutAfter(text)
            default: self = .missing(text)
            }
        }
    }

    /// The repair as a tree that reads back equal.
    var node: ConfigurationNode {
        switch self {
        case .trim: "trim"
        case .decimalComma: "decimal_comma"
        case .uppercase: "uppercase"
        case .lowercase: "lowercase"
        case .removeThousands(let text): ["remove_thousands": .string(text)]
        case .cutAfter(let text): ["cut_after": .string(text)]
        case .missing(let text): ["missing": .string(text)]
        }
    }
}
