import MotetTraining
import Testing

@Suite("Text width") struct TextWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("Zoë", 3), ("e\u{301}", 1), ("日本", 4), ("ｱ", 1), ("Ａ", 2), ("한국", 4),
        ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧", 2), ("🇫🇷", 2), ("✔", 1), ("❤️", 2), ("\u{200B}", 0), ("\t", 0),
        ("…", 1),
    ])
    func columnsAreThoseOfATerminal(text: String, expected: Int) {
        #expect(TextWidth.columns(text) == expected)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
        ("abc", 1, "…"), ("abc", 0, ""),
    ])
    func cutTextFits(text: String, width: Int, expected: String) {
        let cut = TextWidth.truncated(text, to: width)
        #expect(cut == expected)
        #expect(TextWidth.columns(cut) <= width)
    }

    @Test(arguments: [
        (0.0, "0"), (999, "999"), (999.6, "1.00k"), (1234, "1.23k"), (45_100, "45.1k"),
        (99_960, "100k"), (999_600, "1.00M"), (2_700_000, "2.70M"), (3.19e8, "319M"),
        (5e12, "5.00T"),
    ])
    func countsHaveThreeDigits(count: Double, expected: String) {
        #expect(NumberText.compact(count) == expected)
    }

    @Test(arguments: [
        (0, "0:00"), (7, "0:07"), (750, "12:30"), (3723, "1:02:03"), (183_600, "2 d 3:00:00"),
        (-5, "0:00"),
    ])
    func timesReadLikeAClock(seconds: Int, expected: String) {
        #expect(NumberText.time(.seconds(seconds)) == expected)
    }

    @Test(arguments: [
        (0.0, "0.0000"), (0.12345, "0.1235"), (0.0004, "4.000e-04"), (-2.5, "-2.5000"),
        (123_456, "1.235e+05"), (.nan, "nan"), (.infinity, "inf"),
    ])
    func lossesShowFourDigits(value: Double, expected: String) {
        #expect(NumberText.loss(value) == expected)
    }
}
