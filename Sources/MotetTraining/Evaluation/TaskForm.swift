import MotetCore
import MotetGraph
import MotetMetrics
import MotetNN

/// How a task's output and labels become rows of observations.
struct TaskForm {
    /// What a row of observations holds.
    let form: RowForm
    /// The rows of observations that a row of data makes: the steps of a sequence of numbers, else 1.
    let rowsPerRow: Int
    /// The scores of an element, of which the greatest is the prediction; 1 where it is the number.
    let scores: Int

    init(_ loss: Loss, output: Shape) {
        let labels = loss.labelShape(for: output)
        let steps = labels.rank > 1 ? labels.last.fixedSize ?? 1 : 1
        let classes = output.rank > 1 ? output.last.fixedSize ?? 1 : 1
        if loss.labelWidth == RowForm.boxes.labelWidth {
            form = .boxes
            (rowsPerRow, scores) = (1, 1)
        } else if loss.isCategorical {
            form = labels.rank > 1 ? .tags(steps) : .classes(classes)
            (rowsPerRow, scores) = (1, classes)
        } else {
            form = .numbers
            (rowsPerRow, scores) = (steps, 1)
        }
    }

    /// The labels of a row of data.
    var labelsPerRow: Int { rowsPerRow * form.labelWidth }
    /// The outputs of a row of data.
    var outputsPerRow: Int {
        switch form.kind {
        case .tags: form.labelWidth * scores
        default: rowsPerRow * form.predictionWidth
        }
    }
}

/// The observations of a task while batches come in, in the order of the data.
///
/// In that order two models are measured on the same rows, whatever order batches come in; NaN labels
/// mark rows the task is not defined on.
struct CollectedRows {
    private let form: TaskForm
    private var labels: [Float]
    private var predictions: [Float]
    private var weights: [Float]?
    private var groups: [Int32]?
    private var scenarios: [Int32]?

    /// What stands beside a row's labels.
    struct Row {
        var weight: Float?
        var group: Int32?
        var scenario: Int32?
    }

    init(_ form: TaskForm, rows: Int, like row: Row) {
        self.form = form
        let count = rows * form.rowsPerRow
        labels = [Float](repeating: .nan, count: count * form.form.labelWidth)
        predictions = [Float](repeating: 0, count: count * form.form.predictionWidth)
        weights = row.weight.map { _ in [Float](repeating: 0, count: count) }
        groups = row.group.map { _ in [Int32](repeating: 0, count: count) }
        scenarios = row.scenario.map { _ in [Int32](repeating: 0, count: count) }
    }

    /// Adds one row of data.
    ///
    /// - Parameters:
    ///   - place: the row's number.
    ///   - given: its labels.
    ///   - mask: which of them are steps that count; nil for all.
    ///   - outputs: the model's outputs for it.
    ///   - row: what stands beside them.
    mutating func add(
        _ place: Int,
        labels given: UnsafePointer<Float>,
        mask: UnsafePointer<Float>?,
        outputs: UnsafePointer<Float>,
        _ row: Row
    ) {
        let (labelWidth, predictionWidth) = (form.form.labelWidth, form.form.predictionWidth)
        for part in 0..<form.rowsPerRow {
            let target = place * form.rowsPerRow + part
            for element in 0..<labelWidth {
                let source = part * labelWidth + element
                let isStep = mask.map { $0[source] != 0 } ?? true
                labels[target * labelWidth + element] = isStep ? given[source] : .nan
            }
            for element in 0..<predictionWidth {
                let source = part * predictionWidth + element
                predictions[target * predictionWidth + element] =
                    form.form.kind == .tags
                    ? CollectedRows.greatest(outputs + source * form.scores, form.scores)
                    : outputs[source]
            }
            if let weight = row.weight { weights?[target] = weight }
            if let group = row.group { groups?[target] = group }
            if let scenario = row.scenario { scenarios?[target] = scenario }
        }
    }

    /// The number of the greatest score; the first of equal ones.
    private static func greatest(_ scores: UnsafePointer<Float>, _ count: Int) -> Float {
        var best = 0
        for index in 1..<max(count, 1) where scores[index] > scores[best] { best = index }
        return Float(best)
    }

    func observations() throws -> Observations {
        try Observations(
            form.form,
            labels: labels,
            predictions: predictions,
            weights: weights,
            groups: groups,
            scenarios: scenarios
        )
    }
}
