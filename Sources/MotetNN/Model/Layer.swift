public import MotetCore
public import MotetGraph

/// Something with an identity that turns tensors into tensors, and owns the names of its parameters.
///
/// One instance called twice shares its weights. A layer holds no numbers: parameters live in a
/// `ParameterStore`. It writes `forward` only; shapes follow from tracing it.
public protocol Layer: AnyObject, Sendable {
    /// The name the user chose, or nil for one made from `kind`: `dense_1`.
    var name: String? { get }

    /// The word automatic names start with, such as `dense`.
    static var kind: String { get }

    /// Describes the computation.
    ///
    /// - Parameters:
    ///   - inputs: the values the layer is called on.
    ///   - context: where nodes and parameters are added.
    /// - Returns: the results.
    /// - Throws: `GraphError` when the inputs do not fit; the layer's name is added by the caller.
    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value]
}

/// A layer with one input and one output.
public protocol UnaryLayer: Layer {}

extension UnaryLayer {
    /// Calls the layer.
    ///
    /// - Parameters:
    ///   - input: what it reads.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: its result.
    /// - Throws: `GraphError` when the input does not fit.
    public func callAsFunction(
        _ input: some TensorConvertible,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> SymbolicTensor {
        let location = SourceLocation(fileID: fileID, line: line)
        return try call([input.tensor], at: location)[0]
    }
}

/// A layer with several inputs of one kind and one output, such as `Concatenate`.
public protocol VariadicLayer: Layer {}

extension VariadicLayer {
    /// Calls the layer.
    ///
    /// - Parameters:
    ///   - inputs: what it reads, in order.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: its result.
    /// - Throws: `GraphError` when the inputs do not fit.
    public func callAsFunction(
        _ inputs: any TensorConvertible...,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> SymbolicTensor {
        let location = SourceLocation(fileID: fileID, line: line)
        return try call(inputs.map(\.tensor), at: location)[0]
    }

    /// Calls the layer on a list.
    ///
    /// - Parameters:
    ///   - inputs: what it reads, in order.
    ///   - fileID: where it is called, for error messages.
    ///   - line: the line there.
    /// - Returns: its result.
    /// - Throws: `GraphError` when the inputs do not fit.
    public func callAsFunction(
        _ inputs: [SymbolicTensor],
        fileID: String = #fileID,
        line: Int = #line
    ) throws(GraphError) -> SymbolicTensor {
        try call(inputs, at: SourceLocation(fileID: fileID, line: line))[0]
    }
}

extension Layer {
    /// Records a call, after tracing the layer once to learn the types of its results.
    ///
    /// - Parameters:
    ///   - inputs: what it reads.
    ///   - location: where it is called.
    /// - Returns: its results.
    /// - Throws: `GraphError` when the inputs do not fit.
    public func call(
        _ inputs: [SymbolicTensor],
        at location: SourceLocation?
    ) throws(GraphError) -> [SymbolicTensor] {
        var context = ForwardContext(mode: .inference)
        do {
            var values: [Value] = []
            for (index, input) in inputs.enumerated() {
                let value = try context.graph.input("input \(index)", input.type)
                if let mask = input.mask {
                    context.setMask(try context.graph.input("mask \(index)", mask), of: value)
                }
                values.append(value)
            }
            let results = try context.enter(name ?? Self.kind) { context throws(GraphError) in
                try context.run(self, values)
            }
            let masks = results.map { context.mask(of: $0).map { context.graph.type(of: $0) } }
            let types = results.map { context.graph.type(of: $0) }
            let call = LayerCall(layer: self, inputs: inputs, types: types, location: location)
            return types.indices.map {
                SymbolicTensor(call: call, index: $0, type: types[$0], mask: masks[$0])
            }
        } catch {
            throw error.of("\(Self.self)", name ?? Self.kind).at(location)
        }
    }
}
