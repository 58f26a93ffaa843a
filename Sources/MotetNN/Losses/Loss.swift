public import MotetCore
public import MotetGraph

/// How a task's output is compared with its label.
///
/// A value with static factories: `.binaryCrossEntropy`, `.huber(delta: 1)`. Every loss is the weighted
/// mean over the rows that take part; outputs are logits or log rates where the loss says so.
public struct Loss: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case pointwise(PointwiseLossKind)
        case categorical(ClassTargets)
        case box(BoxLossKind)
    }

    let kind: Kind

    /// Cross-entropy of a logit and a label of 0 or 1.
    public static let binaryCrossEntropy = Loss(kind: .pointwise(.binaryCrossEntropy))
    /// Cross-entropy of logits `[B, C]` and the number of a class, or of `[B, T, C]` and one for each step.
    public static let categoricalCrossEntropy = Loss(kind: .categorical(ClassTargets()))
    /// Cross-entropy of a logit where outcomes come late.
    ///
    /// Rows are learnt as negatives at once, and again as positives when their outcome came. Ktena et al., RecSys 2019.
    public static let fakeNegativeWeighted = Loss(kind: .pointwise(.fakeNegativeWeighted))
    /// Squared difference.
    public static let squaredError = Loss(kind: .pointwise(.squaredError))
    /// Absolute difference.
    public static let absoluteError = Loss(kind: .pointwise(.absoluteError))
    /// `exp(x) - y x` for a log rate x: counts.
    public static let poisson = Loss(kind: .pointwise(.poisson))

    /// Cross-entropy of logits and the number of a class, with softened labels or weighted classes.
    ///
    /// - Parameters:
    ///   - labelSmoothing: the share of each label spread evenly over all classes, from 0 to below 1.
    ///   - classWeights: for each class how much its rows count, in the mean too; empty for 1 each.
    /// - Returns: the loss.
    public static func categoricalCrossEntropy(
        labelSmoothing: Float = 0,
        classWeights: [Float] = []
    ) -> Loss {
        let targets = ClassTargets(smoothing: labelSmoothing, classWeights: classWeights)
        return Loss(kind: .categorical(targets))
    }

    /// Cross-entropy that counts easy rows less.
    ///
    /// - Parameters:
    ///   - gamma: how much less; 0 is plain cross-entropy.
    ///   - alpha: the weight of positives against 1 - alpha of negatives; nil for none.
    /// - Returns: the loss.
    public static func focal(gamma: Float = 2, alpha: Float? = nil) -> Loss {
        Loss(kind: .pointwise(.focal(gamma: gamma, alpha: alpha ?? -1)))
    }

    /// Squared near zero, linear beyond `delta`.
    public static func huber(delta: Float = 1) -> Loss {
        Loss(kind: .pointwise(.huber(delta: delta)))
    }

    /// The pinball loss of a quantile.
    public static func quantile(_ tau: Float) -> Loss {
        Loss(kind: .pointwise(.quantile(tau: tau)))
    }

    /// Whether labels must be 0 or 1.
    public var isBinary: Bool {
        switch kind {
        case .pointwise(.binaryCrossEntropy), .pointwise(.focal),
            .pointwise(.fakeNegativeWeighted):
            true
        default: false
        }
    }

    /// Whether the output has one number for each class.
    public var isCategorical: Bool {
        if case .categorical = kind { true } else { false }
    }

    /// How many numbers the label of a row has: 4 for boxes, 1 for everything else.
    public var labelWidth: Int {
        if case .box = kind { 4 } else { 1 }
    }

    /// The shape of the labels of an output: one a row, or one for each step of a sequence.
    ///
    /// - Parameter output: `[B]`, `[B, 1]`, `[B, T, 1]`; `[B, C]` or `[B, T, C]` for classes; `[B, 4]` for
    ///   boxes.
    /// - Returns: `[B]` or `[B, T]`; `[B, 4]` for boxes.
    public func labelShape(for output: Shape) -> Shape {
        output.rank >= 2 && labelWidth == 1 ? output.droppingLast : output
    }

    /// What turns the model's output into a prediction.
    public var link: Link {
        switch kind {
        case .categorical: .softmax
        case .pointwise(.binaryCrossEntropy), .pointwise(.focal),
            .pointwise(.fakeNegativeWeighted):
            .sigmoid
        case .pointwise(.poisson): .exponential
        default: .identity
        }
    }

    /// What turns an output into a prediction: a probability, a rate, a number.
    public enum Link: String, Sendable, Codable {
        /// The output itself.
        case identity
        /// `1 / (1 + exp(-x))`.
        case sigmoid
        /// `exp(x)`.
        case exponential
        /// Probabilities of classes.
        case softmax
    }

    /// Appends the loss of one task.
    ///
    /// - Parameters:
    ///   - output: the model's output: `[B]`, `[B, 1]` or `[B, C]`, with `T` between for sequences.
    ///   - labels: `[B]` or `[B, T]`, `[B, 4]` for boxes; NaN where missing.
    ///   - weights: one for each label; 0 where a row or step takes no part.
    ///   - graph: where nodes are added.
    /// - Returns: the weighted mean loss `[]`, and the sum of weights `[]`.
    /// - Throws: `GraphError` when the output has the wrong shape for the loss.
    public func apply(
        output: Value,
        labels: Value,
        weights: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> (loss: Value, weightSum: Value) {
        let shape = graph.shape(of: output)
        if case .box(let kind) = kind {
            guard shape.rank == 2, shape.last == 4 else {
                throw Loss.misfit(shape, "boxes, [B, 4]")
            }
            let made = try graph.add(BoxLoss(kind), [output, labels, weights])
            return (made[0], made[1])
        }
        let expected = labelShape(for: shape)
        let classes: Dimension = shape.rank >= 2 ? shape.last : 1
        guard let count = expected.elementCount else {
            throw Loss.misfit(shape, "constant sizes but for the rows")
        }
        let made: [Value]
        switch kind {
        case .categorical(let targets):
            guard shape.rank >= 2 else { throw Loss.misfit(shape, "one number a class, [B, C]") }
            let logits = try Loss.flat(output, Shape([count, classes]), in: &graph)
            let inputs = try [labels, weights].map { value throws(GraphError) in
                try Loss.flat(value, Shape([count]), in: &graph)
            }
            made = try graph.add(CategoricalCrossEntropy(targets), [logits] + inputs)
        case .pointwise(let kind):
            guard classes == 1 else { throw Loss.misfit(shape, "one number a row, [B, 1]") }
            let inputs = try [output, labels, weights].map { value throws(GraphError) in
                try Loss.flat(value, Shape([count]), in: &graph)
            }
            made = try graph.add(PointwiseLoss(kind), inputs)
        case .box: throw Loss.misfit(shape, "boxes, [B, 4]")
        }
        return (made[0], made[1])
    }

    private static func flat(
        _ value: Value,
        _ shape: Shape,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        if graph.shape(of: value) == shape { return value }
        return try graph.apply(MotetGraph.Reshape(shape), value)
    }

    private static func misfit(_ shape: Shape, _ expected: String) -> GraphError {
        GraphError(
            .shapeMismatch,
            "the output has the wrong shape for its loss; expected \(expected); received \(shape)."
        )
    }
}
