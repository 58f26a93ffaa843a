import MotetTraining
import Testing

@Suite("Text table") struct TextTableTests {
    private func table() -> TextTable {
        var table = TextTable(["task", "scenario", "AUC"], alignments: [.left, .left])
        table.addRow(["click", "home", "0.8121"])
        table.addRow(["purchase", "検索"])
        table.addRule()
        table.addRow(["mean", "a|b", "1"])
        return table
    }

    @Test func columnsAreAlignedByDisplayedWidth() {
        let expected = """
            task      scenario     AUC
            --------  --------  ------
            click     home      0.8121
            purchase  検索
            --------  --------  ------
            mean      a|b            1

            """
        #expect(table().plain() == expected)
    }

    @Test func markdownEscapesBarsAndMarksNumbers() {
        let expected = #"""
            | task | scenario | AUC |
            |---|---|---:|
            | click | home | 0.8121 |
            | purchase | 検索 |  |
            | mean | a\|b | 1 |

            """#
        #expect(table().markdown() == expected)
    }

    @Test func lineBreaksInCellsDoNotBreakTheTable() {
        var table = TextTable(["name"])
        table.addRow(["two\nlines"])
        #expect(table.plain() == "name\n---------\ntwo lines\n")
    }

    @Test func textIsCutToTheWidthAndNumbersAreNot() {
        var table = TextTable(["reason", "rows"])
        table.addRow(["AUC needs both classes; received 2 positives", "123456"])
        let lines = table.plain(width: 30).split(separator: "\n")
        #expect(lines.last == "AUC needs both classe…  123456")
        #expect(table.plain(width: 5).contains("AUC nee…  123456"))
        #expect(table.plain(width: 200) == table.plain())
    }

    @Test func anEmptyTableHasItsTitles() {
        #expect(TextTable(["a", "bc"]).plain() == "a  bc\n-  --\n")
    }
}
