public import MotetCore
public import MotetGraph

/// A description of a computation from inputs to named outputs, one output for each task.
///
/// `Model.init` walks back from the outputs, so nothing is registered anywhere. Layers get their names
/// here: the user's, or `kind_number` in the order in which they are first reached.
public struct Model: Sendable {
    /// The graph inputs by name, in the order of the declared inputs.
    public let inputs: [(name: String, type: TensorType)]
    /// The outputs by name.
    public let outputs: [(name: String, type: TensorType)]
    /// The learnt tensors, in the order of the layers.
    public private(set) var parameters: [ParameterDescription] = []
    private let outputTensors: [SymbolicTensor]
    private let order: [LayerCall]
    private let layerNames: [ObjectIdentifier: String]

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - inputs: what it reads of the data.
    ///   - outputs: its results by task name.
    /// - Throws: `GraphError` when an output depends on an input that is not listed, a name is used twice,
    ///   or there is no output.
    public init(
        inputs: [any ModelInput],
        outputs: KeyValuePairs<String, SymbolicTensor>
    ) throws(GraphError) {
        try self.init(inputs: inputs, outputs: outputs.map { ($0.key, $0.value) })
    }

    /// Creates a model from a list of outputs.
    ///
    /// - Parameters:
    ///   - inputs: what it reads of the data.
    ///   - outputs: its results by task name.
    /// - Throws: as the other initialiser.
    public init(
        inputs: [any ModelInput],
        outputs: [(name: String, tensor: SymbolicTensor)]
    ) throws(GraphError) {
        guard !outputs.isEmpty else {
            throw GraphError(.outOfRange, "Model: there is no output; expected at least 1.")
        }
        let declared = inputs.flatMap(\.tensors)
        try Model.checkUnique(declared.map(\.name), "input")
        try Model.checkUnique(outputs.map(\.name), "output")
        self.inputs = declared.map { ($0.name, $0.tensor.type) }
        self.outputs = outputs.map { ($0.name, $0.tensor.type) }
        outputTensors = outputs.map(\.tensor)
        order = Model.callsInOrder(outputTensors)
        layerNames = try Model.nameLayers(order)
        for call in order {
            guard let layer = call.layer as? InputLayer else { continue }
            guard declared.contains(where: { $0.name == layer.inputName }) else {
                let listed = declared.map(\.name).joined(separator: ", ")
                throw GraphError(
                    .unknownName,
                    "Model: the outputs depend on input \"\(layer.inputName)\", which is not listed; expected it among [\(listed)]."
                )
            }
        }
        parameters = try trace(.training).parameters
    }

    private static func checkUnique(_ names: [String], _ what: String) throws(GraphError) {
        var seen = Set<String>()
        for name in names where !seen.insert(name).inserted {
            throw GraphError(.duplicateName, "Model: two \(what)s are called \"\(name)\".")
        }
    }

    /// All calls the outputs depend on, each after those it reads.
    private static func callsInOrder(_ outputs: [SymbolicTensor]) -> [LayerCall] {
        var seen = Set<ObjectIdentifier>()
        var order: [LayerCall] = []
        // An explicit stack: models may be deeper than the thread's own.
        var stack = outputs.reversed().map { (call: $0.call, isExpanded: false) }
        while let (call, isExpanded) = stack.popLast() {
            if isExpanded {
                order.append(call)
                continue
            }
            guard seen.insert(ObjectIdentifier(call)).inserted else { continue }
            stack.append((call, true))
            for input in call.inputs.reversed() { stack.append((input.call, false)) }
        }
        return order
    }

    private static func nameLayers(
        _ order: [LayerCall]
    ) throws(GraphError) -> [ObjectIdentifier: String] {
        var names: [ObjectIdentifier: String] = [:]
        var used = Set<String>()
        var numbers: [String: Int] = [:]
        for call in order where !(call.layer is InputLayer) {
            let owner = call.namedLayer
            let identity = ObjectIdentifier(owner)
            guard names[identity] == nil else { continue }
            let kind = type(of: owner).kind
            var name = owner.name
            if name == nil {
                numbers[kind, default: 0] += 1
                name = "\(kind)_\(numbers[kind] ?? 1)"
            }
            guard let name, used.insert(name).inserted else {
                throw GraphError(
                    .duplicateName,
                    "Model: two layers are called \"\(name ?? kind)\"; expected a name for each.",
                    location: call.location
                )
            }
            names[identity] = name
        }
        return names
    }

