public import MotetData

extension FittedSchema {
    /// Rows that the schema accepts: a number where one must be, a scenario, nothing else.
    ///
    /// - Parameter count: the number of rows.
    /// - Returns: the rows, all alike.
    public func acceptedRows(_ count: Int) -> RawRows {
        var columns: [String: RawRows.Column] = [:]
        for feature in schema.features where feature.missing == .error {
            let numeric = feature.kind == .numeric
            if columns[feature.column] == nil || numeric {
                columns[feature.column] = .same(
                    // 1 has a logarithm.
                    numeric ? .integer(1) : feature.kind == .sequence ? .list([]) : .text("?")
                )
            }
        }
        if let scenario = schema.scenario, let first = scenarios.first {
            columns[scenario.column] = .same(.text(first))
        }
        return RawRows(count: count, columns: columns)
    }
}
