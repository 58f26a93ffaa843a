extension Observations {
    /// Refuses to go on without rows, with rows of another kind than a number beside a number, or with
    /// predictions or labels that are not finite.
    func requireRows(for metric: String) throws(MetricError) {
        try requireRows(of: .numbers, for: metric)
        try requireFinite(for: metric)
    }

    /// Refuses to go on without rows or with rows of another kind.
    func requireRows(of kind: RowForm.Kind, for metric: String) throws(MetricError) {
        guard form.kind == kind else {
            throw .undefined(
                "\(metric) needs rows of \(kind.phrase); received \(form.kind.phrase)"
            )
        }
        guard count > 0 else {
            let dropped = rowsLeftOut == 0 ? "" : "; \(rowsLeftOut) left out"
            throw .undefined("\(metric) needs rows; received none\(dropped)")
        }
    }

    /// Refuses predictions and labels that are not finite.
    func requireFinite(for metric: String) throws(MetricError) {
        if let row = predictions.firstIndex(where: { !$0.isFinite }) {
            throw .undefined("\(metric) needs finite predictions; received \(predictions[row])")
        }
        if let row = labels.firstIndex(where: { !$0.isFinite }) {
            throw .undefined("\(metric) needs finite labels; received \(labels[row])")
        }
    }

    /// Refuses labels other than 0 and 1.
    func requireBinaryLabels(for metric: String) throws(MetricError) {
        try requireRows(for: metric)
        guard let row = labels.firstIndex(where: { $0 != 0 && $0 != 1 }) else { return }
        throw .undefined("\(metric) needs labels 0 and 1; received \(labels[row])")
    }

    /// Refuses predictions that are not probabilities.
    func requireProbabilities(for metric: String) throws(MetricError) {
        guard let row = predictions.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) else { return }
        throw .undefined(
            "\(metric) needs probabilities from 0 to 1; received \(predictions[row])"
        )
    }

    /// The weight of a row; 1 without a column.
    func weight(_ row: Int) -> Float { weights?[row] ?? 1 }

    /// The error of a ranking metric on one class: how many rows there are of which class.
    func oneClass(for metric: String) -> MetricError {
        let positives = labels.count { $0 == 1 }
        let (number, name) =
            positives > 0 ? (positives, "positive") : (count - positives, "negative")
        let plural = number == 1 ? "" : "s"
        return .undefined("\(metric) needs both classes; received \(number) \(name)\(plural)")
    }
}
