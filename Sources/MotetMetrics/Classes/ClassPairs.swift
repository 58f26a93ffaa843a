/// The right class of a row or token beside the predicted one.
struct ClassPair: Sendable {
    var row: Int32
    var label: Int32
    var predicted: Int32
}

extension Observations {
    /// The decisions of rows that choose between classes: one for each row, or for each token of rows
    /// of tags.
    ///
    /// - Parameter metric: how sentences call the metric.
    /// - Returns: the pairs, in the order of rows.
    /// - Throws: `undefined_metric` where there are no rows, or a value is no class.
    func classPairs(for metric: String) throws(MetricError) -> [ClassPair] {
        switch form.kind {
        case .numbers: try requireBinaryLabels(for: metric)
        case .classes, .tags: try requireRows(of: form.kind, for: metric)
        case .boxes, .detections: try requireRows(of: .classes, for: metric)
        }
        switch form.kind {
        case .tags: return try tagPairs(for: metric)
        case .classes: return try scoredPairs(for: metric)
        default:
            return labels.indices.map { row in
                ClassPair(
                    row: Int32(row),
                    label: Int32(labels[row]),
                    predicted: predictions[row] >= 0.5 ? 1 : 0
                )
            }
        }
    }

    /// Refuses class labels that are no whole numbers from 0, and scores that are not finite.
    func requireClasses(for metric: String) throws(MetricError) {
        try requireRows(of: .classes, for: metric)
        try requireFinite(for: metric)
        let count = Float(form.predictionWidth)
        guard let row = labels.firstIndex(where: { !isClass($0) || $0 >= count }) else { return }
        throw .undefined(
            "\(metric) needs classes from 0 to \(form.predictionWidth - 1); received \(labels[row])"
        )
    }

    private func scoredPairs(for metric: String) throws(MetricError) -> [ClassPair] {
        try requireClasses(for: metric)
        let width = form.predictionWidth
        return labels.indices.map { row in
            var best = 0
            for index in 1..<max(width, 1)
            where predictions[row * width + index] > predictions[row * width + best] {
                best = index
            }
            return ClassPair(row: Int32(row), label: Int32(labels[row]), predicted: Int32(best))
        }
    }

    private func tagPairs(for metric: String) throws(MetricError) -> [ClassPair] {
        var pairs: [ClassPair] = []
        for row in 0..<count {
            for index in row * form.labelWidth..<(row + 1) * form.labelWidth
            where labels[index] >= 0 {
                guard isClass(labels[index]), isClass(predictions[index]) else {
                    let value = isClass(labels[index]) ? predictions[index] : labels[index]
                    throw .undefined("\(metric) needs tag numbers from 0; received \(value)")
                }
                pairs.append(
                    ClassPair(
                        row: Int32(row),
                        label: Int32(labels[index]),
                        predicted: Int32(predictions[index])
                    )
                )
            }
        }
        return pairs
    }

    /// Whether a number can be that of a class or tag; a table of counts has room for 65,536.
    private func isClass(_ value: Float) -> Bool {
        value >= 0 && value < 65_536 && value == value.rounded(.towardZero)
    }
}