    /// Describes the model's computation as a graph.
    ///
    /// - Parameters:
    ///   - mode: whether the program learns or answers.
    ///   - key: the seed of dropout masks.
    ///   - steps: for inputs `[B, T, ...]` that are given with fewer steps, how many; the parameters stay as
    ///     they are.
    /// - Returns: the graph so far, the values of the outputs, and the parameters.
    /// - Throws: `GraphError` when a layer cannot be traced, or has other parameters at that many steps.
    public func trace(
        _ mode: ForwardMode,
        key: RandomKey = RandomKey(seed: 0),
        steps: [String: Int] = [:]
    ) throws(GraphError) -> TracedModel {
        var context = ForwardContext(mode: mode, key: key)
        var declared: [String: Value] = [:]
        for input in inputs {
            let type = try Model.shortened(input.type, to: steps[input.name], input.name)
            declared[input.name] = try context.graph.input(input.name, type)
        }
        var results: [ObjectIdentifier: [Value]] = [:]
        for call in order {
            let values = call.inputs.map { results[ObjectIdentifier($0.call)]?[$0.index] }
            let known = values.compactMap { $0 }
            let name = layerNames[ObjectIdentifier(call.namedLayer)] ?? ""
            if let layer = call.layer as? InputLayer, let value = declared[layer.inputName] {
                results[ObjectIdentifier(call)] = [value]
                continue
            }
            do {
                results[ObjectIdentifier(call)] =
                    try context.enter(name) { context throws(GraphError) in
                        try context.run(call.layer, known)
                    }
            } catch {
                throw error.of("\(type(of: call.layer))", name).at(call.location)
            }
        }
        if !steps.isEmpty { try checkParameters(context.parameters, steps) }
        let values = outputTensors.compactMap { results[ObjectIdentifier($0.call)]?[$0.index] }
        return TracedModel(
            context: context,
            outputs: zip(outputs, values).map { ($0.name, $1) }
        )
    }

    /// An input's type with fewer steps.
    private static func shortened(
        _ type: TensorType,
        to steps: Int?,
        _ name: String
    ) throws(GraphError) -> TensorType {
        guard let steps else { return type }
        guard type.shape.rank >= 2, let whole = type.shape[1].fixedSize, (1...whole).contains(steps)
        else {
            throw GraphError(
                .shapeMismatch,
                "Input \"\(name)\": cannot be given with \(steps) steps; expected a shape [B, T, ...] with at least as many; received \(type.shape)."
            )
        }
        var dimensions = type.shape.dimensions
        dimensions[1] = .fixed(steps)
        return TensorType(Shape(dimensions), type.dtype)
    }

    /// Checks that the parameters are the same at another number of steps.
    private func checkParameters(
        _ received: [ParameterDescription],
        _ steps: [String: Int]
    ) throws(GraphError) {
        for (own, other) in zip(parameters, received)
        where own.name != other.name || own.shape != other.shape {
            let length = steps.values.max() ?? 0
            throw GraphError(
                .shapeMismatch,
                "Model: with \(length) steps the parameter \"\(own.name)\" is another; expected \(own.shape); received \"\(other.name)\" \(other.shape). A layer whose weights depend on the number of steps needs whole rows."
            )
        }
    }

    /// The calls in order with their names, for the summary.
    var namedCalls: [(name: String, call: LayerCall)] {
        order.map { call in
            let name =
                (call.layer as? InputLayer)?.inputName
                ?? layerNames[ObjectIdentifier(call.namedLayer)] ?? ""
            return (name, call)
        }
    }
}

/// A model as a graph that is still open: losses and gradients may be appended.
public struct TracedModel: Sendable {
    var context: ForwardContext
    /// The value of each output by name.
    public let outputs: [(name: String, value: Value)]

    /// The graph so far.
    public var graph: GraphBuilder {
        get { context.graph }
        set { context.graph = newValue }
    }

    /// The parameters in the order of the layers.
    public var parameters: [ParameterDescription] { context.parameters }

    /// Which steps of an output `[B, T, ...]` are real, or nil where all are.
    public func mask(of output: Value) -> Value? { context.mask(of: output) }
}
