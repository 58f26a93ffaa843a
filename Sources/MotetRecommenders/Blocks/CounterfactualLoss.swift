import MotetCore
import MotetGraph
import MotetNN

/// The loss of a task within another, corrected for which rows show its label (`ESCM2`).
struct CounterfactualLoss: Sendable {
    /// The tasks from the outermost to this one.
    let names: [String]
    /// The tower that imputes losses or labels, `[B, 1]`, for doubly robust estimates.
    let imputation: Value?
    let settings: ESCM2.Settings

    func append(
        _ rows: LabelledRows,
        _ loss: Loss,
        to graph: inout GraphBuilder
    ) throws(GraphError) -> TaskLoss.Values {
        let global = try EntireSpace.loss(names, rows, loss, in: &graph)
        let risk = try risk(rows, loss, in: &graph)
        let first = try graph.apply(Scale(settings.counterfactualWeight), risk)
        let second = try graph.apply(Scale(settings.globalWeight), global.loss)
        return TaskLoss.Values(
            loss: try graph.apply(Arithmetic(.add), first, second),
            weightSum: global.weightSum,
            rowWeights: global.rowWeights
        )
    }

    /// The estimate of the mean loss over all rows, had each shown its label.
    private func risk(
        _ rows: LabelledRows,
        _ loss: Loss,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let last = names.count - 1
        // Each given that the task before is positive.
        let logits = try EntireSpace.logits(names, rows)
        let parents = Array(names[..<last])
        let shown = try rows.weights(known: names[last], positive: parents, in: &graph)
        let weights = try inversePropensity(of: shown, Array(logits[..<last]), in: &graph)
        let label = try EntireSpace.positive(names, rows, in: &graph)
        guard let imputation else {
            return try loss.apply(
                output: logits[last],
                labels: label,
                weights: weights,
                in: &graph
            ).loss
        }
        let own = try crossEntropy(logits[last], label, in: &graph)
        let (imputed, taught) = try imputed(imputation, logits[last], in: &graph)
        // The squared error teaches the imputation only. Through `own` it would also teach the model to make its
        // losses predictable, which weighs positive labels up and pulls probabilities towards a half.
        let fixed = try graph.apply(StopGradient(), own)
        let error = try graph.apply(Arithmetic(.subtract), fixed, taught)
        let everyone = try EntireSpace.known(parents, rows, in: &graph)
        let zeros = try graph.apply(Scale(0), label)
        // Weighted means: those of losses, which are above 0, are means of absolute values.
        func mean(
            _ kind: PointwiseLossKind,
            _ value: Value,
            _ weights: Value
        ) throws(GraphError) -> Value {
            try graph.add(PointwiseLoss(kind), [value, zeros, weights])[0]
        }
        let base = try mean(.absoluteError, imputed, everyone)
        let ownMean = try mean(.absoluteError, own, weights)
        let imputedMean = try mean(.absoluteError, imputed, weights)
        let correction = try graph.apply(Arithmetic(.subtract), ownMean, imputedMean)
        let square = try mean(.squaredError, error, weights)
        return try graph.add(AddN(), [base, correction, square])[0]
    }

    /// The imputed losses `[B]`: as the estimate reads them, and as the imputation is taught by their squared error.
    ///
    /// An imputed label makes the prediction's loss of it; that teaches the prediction, and the square the label.
    private func imputed(
        _ imputation: Value,
        _ output: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> (read: Value, taught: Value) {
        let tower = try graph.apply(MotetGraph.Reshape([.batch]), imputation)
        guard settings.imputation == .label else {
            let loss = try graph.apply(MotetGraph.Activation(.softplus), tower)
            return (loss, loss)
        }
        let label = try graph.apply(MotetGraph.Activation(.sigmoid), tower)
        let read = try crossEntropy(
            output,
            try graph.apply(StopGradient(), label),
            in: &graph
        )
        let taught = try crossEntropy(
            try graph.apply(StopGradient(), output),
            label,
            in: &graph
        )
        return (read, taught)
    }

    /// `shown / max(p, floor)` with p the probability that all tasks before are positive, `[B]`.
    private func inversePropensity(
        of shown: Value,
        _ logits: [Value],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let joint = try EntireSpace.product(logits, in: &graph)
        let logit = try graph.apply(MotetGraph.Reshape([.batch]), joint)
        let propensity = try graph.apply(MotetGraph.Activation(.sigmoid), logit)
        let clipped = try graph.apply(
            Clip(minimum: settings.propensityFloor, maximum: 1),
            propensity
        )
        // Losses pass no gradient to their weights, so none reaches the propensity.
        return try graph.apply(Arithmetic(.divide), shown, clipped)
    }

    /// `softplus(x) - x y` for each row, `[B]`.
    private func crossEntropy(
        _ output: Value,
        _ label: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let logit = try graph.apply(MotetGraph.Reshape([.batch]), output)
        let soft = try graph.apply(MotetGraph.Activation(.softplus), logit)
        let product = try graph.apply(Arithmetic(.multiply), logit, label)
        return try graph.apply(Arithmetic(.subtract), soft, product)
    }
}
