import MotetCore
public import MotetGraph

/// Joins tensors along one axis, by default the last.
///
/// - Shapes: inputs `[B, I_1]`, `[B, I_2]`, ..., output `[B, I_1 + I_2 + ...]`
public final class Concatenate: VariadicLayer {
    /// `concatenate`.
    public static let kind = "concatenate"
    /// The user's name.
    public let name: String?
    private let axis: Int

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - axis: the axis along which sizes add up; -1 is the last, 0 the batch.
    ///   - name: a name for messages.
    public init(axis: Int = -1, name: String? = nil) {
        self.axis = axis
        self.name = name
    }

    /// Joins the inputs; numbers without an axis of their own count as one column.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var columns: [Value] = []
        for input in inputs {
            let isNumber = context.graph.shape(of: input).rank == 1
            columns.append(
                isNumber
                    ? try context.graph.apply(
                        MotetGraph.Reshape(context.graph.shape(of: input).appending(1)),
                        input
                    )
                    : input
            )
        }
        if columns.count == 1 { return columns }
        let rank = columns.first.map { context.graph.shape(of: $0).rank } ?? 0
        let position = axis < 0 ? rank + axis : axis
        return try context.graph.add(MotetGraph.Concatenate(axis: position), columns)
    }
}

/// The sum of tensors of one shape.
public final class Add: VariadicLayer {
    /// `add`.
    public static let kind = "add"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Adds the inputs up.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try context.graph.add(AddN(), inputs)
    }
}

/// The product of tensors, element by element, with NumPy's rules of broadcasting.
public final class Multiply: VariadicLayer {
    /// `multiply`.
    public static let kind = "multiply"
    /// The user's name.
    public let name: String?

    /// Creates the layer.
    public init(name: String? = nil) { self.name = name }

    /// Multiplies the inputs.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard var product = inputs.first else { return [] }
        for input in inputs.dropFirst() {
            product = try context.graph.apply(Arithmetic(.multiply), product, input)
        }
        return [product]
    }
}

/// The same elements under another shape.
public final class Reshape: UnaryLayer {
    /// `reshape`.
    public static let kind = "reshape"
    /// The user's name.
    public let name: String?
    private let shape: [Int]

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - shape: the sizes of one row.
    ///   - name: a name for messages.
    public init(_ shape: [Int], name: String? = nil) {
        self.shape = shape
        self.name = name
    }

    /// Changes the shape.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let rows = context.graph.shape(of: inputs[0])[0]
        let target = Shape([rows] + shape.map(Dimension.fixed))
        return [try context.graph.apply(MotetGraph.Reshape(target), inputs[0])]
    }
}
