extension FittedSchema {
    /// The same vocabularies and statistics for files that have labels of other tasks, and no split.
    ///
    /// - Parameter labels: what the files say of each row; those with classes list them, for nothing is
    ///   learnt of them.
    /// - Returns: what the files are prepared with.
    public func with(labels: [LabelSpecification]) -> FittedSchema {
        var fitted = self
        fitted.schema.labels = labels
        fitted.schema.split = .given
        fitted.classes = [:]
        for label in labels {
            guard case .multiclass(let classes) = label.kind else { continue }
            fitted.classes[label.name] = classes ?? self.classes[label.name] ?? []
        }
        return fitted
    }
}
