import MotetCore
import MotetGraph
public import MotetNN

/// The function after the hidden layers of a network that weighs the steps of a list.
public enum StepActivation: Sendable, Hashable {
    /// One without parameters.
    case function(LayerActivation)
    /// A leaky ReLU with learnt slopes.
    case prelu
    /// The data adaptive form of it.
    case dice

    /// The functions by the name they have in configurations.
    public static let named: [(name: String, activation: StepActivation)] =
        LayerActivation.named.map { ($0.name, .function($0.activation)) }
        + [("prelu", .prelu), ("dice", .dice)]

    /// A hidden layer of some width.
    func layers(_ width: Int, number: Int) -> [any Layer] {
        let name = "dense_\(number)"
        return switch self {
        case .function(let function): [Dense(width, activation: function, name: name)]
        case .prelu: [Dense(width, name: name), PReLU(name: "prelu_\(number)")]
        case .dice: [Dense(width, name: name), Dice(name: "dice_\(number)")]
        }
    }
}

/// Deep interest network: the steps of a list, weighed by how they go with a candidate, and added up.
///
/// `sum_t a(v_t, c) v_t` with `a(v, c) = f([v; c; c - v; c * v] W_1 + b_1) ... w + b`. Weights are not normalised, so that
/// the sum tells how strong an interest is.
///
/// - Shapes: inputs: vectors of all steps `[N, D]`, offsets `[B + 1]` and candidates `[B, D]`; output `[B, D]`, zeros for an
///   empty list
/// - Learned: `dense_i/weight` `[I, U]`, the first with I = 4 D; `score/weight` `[U, 1]`; biases; `prelu_i` or `dice_i`,
///   see `PReLU` and `Dice`
/// - Source: Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", KDD 2018.
///   <https://doi.org/10.1145/3219819.3219823>
/// - Departures: the difference stands beside the product, as in the authors' program; the hidden layers have any
///   activation. Dice counts the steps of lists, and no padding.
final class TargetAttention: Layer {
    static let kind = "target_attention"
    let name: String?
    private let units: [Int]
    private let activation: StepActivation
    private let length: Int

    init(_ units: [Int], activation: StepActivation, length: Int, name: String) {
        self.units = units
        self.activation = activation
        self.length = length
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard units.allSatisfy({ $0 >= 1 }) else {
            throw GraphError(
                .outOfRange,
                "'units' is out of range; expected widths of at least 1; received \(units)."
            )
        }
        let (steps, mask) = try context.padded(inputs[0], inputs[1], length)
        let shape = context.graph.shape(of: steps)
        let candidate = try context.oneStep(inputs[2])
        let wide = try context.graph.apply(BroadcastLike(shape), candidate, steps)
        let difference = try context.graph.apply(Arithmetic(.subtract), wide, steps)
        let product = try context.graph.apply(Arithmetic(.multiply), wide, steps)
        var value = try context.graph.add(
            MotetGraph.Concatenate(axis: 2),
            [steps, wide, difference, product]
        )[0]
        context.setMask(mask, of: value)
        for (index, width) in units.enumerated() {
            for layer in activation.layers(width, number: index + 1) {
                value = try context.call(layer, [value])[0]
            }
        }
        let scores = try context.call(Dense(1, name: "score"), [value])[0]  // [B, L, 1]
        let weights = try context.graph.apply(
            Arithmetic(.multiply),
            scores,
            try context.column(mask)
        )
        let weighed = try context.graph.apply(Arithmetic(.multiply), steps, weights)
        let sum = try context.graph.apply(SumToShape([shape[0], 1, shape[2]]), weighed)
        return [try context.graph.apply(MotetGraph.Reshape([shape[0], shape[2]]), sum)]
    }
}
