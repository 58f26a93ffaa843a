/// A table with headings, alignments and rows in groups.
///
/// On a narrow screen it scrolls inside a box of its own, so the page never does.
public struct ReportTable: Hashable, Sendable {
    /// Where the contents of a column stand.
    public enum Alignment: Hashable, Sendable {
        /// For text.
        case left
        /// For numbers.
        case right
    }

    /// A column.
    public struct Column: Hashable, Sendable {
        /// Its heading.
        public var title: String
        /// Where its contents stand.
        public var alignment: Alignment

        /// Creates a column.
        public init(_ title: String, _ alignment: Alignment = .right) {
            self.title = title
            self.alignment = alignment
        }

        /// A column of text.
        public static func text(_ title: String) -> Column { Column(title, .left) }
    }

    /// A row; its first cell is its heading.
    public struct Row: Hashable, Sendable {
        /// The cells, one for each column.
        public var cells: [ReportCell]
        /// The place in the JSON file that pointers of its cells without a `/` in front start from.
        public var pointer: String?
        /// Whether a new group of rows begins here.
        public var beginsGroup: Bool

        /// Creates a row.
        public init(_ cells: [ReportCell], at pointer: String? = nil, beginsGroup: Bool = false) {
            self.cells = cells
            self.pointer = pointer
            self.beginsGroup = beginsGroup
        }
    }

    /// What the table shows.
    public var caption: String
    /// The JSON file its numbers come from; for a `.jsonl` the first part of a pointer is the line, from 0.
    public var source: String?
    /// The columns.
    public var columns: [Column]
    /// The rows.
    public var rows: [Row]

    /// Creates a table.
    ///
    /// - Parameters:
    ///   - caption: what it shows, as a sentence without an end.
    ///   - source: the JSON file its numbers come from, beside the page.
    ///   - columns: the columns; the first is that of the rows' headings.
    ///   - rows: the rows.
    public init(
        _ caption: String,
        source: String? = nil,
        columns: [Column],
        rows: [Row] = []
    ) {
        self.caption = caption
        self.source = source
        self.columns = columns
        self.rows = rows
    }

    /// The table as HTML, in its box.
    var html: HTML {
        let head = columns.map { column in
            HTML.element(
                "th",
                ["scope": "col", "class": column.alignment == .right ? "n" : nil],
                [HTML(text: column.title)]
            )
        }
        let table = HTML.element(
            "table",
            ["data-source": source],
            [
                .element("caption", [:], [HTML(text: caption)]),
                .element("thead", [:], [.element("tr", [:], head)]),
                .element("tbody", [:], rows.map(html)),
            ]
        )
        return .element(
            "div",
            ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
            [table]
        )
    }

    private func html(_ row: Row) -> HTML {
        precondition(
            row.cells.count == columns.count,
            "ReportTable \"\(caption)\": a row has \(row.cells.count) cells for \(columns.count) columns."
        )
        let cells = zip(columns, row.cells).enumerated().map { index, pair in
            let (column, cell) = pair
            var classes = column.alignment == .right ? ["n"] : []
            if cell.tone != .plain { classes.append(cell.tone.rawValue) }
            let style = classes.isEmpty ? nil : classes.joined(separator: " ")
            return index == 0
                ? HTML.element("th", ["scope": "row", "class": style], [cell.content])
                : HTML.element("td", ["class": style], [cell.content])
        }
        return .element(
            "tr",
            ["data-at": row.pointer, "class": row.beginsGroup ? "group" : nil],
            cells
        )
    }
}
