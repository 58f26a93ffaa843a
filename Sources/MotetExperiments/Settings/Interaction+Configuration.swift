import MotetConfiguration
import MotetNN
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
        case "din", "dien", "sasrec", "bst":
            self = .sequence(SequenceInteraction(reading: reader, name: name))
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
        case .sequence(let sequence): settings = sequence.entries
        }
        return .map([("name", .string(name))] + settings)
    }
}

extension SequenceInteraction {
    /// Reads the settings of an interaction with a list.
    init(reading reader: ConfigurationReader, name: String) {
        let history = reader.string("history")
        let candidate = name == "sasrec" ? nil : reader.string("candidate")
        func blocks(layers: Int) -> AttentionBlocks {
            AttentionBlocks(
                layers: reader.integer("layers", default: layers, in: .atLeast(1)),
                heads: reader.integer("heads", default: 1, in: .atLeast(1)),
                dropout: Float(reader.number("dropout", default: 0, in: .from(0, below: 1)))
            )
        }
        let how: Reader
        switch name {
        case "dien":
            how = .dien(auxiliary: Float(reader.number("auxiliary", default: 1, in: .atLeast(0))))
        case "sasrec": how = .sasRec(blocks(layers: 2))
        case "bst": how = .bst(blocks(layers: 1))
        default:
            let chosen = reader.value("activation")?
                .choice(of: StepActivation.named.map { ($0.name, $0.activation) })
            how = .din(
                units: reader.integers("units", default: [36], in: .atLeast(1)),
                activation: chosen ?? .function(.sigmoid)
            )
        }
        self.init(history: history, candidate: candidate, reader: how)
    }

    /// The settings as entries that read back equal.
    var entries: [(String, ConfigurationNode?)] {
        var entries: [(String, ConfigurationNode?)] = [
            ("history", .string(history)), ("candidate", candidate.map(ConfigurationNode.string)),
        ]
        switch reader {
        case .din(let units, let activation):
            let named = StepActivation.named.first { $0.activation == activation }
            entries.append(("units", .integers(units)))
            entries.append(("activation", .string(named?.name ?? "sigmoid")))
        case .dien(let auxiliary): entries.append(("auxiliary", .float(auxiliary)))
        case .sasRec(let blocks), .bst(let blocks):
            entries.append(("layers", .integer(blocks.layers)))
            entries.append(("heads", .integer(blocks.heads)))
            entries.append(("dropout", .float(blocks.dropout)))
        }
        return entries
    }
}
