import MotetCore
import MotetGraph
import MotetNN

/// Layers of which the last is linear, and rows at length 1.
///
/// - Shapes: input `[B, I]`, output `[B, D]`
final class RetrievalTower: UnaryLayer {
    static let kind = "tower"
    let name: String?
    private let units: [Int]
    private let dimension: Int
    private let towers: TowerSettings

    init(units: [Int], dimension: Int, towers: TowerSettings, name: String) {
        self.units = units
        self.dimension = dimension
        self.towers = towers
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = inputs[0]
        for (index, width) in units.enumerated() {
            let layer = Dense(width, activation: towers.activation, name: "dense_\(index + 1)")
            value = try context.call(layer, [value])[0]
            if towers.dropout > 0 {
                let dropout = MotetNN.Dropout(towers.dropout, name: "dropout_\(index + 1)")
                value = try context.call(dropout, [value])[0]
            }
        }
        let last = Dense(dimension, name: "dense_\(units.count + 1)")
        value = try context.call(last, [value])[0]
        return [try context.graph.add(L2Normalization(), [value])[0]]
    }
}

/// The logit of a pair, and the softmax over the items of a batch as the task's loss.
///
/// - Shapes: inputs users `[B, D]`, items `[B, D]` and the items' ids `[B]`; output `[B, 1]`
/// - Learned: nothing; kept: `log_shares` `[V, 1]`, zeros until they are filled
final class PairLogit: Layer {
    static let kind = "two_tower"
    let name: String? = "two_tower"
    private let task: String
    private let temperature: Float
    private let vocabularySize: Int?

    /// Without a vocabulary's size all items count as drawn alike.
    init(task: String, temperature: Float, vocabularySize: Int?) {
        self.task = task
        self.temperature = temperature
        self.vocabularySize = vocabularySize
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let (users, items, ids) = (inputs[0], inputs[1], inputs[2])
        let width = context.graph.shape(of: users).last.fixedSize ?? 1
        if context.mode == .training { try setLoss(users, items, ids, in: &context) }
        let products = try context.graph.apply(Arithmetic(.multiply), users, items)
        let means = try context.graph.apply(MotetGraph.Mean(axis: 1), products)
        let logits = try context.graph.apply(Scale(Float(width) / temperature), means)
        let rows = context.graph.shape(of: logits)[0]
        return [try context.graph.apply(MotetGraph.Reshape([rows, 1]), logits)]
    }

    private func setLoss(
        _ users: Value,
        _ items: Value,
        _ ids: Value,
        in context: inout ForwardContext
    ) throws(GraphError) {
        var table: Value?
        if let vocabularySize {
            table = try context.parameter(
                "log_shares",
                shape: [vocabularySize, 1],
                initializer: .zeros,
                role: .statistic
            )
        }
        let (shares, task) = (table, self.task)
        let softmax = InBatchSoftmax(scale: 1 / temperature)
        context.setLoss(of: task) { (rows, loss, graph) throws(GraphError) in
            guard loss == .binaryCrossEntropy else {
                throw GraphError(
                    .outOfRange,
                    "two_tower has a softmax over the items of a batch for a loss; expected binary cross-entropy as the task's own; received another."
                )
            }
            let weights = try rows.weights(known: task, positive: [task], in: &graph)
            let logShares: Value
            if let shares {
                let looked = try graph.apply(EmbeddingLookup(), shares, ids)
                logShares = try graph.apply(MotetGraph.Reshape([.batch]), looked)
            } else {
                logShares = try graph.apply(Scale(0), weights)
            }
            let made = try graph.add(softmax, [users, items, ids, logShares, weights])
            return TaskLoss.Values(loss: made[0], weightSum: made[1], rowWeights: weights)
        }
    }
}

/// Some columns of a matrix, in their order.
final class ChosenColumns: UnaryLayer {
    static let kind = "columns"
    let name: String?
    private let columns: [Int]

    init(_ columns: [Int], name: String? = nil) {
        self.columns = columns
        self.name = name
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = context.graph.shape(of: inputs[0]).last.fixedSize ?? 0
        if columns == Array(0..<width) { return inputs }
        // Runs of columns that are all chosen or all left out.
        var sizes: [Int] = []
        var chosen: [Bool] = []
        for column in 0..<width {
            let isChosen = columns.contains(column)
            if chosen.last == isChosen {
                sizes[sizes.count - 1] += 1
            } else {
                sizes.append(1)
                chosen.append(isChosen)
            }
        }
        let parts = try context.graph.add(MotetGraph.Split(axis: 1, sizes: sizes), [inputs[0]])
        let kept = zip(parts, chosen).filter(\.1).map(\.0)
        return kept.count == 1
            ? kept : try context.graph.add(MotetGraph.Concatenate(axis: 1), kept)
    }
}
