/// A table of text for a terminal or a Markdown page.
///
/// ```
/// task   scenario   AUC
/// -----  --------  -----
/// click  home      0.812
/// ```
public struct TextTable: Sendable {
    /// The side a column's cells stand at.
    public enum Alignment: Hashable, Sendable {
        /// Text.
        case left
        /// Numbers.
        case right
    }

    private enum Line: Hashable, Sendable {
        case cells([String])
        case rule
    }

    private let titles: [String]
    private let alignments: [Alignment]
    private var lines: [Line] = []

    /// Narrower than this a column of text is not cut.
    private static let minimumCutWidth = 8
    private static let gap = "  "

    /// Creates a table without rows.
    ///
    /// - Parameters:
    ///   - titles: the titles of the columns.
    ///   - alignments: the side of each column; columns beyond the last are aligned right.
    public init(_ titles: [String], alignments: [Alignment] = [.left]) {
        self.titles = titles.map(Self.oneLine)
        self.alignments = titles.indices.map { $0 < alignments.count ? alignments[$0] : .right }
    }

    /// Adds a row; missing cells are empty, and there must not be more cells than columns.
    public mutating func addRow(_ cells: [String]) {
        precondition(
            cells.count <= titles.count,
            "a table of \(titles.count) columns received a row of \(cells.count) cells"
        )
        let missing = [String](repeating: "", count: titles.count - cells.count)
        lines.append(.cells(cells.map(Self.oneLine) + missing))
    }

    /// Adds a rule between groups of rows; Markdown shows none.
    public mutating func addRule() { lines.append(.rule) }

    /// The table with aligned columns, each line ended by a line break.
    ///
    /// - Parameter width: the columns of the terminal; if the table is wider, its widest columns of
    ///   text are cut with `…`. Numbers are never cut. Nil means any width.
    /// - Returns: the lines of the table.
    public func plain(width: Int? = nil) -> String {
        let widths = fitted(naturalWidths, to: width)
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: Self.gap)
        var text = line(titles, widths) + "\n" + rule + "\n"
        for entry in lines {
            switch entry {
            case .cells(let cells): text += line(cells, widths) + "\n"
            case .rule: text += rule + "\n"
            }
        }
        return text
    }

    /// The table as GitHub-flavoured Markdown, each line ended by a line break.
    public func markdown() -> String {
        func row(_ cells: [String]) -> String {
            "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        let marks = alignments.map { $0 == .left ? "---" : "---:" }
        var text = row(titles) + "|" + marks.joined(separator: "|") + "|\n"
        for case .cells(let cells) in lines { text += row(cells) }
        return text
    }

    private var naturalWidths: [Int] {
        titles.indices.map { column in
            lines.reduce(TextWidth.columns(titles[column])) { widest, line in
                guard case .cells(let cells) = line else { return widest }
                return max(widest, TextWidth.columns(cells[column]))
            }
        }
    }

    private func fitted(_ natural: [Int], to width: Int?) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
        while excess > 0 {
            let text = widths.indices.filter {
                alignments[$0] == .left && widths[$0] > Self.minimumCutWidth
            }
            guard let widest = text.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = cells.indices.map { column in
            TextWidth.padded(
                TextWidth.truncated(cells[column], to: widths[column]),
                to: widths[column],
                right: alignments[column] == .right
            )
        }
        let line = padded.joined(separator: Self.gap)
        let end = line.lastIndex { $0 != " " }
        return end.map { String(line[...$0]) } ?? ""
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
