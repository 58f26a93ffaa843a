import MotetConfiguration
import MotetRecommenders

extension Interaction {
    /// Reads an interaction's settings.
    init(reading reader: ConfigurationReader, name: String) {
        func count(_ key: String, _ fallback: Int) -> Int {
            reader.integer(key, default: fallback, in: .atLeast(1))
        }
        switch name {
        case "dcn": self = .dcn(layers: count("layers", 2))
        case "dcn_v2":
            let layers = count("layers", 2)
            let rank = reader.integer("rank", default: 0, in: .atLeast(0))
            let experts = count("experts", rank > 0 ? 4 : 1)
            if rank == 0, experts > 1 {
                reader.fail(
                    "experts",
                    "a mixture needs a rank; expected `rank` of at least 1 beside it; received none."
                )
            }
            let mixture = rank > 0 ? CrossMixture(experts: experts, rank: rank) : nil
            self = .dcnV2(layers: layers, mixture: mixture)
        case "autoint":
            self = .autoInt(
                layers: count("layers", 2),
                heads: count("heads", 2),
                units: count("units", 8)
            )
        case "lhuc":
            let features = reader.strings("features", count: .atLeast(1))
            self = .lhuc(features: features, units: count("units", 32))
        default: self = .fm
        }
    }

    /// The interaction as a tree that reads back equal.
    var node: ConfigurationNode {
        let settings: [(String, ConfigurationNode?)]
        switch self {
        case .fm: return .string(name)
        case .dcn(let layers): settings = [("layers", .integer(layers))]
        case .dcnV2(let layers, let mixture):
            settings = [
                ("layers", .integer(layers)),
                ("rank", mixture.map { ConfigurationNode.integer($0.rank) }),
                ("experts", mixture.map { ConfigurationNode.integer($0.experts) }),
            ]
        case .autoInt(let layers, let heads, let units):
            settings = [
                ("layers", .integer(layers)), ("heads", .integer(heads)),
                ("units", .integer(units)),
            ]
        case .lhuc(let features, let units):
            settings = [("features", .strings(features)), ("units", .integer(units))]
        }
        return .map([("name", .string(name))] + settings)
    }
}
