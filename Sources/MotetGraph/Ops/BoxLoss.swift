public import MotetCore

/// A loss that compares a predicted box with the one a row is labelled with.
///
/// Boxes are `x0, y0, x1, y1`. For overlaps, corners in the wrong order are exchanged first, so that
/// every four numbers are a box.
public enum BoxLossKind: Hashable, Sendable, Codable {
    /// The mean over the four numbers of the Huber loss: `d^2 / 2` where `d = |x - y|` is at most delta,
    /// else `delta (d - delta / 2)`. With delta 1 it is the smooth L1 loss: Girshick, "Fast R-CNN", ICCV
    /// 2015, eq. 3.
    case huber(delta: Float)
    /// `1 - IoU`, the share of the union that both boxes cover; 1 for two boxes without area.
    case iou
    /// `1 - GIoU = 1 - IoU + (S - U) / S` with U the union and S the smallest box around both; where S
    /// has no area, its term is 0. Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.
    case giou
}

/// The weighted mean of a loss of boxes over the rows of weight above 0; 0 when there is none.
///
/// - Shapes: x, labels `[B, 4]`; weights `[B]`; outputs the loss `[]` and the sum of weights `[]`. Labels
///   may be NaN where the weight is 0.
public struct BoxLoss: Operation {
    /// The loss of a row.
    public let kind: BoxLossKind

    /// Creates the operation.
    public init(_ kind: BoxLossKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        for input in inputs { try expectFloat(input) }
        let shape = inputs[0].shape
        try expect(
            shape.rank == 2 && shape[1] == 4 && inputs[1].shape == shape
                && inputs[2].shape == Shape([shape[0]]),
            "inputs disagree; expected boxes [B, 4], labels [B, 4] and weights [B]; received \(shape), \(inputs[1].shape) and \(inputs[2].shape)."
        )
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
        return [.dense(try graph.add(BoxLossGradient(kind), inputs)[0]), nil, nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, 4)
    }
}

/// The gradient of `BoxLoss` with respect to x, from `(x, labels, weights, sum, upstream)`.
public struct BoxLossGradient: Operation {
    /// The loss of a row.
    public let kind: BoxLossKind

    /// Creates the operation.
    public init(_ kind: BoxLossKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        return [inputs[0]]
    }
}
