import MotetCore
public import MotetGraph

/// How a task's output is compared with its label.
///
/// A value with static factories: `.binaryCrossEntropy`, `.huber(delta: 1)`. Every loss is the weighted
/// mean over the rows that take part; outputs are logits or log rates where the loss says so.
public struct Loss: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case pointwise(PointwiseLossKind)
        case categorical
    }

    let kind: Kind

    /// Cross-entropy of a logit and a label of 0 or 1.
    public static let binaryCrossEntropy = Loss(kind: .pointwise(.binaryCrossEntropy))
    /// Cross-entropy of logits `[B, C]` and the number of a class.
    public static let categoricalCrossEntropy = Loss(kind: .categorical)
    /// Squared difference.
    public static let squaredError = Loss(kind: .pointwise(.squaredError))
    /// Absolute difference.
    public static let absoluteError = Loss(kind: .pointwise(.absoluteError))
    /// `exp(x) - y x` for a log rate x: counts.
    public static let poisson = Loss(kind: .pointwise(.poisson))

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
        case .pointwise(.binaryCrossEntropy), .pointwise(.focal): true
        default: false
        }
    }

    /// Whether the output has one number for each class.
    public var isCategorical: Bool { kind == .categorical }

    /// What turns the model's output into a prediction.
    public var link: Link {
        switch kind {
        case .categorical: .softmax
        case .pointwise(.binaryCrossEntropy), .pointwise(.focal): .sigmoid
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
    ///   - output: the model's output, `[B, 1]`, `[B]` or `[B, C]`.
    ///   - labels: `[B]`; NaN where missing.
    ///   - weights: `[B]`; 0 where the row takes no part.
    ///   - graph: where nodes are added.
    /// - Returns: the weighted mean loss `[]`, and the sum of weights `[]`.
    /// - Throws: `GraphError` when the output has the wrong shape for the loss.
    public func apply(
        output: Value,
        labels: Value,
        weights: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> (loss: Value, weightSum: Value) {
        switch kind {
        case .categorical:
            let made = try graph.add(CategoricalCrossEntropy(), [output, labels, weights])
            return (made[0], made[1])
        case .pointwise(let kind):
            let shape = graph.shape(of: output)
            var column = output
            if shape.rank == 2 {
                guard shape.last == 1 else {
                    throw GraphError(
                        .shapeMismatch,
                        "the output has the wrong shape for its loss; expected one number a row, [B, 1]; received \(shape)."
                    )
                }
                column = try graph.apply(MotetGraph.Reshape([shape[0]]), output)
            }
            let made = try graph.add(PointwiseLoss(kind), [column, labels, weights])
            return (made[0], made[1])
        }
    }
}
