import MotetCore

extension GraphBuilder {
    /// Appends the gradients of a loss by reverse accumulation.
    ///
    /// - Parameters:
    ///   - loss: a single number.
    ///   - targets: the states to differentiate with respect to.
    /// - Returns: for each target its gradient, nil where the loss does not depend on it.
    /// - Throws: `GraphError` when an operation on the way has no gradient.
    public mutating func gradients(
        of loss: Value,
        withRespectTo targets: [Value]
    ) throws(GraphError) -> [Gradient?] {
        let one = constant(Tensor([Float(1)], shape: []))
        return try gradients(of: [(loss, one)], withRespectTo: targets)
    }

    /// Appends the gradients of a weighted sum of values, given the gradient of each.
    ///
    /// - Parameters:
    ///   - seeds: values and the gradients that arrive at them.
    ///   - targets: the values to differentiate with respect to.
    /// - Returns: for each target its gradient, nil where no seed depends on it.
    /// - Throws: `GraphError` when an operation on the way has no gradient.
    public mutating func gradients(
        of seeds: [(value: Value, gradient: Value)],
        withRespectTo targets: [Value]
    ) throws(GraphError) -> [Gradient?] {
        let forward = graph.nodes
        let needed = valuesDependingOn(targets, in: forward)
        var arriving: [Value: [Gradient]] = [:]
        for seed in seeds { arriving[seed.value, default: []].append(.dense(seed.gradient)) }
        let outerScope = scope
        defer { scope = outerScope }

        for node in forward.reversed() where node.outputs.contains(where: { arriving[$0] != nil }) {
            guard node.outputs.contains(where: needed.contains) else { continue }
            scope = node.scope
            var upstream: [Value?] = []
            for output in node.outputs {
                upstream.append(try accumulated(arriving[output], like: output))
            }
            let made = try node.operation.gradients(node, upstream, in: &self)
            for (input, gradient) in zip(node.inputs, made) where needed.contains(input) {
                if let gradient { arriving[input, default: []].append(gradient) }
            }
        }

        var results: [Gradient?] = []
        for target in targets {
            results.append(try accumulatedGradient(arriving[target], like: target))
        }
        return results
    }

    /// The values that depend on a target, targets included: only these need gradients.
    private func valuesDependingOn(_ targets: [Value], in nodes: [Graph.Node]) -> Set<Value> {
        var needed = Set(targets)
        for node in nodes where node.inputs.contains(where: needed.contains) {
            needed.formUnion(node.outputs)
        }
        return needed
    }

    /// The sum of gradients that arrived at one value: rows of a table stay rows while all of them are.
    ///
    /// - Parameters:
    ///   - gradients: what arrived.
    ///   - value: where.
    /// - Returns: the sum; nil for none.
    /// - Throws: `GraphError` when gradients do not fit the value.
    public mutating func accumulatedGradient(
        _ gradients: [Gradient]?,
        like value: Value
    ) throws(GraphError) -> Gradient? {
        guard let gradients, !gradients.isEmpty else { return nil }
        var rows: [RowGradient] = []
        var hasDense = false
        for gradient in gradients {
            switch gradient {
            case .dense: hasDense = true
            case .rows(let more): rows += more
            }
        }
        if !hasDense { return .rows(rows) }
        return try accumulated(gradients, like: value).map(Gradient.dense)
    }

    /// The sum of gradients that arrived at one value, of the value's shape.
    ///
    /// - Parameters:
    ///   - gradients: what arrived.
    ///   - value: where.
    /// - Returns: the sum; nil for none.
    /// - Throws: `GraphError` when gradients do not fit the value.
    public mutating func accumulated(
        _ gradients: [Gradient]?,
        like value: Value
    ) throws(GraphError) -> Value? {
        guard let gradients, !gradients.isEmpty else { return nil }
        var dense: [Value] = []
        var rows: [RowGradient] = []
        for gradient in gradients {
            switch gradient {
            case .dense(let value): dense.append(value)
            case .rows(let more): rows += more
            }
        }
        if !rows.isEmpty { dense.append(try densified(rows, like: value)) }
        return dense.count == 1 ? dense[0] : try add(AddN(), dense)[0]
    }

    /// The full gradient of a table from the gradients of some of its rows.
    ///
    /// - Parameters:
    ///   - rows: the rows' gradients.
    ///   - table: the table they belong to.
    /// - Returns: a gradient of the table's shape.
    /// - Throws: `GraphError` when the rows do not fit the table.
    public mutating func densified(
        _ rows: [RowGradient],
        like table: Value
    ) throws(GraphError) -> Value {
        let combined = try combined(rows, like: table)
        let size = shape(of: table)[0].fixedSize ?? 0
        return try add(DenseRows(vocabularySize: size), combined)[0]
    }

    /// Gradients of rows with those of one id added up: unique ids, sums, and their number.
    ///
    /// - Parameters:
    ///   - rows: the rows' gradients.
    ///   - table: the table they belong to.
    /// - Returns: the three outputs of `CombineRows`.
    /// - Throws: `GraphError` when the rows do not fit the table.
    public mutating func combined(
        _ rows: [RowGradient],
        like table: Value
    ) throws(GraphError) -> [Value] {
        let size = shape(of: table)[0].fixedSize ?? 0
        return try add(
            CombineRows(vocabularySize: size),
            rows.flatMap { [$0.ids, $0.rows] }
        )
    }
}
