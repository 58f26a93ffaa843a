public import MotetCore
public import MotetGraph

/// The factors of the gradients of one step, found from their products.
///
/// A task whose loss or gradient is not finite is left out of the step. Without a solution the factors are those of
/// the mean.
///
/// - Shapes: `K` tasks, `N` numbers the rule remembers
///   - inputs: products `[n, n]` of each part that is compared; then for each task trained its loss `[]` and the
///     sum of its rows' weights `[]`; the step `[]`, int32; the state `[N + 1]`
///   - outputs: factors `[3 K]` as `TaskDifferentiation` takes them, the state, the Gramian `[K, K]`, and 1 in `[]` where there was no solution
public struct AggregationStep: HostOperation {
    /// The rule.
    public let aggregation: GradientAggregation
    /// For each input of products the task of each row, among the tasks trained.
    public let rows: [[Int]]
    /// The positions among all tasks of those trained.
    public let trained: [Int]
    /// The number of all tasks.
    public let taskCount: Int
    /// The source of random orders.
    public let key: RandomKey

    /// Creates the operation.
    public init(
        aggregation: GradientAggregation,
        rows: [[Int]],
        trained: [Int],
        taskCount: Int,
        key: RandomKey
    ) {
        self.aggregation = aggregation
        self.rows = rows
        self.trained = trained
        self.taskCount = taskCount
        self.key = key
    }

    /// The size of the state: what the rule remembers, and the number of steps.
    public var stateSize: Int { aggregation.stateCount(tasks: taskCount) + 1 }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        let expected = rows.count + 2 * trained.count + 2
        guard inputs.count == expected else {
            throw GraphError(
                .shapeMismatch,
                "AggregationStep: wrong number of inputs; expected \(expected); received \(inputs.count)."
            )
        }
        let count = trained.count
        return [
            TensorType([.fixed(3 * count)]), TensorType([.fixed(stateSize)]),
            TensorType([.fixed(count), .fixed(count)]), TensorType(.scalar),
        ]
    }

    /// No gradient goes through factors.
    public func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] { node.inputs.map { _ in nil } }

    /// Computes the factors.
    public func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let count = trained.count
        var values = [Double](repeating: 0, count: count * count)
        for (products, tasks) in zip(inputs, rows) {
            for (row, task) in tasks.enumerated() {
                for (column, other) in tasks.enumerated() {
                    values[task * count + other] +=
                        Double(products.floats[row * tasks.count + column])
                }
            }
        }
        let numbers = inputs[rows.count..<(rows.count + 2 * count)].map { $0.floats[0] }
        let isKept = (0..<count).map {
            numbers[$0].isFinite && values[$0 * count + $0].isFinite
        }
        for task in 0..<count where !isKept[task] {
            for other in 0..<count {
                values[task * count + other] = 0
                values[other * count + task] = 0
            }
        }
        let step = Int(inputs[inputs.count - 2].integers[0])
        var state = inputs[inputs.count - 1].floats
        let isTaking = (0..<count).map { isKept[$0] && numbers[count + $0] > 0 }
        let gramian = Gramian(count: count, values: values)
        let found: [Double]?
        if case .gradNorm(let alpha, let rate) = aggregation.rule {
            var norms = GradientNormWeights(state, tasks: taskCount, alpha: alpha, rate: rate)
            found = norms.step(
                trained,
                losses: numbers[..<count].map { Double($0) },
                lengths: gramian.norms,
                isTaking
            )
            state = norms.state
        } else {
            found = weights(gramian, isTaking, &state, step)
        }
        let equal = 1 / Double(max(isTaking.filter { $0 }.count, 1))
        var factors = (0..<count).map { task in
            isTaking[task] ? Float(found?[task] ?? equal) : 0
        }
        if case .gradNorm = aggregation.rule {
            // A weight of the loss: it is in the task's own part too.
            factors += (0..<count).map { isKept[$0] ? Float(found?[$0] ?? 1) : 0 }
            factors += isTaking.map { $0 ? 1 : 0 }
        } else {
            factors += isKept.map { $0 ? 1 : 0 } + factors
        }
        return [
            Tensor(factors, shape: [3 * count]), Tensor(state, shape: [stateSize]),
            Tensor(gramian.values.map { Float($0) }, shape: [count, count]),
            Tensor([Float(found == nil ? 1 : 0)], shape: []),
        ]
    }

    /// The weights of the tasks trained; those that have no rows in the step take no part.
    private func weights(
        _ gramian: Gramian,
        _ isTaking: [Bool],
        _ state: inout [Float],
        _ step: Int
    ) -> [Double]? {
        let taking = isTaking.indices.filter { isTaking[$0] }
        guard !taking.isEmpty else { return isTaking.map { _ in 0 } }
        let rule = aggregation.weighting
        let key = key.split(step)
        var memory = AggregationState()
        guard stateSize > 1 else {
            guard let some = rule.weights(gramian.restricted(to: taking), &memory, key: key),
                some.allSatisfy(\.isFinite)
            else { return nil }
            var weights = isTaking.map { _ in 0.0 }
            for (place, task) in taking.enumerated() { weights[task] = some[place] }
            return weights
        }
        // What is remembered belongs to all tasks; those that take no part have a gradient of zero.
        memory.step = Int(state[0])
        if memory.step > 0 { memory.numbers = state.dropFirst().map { Double($0) } }
        var values = [Double](repeating: 0, count: taskCount * taskCount)
        for task in taking {
            for other in taking {
                values[trained[task] * taskCount + trained[other]] = gramian[task, other]
            }
        }
        let whole = Gramian(count: taskCount, values: values)
        let found = rule.weights(whole, &memory, key: key)
        state[0] += 1
        if memory.numbers.count == stateSize - 1 {
            for (index, number) in memory.numbers.enumerated() { state[index + 1] = Float(number) }
        }
        guard let found, found.allSatisfy(\.isFinite) else { return nil }
        return trained.map { found[$0] }
    }
}
