extension TableSource {
    /// Finds out how text files are to be read from their first lines.
    ///
    /// - Parameter detects: what may be found out; the rest stays as it is.
    /// - Returns: the source with the options found, and a sentence for each of them.
    /// - Throws: `TableError` where a file is missing or its format unknown.
    func detected(_ detects: ProfileOptions.Detection) throws -> (TableSource, notes: [String]) {
        var files = try resolved()
        guard files.format == .csv else { return (self, []) }
        files.paths = [files.paths[0]]
        var source = self
        source.paths = files.paths
        var notes: [String] = []
        if detects.contains(.delimiter), csv.delimiter == nil,
            let delimiter = source.betterDelimiter()
        {
            source.csv.delimiter = delimiter
            let name = delimiter == "\t" ? "a tab" : "`\(delimiter)`"
            notes.append("The separator is \(name), found in the first line.")
        }
        if detects.contains(.header), csv.hasHeader, csv.columnNames == nil {
            if source.firstLineHoldsValues() {
                source.csv.hasHeader = false
                notes.append(
                    "The first line holds values, not names: columns are called column_1, column_2, "
                        + "... (`csv: { header: false }`)."
                )
            }
        }
        if detects.contains(.spaces), !csv.trimsSpaces, source.hasBlanks() {
            source.csv.trimsSpaces = true
            notes.append(
                "Blanks follow the separators; they are removed (`csv: { trim_spaces: true }`)."
            )
        }
        source.paths = paths
        return (source, notes)
    }

    /// Whether what should be names are values: numbers among them, or the same text twice.
    private func firstLineHoldsValues() -> Bool {
        var plain = self
        plain.csv.hasHeader = false
        // A mistake in a row is told when the rows are read in earnest.
        guard let first = (try? plain.firstRows(1))?.first else { return false }
        let texts = first.compactMap { $0 }
        let scans = texts.map { TextScan($0) }
        // Columns numbered by another program: 0, 1, 2, ...
        let numbers = scans.map(\.number)
        if numbers == (0..<texts.count).map(Double.init)
            || numbers == (1..<(texts.count + 1)).map(Double.init)
        {
            return texts.count == 1
        }
        return scans.contains { [.integer, .paddedInteger, .decimal, .time].contains($0.kind) }
    }

    /// A separator that parts the first line where the present one does not.
    private func betterDelimiter() -> Character? {
        var plain = self
        // A character no file holds, so that lines stay whole.
        plain.csv.delimiter = "\u{1}"
        plain.csv.quote = nil
        plain.csv.hasHeader = false
        guard !TableFormat.isTabSeparated(path: paths[0]),
            let line = (try? plain.firstRows(1))?.first?.first ?? nil, !line.contains(",")
        else { return nil }
        let counts = ([";", "\t", "|"] as [Character]).map { mark in
            (mark, count: line.count { $0 == mark })
        }
        guard let best = counts.max(by: { $0.count < $1.count }), best.count > 0 else { return nil }
        return best.0
    }

    /// Whether the values of most columns begin with a blank.
    private func hasBlanks() -> Bool {
        guard let rows = try? firstRows(200), let width = rows.first?.count, width > 1 else {
            return false
        }
        let padded = (1..<width).filter { column in
            let texts = rows.compactMap { $0[column] }
            return !texts.isEmpty && texts.count { $0.hasPrefix(" ") } * 20 >= texts.count * 19
        }
        return padded.count * 2 >= width - 1 && !padded.isEmpty
    }

    /// The first rows as texts.
    private func firstRows(_ count: Int) throws -> [[String?]] {
        let known = try peek(try resolved())
        let reader = try TableReader(
            self,
            columns: known.map { ColumnRequest($0.name, type: .string) },
            options: TableReadingOptions(blockBytes: 64 << 10, usesThreads: false)
        )
        guard let batch = try reader.next() else { return [] }
        return (0..<min(count, batch.rowCount)).map { row in
            batch.columns.map { $0.text(at: row) }
        }
    }
}
