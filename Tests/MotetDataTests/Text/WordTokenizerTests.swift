import Foundation
import Testing

@testable import MotetData

/// Texts cut by an independent program, from `Tests/Goldens/text/words.json`.
private struct WordGolden: Decodable, Sendable {
    struct Case: Decodable, Sendable, CustomStringConvertible {
        let text: String
        let tokens: [String]

        var description: String { text.prefix(30).debugDescription }
    }

    let cases: [Case]

    static let read: WordGolden? = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        guard let data = try? Data(contentsOf: tests.appending(path: "Goldens/text/words.json"))
        else { return nil }
        return try? JSONDecoder().decode(WordGolden.self, from: data)
    }()
}

/// The classes of characters, from `Tests/Goldens/text/word_classes.json`.
private struct WordRanges: Decodable {
    let ranges: [String]

    static let read: WordRanges? = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "Goldens/text/word_classes.json")
        guard let data = try? Data(contentsOf: file) else { return nil }
        return try? JSONDecoder().decode(WordRanges.self, from: data)
    }()
}

@Suite("Words") struct WordTokenizerTests {
    private static let golden = WordGolden.read
    private let asWritten = WordTokenizer(isLowercased: false, form: .asWritten)

    @Test(arguments: golden?.cases ?? [])
    private func textsAreCutAsTheReferenceDoes(item: WordGolden.Case) {
        let tokens = asWritten.tokens(item.text)
        // Bytes are compared: Swift takes canonically equal texts for equal.
        #expect(tokens.map { Array($0.utf8) } == item.tokens.map { Array($0.utf8) }, "\(tokens)")
    }

    @Test func everyCaseIsThere() { #expect(Self.golden?.cases.count == 1877) }

    private static let classes: [Substring: WordClass] = [
        "CR": .carriageReturn, "LF": .lineFeed, "Newline": .newline, "Extend": .extend,
        "ZWJ": .joiner, "Format": .format, "Regional_Indicator": .region, "Katakana": .katakana,
        "Hebrew_Letter": .hebrew, "ALetter": .letter, "Single_Quote": .singleQuote,
        "Double_Quote": .doubleQuote, "MidNumLet": .middle, "MidLetter": .middleOfLetters,
        "MidNum": .middleOfNumbers, "Numeric": .number, "ExtendNumLet": .connector,
        "WSegSpace": .space,
    ]

    /// Every character of Unicode 15.0 has the class its table gives it.
    @Test func classesAreThoseOfUnicode() throws {
        var expected: [UInt32: WordClass] = [:]
        var pictures = Set<UInt32>()
        for range in try #require(WordRanges.read).ranges {
            let fields = range.split(separator: " ")
            let first = try #require(UInt32(fields[0], radix: 16))
            let last = try #require(UInt32(fields[1], radix: 16))
            if fields[2] == "Extended_Pictographic" {
                pictures.formUnion(first...last)
            } else {
                let named = try #require(Self.classes[fields[2]])
                for value in first...last { expected[value] = named }
            }
        }
        var (characters, others) = (0, 0)
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age,
                age.major < 15 || (age.major == 15 && age.minor == 0)
            else { continue }
            characters += 1
            let isRight =
                WordClass(scalar) == expected[value] ?? .other
                && scalar.isPictographic == pictures.contains(value)
            others += isRight ? 0 : 1
        }
        #expect(characters == 286_785 && others == 0)
    }

    @Test func theComparisonFindsAPlantedFault() {
        // The reference's parts of a text with a hyphen are not those between spaces.
        let item = Self.golden?.cases.first { $0.text.contains("touch-pad") }
        #expect(item?.tokens != item?.text.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("Can't WAIT", ["can't", "wait"]), ("CAFE\u{301}", ["caf\u{E9}"]),
        ("\u{130}X", ["i\u{307}x"]), ("\u{1F44D}\u{1F3FD}!", ["\u{1F44D}\u{1F3FD}", "!"]),
        ("\u{4E2D}\u{6587}", ["\u{4E2D}", "\u{6587}"]), ("", []), (" \u{FE0F}\u{200B}", []),
    ])
    func tokensAreLowerCaseAndComposed(text: String, expected: [String]) {
        let tokens = WordTokenizer().tokens(text)
        #expect(tokens.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(tokens)")
    }

    @Test(arguments: [
        (TextForm.asWritten, "\u{FB01}\u{FF21}e\u{301}"), (.canonical, "\u{FB01}\u{FF21}\u{E9}"),
        (.compatibility, "fiA\u{E9}"),
    ])
    func formsSpellACharacterOneWay(form: TextForm, expected: String) {
        let tokens = WordTokenizer(isLowercased: false, form: form)
            .tokens("\u{FB01}\u{FF21}e\u{301}")
        #expect(tokens.map { Array($0.utf8) } == [Array(expected.utf8)])
    }

    @Test func rangesCutTheTextAsItIsWritten() {
        let text = "A cafe\u{301}, please"
        let ranges = WordTokenizer().ranges(text)
        #expect(ranges.map { String(text[$0]) } == ["A", "cafe\u{301}", ",", "please"])
        #expect(ranges.map { WordTokenizer().token(text[$0]) } == WordTokenizer().tokens(text))
    }
}
