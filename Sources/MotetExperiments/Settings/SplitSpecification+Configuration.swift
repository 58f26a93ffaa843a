import MotetConfiguration
import MotetData

extension SplitSpecification {
    /// The names in configurations.
    static let names = ["fraction", "time", "time_fraction", "key"]

    init(reading reader: ConfigurationReader, name: String) {
        func share(_ key: String) -> Double {
            reader.number(key, default: 0, in: .from(0, below: 1))
        }
        func seed() -> UInt64 { UInt64(reader.integer("seed", in: .atLeast(0)).magnitude) }
        switch name {
        case "time":
            self = .time(
                column: reader.string("column"),
                validation: reader.string(ifPresent: "validation"),
                test: reader.string(ifPresent: "test")
            )
        case "time_fraction":
            self = .timeFraction(
                column: reader.string("column"),
                validation: share("validation"),
                test: share("test")
            )
        case "key":
            self = .key(
                column: reader.string("column"),
                validation: share("validation"),
                test: share("test"),
                seed: seed()
            )
        default:
            self = .fraction(validation: share("validation"), test: share("test"), seed: seed())
        }
    }

    /// Whether the split sets rows apart for a part.
    func makes(part: DataPart) -> Bool {
        func sets(_ validation: Bool, _ test: Bool) -> Bool {
            part == .training || (part == .validation ? validation : test)
        }
        return switch self {
        case .given: false
        case .time(_, let validation, let test): sets(validation != nil, test != nil)
        case .fraction(let validation, let test, _), .timeFraction(_, let validation, let test),
            .key(_, let validation, let test, _):
            sets(validation > 0, test > 0)
        }
    }

    /// The split as a tree that reads back equal; nil where files are given by part.
    var node: ConfigurationNode? {
        func seed(_ seed: UInt64) -> ConfigurationNode { .integer(Int(clamping: seed)) }
        switch self {
        case .given: return nil
        case .fraction(let validation, let test, let number):
            return [
                "fraction": [
                    "validation": .number(validation), "test": .number(test), "seed": seed(number),
                ]
            ]
        case .time(let column, let validation, let test):
            return [
                "time": .map([
                    ("column", .string(column)),
                    ("validation", validation.map(ConfigurationNode.string)),
                    ("test", test.map(ConfigurationNode.string)),
                ])
            ]
        case .timeFraction(let column, let validation, let test):
            return [
                "time_fraction": [
                    "column": .string(column), "validation": .number(validation),
                    "test": .number(test),
                ]
            ]
        case .key(let column, let validation, let test, let number):
            return [
                "key": [
                    "column": .string(column), "validation": .number(validation),
                    "test": .number(test), "seed": seed(number),
                ]
            ]
        }
    }
}
