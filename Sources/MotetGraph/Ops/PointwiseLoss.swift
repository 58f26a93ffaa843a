public import MotetCore

/// A loss that compares one prediction of a row with its label.
///
/// `x` is the model's output: a logit, a log rate or the predicted number; `y` the label.
public enum PointwiseLossKind: Hashable, Sendable, Codable {
    /// `max(x, 0) - x y + log(1 + exp(-|x|))`, x a logit.
    case binaryCrossEntropy
    /// `alpha_t (1 - p_t)^gamma * cross-entropy`; alpha below 0 means no class weight.
    /// Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, eq. 5.
    case focal(gamma: Float, alpha: Float)
    /// `(x - y)^2`.
    case squaredError
    /// `|x - y|`.
    case absoluteError
    /// `d^2 / 2` where `d = |x - y|` is at most delta, else `delta (d - delta / 2)`.
    case huber(delta: Float)
    /// `exp(x) - y x`, x a log rate.
    case poisson
    /// `y (1 + p) log(1 + exp(-x)) + (1 - y) (1 - p) (1 + p) log(1 + exp(x))`, x a logit and `p = sigmoid(x)`, a constant in
    /// the gradient: rows that were taken for negatives before their outcome came, and came again as positives.
    /// Ktena et al., "Addressing Delayed Feedback for Continuous Training with Neural Networks in CTR Prediction",
    /// RecSys 2019, section 3.2.
    case fakeNegativeWeighted
    /// `max(tau (y - x), (tau - 1) (y - x))`: the pinball loss of quantile tau.
    case quantile(tau: Float)
}

/// The weighted mean of a loss over the rows of weight above 0; 0 when there is none.
///
/// - Shapes: x, labels, weights `[B]`; outputs the loss `[]` and the sum of weights `[]`. A label
///   may be NaN where the weight is 0.
public struct PointwiseLoss: Operation {
    /// The loss of a row.
    public let kind: PointwiseLossKind

    /// Creates the operation.
    public init(_ kind: PointwiseLossKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        try expect(inputs[0].shape.rank == 1, "expected one number a row; received \(inputs[0]).")
        for input in inputs { try expectSame(inputs[0], input) }
        return [TensorType(.scalar), TensorType(.scalar)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        try expectNoGradient(of: "sum of weights", outputGradients.dropFirst())
        guard let upstream = outputGradients[0] else { return [nil, nil, nil] }
        let inputs = node.inputs + [node.outputs[1], upstream]
        return [.dense(try graph.add(PointwiseLossGradient(kind), inputs)[0]), nil, nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, 4)
    }
}

/// The gradient of `PointwiseLoss` with respect to x, from `(x, labels, weights, sum, upstream)`.
public struct PointwiseLossGradient: Operation {
    /// The loss of a row.
    public let kind: PointwiseLossKind

    /// Creates the operation.
    public init(_ kind: PointwiseLossKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        return [inputs[0]]
    }
}
