public import MotetData
public import MotetTraining

extension TableProfile {
    /// The columns as a table: type, what they seem to be for, missing and different values.
    public func columnTable() -> TextTable {
        var table = TextTable(
            ["column", "type", "looks like", "missing", "different", "values"],
            alignments: [.left, .left, .left, .right, .right, .left]
        )
        for column in columns {
            table.addRow([
                column.name, column.type, column.meaningText, column.missingText,
                column.distinctText, column.valuesText,
            ])
        }
        return table
    }

    /// The numbers and times as a table of quantiles; nil where there are none.
    public func spreadTable() -> TextTable? {
        let shown = columns.filter { column in
            [.numeric, .time, .weight].contains(column.guess.meaning)
                || (column.guess.meaning == .label && column.guess.label?.positive != nil)
        }
        let rows = shown.compactMap { column in column.spread.map { cells(column.name, column, $0) }
        }
        let lengths = columns.compactMap { column in
            column.lengths.map { cells("\(column.name), values a row", nil, $0) }
        }
        guard !(rows + lengths).isEmpty else { return nil }
        var table = TextTable([
            "column", "least", "5 %", "25 %", "median", "75 %", "95 %", "greatest",
        ])
        for row in rows + lengths { table.addRow(row) }
        return table
    }

    private func cells(
        _ name: String,
        _ column: ColumnProfile?,
        _ spread: ColumnProfile.Spread
    ) -> [String] {
        func text(_ number: Double) -> String {
            column?.spelled(number) ?? NumberText.fixed(number, digits: 0)
        }
        let mark = spread.isExact ? "" : "~"
        return [name, text(spread.minimum)] + spread.quantiles.map { mark + text($0) }
            + [text(spread.maximum)]
    }
}
