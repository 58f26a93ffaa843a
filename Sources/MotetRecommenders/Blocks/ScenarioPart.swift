import MotetCore
import MotetGraph
import MotetNN

extension ForwardContext {
    /// Runs dense layers one after another, with dropout behind each.
    mutating func perceptron(
        _ layers: [any Layer],
        _ value: Value,
        _ offsets: Value? = nil,
        dropout: Float = 0
    ) throws(GraphError) -> Value {
        var value = value
        for (index, layer) in layers.enumerated() {
            value = try call(layer, [value] + (offsets.map { [$0] } ?? []))[0]
            if dropout > 0 {
                let drop = MotetNN.Dropout(
                    dropout,
                    name: "\(layer.name ?? "")_dropout_\(index + 1)"
                )
                value = try call(drop, [value])[0]
            }
        }
        return value
    }

    /// The matrices `[B, U]` of a stack `[E, B, U]`.
    mutating func slices(_ stack: Value) throws(GraphError) -> [Value] {
        let shape = graph.shape(of: stack)
        let ones = [Int](repeating: 1, count: shape[0].fixedSize ?? 1)
        var slices: [Value] = []
        for slice in try graph.add(MotetGraph.Split(axis: 0, sizes: ones), [stack]) {
            slices.append(try graph.apply(MotetGraph.Reshape([shape[1], shape[2]]), slice))
        }
        return slices
    }

    /// A stack `[E, B, U]` of matrices `[B, U]`.
    mutating func stacked(_ slices: [Value]) throws(GraphError) -> Value {
        var parts: [Value] = []
        for slice in slices {
            let shape = graph.shape(of: slice)
            parts.append(try graph.apply(MotetGraph.Reshape([1, shape[0], shape[1]]), slice))
        }
        return try graph.add(MotetGraph.Concatenate(axis: 0), parts)[0]
    }
}

extension MultiTaskLayer {
    /// Refuses widths below 1.
    func checkWidths(
        _ what: String,
        _ units: [Int],
        atLeast count: Int = 0
    ) throws(GraphError) {
        guard units.count >= count, units.allSatisfy({ $0 >= 1 }) else {
            let expected =
                count == 0 ? "widths of at least 1" : "at least \(count) width of at least 1"
            throw GraphError(
                .outOfRange,
                "'\(what)' is out of range; expected \(expected); received \(units)."
            )
        }
    }
}
