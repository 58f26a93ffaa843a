import MotetConfiguration
import MotetData

extension VocabularySpecification {
    /// Reads the keys `vocabulary` (a limit, or the values), `minimum_frequency`, `hash_buckets` and
    /// `shares` of a feature, of which one kind may be there.
    init(reading reader: ConfigurationReader, shares: String?) {
        let buckets = reader.integer(ifPresent: "hash_buckets", in: .between(1, 2_147_483_645))
        let frequency = reader.integer(ifPresent: "minimum_frequency", in: .atLeast(1))
        var limit: Int?
        var values: [String]?
        if let vocabulary = reader.value("vocabulary") {
            if case .list = vocabulary.node.content {
                values = vocabulary.list(count: .atLeast(1)) { $0.string() }
            } else {
                limit = vocabulary.integer(in: .atLeast(1))
            }
        }
        let given = [
            shares.map { _ in "shares" }, buckets.map { _ in "hash_buckets" },
            limit != nil || values != nil ? "vocabulary" : nil,
        ].compactMap { $0 }
        if given.count > 1 {
            reader.fail(
                given[1],
                "ids come from one place; expected one of `vocabulary`, `hash_buckets` and "
                    + "`shares`; received \(given.map { "`\($0)`" }.joined(separator: " and "))."
            )
        }
        if frequency != nil, shares != nil || buckets != nil || values != nil {
            reader.fail(
                "minimum_frequency",
                "it is for a vocabulary that is learnt; expected no `hash_buckets`, `shares` or "
                    + "list of values beside it; received one."
            )
        }
        if let shares {
            self = .shared(with: shares)
        } else if let buckets {
            self = .hashed(buckets: buckets)
        } else if let values {
            self = .values(values)
        } else {
            self = .learned(limit: limit, minimumFrequency: frequency ?? 1)
        }
    }

    /// The keys of a feature that read back equal.
    var entries: [(String, ConfigurationNode?)] {
        switch self {
        case .learned(let limit, let frequency):
            [
                ("vocabulary", limit.map(ConfigurationNode.integer)),
                ("minimum_frequency", .integer(frequency)),
            ]
        case .values(let values): [("vocabulary", .strings(values))]
        case .hashed(let buckets): [("hash_buckets", .integer(buckets))]
        case .shared(let other): [("shares", .string(other))]
        }
    }
}

extension MissingPolicy {
    private static let names = [
        "own_bucket", "drop", "error", "mean", "median", "most_frequent", "fill",
    ]

    init?(reading value: ConfigurationValue) {
        let made: MissingPolicy? = value.variantOrScalar(of: Self.names) { name, value in
            switch name {
            case "own_bucket": return .ownBucket
            case "drop": return .drop
            case "error": return .error
            case "mean": return .fill(.mean)
            case "median": return .fill(.median)
            case "most_frequent": return .fill(.mostFrequent)
            default:
                guard let value else { return nil }
                switch value.node.content {
                case .integer, .number: return value.number().map { .fill(.number($0)) }
                default: return value.string().map { .fill(.text($0)) }
                }
            }
        }
        guard let made else { return nil }
        self = made
    }

    /// The policy as a tree that reads back equal.
    var node: ConfigurationNode {
        switch self {
        case .ownBucket: "own_bucket"
        case .drop: "drop"
        case .error: "error"
        case .fill(.mean): "mean"
        case .fill(.median): "median"
        case .fill(.mostFrequent): "most_frequent"
        case .fill(.number(let value)): ["fill": .number(value)]
        case .fill(.text(let value)): ["fill": .string(value)]
        }
    }
}
