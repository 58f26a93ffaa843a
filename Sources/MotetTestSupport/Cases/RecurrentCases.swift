import MotetCore
import MotetGraph

/// A recurrence to try: its sizes, and what it is given.
private struct Scan: CustomStringConvertible {
    var steps = 4
    var units = 3
    var isReversed = false
    var isMasked = false
    var hasState = false
    var hasAttention = false
    /// Whether the gates are computed, and what is kept for the gradient is no result: as in a model, where
    /// a backend may write over both.
    var isInner = false
    /// The outputs that gradients flow into.
    var arriving = [0]
    var runs: [[SizeSymbol: Int]] = OperationCase.rows

    var description: String {
        let words = [
            "\(steps) steps of \(units) units", isReversed ? "reversed" : nil,
            isMasked ? "masked" : nil, hasState ? "from states" : nil,
            hasAttention ? "with attention" : nil,
            isInner ? "inside a model" : nil, "gradients of \(arriving)",
        ]
        return words.compactMap { $0 }.joined(separator: ", ")
    }

    static let small: [[SizeSymbol: Int]] = [[.batch: 18], [.batch: 2]]

    /// Both directions, with and without mask and states; one step, one unit, widths around vectors.
    static func all(states: Int) -> [Scan] {
        var scans: [Scan] = []
        for isReversed in [false, true] {
            scans.append(Scan(isReversed: isReversed, arriving: Array(0...states)))
            scans.append(Scan(isReversed: isReversed, isMasked: true, arriving: Array(0...states)))
            scans.append(
                Scan(
                    isReversed: isReversed,
                    isMasked: true,
                    hasState: true,
                    arriving: Array(0...states)
                )
            )
            scans.append(Scan(isReversed: isReversed, hasState: true, arriving: [states]))
            scans.append(Scan(isReversed: isReversed, isMasked: true, arriving: [1]))
        }
        for (isReversed, isMasked) in [(false, false), (true, true)] {
            scans.append(
                Scan(
                    units: 17,
                    isReversed: isReversed,
                    isMasked: isMasked,
                    hasState: isMasked,
                    isInner: true,
                    arriving: Array(0...states),
                    runs: small
                )
            )
        }
        scans.append(Scan(steps: 1, units: 1, arriving: [0, 1]))
        scans.append(Scan(steps: 1, units: 1, isMasked: true, hasState: true))
        for units in [16, 17, 64] {
            scans.append(Scan(steps: 3, units: units, isMasked: true, hasState: true, runs: small))
        }
        return scans
    }

    func apply(
        _ operation: some MotetGraph.Operation,
        _ values: [Value],
        states: Int,
        in graph: inout GraphBuilder
    ) throws -> [Value] {
        guard isInner else { return try graph.add(operation, values) }
        let gates = try graph.apply(Scale(0.5), values[0])
        return Array(try graph.add(operation, [gates] + values.dropFirst()).prefix(1 + states))
    }

    func inputs(gates: Int, biased: Bool, states: Int) -> [CaseInput] {
        let (width, rows) = (Dimension.fixed(gates * units), Dimension.batch)
        var list: [CaseInput] = [
            .features("gates", [rows, .fixed(steps), width]),
            .weight("recurrent", [.fixed(units), width]) { key, sizes, _ in
                TinyData.normal(sizes, key, scale: units > 8 ? 0.2 : 0.5)
            },
        ]
        if biased { list.append(.weight("bias", [width])) }
        if isMasked { list.append(.stepMask("mask", steps: steps)) }
        if hasAttention {
            list.append(
                .features("attention", [rows, .fixed(steps)]) { key, sizes, _ in
                    TinyData.uniform(sizes, key, in: 0...1)
                }
            )
        }
        if hasState {
            for state in 0..<states {
                list.append(.features("state.\(state)", [rows, .fixed(units)]))
            }
        }
        return list
    }
}

extension CaseInput {
    /// A mask `[B, T]` with padding before, between and after; every third row but the first has none left.
    static func stepMask(_ name: String, steps: Int) -> CaseInput {
        .data(name, [.batch, .fixed(steps)]) { key, sizes, _ in
            let drawn = TinyData.uniform(sizes, key, in: 0...1).floats
            let mask = drawn.indices.map { index -> Float in
                index / steps % 3 == 2 ? 0 : drawn[index] < 0.35 ? 0 : 1
            }
            return Tensor(mask, shape: sizes)
        }
    }
}

extension OperationCase {
    static let recurrences: [OperationCase] = lstms + grus

    private static let lstms = Scan.all(states: 2).map { scan in
        OperationCase(
            "LSTM, \(scan)",
            scan.inputs(gates: 4, biased: false, states: 2),
            runs: scan.runs,
            differentiatedOutputs: scan.arriving
        ) { graph, values in
            let operation = LSTMScan(
                isReversed: scan.isReversed,
                isMasked: scan.isMasked,
                hasState: scan.hasState
            )
            return try scan.apply(operation, values, states: 2, in: &graph)
        }
    }

    /// GRUs whose steps move the state by shares.
    private static let attended: [Scan] = [
        Scan(hasAttention: true, arriving: [0, 1]),
        Scan(isReversed: true, isMasked: true, hasAttention: true, arriving: [0, 1]),
        Scan(isMasked: true, hasState: true, hasAttention: true, arriving: [1]),
        Scan(
            units: 17,
            isMasked: true,
            hasState: true,
            hasAttention: true,
            isInner: true,
            arriving: [0, 1],
            runs: Scan.small
        ),
        Scan(steps: 1, units: 1, hasAttention: true),
    ]

    private static let grus = (Scan.all(states: 1) + attended).map { scan in
        OperationCase(
            "GRU, \(scan)",
            scan.inputs(gates: 3, biased: true, states: 1),
            runs: scan.runs,
            differentiatedOutputs: scan.arriving
        ) { graph, values in
            let operation = GRUScan(
                isReversed: scan.isReversed,
                isMasked: scan.isMasked,
                hasState: scan.hasState,
                hasAttention: scan.hasAttention
            )
            return try scan.apply(operation, values, states: 1, in: &graph)
        }
    }
}
