import MotetCore
public import MotetGraph
public import MotetNN

/// Demand of constant elasticity: an output that falls with the price, whatever the tower says.
///
/// A tower gives two numbers `(a, s)` of a row. With the price `p` and a reference price `r`
///
/// - level `= a`, the output at the reference price,
/// - elasticity `e = -(0.001 + softplus(s + c))`, below 0 for every `s` and -1 at `s = 0`,
/// - output `= a + e log(p / r)`,
///
/// so that the price reaches the output through `log(p / r)` only, times a negative number. With a log link, as of
/// the loss `poisson`, `e` is the elasticity of demand and demand is `exp(a) (p / r)^e`; with a logit, odds have it.
///
/// - Shapes: inputs `[B, 2]` and `log(p / r)` `[B, 1]`; output `[B, 1]`, or `[B, 2]`, level and elasticity, as a curve
/// - Learned: nothing; both numbers come from the tower.
/// - Source: the log-log demand model, Tellis, "The Price Elasticity of Selective Demand: A Meta-Analysis of Econometric
///   Models of Sales", Journal of Marketing Research 25(4), 1988. <https://doi.org/10.1177/002224378802500401>
/// - Departures: the elasticity is a function of the row; its sign is given, not estimated.
public final class DemandHead: Layer {
    /// What a head answers.
    public enum Form: Sendable {
        /// The output at a row's price.
        case output
        /// Level and elasticity, without a price.
        case curve
    }

    /// `demand`.
    public static let kind = "demand"
    /// How far below 0 the elasticity stays.
    public static let floor = 0.001
    /// The user's name.
    public let name: String?
    private let form: Form

    /// Creates the head.
    ///
    /// - Parameters:
    ///   - form: what it answers.
    ///   - name: a name for messages.
    public init(_ form: Form = .output, name: String? = nil) {
        self.form = form
        self.name = name
    }

    /// Bends the output by the price.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: inputs[0])
        guard shape.rank == 2, shape.last == 2 else {
            throw GraphError(
                .shapeMismatch,
                "the input has the wrong shape; expected level and slope, [B, 2]; received \(shape)."
            )
        }
        let parts = try context.graph.add(MotetGraph.Split(axis: 1, sizes: [1, 1]), [inputs[0]])
        // softplus(c) = 1 - floor, so that the elasticity starts at -1.
        let start = logarithm(exponential(1 - Self.floor) - 1)
        let shift = context.graph.constant(Tensor([Float(start)], shape: [1]))
        let least = context.graph.constant(Tensor([Float(Self.floor)], shape: [1]))
        let shifted = try context.graph.apply(Arithmetic(.add), parts[1], shift)
        let bent = try context.graph.apply(MotetGraph.Activation(.softplus), shifted)
        let size = try context.graph.apply(Arithmetic(.add), bent, least)
        let elasticity = try context.graph.apply(Scale(-1), size)
        guard form == .output else {
            return try context.graph.add(MotetGraph.Concatenate(axis: 1), [parts[0], elasticity])
        }
        let change = try context.graph.apply(Arithmetic(.multiply), elasticity, inputs[1])
        return [try context.graph.apply(Arithmetic(.add), parts[0], change)]
    }
}
