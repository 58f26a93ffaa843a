import MotetConfiguration
import MotetData

extension FeatureSpecification {
    /// The width of an embedding where none is given.
    static let defaultDimension = 16

    init(reading reader: ConfigurationReader) {
        let kind: Kind = reader.choice("type")
        let transforms = Self.transforms(reader)
        let isBinned = kind == .numeric && transforms.contains { $0.isBins }
        let hasTable = kind != .numeric || isBinned
        let shares = reader.string(ifPresent: "shares")
        var dimension = reader.integer(ifPresent: "dimension", in: .atLeast(1))
        if !hasTable, dimension != nil {
            reader.fail(
                "dimension",
                "a number has no table; expected it for `categorical`, `sequence` or "
                    + "`quantile_bins`; received a numeric feature."
            )
        }
        if shares != nil, dimension != nil {
            reader.fail(
                "dimension",
                "the table is that of `\(shares ?? "")`; expected the width there; received it "
                    + "here too."
            )
        }
        if hasTable, shares == nil, dimension == nil { dimension = Self.defaultDimension }
        let vocabulary =
            kind == .numeric ? .learned() : VocabularySpecification(reading: reader, shares: shares)
        let missing = reader.value("missing").flatMap { MissingPolicy(reading: $0) }
        self.init(
            reader.string("name"),
            column: reader.string(ifPresent: "column"),
            kind: kind,
            vocabulary: vocabulary,
            dimension: dimension,
            maximumLength: reader.integer(ifPresent: "maximum_length", in: .atLeast(1)),
            delimiter: reader.string(ifPresent: "delimiter"),
            pooling: reader.choice("pooling", default: .mean),
            transforms: transforms,
            missing: missing,
            infinity: reader.choice("infinity", default: .error)
        )
    }

    private static func transforms(_ reader: ConfigurationReader) -> [FeatureTransform] {
        guard let value = reader.value("transform") else { return [] }
        guard case .list = value.node.content else {
            return [FeatureTransform(reading: value)].compactMap { $0 }
        }
        return value.list { FeatureTransform(reading: $0) } ?? []
    }

    /// The feature as a tree that reads back equal.
    var node: ConfigurationNode {
        let entries: [(String, ConfigurationNode?)] =
            [
                ("name", .string(name)),
                ("column", .string(column)),
                ("type", .string(kind.rawValue)),
            ] + (kind == .numeric ? [] : vocabulary.entries) + [
                ("dimension", dimension.map(ConfigurationNode.integer)),
                ("maximum_length", maximumLength.map(ConfigurationNode.integer)),
                ("delimiter", delimiter.map(ConfigurationNode.string)),
                ("pooling", kind == .sequence ? .string(pooling.rawValue) : nil),
                ("transform", transforms.isEmpty ? nil : .list(transforms.map(\.node))),
                ("missing", missing.node),
                ("infinity", kind == .numeric ? .string(infinity.rawValue) : nil),
            ]
        return .map(entries)
    }
}

extension FeatureTransform {
    private static let names = [
        "standardise", "min_max", "log1p", "log_ratio", "quantile_bins", "clip",
    ]

    /// Whether the transform makes ids.
    var isBins: Bool { if case .quantileBins = self { true } else { false } }

    init?(reading value: ConfigurationValue) {
        let made: FeatureTransform? = value.variantOrScalar(of: Self.names) { name, value in
            switch name {
            case "standardise": return .standardise
            case "min_max": return .minMax
            case "log1p": return .log1p
            case "log_ratio": return .logRatio(reference: value?.number(in: .above(0)))
            case "quantile_bins":
                return value.map { .quantileBins($0.integer(in: .atLeast(2)) ?? 2) }
            default:
                return value.map { value in
                    let ends = value.list(count: .between(2, 2)) { $0.number(in: .between(0, 1)) }
                    return .clip(lower: ends?.first ?? 0, upper: ends?.last ?? 1)
                }
            }
        }
        guard let made else { return nil }
        self = made
    }

    /// The transform as a tree that reads back equal.
    var node: ConfigurationNode {
        switch self {
        case .standardise: "standardise"
        case .minMax: "min_max"
        case .log1p: "log1p"
        case .logRatio(nil): "log_ratio"
        case .logRatio(let reference?): ["log_ratio": .number(reference)]
        case .quantileBins(let bins): ["quantile_bins": .integer(bins)]
        case .clip(let lower, let upper): ["clip": [.number(lower), .number(upper)]]
        }
    }
}
