public import MotetCore
public import MotetGraph

/// One step of an update rule, however it is computed.
///
/// Law checkers judge this rather than a rule, so that a planted fault can stand in for one.
public struct UpdateUnderTest {
    /// What one step is computed from.
    public struct Step {
        /// The parameter `[V, D]`, then its states.
        public var values: [Tensor]
        /// The gradient `[V, D]`, or `[N, D]` of the rows `ids`.
        public var gradient: Tensor
        /// The rows the gradient is of; nil for a dense one.
        public var ids: [Int32]?
        /// How many of the ids count.
        public var count: Int
        /// The learning rate.
        public var learningRate: Float = 0.05
        /// The number of the step.
        public var number: Int32 = 1
        /// What the gradient is multiplied by.
        public var scale: Float = 1
        /// The factor of L2.
        public var l2: Float = 0
    }

    /// The name in messages.
    public let name: String
    /// The rule it claims to follow.
    public let rule: UpdateRule
    /// Computes the parameter and its states after a step.
    public let apply: (Step) throws -> [Tensor]

    /// Stands something else in for a rule.
    public init(_ name: String, rule: UpdateRule, apply: @escaping (Step) throws -> [Tensor]) {
        self.name = name
        self.rule = rule
        self.apply = apply
    }

    /// The rule as a backend computes it.
    public init(_ rule: UpdateRule, on backend: any Backend) {
        self.init("\(rule) on \(backend.name)", rule: rule) { step in
            try Self.run(rule, step, on: backend)
        }
    }

    private static func run(
        _ rule: UpdateRule,
        _ step: Step,
        on backend: any Backend
    ) throws -> [Tensor] {
        var builder = GraphBuilder()
        builder.stage = .update
        let names = ["p"] + rule.slots
        let states = StateStore()
        var values: [Value] = []
        for (name, tensor) in zip(names, step.values) {
            values.append(try builder.state(name, TensorType(Shape(fixed: tensor.shape))))
            states.set(name, tensor)
        }
        func constant(_ tensor: Tensor) -> Value { builder.constant(tensor) }
        var others = [constant(step.gradient)]
        if let ids = step.ids {
            others = [constant(Tensor(ids))] + others
            others.append(constant(Tensor([Int32(step.count)], shape: [])))
        }
        others.append(constant(Tensor([step.learningRate], shape: [])))
        others.append(constant(Tensor([step.number], shape: [])))
        others.append(constant(Tensor([step.scale], shape: [])))
        let made =
            step.ids == nil
            ? try builder.add(OptimizerUpdate(rule, l2: step.l2), values + others)
            : try builder.add(OptimizerRowUpdate(rule, l2: step.l2), values + others)
        for (name, value) in zip(names, made) { builder.update(name, value) }
        try backend.compile(builder.graph, states: states, capacity: [:]).run()
        return try names.map { name in
            guard let tensor = states.tensor(name) else { throw MissingState(name: name) }
            return tensor
        }
    }

    private struct MissingState: Error { let name: String }

    /// The parameter and the states before the first step.
    ///
    /// - Parameter parameter: the parameter `[V, D]`.
    /// - Returns: it, and states of zeros.
    public func start(_ parameter: Tensor) -> [Tensor] {
        let shape = rule.slotShape(for: Shape(fixed: parameter.shape)).fixedSizes ?? []
        return [parameter] + rule.slots.map { _ in Tensor(zeros: shape) }
    }

    /// Takes dense steps.
    ///
    /// - Parameters:
    ///   - gradients: the gradient of each step.
    ///   - values: the parameter and its states.
    ///   - change: changes the settings of each step.
    /// - Returns: the parameter and its states after the last.
    /// - Throws: what a step throws.
    public func steps(
        _ gradients: [Tensor],
        from values: [Tensor],
        _ change: (inout Step) -> Void = { _ in }
    ) throws -> [Tensor] {
        var values = values
        for (index, gradient) in gradients.enumerated() {
            var step = Step(values: values, gradient: gradient, ids: nil, count: 0)
            step.number = Int32(index + 1)
            change(&step)
            values = try apply(step)
        }
        return values
    }
}
