import MotetCore
import MotetGraph
import MotetNN

/// A way features are combined before any architecture reads them.
public enum Interaction: Sendable, Hashable {
    /// DeepFM: pairwise products of the features' vectors, and a number for each id, added to every output.
    case fm
    /// DCN: crosses with a vector of weights.
    case dcn(layers: Int)
    /// DCN-V2: crosses with a matrix of weights, or with a mixture of matrices of low rank.
    case dcnV2(layers: Int, mixture: CrossMixture?)
    /// AutoInt: self-attention between the features' vectors.
    case autoInt(layers: Int, heads: Int, units: Int)
    /// LHUC: all features scaled by factors that some of them make.
    case lhuc(features: [String], units: Int)
    /// DIN, DIEN, SASRec or BST: a list of ids read step by step.
    case sequence(SequenceInteraction)

    /// The names in configurations.
    public static let names =
        ["fm", "dcn", "dcn_v2", "autoint", "lhuc"] + SequenceInteraction.names

    /// The name in configurations.
    public var name: String {
        switch self {
        case .fm: "fm"
        case .dcn: "dcn"
        case .dcnV2: "dcn_v2"
        case .autoInt: "autoint"
        case .lhuc: "lhuc"
        case .sequence(let sequence): sequence.name
        }
    }

    /// The names of those that read a list step by step.
    public static let sequenceNames = SequenceInteraction.names

    /// The list it reads step by step, if it does.
    public var sequence: SequenceInteraction? {
        if case .sequence(let sequence) = self { sequence } else { nil }
    }

    /// Whether it needs the vectors of all features to have one width.
    public var needsEqualDimensions: Bool {
        switch self {
        case .fm, .autoInt: true
        case .dcn, .dcnV2, .lhuc, .sequence: false
        }
    }
}

/// The low-rank form of a cross layer.
public struct CrossMixture: Sendable, Hashable {
    /// The number of products of low rank that are mixed.
    public var experts: Int
    /// Their rank.
    public var rank: Int

    /// Describes the form.
    public init(experts: Int, rank: Int) {
        self.experts = experts
        self.rank = rank
    }
}

/// Features and what interactions make of them: `[x; cross(x); attention(x)]`, scaled where LHUC is among them.
///
/// - Shapes: inputs `[B, I]` and, for each list that is read step by step, the vectors of all steps `[N, D]` and offsets
///   `[B + 1]`; output `[B, J]`, the columns of the first input first
final class FeatureInteractions: Layer {
    static let kind = "interactions"
    let name: String?
    private let interactions: [Interaction]
    /// The columns of each feature with vectors, by name.
    private let columns: [(name: String, range: Range<Int>)]
    /// The steps read of each list, in the order of the interactions that read one.
    private let lengths: [Int]

    init(
        _ interactions: [Interaction],
        columns: [(name: String, range: Range<Int>)],
        lengths: [Int] = [],
        name: String
    ) {
        self.lengths = lengths
        self.interactions = interactions
        self.columns = columns
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let x = inputs[0]
        var parts = [x]
        var list = 0
        for interaction in interactions {
            switch interaction {
            case .fm, .lhuc: break
            case .dcn(let layers):
                parts += try context.call(CrossNetwork(.vector, layers: layers, name: "dcn"), [x])
            case .dcnV2(let layers, let mixture):
                let form = mixture.map(CrossNetwork.Form.mixture) ?? .matrix
                let network = CrossNetwork(form, layers: layers, name: "dcn_v2")
                parts += try context.call(network, [x])
            case .autoInt(let layers, let heads, let units):
                let network = FieldAttention(
                    layers: layers,
                    heads: heads,
                    units: units,
                    name: "autoint"
                )
                parts += try context.call(network, [try context.fields(x, columns.map(\.range))])
            case .sequence(let sequence):
                let place = 1 + 2 * list
                var read = [inputs[place], inputs[place + 1]]
                if let candidate = sequence.candidate {
                    let ranges = columns.filter { $0.name == candidate }.map(\.range)
                    read += try context.pieces(x, ranges)
                }
                parts += try context.call(sequence.layer(length: lengths[list]), read)
                list += 1
            }
        }
        var value =
            parts.count == 1
            ? x : try context.graph.add(MotetGraph.Concatenate(axis: 1), parts)[0]
        for case .lhuc(let features, let units) in interactions {
            let ranges = columns.filter { features.contains($0.name) }.map(\.range)
            let chosen = try context.pieces(x, ranges)
            let known = try context.graph.add(MotetGraph.Concatenate(axis: 1), chosen)[0]
            let width = context.graph.shape(of: value).last.fixedSize ?? 1
            let gate = GateUnits(1, hidden: units, width: width, name: "lhuc")
            let factors = try context.slices(try context.call(gate, [known])[0])[0]
            value = try context.graph.apply(Arithmetic(.multiply), value, factors)
        }
        return [value]
    }
}

extension ForwardContext {
    /// Some ranges of a matrix's columns, each a matrix.
    mutating func pieces(_ x: Value, _ ranges: [Range<Int>]) throws(GraphError) -> [Value] {
        let width = graph.shape(of: x).last.fixedSize ?? 0
        var sizes: [Int] = []
        var places: [Int: Int] = [:]
        var end = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > end { sizes.append(range.lowerBound - end) }
            places[range.lowerBound] = sizes.count
            sizes.append(range.count)
            end = range.upperBound
        }
        if end < width { sizes.append(width - end) }
        let cut = try graph.add(MotetGraph.Split(axis: 1, sizes: sizes), [x])
        return ranges.compactMap { places[$0.lowerBound].map { cut[$0] } }
    }

    /// The vectors of features side by side, `[B, F, D]`.
    mutating func fields(_ x: Value, _ ranges: [Range<Int>]) throws(GraphError) -> Value {
        guard let width = ranges.first?.count, ranges.allSatisfy({ $0.count == width }) else {
            throw GraphError(
                .shapeMismatch,
                "the features' vectors have several widths; expected one; received \(ranges.map(\.count))."
            )
        }
        let batch = graph.shape(of: x)[0]
        var parts: [Value] = []
        for piece in try pieces(x, ranges) {
            parts.append(try graph.apply(MotetGraph.Reshape([batch, 1, .fixed(width)]), piece))
        }
        return try graph.add(MotetGraph.Concatenate(axis: 1), parts)[0]
    }
}
