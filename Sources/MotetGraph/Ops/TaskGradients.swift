public import MotetCore

/// The inner products of some values of one shape: `out[i, j] = sum x_i * x_j`.
///
/// - Shapes: inputs: `n` values `[...]` of one shape, and where rows are counted how many, `[]`, int32; output: `[n, n]`
public struct InnerProducts: Operation {
    /// Whether each slice along the first axis takes part; nil for all.
    public let included: [Bool]?
    /// Whether only the first so many rows along the first axis take part, as `CombineRows` counts them.
    public let isCounted: Bool

    /// Creates the operation.
    public init(included: [Bool]? = nil, isCounted: Bool = false) {
        self.included = included
        self.isCounted = isCounted
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, (isCounted ? 2 : 1)...(.max))
        try expectFloat(inputs[0])
        var inputs = inputs
        if isCounted {
            try expectIntegers(inputs.removeLast(), "the count")
            try expect(
                included == nil && inputs[0].shape.rank == 2,
                "counted values have rows [N, D] and no slices left out; received \(inputs[0].shape)."
            )
        }
        for input in inputs.dropFirst() { try expectSame(inputs[0], input) }
        if let included {
            let shape = inputs[0].shape
            try expect(
                shape.rank >= 1 && shape[0].fixedSize == included.count,
                "slices disagree; expected \(included.count) along the first axis; received \(shape)."
            )
        }
        return [TensorType([.fixed(inputs.count), .fixed(inputs.count)])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        let count = isCounted ? inputs.count - 1 : inputs.count
        return product(inputs[0].shape.elementCount, .fixed(count * (count + 1) / 2))
    }
}

/// The inner products of gradients that pass a mixture on their way to the experts, without those gradients.
///
/// The gradient of gate *k*'s output at expert `selection[k][j]` is `gate[k, b, j] * dout[k, b, :]`, so
/// `out[k, l] = sum_b (sum_e gate[k, b, e] gate[l, b, e]) (dout[k, b, :] . dout[l, b, :])`, over the
/// experts that both select and that take part.
///
/// - Shapes: `K` gates, `J` experts each selects from
///   - dout: `[K, B, H]`
///   - gates: `[K, B, J]`
///   - output: `[K, K]`
public struct MixtureProducts: Operation {
    /// For each gate, the experts its weights belong to.
    public let selections: [[Int]]
    /// For each expert, whether it takes part.
    public let included: [Bool]

    /// Creates the operation.
    public init(selections: [[Int]], included: [Bool]) {
        self.selections = selections
        self.included = included
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...2)
        for input in inputs { try expectFloat(input) }
        let (upstream, gates) = (inputs[0].shape, inputs[1].shape)
        try expect(
            upstream.rank == 3 && gates.rank == 3 && upstream[0] == gates[0]
                && upstream[1] == gates[1],
            "inputs disagree; expected gradients [K, B, H] and gates [K, B, J]; received \(upstream) and \(gates)."
        )
        let fits =
            gates[0].fixedSize == selections.count
            && selections.allSatisfy { row in
                gates[2].fixedSize == row.count
                    && row.allSatisfy { $0 >= 0 && $0 < included.count }
            }
        try expect(
            fits,
            "selections do not fit; expected \(gates[0]) lists of \(gates[2]) experts below \(included.count); received \(selections)."
        )
        return [TensorType([gates[0], gates[0]])]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(inputs[0].shape.elementCount, .fixed(selections.count + 1))
    }
}

/// A sum of values whose factors are computed: `out[s] = sum_i factor[place_is] * x_i[s]`.
///
/// A factor of 0 takes nothing from a value, not even NaN: what is left out is left out.
///
/// - Shapes:
///   - inputs: `n` values of one shape, then factors `[F]`
///   - output: as the values
public struct WeightedSum: Operation {
    /// For each value and each slice of it along the first axis the position of its factor, -1 for 1; one position
    /// alone stands for the whole value.
    public let places: [[Int]]

    /// Creates the operation.
    public init(places: [[Int]]) { self.places = places }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 2...(.max))
        let values = inputs.dropLast()
        try expectFloat(inputs[0])
        for input in values.dropFirst() { try expectSame(inputs[0], input) }
        let (shape, factors) = (inputs[0].shape, inputs[inputs.count - 1].shape)
        let count = factors.rank == 1 ? factors[0].fixedSize ?? 0 : 0
        let slices = places.first?.count ?? 0
        let fits =
            places.count == values.count
            && places.allSatisfy { row in
                row.count == slices && row.allSatisfy { $0 >= -1 && $0 < count }
            }
        try expect(
            fits && (slices == 1 || (shape.rank >= 1 && shape[0].fixedSize == slices)),
            "places do not fit; expected for each of \(values.count) values \(shape) one, or one a slice, below \(count); received \(places)."
        )
        return [inputs[0]]
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, .fixed(places.count))
    }
}

/// Of some gradients, multiplied by factors, in each element the sum of those of one sign, drawn at random.
///
/// With `v_k = factor_k * x_k`, element *i* keeps the positive ones with the probability
/// `p = (1 + sum_k v_k / sum_k |v_k|) / 2`, else the negative ones; what is not kept goes in with the factor `leak`:
/// `out = sum_k (leak + (1 - leak) [v_k has the sign kept]) v_k`. The draw is that of `Dropout`: positive where
/// the top 24 bits of `RandomKey(key).split(t).bits(i)`, as a fraction, are below `p`.
///
/// - Shapes:
///   - inputs: `n` values of one shape, then factors `[F]`, then the step *t* `[]`, int32
///   - output: as the values
/// - Source: Chen et al., "Just Pick a Sign: Optimizing Deep Multitask Models with Gradient Sign Dropout", NeurIPS 2020.
public struct SignDropout: Operation {
    /// The factors, as those of `WeightedSum`.
    public let sum: WeightedSum
    /// What stays of what is dropped, within [0, 1].
    public let leak: Float
    /// The seed of the draws.
    public let key: RandomKey

    /// Creates the operation.
    public init(places: [[Int]], leak: Float, key: RandomKey) {
        sum = WeightedSum(places: places)
        self.leak = leak
        self.key = key
    }

    /// The shape rule.
    public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        try expectInputs(inputs, 3...(.max))
        try expectIntegers(inputs[inputs.count - 1], "step")
        try expect(
            (0...1).contains(leak),
            .outOfRange,
            "'leak' is out of range; expected 0 to 1; received \(leak)."
        )
        return try sum.outputTypes(inputs.dropLast())
    }

    /// The work of the operation.
    public func floatingPointOperations(
        _ inputs: [TensorType],
        _ outputs: [TensorType]
    ) -> Dimension {
        product(outputs[0].shape.elementCount, .fixed(3 * sum.places.count))
    }
}
