extension Observations {
    /// The rows with the given numbers, in that order.
    ///
    /// - Parameter rows: row numbers of `labels`, from 0; a row may come more than once.
    /// - Returns: observations of these rows, with nothing counted as left out.
    public func subset(_ rows: [Int]) -> Observations {
        var part = self
        part.labels = Self.gather(labels, form.labelWidth, rows)
        part.predictions = Self.gather(predictions, form.predictionWidth, rows)
        part.weights = weights.map { column in rows.map { column[$0] } }
        part.groups = groups.map { column in rows.map { column[$0] } }
        part.scenarios = scenarios.map { column in rows.map { column[$0] } }
        part.rowsLeftOut = 0
        return part
    }

    private static func gather(_ column: [Float], _ width: Int, _ rows: [Int]) -> [Float] {
        if width == 1 { return rows.map { column[$0] } }
        var gathered: [Float] = []
        gathered.reserveCapacity(rows.count * width)
        for row in rows { gathered += column[row * width..<(row + 1) * width] }
        return gathered
    }

    /// The rows of each scenario `0 ..< count`; rows of other scenarios are in none of them.
    ///
    /// - Parameter count: the number of scenarios.
    /// - Returns: one part for each scenario, rows in their order; empty parts without the column.
    public func split(scenarios count: Int) -> [Observations] {
        var rows = [[Int]](repeating: [], count: count)
        for (row, scenario) in (scenarios ?? []).enumerated()
        where scenario >= 0 && Int(scenario) < count {
            rows[Int(scenario)].append(row)
        }
        return rows.map(subset)
    }

    /// The same rows with other predictions, to compare two models.
    ///
    /// - Parameter predictions: those of each row that counts, row by row.
    /// - Returns: observations that differ in the predictions only.
    /// - Throws: `metric_columns` if the lengths differ.
    public func replacing(predictions: [Float]) throws(MetricError) -> Observations {
        try Self.checkLength("predictions", predictions.count, count, form.predictionWidth)
        var other = self
        other.predictions = predictions
        return other
    }
}
