public import MotetCore

/// What categorical cross-entropy compares probabilities with.
///
/// With smoothing *e* and class weights *w* a row of label *y* costs
/// `sum_c w_c q_c (-log p_c)`, `q_c = (1 - e) [c = y] + e / C`, and counts `w_y` in the mean.
///
/// - Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016,
///   section 7, for the smoothing.
public struct ClassTargets: Hashable, Sendable, Codable {
    /// The share of a label spread evenly over all classes, from 0 to below 1.
    public var smoothing: Float
    /// For each class how much its rows count; empty for 1 each.
    public var classWeights: [Float]

    /// Creates targets.
    public init(smoothing: Float = 0, classWeights: [Float] = []) {
        self.smoothing = smoothing
        self.classWeights = classWeights
    }
}

/// The weighted mean of `log sum exp(x) - x[label]` over the rows of weight above 0.
///
/// - Shapes: logits `[B, C]`; labels `[B]`, float32 holding whole numbers `0 ..< C`; weights `[B]`;
///   outputs the loss `[]` and the sum of weights `[]`
public struct CategoricalCrossEntropy: Operation {
    /// Smoothing and class weights.
    public let targets: ClassTargets

    /// Creates the operation.
    public init(_ targets: ClassTargets = ClassTargets()) { self.targets = targets }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...3)
        let logits = inputs[0].shape
        try expect(
            logits.rank == 2 && inputs[1].shape == Shape([logits[0]]) && inputs[1] == inputs[2],
            "inputs disagree; expected logits [B, C], labels [B] and weights [B]; received \(logits), \(inputs[1].shape) and \(inputs[2].shape)."
        )
        try expect(
            targets.smoothing >= 0 && targets.smoothing < 1,
            "label smoothing is out of range; expected at least 0 and below 1; received \(targets.smoothing)."
        )
        try expect(
            targets.classWeights.isEmpty || logits[1] == .fixed(targets.classWeights.count),
            "class weights do not fit the output; expected one for each class of \(logits); received \(targets.classWeights.count)."
        )
        try expect(
            targets.classWeights.allSatisfy { $0 >= 0 && $0.isFinite },
            "a class weight is out of range; expected finite numbers of at least 0; received \(targets.classWeights)."
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
        return [
            .dense(try graph.add(CategoricalCrossEntropyGradient(targets), inputs)[0]), nil, nil,
        ]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, 2)
    }
}

/// The gradient of `CategoricalCrossEntropy` with respect to the logits, from
/// `(logits, labels, weights, sum, upstream)`.
public struct CategoricalCrossEntropyGradient: Operation {
    /// Smoothing and class weights.
    public let targets: ClassTargets

    /// Creates the operation.
    public init(_ targets: ClassTargets = ClassTargets()) { self.targets = targets }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 5...5)
        return [inputs[0]]
    }
}
