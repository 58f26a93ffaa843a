public import MotetCore

/// An arithmetic operation on two values, element by element.
public enum ArithmeticKind: String, Hashable, Sendable, Codable {
    /// `a + b`.
    case add
    /// `a - b`.
    case subtract
    /// `a * b`.
    case multiply
    /// `a / b`.
    case divide
}

/// `y = a (op) b`, with NumPy's rules of broadcasting.
public struct Arithmetic: Operation {
    /// The operation.
    public let kind: ArithmeticKind

    /// Creates the operation.
    public init(_ kind: ArithmeticKind) { self.kind = kind }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        for input in inputs { try expectFloat(input) }
        let (left, right) = (inputs[0].shape, inputs[1].shape)
        let rank = max(left.rank, right.rank)
        var sizes: [Dimension] = []
        for axis in 0..<rank {
            let first = axis < rank - left.rank ? 1 : left[axis - (rank - left.rank)]
            let second = axis < rank - right.rank ? 1 : right[axis - (rank - right.rank)]
            try expect(
                first == second || first == 1 || second == 1,
                "inputs disagree on axis \(axis); expected equal sizes or 1; received \(left) and \(right)."
            )
            sizes.append(first == 1 ? second : first)
        }
        return [TensorType(Shape(sizes))]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        let (left, right) = (node.inputs[0], node.inputs[1])
        var (first, second) = (upstream, upstream)
        switch kind {
        case .add: break
        case .subtract: second = try graph.apply(Scale(-1), upstream)
        case .multiply:
            first = try graph.apply(Arithmetic(.multiply), upstream, right)
            second = try graph.apply(Arithmetic(.multiply), upstream, left)
        case .divide:
            first = try graph.apply(Arithmetic(.divide), upstream, right)
            let ratio = try graph.apply(Arithmetic(.divide), node.outputs[0], right)
            let product = try graph.apply(Arithmetic(.multiply), upstream, ratio)
            second = try graph.apply(Scale(-1), product)
        }
        return [
            .dense(try graph.summed(first, to: graph.shape(of: left))),
            .dense(try graph.summed(second, to: graph.shape(of: right))),
        ]
    }
}

extension GraphBuilder {
    /// The sum of a value over the axes along which `shape` was broadcast.
    mutating func summed(_ value: Value, to shape: Shape) throws(GraphError) -> Value {
        self.shape(of: value) == shape ? value : try apply(SumToShape(shape), value)
    }
}

/// The sum over the axes along which a value of the given shape was broadcast to the input's shape.
public struct SumToShape: Operation {
    /// The shape of the sum.
    public let shape: Shape

    /// Creates the operation.
    public init(_ shape: Shape) { self.shape = shape }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        let input = inputs[0].shape
        let missing = input.rank - shape.rank
        let fits =
            missing >= 0
            && shape.dimensions.indices.allSatisfy {
                shape[$0] == 1 || shape[$0] == input[$0 + missing]
            }
        try expect(fits, "cannot sum \(input) to \(shape).")
        return [TensorType(shape)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        let target = graph.shape(of: node.inputs[0])
        return [.dense(try graph.apply(BroadcastLike(target), upstream, node.inputs[0]))]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        inputs[0].shape.elementCount ?? .fixed(0)
    }
}

/// Repeats the first input along the axes where it has size 1 or none, to `shape`, whose sizes are known where the
/// second input is: nothing else of it is read, and it may have another shape.
public struct BroadcastLike: Operation {
    /// The shape of the result.
    public let shape: Shape

    /// Creates the operation.
    public init(_ shape: Shape) { self.shape = shape }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        try expectFloat(inputs[0])
        return [TensorType(shape)]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil, nil] }
        return [.dense(try graph.summed(upstream, to: graph.shape(of: node.inputs[0]))), nil]
    }
}

/// `y = factor * x`.
public struct Scale: Operation {
    /// The constant factor.
    public let factor: Float

    /// Creates the operation.
    public init(_ factor: Float) { self.factor = factor }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        return inputs
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        return [.dense(try graph.apply(Scale(factor), upstream))]
    }
}

/// The sum of any number of values of one shape.
public struct AddN: Operation {
    /// Creates the operation.
    public init() {}

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...(.max))
        try expectFloat(inputs[0])
        for input in inputs.dropFirst() { try expectSame(inputs[0], input) }
        return [inputs[0]]
    }

    /// The gradient rule.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        node.inputs.map { _ in outputGradients[0].map(Gradient.dense) }
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, .fixed(inputs.count - 1)).halved
    }
}

extension Dimension {
    /// Half of a size that counts pairs.
    var halved: Dimension {
        guard let symbol else { return .fixed(offset / 2) }
        return .symbol(symbol, scale: scale / 2, offset: offset / 2)
    }
}

/// Clips each element to a range, `y = min(max(x, minimum), maximum)`; not differentiable.
public struct Clip: Operation {
    /// The least value.
    public let minimum: Float
    /// The greatest value.
    public let maximum: Float

    /// Creates the operation.
    public init(minimum: Float, maximum: Float) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 1...1)
        try expectFloat(inputs[0])
        return inputs
    }
}
