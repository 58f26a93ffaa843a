public import MotetCore
public import MotetGraph

/// Whether a program learns or answers.
public enum ForwardMode: Sendable {
    /// Dropout drops, normalisations use the batch.
    case training
    /// Dropout passes, normalisations use what they kept.
    case inference
}

/// What a layer's `forward` may use: the graph, parameters under its own name, and nested layers.
public struct ForwardContext: Sendable {
    /// The graph being described.
    public var graph: GraphBuilder
    /// Whether the program learns or answers.
    public let mode: ForwardMode
    /// The parameters asked for so far, in order.
    public private(set) var parameters: [ParameterDescription] = []
    /// The seed of dropout masks.
    let key: RandomKey
    /// For values of sequences which steps are real; a value that is there with nil has lost its mask.
    private var masks: [Value: Value?] = [:]
    /// What an enclosing layer changes about parameters.
    package var rules: ParameterRules?
    /// For emissions of a linear chain the scores of its transitions.
    var chains: [Value: CRF.Chain] = [:]
    /// For tasks the losses layers define for them.
    var taskLosses: [String: TaskLoss] = [:]
    /// The losses layers add to those of the tasks.
    var addedLosses: [AddedLoss] = []
    private var path: [String] = []
    private var nested: [String: [String: Int]] = [:]
    /// Layers are kept beside their names: the identity of one that is gone could come back as another's.
    private var nestedNames: [ObjectIdentifier: (name: String, layer: any Layer)] = [:]

    package init(mode: ForwardMode, key: RandomKey = RandomKey(seed: 0)) {
        self.mode = mode
        self.key = key
        graph = GraphBuilder()
    }

    /// The name of the layer that is running, with those it is nested in: `mmoe/expert_1`.
    public var scope: String { path.joined(separator: "/") }

    /// A learnt tensor of this layer.
    ///
    /// - Parameters:
    ///   - name: the name within the layer, such as `weight`.
    ///   - shape: constant sizes.
    ///   - initializer: the values before training.
    ///   - role: how it is trained.
    /// - Returns: its value in the graph; the same one when asked for twice.
    /// - Throws: `GraphError` when it was asked for with another shape before.
    public mutating func parameter(
        _ name: String,
        shape: [Int],
        initializer: Initializer,
        role: ParameterRole = .dense
    ) throws(GraphError) -> Value {
        let full = scope.isEmpty ? name : "\(scope)/\(name)"
        let value = try graph.state(full, TensorType(Shape(fixed: shape)))
        let (initializer, role) =
            rules?.parameter(full, initializer, role) ?? (initializer, role)
        if !parameters.contains(where: { $0.name == full }) {
            parameters.append(
                ParameterDescription(
                    name: full,
                    shape: shape,
                    initializer: initializer,
                    role: role
                )
            )
        }
        return value
    }

    /// Says what a kept statistic becomes in a training step.
    ///
    /// - Parameters:
    ///   - name: the parameter's name within the layer.
    ///   - value: its new value.
    public mutating func update(_ name: String, _ value: Value) {
        graph.update(scope.isEmpty ? name : "\(scope)/\(name)", value)
    }

    /// Which steps of a sequence are real: `[B, T]`, float32, 1 for a real step and 0 for padding.
    ///
    /// - Parameter value: a value `[B, T, ...]`.
    /// - Returns: its mask, or nil where every step is real.
    public func mask(of value: Value) -> Value? { masks[value] ?? nil }

    /// Says which steps of a value are real.
    ///
    /// A layer needs this only where it makes or ends a mask: a result that keeps the first two axes of an
    /// input keeps the mask of the first such input by itself.
    ///
    /// - Parameters:
    ///   - mask: `[B, T]`, float32; nil when every step is real.
    ///   - value: a value `[B, T, ...]`.
    public mutating func setMask(_ mask: Value?, of value: Value) {
        masks.updateValue(mask, forKey: value)
    }

