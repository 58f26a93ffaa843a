/// Rows of text in aligned columns; columns of numbers to the right.
struct TextTable: CustomStringConvertible {
    let header: [String]
    let rows: [[String]]

    init(_ header: [String], _ rows: [[String]]) {
        self.header = header
        self.rows = rows
    }

    var description: String {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        let numeric = header.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { isNumber($0[column]) }
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - cells[column].count)
                return numeric[column] ? gap + cells[column] : cells[column] + gap
            }
            var text = padded.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([header, rule] + rows).map(line).joined()
    }

    private func isNumber(_ text: String) -> Bool {
        text.isEmpty || text == "-" || text.allSatisfy { "0123456789.,-+%e".contains($0) }
    }
}
