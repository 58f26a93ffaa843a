import MotetCore
import MotetGraph
public import MotetNN

/// A layer with inputs to try it on, as a model and as an operation case.
public struct LayerUnderTest: Sendable {
    /// The layer.
    public let layer: any Layer
    /// What it is called on; lists are two inputs, `<name>.values` and `<name>.offsets`.
    public let inputs: [CaseInput]
    /// A model of nothing but one call of the layer.
    public let model: Model
    /// The name the model gives the layer.
    public let name: String

    /// Builds a model around a layer.
    ///
    /// - Parameters:
    ///   - layer: the layer.
    ///   - inputs: what it is called on.
    /// - Throws: `GraphError` when the layer refuses its inputs.
    public init(_ layer: any Layer, _ inputs: [CaseInput]) throws {
        self.layer = layer
        self.inputs = inputs
        name = layer.name ?? "\(type(of: layer).kind)_1"
        model = try Self.model(calls: 1, layer, inputs)
    }

    /// A model that calls the layer some times on the same inputs.
    static func model(calls: Int, _ layer: any Layer, _ inputs: [CaseInput]) throws -> Model {
        var declared: [any ModelInput] = []
        var tensors: [SymbolicTensor] = []
        for input in inputs {
            if input.name.hasSuffix(".offsets") { continue }
            if input.name.hasSuffix(".values") {
                let ragged = RaggedInput(String(input.name.dropLast(".values".count)))
                declared.append(ragged)
                tensors += [ragged.values, ragged.offsets]
            } else {
                let row = input.type.shape.dimensions.dropFirst().map { $0.fixedSize ?? 1 }
                let made = try Input(input.name, shape: row, dtype: input.type.dtype)
                declared.append(made)
                tensors.append(made.tensor)
            }
        }
        let outputs = try (1...calls).map { call in
            (name: "y\(call)", tensor: try layer.call(tensors, at: nil)[0])
        }
        return try Model(inputs: declared, outputs: outputs)
    }

    /// The layer as operations over its inputs and parameters.
    ///
    /// - Parameters:
    ///   - mode: whether the program learns or answers.
    ///   - isSmooth: whether differences are taken of it.
    /// - Returns: a case whose states are called like the parameters of the model.
    public func operationCase(_ mode: ForwardMode, isSmooth: Bool = true) -> OperationCase {
        let states = model.parameters.map { parameter -> CaseInput in
            let shape = Shape(fixed: parameter.shape)
            return parameter.role == .statistic
                ? .statistics(parameter.name, shape) : .weight(parameter.name, shape)
        }
        let (layer, name, count) = (layer, name, inputs.count)
        return OperationCase(
            "\(type(of: layer).kind), \(mode)",
            inputs + states + [.step(ProgramInput.step, 3)],
            runs: [Self.sizes(5), Self.sizes(1), Self.sizes(17)],
            // Only training programs are differentiated.
            differentiatedOutputs: mode == .training ? [0] : [],
            isSmooth: isSmooth
        ) { graph, values in
            var context = ForwardContext(mode: mode, key: RandomKey(seed: 9))
            context.graph = graph
            let made = try context.enter(name) { context throws(GraphError) in
                try layer.forward(Array(values[..<count]), in: &context)
            }
            graph = context.graph
            return [made[0]]
        }
    }

    /// Sizes of a batch, whose lists have about two elements each.
    private static func sizes(_ rows: Int) -> [SizeSymbol: Int] {
        [.batch: rows, SizeSymbol("N.list"): 2 * rows + 1]
    }

    /// The rows of a batch of lists of ids.
    ///
    /// - Parameter rows: the rows of the table.
    /// - Returns: the two inputs of a `RaggedInput`.
    public static func lists(table rows: Int) -> [CaseInput] {
        let count = SizeSymbol("N.list")
        return [
            .ids("list.values", [.symbol(count)], table: rows),
            .offsets("list.offsets", over: count),
        ]
    }
}