    private mutating func passMask(from inputs: [Value], to result: Value) {
        guard masks.index(forKey: result) == nil else { return }
        let shape = graph.shape(of: result)
        for input in inputs {
            guard let mask = mask(of: input) else { continue }
            // A pooled [B, D] is no sequence, even if D equals T.
            let isSequence = shape.rank >= 3 || shape.rank == graph.shape(of: input).rank
            guard isSequence, shape.dimensions.starts(with: graph.shape(of: mask).dimensions)
            else { continue }
            setMask(mask, of: result)
            return
        }
    }

    /// The number of the training step, `[]`, int32, from 1.
    ///
    /// - Throws: never in a valid program; the input is declared once.
    public mutating func step() throws(GraphError) -> Value {
        try graph.input(ProgramInput.step, TensorType(.scalar, .int32))
    }

    /// A seed that belongs to the running layer.
    public var layerKey: RandomKey { key.split(scope) }

    /// Runs a nested layer under a name inside this one.
    ///
    /// - Parameters:
    ///   - layer: the nested layer; called twice it shares its weights.
    ///   - inputs: what it reads.
    /// - Returns: its results.
    /// - Throws: `GraphError` when the inputs do not fit.
    public mutating func call(
        _ layer: any Layer,
        _ inputs: [Value]
    ) throws(GraphError) -> [Value] {
        let name = nestedName(layer)
        return try enter(name) { context throws(GraphError) in
            try context.run(layer, inputs)
        }
    }

    /// Runs a layer and passes masks on to its results.
    mutating func run(
        _ layer: any Layer,
        _ inputs: [Value]
    ) throws(GraphError) -> [Value] {
        let results = try layer.forward(inputs, in: &self)
        for result in results { passMask(from: inputs, to: result) }
        return results
    }

    private mutating func nestedName(_ layer: any Layer) -> String {
        if let known = nestedNames[ObjectIdentifier(layer)] { return known.name }
        let kind = type(of: layer).kind
        let number = nested[scope, default: [:]][kind, default: 0] + 1
        nested[scope, default: [:]][kind] = number
        let name = layer.name ?? "\(kind)_\(number)"
        nestedNames[ObjectIdentifier(layer)] = (name, layer)
        return name
    }

    /// Runs a closure with one more name at the end of the scope.
    package mutating func enter<Result>(
        _ name: String,
        _ body: (inout ForwardContext) throws(GraphError) -> Result
    ) throws(GraphError) -> Result {
        path.append(name)
        let outer = graph.scope
        graph.scope = scope
        defer {
            path.removeLast()
            graph.scope = outer
        }
        return try body(&self)
    }
}

/// Names of inputs that programs have besides the columns of the data.
public enum ProgramInput {
    /// The number of the training step, int32, from 1.
    public static let step = "step"
    /// The number of updates of a group of parameters, int32, from 1.
    public static func updates(_ group: Int) -> String { "updates/\(group)" }
    /// The group of an input made by `updates`, nil for other inputs.
    public static func updateGroup(_ name: String) -> Int? {
        name.hasPrefix("updates/") ? Int(name.dropFirst(8)) : nil
    }
    /// The learning rate.
    public static let learningRate = "learning_rate"
    /// The sample weight of each row.
    public static let sampleWeight = "sample_weight"

    /// The label of a task.
    public static func label(_ task: String) -> String { "label/\(task)" }
}

/// How a parameter is trained.
public enum ParameterRole: String, Sendable, Codable {
    /// By dense gradients; decayed by weight decay.
    case dense
    /// Like `dense`, but never decayed: biases, scales of normalisations.
    case bias
    /// An embedding table: by gradients of the rows a batch touches.
    case table
    /// Not by gradients: running statistics.
    case statistic
    /// Not at all: weights that were learnt elsewhere.
    case frozen
}

/// A parameter before it has values.
public struct ParameterDescription: Sendable {
    /// The name, `layer/weight`.
    public let name: String
    /// The sizes.
    public let shape: [Int]
    /// The values before training.
    public let initializer: Initializer
    /// How it is trained.
    public let role: ParameterRole

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// Whether gradients change it.
    public var isTrained: Bool { role != .statistic && role != .frozen }
}
