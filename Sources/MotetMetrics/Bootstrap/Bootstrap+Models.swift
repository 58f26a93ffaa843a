extension Bootstrap {
    /// A metric of several models in each resample of the rows they share.
    ///
    /// Every resample gives each row one count, the same for all models, so that values of one
    /// resample may be subtracted from each other.
    ///
    /// - Parameters:
    ///   - metric: the metric.
    ///   - models: the predictions of each model, with equal labels, weights and groups.
    /// - Returns: for each model one value for each resample; NaN where the metric is undefined. Empty
    ///   lists when groups are to be resampled and there are none.
    /// - Throws: `metric_columns` if labels, weights or groups differ.
    public func resamples(
        of metric: Metric,
        _ models: [Observations]
    ) throws(MetricError) -> [[Double]] {
        guard let first = models.first else { return [] }
        for (index, other) in models.enumerated() where !first.hasSameRows(as: other) {
            throw .columns(
                "paired bootstrap: the models were not measured on the same rows; expected equal "
                    + "labels, weights and groups in the same order; received \(first.count) rows of "
                    + "the first model and \(other.count) of model \(index + 1)."
            )
        }
        guard unit == .rows || first.groups != nil else { return models.map { _ in [] } }
        var prepared: [(any PreparedMetric)?] = []
        for model in models { prepared.append(try? metric.prepare(model)) }
        var values = [[Double]](repeating: [], count: models.count)
        forEachResample(of: first) { counts in
            for (index, model) in prepared.enumerated() {
                values[index].append((try? model?.measure(counts).value) ?? .nan)
            }
        }
        return values
    }
}
