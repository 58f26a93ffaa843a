/// Numbers in rows and columns on coloured ground, such as tasks by scenarios.
///
/// The ground tells a sign and a size, the number stands on it: nothing is told by colour alone.
public struct HeatMap: Plot, Hashable {
    /// A cell.
    public struct Cell: Hashable, Sendable {
        /// What is written; a dash where there is no value.
        public var text: String
        /// How strong the ground is, from -1 to 1; nil for none.
        public var shade: Double?
        /// The number in full, as in the JSON file.
        public var value: Double?
        /// Its place in the JSON file.
        public var pointer: String?

        /// Creates a cell.
        public init(
            _ text: String,
            shade: Double?,
            value: Double? = nil,
            from pointer: String? = nil
        ) {
            self.text = text
            self.shade = shade.flatMap { $0.isFinite ? min(max($0, -1), 1) : nil }
            self.value = value
            self.pointer = pointer
        }

        /// There is no value.
        public static let missing = Cell("\u{2013}", shade: nil)
    }

    /// What the ground's colours mean.
    public struct Ramp: Hashable, Sendable {
        /// What the strongest shade below 0 stands for; nil where there is none.
        public var low: String?
        /// What no shade stands for.
        public var middle: String
        /// What the strongest shade above 0 stands for.
        public var high: String

        /// Creates the words of a scale.
        public init(low: String? = nil, middle: String, high: String) {
            self.low = low
            self.middle = middle
            self.high = high
        }
    }

    /// What is drawn.
    public var title: String
    /// What is to be known beside it.
    public var remark: String?
    /// The JSON file the numbers come from.
    public var source: String?
    /// The names of the rows.
    public var rows: [String]
    /// The names of the columns.
    public var columns: [String]
    /// The cells, row by row.
    public var cells: [[Cell]]
    /// What the colours mean.
    public var ramp: Ramp
    /// For each row the place in the JSON file that pointers of its cells without a `/` in front start from; empty
    /// for none.
    public var rowPointers: [String?] = []

    /// Creates a map from cells.
    public init(
        _ title: String,
        rows: [String],
        columns: [String],
        cells: [[Cell]],
        ramp: Ramp,
        source: String? = nil,
        remark: String? = nil
    ) {
        self.title = title
        self.rows = rows
        self.columns = columns
        self.cells = cells
        self.ramp = ramp
        self.source = source
        self.remark = remark
    }

    /// Creates a map of numbers around 0, or from 0 up where none is below.
    ///
    /// - Parameters:
    ///   - title: what is drawn.
    ///   - rows: the names of the rows.
    ///   - columns: the names of the columns.
    ///   - values: the numbers, row by row; nil for none.
    ///   - reach: the size of the strongest shade; nil for the greatest among the numbers.
    ///   - remark: what is to be known beside it.
    ///   - text: how a number is written.
    public init(
        _ title: String,
        rows: [String],
        columns: [String],
        values: [[Double?]],
        reach: Double? = nil,
        remark: String? = nil,
        text: (Double) -> String
    ) {
        let known = values.flatMap { $0.compactMap { $0 } }.filter(\.isFinite)
        let greatest = reach ?? known.map(abs).max() ?? 1
        let isSigned = known.contains { $0 < 0 }
        self.init(
            title,
            rows: rows,
            columns: columns,
            cells: values.map { row in
                row.map { value in
                    guard let value, value.isFinite else { return .missing }
                    return Cell(
                        text(value),
                        shade: greatest > 0 ? value / greatest : 0,
                        value: value
                    )
                }
            },
            ramp: Ramp(
                low: isSigned ? text(-greatest) : nil,
                middle: text(0),
                high: text(greatest)
            ),
            remark: remark
        )
    }

    /// All cells, in words.
    public var summary: String {
        zip(rows, cells).map { row, cells in
            "\(row): "
                + zip(columns, cells).map { "\($0) \($1.text)" }.joined(separator: ", ")
        }
        .joined(separator: "; ") + "."
    }

    /// Draws the map.
    public func drawing() -> PlotDrawing {
        let rowNames = rows.map { Mark.shortened($0, to: 18) }
        let columnNames = columns.map { Mark.shortened($0, to: 13) }
        let left = 8 + (rowNames.map(Mark.width).max() ?? 0)
        let texts = columnNames + cells.flatMap { $0.map(\.text) }
        let cellWidth = max(44, 10 + (texts.map(Mark.width).max() ?? 0))
        let (cellHeight, top) = (26.0, 22.0)
        // A small map keeps the size of the other plots' letters.
        let width = max(360, left + cellWidth * Double(columns.count) + 2)
        // A tip says what the row and the column say; a large map does without.
        let hasTips = rows.count * columns.count <= 200
        var marks: [HTML] = []
        for (column, name) in columnNames.enumerated() {
            let middle = left + (Double(column) + 0.5) * cellWidth
            marks.append(named(Mark.text(name, middle, 14, "t m"), columns[column]))
        }
        for (row, name) in rowNames.enumerated() {
            let y = top + Double(row) * cellHeight
            marks.append(named(Mark.text(name, left - 6, y + 17, "e"), rows[row]))
            var shown: [HTML] = []
            for (column, cell) in cells[row].enumerated() where column < columns.count {
                let x = left + Double(column) * cellWidth
                let shade = cell.shade ?? 0
                shown.append(
                    Mark.cell(
                        x,
                        y,
                        cellWidth - 1,
                        cellHeight - 1,
                        shade == 0 ? "ze" : shade < 0 ? "lo" : "hi",
                        opacity: shade == 0 ? nil : abs(shade),
                        hasTips ? "\(rows[row]), \(columns[column]): \(cell.text)" : nil
                    )
                )
                shown.append(
                    Mark.text(
                        cell.text,
                        x + cellWidth / 2,
                        y + 17,
                        "m",
                        value: cell.value,
                        from: cell.pointer
                    )
                )
            }
            let pointer = row < rowPointers.count ? rowPointers[row] : nil
            marks.append(.element("g", ["data-at": pointer], shown))
        }
        return PlotDrawing(
            width: width,
            height: top + cellHeight * Double(rows.count) + 2,
            marks: .element("g", ["data-source": source], marks),
            legend: legend
        )
    }

    /// A name with its full text as a tip, where it was shortened.
    private func named(_ text: HTML, _ name: String) -> HTML {
        .element("g", [:], [.element("title", [:], [HTML(text: name)]), text])
    }

    private var legend: HTML {
        let words = [ramp.low, ramp.low == nil ? ramp.middle : nil].compactMap { $0 }
        let middle = ramp.low == nil ? [] : [ramp.middle]
        return .element(
            "p",
            ["class": "remark"],
            [
                HTML(text: words.joined() + " "),
                .element(
                    "span",
                    ["class": ramp.low == nil ? "ramp up" : "ramp", "aria-hidden": "true"]
                ),
                HTML(text: " " + ramp.high),
                HTML(text: middle.map { " (no colour: \($0))" }.joined()),
            ]
        )
    }
}
