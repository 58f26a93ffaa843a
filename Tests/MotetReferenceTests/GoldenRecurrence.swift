import MotetCore
import MotetGraph
import MotetTestSupport

extension GoldenOperation {
    /// An LSTM or GRU over `x W + b`; the result is laid out as `Tests/Goldens/ops/recurrent.py` says.
    init(recurrence kind: String, _ attributes: GoldenAttributes) {
        let isLSTM = kind == "lstm"
        let hasStates = attributes.isTrue("has_states")
        let isReversed = attributes.isTrue("is_reversed")
        var inputs = ["input", "weight", "bias", "recurrent"]
        if !isLSTM { inputs.append("recurrent_bias") }
        inputs.append("mask")
        if hasStates { inputs += isLSTM ? ["hidden", "cell"] : ["hidden"] }
        self.init(inputs) { graph, values in
            let (input, mask) = (graph.shape(of: values[0]), values[isLSTM ? 4 : 5])
            let rows = Shape([input.droppingLast.elementCount ?? 0, input.last])
            var gates = try graph.apply(Reshape(rows), values[0])
            gates = try graph.apply(MatMul(), gates, values[1])
            gates = try graph.apply(AddBias(), gates, values[2])
            let width = graph.shape(of: values[1]).last
            gates = try graph.apply(Reshape(input.replacingLast(with: width)), gates)
            let scanned = [gates] + values.dropFirst(3)
            let made =
                isLSTM
                ? try graph.add(
                    LSTMScan(isReversed: isReversed, isMasked: true, hasState: hasStates),
                    scanned
                )
                : try graph.add(
                    GRUScan(isReversed: isReversed, isMasked: true, hasState: hasStates),
                    scanned
                )
            let steps = graph.shape(of: mask)
            let column = try graph.apply(Reshape(steps.appending(1)), mask)
            let valid = try graph.apply(Arithmetic(.multiply), made[0], column)
            let shape = graph.shape(of: valid)
            let flat = Shape([
                shape[0], .fixed((shape[1].fixedSize ?? 0) * (shape.last.fixedSize ?? 0)),
            ])
            let sequence = try graph.apply(Reshape(flat), valid)
            return try graph.add(Concatenate(axis: 1), [sequence] + made[1...(isLSTM ? 2 : 1)])
        }
    }
}
