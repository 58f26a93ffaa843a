extension RawData {
    /// Learns the limits of the outlier rules from the training rows, each after those before it.
    func fitAndApplyOutliers() throws -> [FittedSchema.OutlierBounds] {
        var bounds: [FittedSchema.OutlierBounds] = []
        for case .outliers(let column, let limits, let action) in schema.cleaning {
            let rule = CleaningRule.outliers(column: column, limits, action: action)
            let learnt = try outlierBounds(column, limits, rule.title)
            apply(learnt, to: column, action, rule)
            bounds.append(learnt)
        }
        return bounds
    }

    /// Applies limits learnt before.
    func applyOutliers(_ bounds: [FittedSchema.OutlierBounds]) {
        var rest = bounds[...]
        for case .outliers(let column, let limits, let action) in schema.cleaning {
            guard let learnt = rest.popFirst() else { return }
            let rule = CleaningRule.outliers(column: column, limits, action: action)
            apply(learnt, to: column, action, rule)
        }
    }

    private func outlierBounds(
        _ column: String,
        _ limits: CleaningRule.OutlierLimits,
        _ rule: String
    ) throws -> FittedSchema.OutlierBounds {
        guard let training = try selection(.training) else { throw PreparationError.noTrainingRows }
        let gathered = try gatherNumbers(column, training, spare: false)
        let numbers = UnsafeBufferPointer(rebasing: gathered.array.elements[0..<gathered.present])
        guard !numbers.isEmpty else {
            throw PreparationError(
                "no_values",
                "cleaning rule \"\(rule)\": column \"\(column)\" holds no number in the training "
                    + "rows; expected at least one; received \(gathered.missing) missing."
            )
        }
        switch limits {
        case .quantiles(let lower, let upper):
            let found = OrderStatistics.quantiles([lower, upper], of: numbers)
            return .init(lower: found[0], upper: found[1])
        case .interquartile(let factor):
            let quartiles = OrderStatistics.quantiles([0.25, 0.75], of: numbers)
            let range = quartiles[1] - quartiles[0]
            return .init(
                lower: quartiles[0] - factor * range,
                upper: quartiles[1] + factor * range
            )
        }
    }

    private func apply(
        _ bounds: FittedSchema.OutlierBounds,
        to column: String,
        _ action: CleaningRule.OutlierAction,
        _ rule: CleaningRule
    ) {
        for source in sources {
            guard let numbers = source.table.doubles(.number(column: column)) else { continue }
            if action == .drop {
                guard dropsRows else { continue }
                drop(rule.title, in: source) {
                    numbers[$0] < bounds.lower || numbers[$0] > bounds.upper
                }
                continue
            }
            var changed = PartCounts()
            for row in numbers.indices {
                let value = numbers[row]
                guard value < bounds.lower || value > bounds.upper,
                    let part = DataPart(mark: source.marks[row])
                else { continue }
                numbers[row] = value < bounds.lower ? bounds.lower : bounds.upper
                changed[part] += 1
            }
            record(rule, in: source, changed: changed)
        }
    }
}
