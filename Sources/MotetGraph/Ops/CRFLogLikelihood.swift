public import MotetCore

/// The weighted mean over rows of the negative log-likelihood of tag sequences under a linear chain.
///
/// The score of tags *y* is `start[y_1] + sum_t emission[t, y_t] + sum_t transition[y_(t-1), y_t] +
/// end[y_n]` over the *n* steps that take part, those of weight above 0, wherever they stand; the loss of a
/// row is `log sum exp` over all tag sequences of their scores, less the score of its labels. A row's
/// weight is that of the first step that takes part; a row without any takes no part.
///
/// - Shapes: `B` batch, `T` time, `K` tags
///   - inputs: emissions `[B, T, K]`; transitions `[K, K]`, from row to column; start `[K]`; end `[K]`;
///     labels `[B, T]`, float32 holding whole numbers `0 ..< K`; weights `[B, T]`
///   - outputs: the loss `[]` and the sum of the rows' weights `[]`
/// - Source: Lafferty, McCallum and Pereira, "Conditional Random Fields", ICML 2001; as a layer over a
///   recurrent network: Lample et al., "Neural Architectures for Named Entity Recognition", NAACL 2016.
public struct CRFLogLikelihood: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 6...6)
        try expectChain(inputs)
        let steps = inputs[0].shape.droppingLast
        for input in inputs[4...] { try expectFloat(input) }
        try expect(
            inputs[4].shape == steps && inputs[5].shape == steps,
            "inputs disagree; expected labels and weights \(steps); received \(inputs[4].shape) and \(inputs[5].shape)."
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
        guard let upstream = outputGradients[0] else { return node.inputs.map { _ in nil } }
        let inputs = node.inputs + [node.outputs[1], upstream]
        let made = try graph.add(CRFLogLikelihoodGradient(), inputs)
        return made.map(Gradient.dense) + [nil, nil]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, inputs[0].shape.last)
    }
}

/// The gradients of `CRFLogLikelihood` with respect to emissions, transitions, start and end, from its
/// inputs, its sum of weights and the upstream gradient: expected counts less the labels' own.
public struct CRFLogLikelihoodGradient: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 8...8)
        return Array(inputs[..<4])
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(product(inputs[0].shape.elementCount, inputs[0].shape.last), 2)
    }
}

/// The tag sequence of the greatest score, by the algorithm of Viterbi; of equal scores the one whose last
/// differing tag is lower.
///
/// - Shapes: `B` batch, `T` time, `K` tags
///   - inputs: emissions `[B, T, K]`; transitions `[K, K]`; start `[K]`; end `[K]`; and as declared a mask
///     `[B, T]` of 0 and 1
///   - outputs: tags `[B, T]`, int32, -1 at padded steps; and the same as ones and zeros `[B, T, K]`,
///     float32, all zeros at padded steps
/// - Source: Viterbi, "Error Bounds for Convolutional Codes and an Asymptotically Optimum Decoding
///   Algorithm", IEEE Transactions on Information Theory 13(2), 1967.
public struct CRFDecoding: Operation {
    /// Whether there is a mask.
    public let isMasked: Bool

    /// Creates the operation.
    public init(isMasked: Bool) { self.isMasked = isMasked }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let count = isMasked ? 5 : 4
        try expectInputs(inputs, count...count)
        try expectChain(inputs)
        let steps = inputs[0].shape.droppingLast
        if isMasked {
            try expectFloat(inputs[4], "mask")
            try expect(
                inputs[4].shape == steps,
                "the mask has the wrong shape; expected \(steps); received \(inputs[4].shape)."
            )
        }
        return [TensorType(steps, .int32), inputs[0]]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, inputs[0].shape.last)
    }
}

extension Operation {
    /// Checks emissions, transitions, start and end.
    fileprivate func expectChain(_ inputs: [TensorType]) throws(GraphError) {
        for input in inputs[..<4] { try expectFloat(input) }
        let emissions = inputs[0].shape
        try expect(
            emissions.rank == 3 && emissions[1].fixedSize != nil && emissions.last.fixedSize != nil,
            "emissions have the wrong shape; expected [B, T, K]; received \(emissions)."
        )
        let tags = emissions.last
        try expect(
            inputs[1].shape == [tags, tags] && inputs[2].shape == [tags]
                && inputs[3].shape == [tags],
            "inputs disagree; expected transitions [\(tags), \(tags)], start and end [\(tags)]; received \(inputs[1].shape), \(inputs[2].shape) and \(inputs[3].shape)."
        )
    }
}
