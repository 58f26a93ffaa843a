import MotetCore
public import MotetGraph

/// A parameter as the optimizer sees it.
public struct TrainedParameter: Sendable {
    /// The name.
    public let name: String
    /// Its value in the graph.
    public let value: Value
    /// Whether it is an embedding table.
    public let isTable: Bool
    /// Whether L2 and weight decay apply: weights, not biases.
    public let isDecayed: Bool

    /// Describes a parameter.
    public init(name: String, value: Value, isTable: Bool, isDecayed: Bool) {
        self.name = name
        self.value = value
        self.isTable = isTable
        self.isDecayed = isDecayed
    }
}

/// A state the optimizer keeps for a parameter; all are zero before the first step.
public struct OptimizerSlot: Sendable {
    /// The name, `parameter#first_moment`.
    public let name: String
    /// The sizes.
    public let shape: [Int]
}

extension Optimizer {
    private enum Prepared {
        case dense(Value)
        case rows(ids: Value, sums: Value, count: Value)
    }

    /// Appends clipping and the updates of all parameters.
    ///
    /// Combined rows and dense gradients of tables are computed in the stage of the gradients: what stands
    /// between the stages, such as an exchange between machines, sees final gradients.
    ///
    /// - Parameters:
    ///   - parameters: what is trained.
    ///   - gradients: for each its gradient; nil leaves the parameter alone.
    ///   - learningRate: the step's learning rate, `[]`.
    ///   - step: the number of the step, `[]`, int32, from 1.
    ///   - graph: where nodes are added.
    /// - Returns: the states the updates need.
    /// - Throws: `GraphError` when a gradient does not fit its parameter.
    public func appendUpdates(
        _ parameters: [TrainedParameter],
        _ gradients: [Gradient?],
        learningRate: Value,
        step: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [OptimizerSlot] {
        try appendUpdates(
            parameters,
            gradients,
            learningRate: learningRate,
            steps: parameters.map { _ in step },
            in: &graph
        )
    }

    /// Appends updates in which each parameter has its own count of steps.
    ///
    /// Where tasks take turns a parameter is updated in some steps only; what Adam corrects for its early
    /// steps depends on the updates it had, not on the steps of the training.
    ///
    /// - Parameters:
    ///   - parameters: what is trained.
    ///   - gradients: for each its gradient; nil leaves the parameter alone.
    ///   - learningRate: the step's learning rate, `[]`.
    ///   - steps: for each the number of its update, `[]`, int32, from 1.
    ///   - graph: where nodes are added.
    /// - Returns: the states the updates need.
    /// - Throws: `GraphError` when a gradient does not fit its parameter.
    public func appendUpdates(
        _ parameters: [TrainedParameter],
        _ gradients: [Gradient?],
        learningRate: Value,
        steps: [Value],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [OptimizerSlot] {
        let outerScope = graph.scope
        graph.scope = "optimizer"
        defer { graph.scope = outerScope }
        var prepared: [(parameter: TrainedParameter, gradient: Prepared)] = []
        var counts: [Value] = []
        for (index, parameter) in parameters.enumerated() {
            guard let gradient = gradients[index] else { continue }
            counts.append(steps[index])
            prepared.append((parameter, try prepare(gradient, of: parameter, in: &graph)))
        }
        // Known before anything is updated: ReLU turns NaN into 0, so that a loss may stay finite while
        // gradients are not.
        let squares = try sumOfSquares(prepared.map(\.gradient), in: &graph)
        graph.output(Optimizer.gradientSquares, squares)
        graph.stage = .update
        defer { graph.stage = .gradients }
        if let limit = clipsValue { try clip(&prepared, limit, in: &graph) }
        let scale = try gradientScale(prepared.map(\.gradient), squares, in: &graph)
        var slots: [OptimizerSlot] = []
        for (index, (parameter, gradient)) in prepared.enumerated() {
            slots += try appendUpdate(
                parameter,
                gradient,
                [learningRate, counts[index], scale],
                in: &graph
            )
        }
        return slots
    }

    private func prepare(
        _ gradient: Gradient,
        of parameter: TrainedParameter,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Prepared {
        switch gradient {
        case .dense(let value): return .dense(value)
        case .rows(let rows):
            if tables == .dense {
                return .dense(try graph.densified(rows, like: parameter.value))
            }
            let made = try graph.combined(rows, like: parameter.value)
            return .rows(ids: made[0], sums: made[1], count: made[2])
        }
    }

    private func clip(
        _ prepared: inout [(parameter: TrainedParameter, gradient: Prepared)],
        _ limit: Float,
        in graph: inout GraphBuilder
    ) throws(GraphError) {
        let operation = Clip(minimum: -limit, maximum: limit)
        for index in prepared.indices {
            switch prepared[index].gradient {
            case .dense(let value):
                prepared[index].gradient = .dense(try graph.apply(operation, value))
            case .rows(let ids, let sums, let count):
                let clipped = try graph.apply(operation, sums)
                prepared[index].gradient = .rows(ids: ids, sums: clipped, count: count)
            }
        }
    }

    /// The name of the output that holds the sum of squares of all gradients.
    public static let gradientSquares = "gradient_squares"

    /// The factor all gradients are multiplied by: 1, or what brings their norm down to the limit.
    private func gradientScale(
        _ gradients: [Prepared],
        _ squares: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        guard let limit = clipsNorm, !gradients.isEmpty else {
            return graph.constant(Tensor([Float(1)], shape: []))
        }
        let clipped = clipsValue == nil ? squares : try sumOfSquares(gradients, in: &graph)
        return try graph.apply(ClippingFactor(limit: limit), clipped)
    }

    private func sumOfSquares(
        _ gradients: [Prepared],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        var squares: [Value] = []
        for gradient in gradients {
            switch gradient {
            case .dense(let value): squares.append(try graph.apply(SumOfSquares(), value))
            case .rows(_, let sums, let count):
                squares.append(try graph.apply(SumOfSquares(), sums, count))
            }
        }
        if squares.isEmpty { return graph.constant(Tensor([Float(0)], shape: [])) }
        return try graph.add(AddN(), squares)[0]
    }

    private func appendUpdate(
        _ parameter: TrainedParameter,
        _ gradient: Prepared,
        _ scalars: [Value],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [OptimizerSlot] {
        let rule = rule(for: parameter)
        let penalty = parameter.isDecayed ? l2 : 0
        let shape = rule.slotShape(for: graph.shape(of: parameter.value))
        var slots: [OptimizerSlot] = []
        var slotValues: [Value] = []
        for slot in rule.slots {
            let name = "\(parameter.name)#\(slot)"
            slots.append(OptimizerSlot(name: name, shape: shape.fixedSizes ?? []))
            slotValues.append(try graph.state(name, TensorType(shape)))
        }
        let made: [Value]
        switch gradient {
        case .dense(let value):
            made = try graph.add(
                OptimizerUpdate(rule, l2: penalty),
                [parameter.value] + slotValues + [value] + scalars
            )
        case .rows(let ids, let sums, let count):
            made = try graph.add(
                OptimizerRowUpdate(rule, l2: penalty),
                [parameter.value] + slotValues + [ids, sums, count] + scalars
            )
        }
        graph.update(parameter.name, made[0])
        for (slot, value) in zip(slots, made.dropFirst()) { graph.update(slot.name, value) }
        return slots
    }

    private func rule(for parameter: TrainedParameter) -> UpdateRule {
        if parameter.isTable, case .rowWiseAdagrad(let epsilon) = tables {
            return .rowWiseAdagrad(epsilon: epsilon)
        }
        if case .adam(let beta1, let beta2, let epsilon, _) = rule,
            !parameter.isDecayed || parameter.isTable
        {
            return .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: 0)
        }
        return rule
    }
}
