import Foundation
import MotetMetrics
import MotetTraining

extension Explanation {
    /// A part of the explanation: a title, a sentence, a table.
    struct Section {
        var title: String
        var lines: [String]
        var table: TextTable?
    }

    /// The explanation for a terminal: what matters most of each part, within 100 columns.
    ///
    /// - Returns: lines that end with a line break.
    public func plain() -> String {
        var text =
            "\(run): \(architecture), \(tasks.joined(separator: ", ")), on \(rows) \(part) rows\n"
        for section in sections(limit: 8) {
            text += "\n\(section.title)\n"
            for line in section.lines { text += Self.wrapped(line) }
            if let table = section.table { text += table.plain(width: 100) }
        }
        return text
    }

    /// The whole explanation as a page.
    ///
    /// - Returns: GitHub-flavoured Markdown.
    public func markdown() -> String {
        var text = "# Explanation of \(run)\n\n"
        text +=
            "\(architecture), tasks \(tasks.joined(separator: ", ")), on \(rows) \(part) rows.\n"
        for section in sections(limit: .max) {
            text += "\n## \(section.title)\n"
            for line in section.lines { text += "\n\(line)\n" }
            if let table = section.table { text += "\n" + table.markdown() }
        }
        return text
    }

    private func sections(limit: Int) -> [Section] {
        var sections = [recommendationSection()]
        if let conflicts { sections.append(conflictSection(conflicts, limit)) }
        sections += transfer.map { transferSection($0, limit) }
        sections += experts.map(expertSection)
        if tasks.count > 1 { sections.append(balanceSection()) }
        if !calibration.isEmpty { sections.append(calibrationSection(limit)) }
        if !importance.isEmpty { sections.append(importanceSection(limit)) }
        if !notes.isEmpty { sections.append(Section(title: "Notes", lines: notes)) }
        return sections
    }

    private func recommendationSection() -> Section {
        let lines = recommendations.enumerated().map { "\($0 + 1). \($1.sentence)" }
        return Section(
            title: "What to try",
            lines: lines.isEmpty
                ? ["Nothing measured crosses a threshold of docs/explain.md."] : lines
        )
    }

    /// A line broken at spaces before column 100; what follows a number at its beginning is indented.
    static func wrapped(_ line: String, columns: Int = 100) -> String {
        let indent = line.first?.isNumber == true ? "   " : ""
        var text = ""
        var width = 0
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            if width > 0, width + 1 + word.count > columns {
                text += "\n" + indent
                width = indent.count
            } else if width > 0 {
                text += " "
                width += 1
            }
            text += word
            width += word.count
        }
        return text + "\n"
    }
}
