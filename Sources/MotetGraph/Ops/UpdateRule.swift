public import MotetCore

/// How a gradient changes a parameter.
///
/// `g` is the gradient after scaling and L2, `lr` the learning rate.
public enum UpdateRule: Hashable, Sendable, Codable {
    /// `v = momentum v + g; p -= lr (nesterov ? g + momentum v : v)`; without momentum no state.
    case sgd(momentum: Float, nesterov: Bool)
    /// `a += g^2; p -= lr g / (sqrt(a) + eps)`. Duchi et al., JMLR 12, 2011.
    case adagrad(epsilon: Float)
    /// One accumulator a row: `a += mean(g^2); p -= lr g / (sqrt(a) + eps)`.
    case rowWiseAdagrad(epsilon: Float)
    /// `m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;`
    /// `p -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)`, after `p -= lr decay p`.
    /// Kingma and Ba, ICLR 2015; decay as Loshchilov and Hutter, ICLR 2019.
    case adam(beta1: Float, beta2: Float, epsilon: Float, decay: Float)

    /// The names of the states a parameter needs, in the order of the update's inputs.
    public var slots: [String] {
        switch self {
        case .sgd(let momentum, _): momentum == 0 ? [] : ["momentum"]
        case .adagrad, .rowWiseAdagrad: ["accumulator"]
        case .adam: ["first_moment", "second_moment"]
        }
    }

    /// The shape of each state of a parameter of the given shape.
    public func slotShape(for parameter: Shape) -> Shape {
        if case .rowWiseAdagrad = self { return Shape([parameter[0]]) }
        return parameter
    }
}

/// One step of an optimizer on a dense parameter.
///
/// - Shapes: inputs `(p, slots..., g, lr [], step [] int32, scale [])`, outputs `(p, slots...)`.
///   `g` is first multiplied by `scale`, then `l2 * p` is added; `step` counts from 1.
public struct OptimizerUpdate: Operation {
    /// The rule.
    public let rule: UpdateRule
    /// The factor of the penalty `l2 / 2 * |p|^2`.
    public let l2: Float

    /// Creates the operation.
    public init(_ rule: UpdateRule, l2: Float = 0) {
        self.rule = rule
        self.l2 = l2
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let slots = rule.slots.count
        try expectInputs(inputs, (slots + 5)...(slots + 5))
        try expectSame(inputs[0], inputs[slots + 1])
        if case .rowWiseAdagrad = rule {
            try expect(
                inputs[0].shape.rank == 2,
                "row-wise Adagrad is for tables; received \(inputs[0])."
            )
        }
        try expectIntegers(inputs[slots + 3], "step")
        return Array(inputs.prefix(slots + 1))
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, 4)
    }
}

/// One step of an optimizer on the touched rows of a table; other rows and their states stay as they are.
///
/// - Shapes: inputs `(table [V, D], slots..., ids [N] int32, rows [N, D], count [] int32, lr [],
///   step [] int32, scale [])` with ids unique, outputs `(table, slots...)`
public struct OptimizerRowUpdate: Operation {
    /// The rule.
    public let rule: UpdateRule
    /// The factor of the penalty `l2 / 2 * |p|^2` on touched rows.
    public let l2: Float

    /// Creates the operation.
    public init(_ rule: UpdateRule, l2: Float = 0) {
        self.rule = rule
        self.l2 = l2
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let slots = rule.slots.count
        try expectInputs(inputs, (slots + 7)...(slots + 7))
        try expectTable(inputs[0])
        try expectIntegers(inputs[slots + 1], "ids")
        return Array(inputs.prefix(slots + 1))
    }
}

/// The sum of squares of a dense gradient, or of the first `count` rows of a sparse one.
///
/// - Shapes: inputs `(x)` or `(rows [N, D], count [] int32)`; output `[]`
public struct SumOfSquares: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...2)
        try expectFloat(inputs[0])
        return [TensorType(.scalar)]
    }
}

/// The factor that brings a gradient's norm down to a limit: `min(1, limit / sqrt(sum of squares))`.
///
/// - Shapes: input the sum of squares `[]`; output `[]`
/// - Source: Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1.
public struct ClippingFactor: Operation {
    /// The greatest norm.
    public let limit: Float

    /// Creates the operation.
    public init(limit: Float) { self.limit = limit }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectScalar(inputs[0], "sum of squares")
        return inputs
    }
}
