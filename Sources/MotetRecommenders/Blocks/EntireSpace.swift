import MotetCore
import MotetGraph
import MotetNN

/// A chain of tasks each of which lies within the one before: view, click, purchase.
///
/// The output of each is the logit of its probability given that the one before is positive; the
/// probability that all are positive is the product.
struct EntireSpace {
    /// The tasks from the outermost to the one that is meant.
    let chain: [TaskHead]

    /// The chain that ends in a task; itself alone where it lies within none.
    ///
    /// - Parameters:
    ///   - task: the last of the chain.
    ///   - tasks: all tasks.
    /// - Throws: `GraphError` when a task of a chain has several outputs, lies within one there is not, or
    ///   within itself.
    init(of task: TaskHead, in tasks: [TaskHead]) throws(GraphError) {
        var chain = [task]
        while let parent = chain[0].within {
            guard let next = tasks.first(where: { $0.name == parent }),
                !chain.contains(where: { $0.name == parent })
            else {
                throw GraphError(
                    .unknownName,
                    "task \"\(task.name)\": 'within' leads to no outermost task; received \"\(parent)\"."
                )
            }
            chain.insert(next, at: 0)
        }
        for link in chain where chain.count > 1 && link.width != 1 {
            throw GraphError(
                .shapeMismatch,
                "task \"\(link.name)\": has several outputs; expected yes or no, one logit; received \(link.width)."
            )
        }
        self.chain = chain
    }

    /// The names of the chain's tasks.
    var names: [String] { chain.map(\.name) }

    /// `logit(sigmoid(a) sigmoid(b))` from the logits, which no probability near 0 or 1 loses digits of.
    ///
    /// The product is `1 / (1 + e^-a + e^-b + e^(-a-b))`, so that its logit is
    /// `-log(e^-a + e^-b + e^(-a-b)) = a - softplus(a - b + softplus(-a))`.
    static func product(
        _ a: Value,
        _ b: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let negative = try graph.apply(Scale(-1), a)
        let first = try graph.apply(MotetGraph.Activation(.softplus), negative)
        let difference = try graph.apply(Arithmetic(.subtract), a, b)
        let inner = try graph.apply(Arithmetic(.add), difference, first)
        let outer = try graph.apply(MotetGraph.Activation(.softplus), inner)
        return try graph.apply(Arithmetic(.subtract), a, outer)
    }

    /// The logit of the probability that all tasks of a chain are positive.
    static func product(
        _ logits: [Value],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        var joint = logits[0]
        for logit in logits.dropFirst() { joint = try product(joint, logit, in: &graph) }
        return joint
    }

    /// Which rows tell whether all tasks of the chain are positive, `[B]`, weighed.
    ///
    /// A row does where the outermost task is negative, or positive and the next one tells, and so on.
    static func known(
        _ names: [String],
        _ rows: LabelledRows,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        var known = try rows.weights(known: names[0], in: &graph)
        for index in names.indices.dropFirst() {
            let before = Array(names[..<index])
            let positive = try rows.weights(
                known: names[index - 1],
                positive: before,
                in: &graph
            )
            let told = try rows.weights(known: names[index], positive: before, in: &graph)
            let negative = try graph.apply(Arithmetic(.subtract), known, positive)
            known = try graph.apply(Arithmetic(.add), negative, told)
        }
        return known
    }

    /// 1 where all tasks of the chain are positive, else 0, `[B]`; also where a label is missing.
    static func positive(
        _ names: [String],
        _ rows: LabelledRows,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        try rows.weights(
            known: names[names.count - 1],
            positive: names,
            isWeighted: false,
            in: &graph
        )
    }

    /// The outputs of the chain's tasks, `[B, 1]`.
    static func logits(
        _ names: [String],
        _ rows: LabelledRows
    ) throws(GraphError) -> [Value] {
        var logits: [Value] = []
        for name in names { logits.append(try rows.output(of: name)) }
        return logits
    }

    /// The loss of the joint probability over all rows that tell whether all are positive.
    static func loss(
        _ names: [String],
        _ rows: LabelledRows,
        _ loss: Loss,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> TaskLoss.Values {
        let weights = try known(names, rows, in: &graph)
        let made = try loss.apply(
            output: try product(logits(names, rows), in: &graph),
            labels: try positive(names, rows, in: &graph),
            weights: weights,
            in: &graph
        )
        return TaskLoss.Values(
            loss: made.loss,
            weightSum: made.weightSum,
            rowWeights: weights
        )
    }
}
