import MotetCore
import MotetGraph

/// The sizes of an attention, and where elements lie.
private struct AttentionView {
    let (rows, queries, keys, units, heads): (Int, Int, Int, Int, Int)

    init(queries: Tensor, keys: Tensor, heads: Int) {
        rows = queries.shape[0]
        self.queries = queries.shape[1]
        self.keys = keys.shape[1]
        units = queries.shape[2]
        self.heads = heads
    }

    /// The width of a head.
    var width: Int { units / heads }

    /// One over the square root of the width.
    var scale: Double { 1 / Double(width).squareRoot() }

    /// Where the vector of a query begins.
    func query(_ row: Int, _ head: Int, _ time: Int) -> Int {
        (row * queries + time) * units + head * width
    }

    /// Where the vector of a key begins.
    func key(_ row: Int, _ head: Int, _ time: Int) -> Int {
        (row * keys + time) * units + head * width
    }

    /// Where the probabilities of a query begin.
    func probability(_ row: Int, _ head: Int, _ query: Int) -> Int {
        ((row * heads + head) * queries + query) * keys
    }

    /// Runs a body for each head of each row and each query.
    func forEachQuery(_ body: (_ row: Int, _ head: Int, _ query: Int) -> Void) {
        for row in 0..<rows {
            for head in 0..<heads { for query in 0..<queries { body(row, head, query) } }
        }
    }
}

extension Attention: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let view = AttentionView(queries: inputs[0], keys: inputs[1], heads: heads)
        let (q, k, v) = (inputs[0].doubles, inputs[1].doubles, inputs[2].doubles)
        let mask = inputs.count == 4 ? inputs[3].doubles : nil
        var result = [Double](repeating: 0, count: q.count)
        let kept = [view.rows, heads, view.queries, view.keys]
        var probabilities = [Double](repeating: 0, count: kept.reduce(1, *))
        view.forEachQuery { row, head, query in
            let seen = (0..<view.keys).filter { key in
                (!isCausal || key <= query) && mask?[row * view.keys + key] != 0
            }
            let first = view.query(row, head, query)
            let scores = seen.map { key in
                let other = view.key(row, head, key)
                return view.scale
                    * (0..<view.width).map { q[first + $0] * k[other + $0] }.reduce(0, +)
            }
            let greatest = scores.max() ?? 0
            let powers = scores.map { exponential($0 - greatest) }
            let sum = powers.reduce(0, +)
            for (key, power) in zip(seen, powers) {
                probabilities[view.probability(row, head, query) + key] = power / sum
                let other = view.key(row, head, key)
                for unit in 0..<view.width { result[first + unit] += power / sum * v[other + unit] }
            }
        }
        let output = Tensor(rounding: result, shape: inputs[0].shape)
        return keepsProbabilities
            ? [output, Tensor(rounding: probabilities, shape: kept)] : [output]
    }
}

extension AttentionGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let view = AttentionView(queries: inputs[1], keys: inputs[2], heads: heads)
        let (dy, q, k, v) = (
            inputs[0].doubles, inputs[1].doubles, inputs[2].doubles, inputs[3].doubles
        )
        let probabilities = inputs[4].doubles
        var dq = [Double](repeating: 0, count: q.count)
        var dk = [Double](repeating: 0, count: k.count)
        var dv = dk
        view.forEachQuery { row, head, query in
            let first = view.query(row, head, query)
            let start = view.probability(row, head, query)
            let p = Array(probabilities[start..<start + view.keys])
            let dp = (0..<view.keys).map { key in
                let other = view.key(row, head, key)
                return (0..<view.width).map { dy[first + $0] * v[other + $0] }.reduce(0, +)
            }
            let dot = zip(p, dp).map { $0 * $1 }.reduce(0, +)
            for key in 0..<view.keys {
                let other = view.key(row, head, key)
                let ds = p[key] * (dp[key] - dot) * view.scale
                for unit in 0..<view.width {
                    dq[first + unit] += ds * k[other + unit]
                    dk[other + unit] += ds * q[first + unit]
                    dv[other + unit] += p[key] * dy[first + unit]
                }
            }
        }
        return [
            Tensor(rounding: dq, shape: inputs[1].shape),
            Tensor(rounding: dk, shape: inputs[2].shape),
            Tensor(rounding: dv, shape: inputs[3].shape),
        ]
    }
}
