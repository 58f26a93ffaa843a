import Foundation
import MotetCore
import MotetData
import Testing

/// The pieces of the reference for hard texts, from `Tests/Goldens/text/wordpiece.json`.
private struct WordPieceGolden: Decodable, Sendable {
    struct Case: Decodable, Sendable, CustomStringConvertible {
        let settings: String
        let text: String
        let pieces: [String]

        var description: String { "\(settings): \(text.prefix(30).debugDescription)" }
    }

    let pieces: [String]
    let cases: [Case]

    static let read: WordPieceGolden? = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        guard
            let data = try? Data(contentsOf: tests.appending(path: "Goldens/text/wordpiece.json"))
        else { return nil }
        return try? JSONDecoder().decode(WordPieceGolden.self, from: data)
    }()
}

@Suite("Word pieces") struct WordPieceTests {
    private static let golden = WordPieceGolden.read

    private static func tokenizer(_ name: String = "uncased") throws -> WordPieceTokenizer {
        var settings = WordPieceTokenizer.Settings()
        settings.isLowercased = name != "cased"
        settings.stripsAccents = name == "accents" ? false : nil
        settings.separatesChinese = name != "accents"
        return try WordPieceTokenizer(pieces: #require(golden).pieces, settings: settings)
    }

    @Test(arguments: golden?.cases ?? [])
    private func everyTextGivesTheReferencesPieces(item: WordPieceGolden.Case) throws {
        let pieces = try Self.tokenizer(item.settings).pieces(item.text)
        // Bytes are compared: Swift takes canonically equal texts for equal.
        #expect(pieces.map { Array($0.utf8) } == item.pieces.map { Array($0.utf8) }, "\(pieces)")
    }

    @Test func everyCaseIsThere() { #expect(Self.golden?.cases.count == 174) }

    @Test func anEmptyTextIsItsEnds() throws {
        let encoding = try Self.tokenizer().encode("")
        #expect(encoding.ids == [2, 3])
        #expect(!encoding.isTruncated)
    }

    @Test func piecesAtTheEndAreLeftOutAndSaid() throws {
        let tokenizer = try Self.tokenizer()
        let whole = tokenizer.encode("the great camera")
        let exact = tokenizer.encode("the great camera", maximumLength: whole.ids.count)
        #expect(exact == whole)
        let short = tokenizer.encode("the great camera", maximumLength: 4)
        #expect(short.ids == Array(whole.ids.prefix(3)) + [3])
        #expect(short.isTruncated)
    }

    @Test func aVocabularyWithoutASpecialPieceIsRefused() {
        let error = #expect(throws: WordPieceError.self) {
            try WordPieceTokenizer(pieces: ["[PAD]", "[UNK]", "[CLS]", "a"], name: "vocab.txt")
        }
        #expect(
            error?.description
                == "word pieces \"vocab.txt\": a special piece is missing; expected `[SEP]` on a line; received 4 pieces without it."
        )
    }

    @Test func aFileThatIsNotThereIsASentence() {
        let error = #expect(throws: WordPieceError.self) {
            try WordPieceTokenizer(file: "/nowhere/vocab.txt")
        }
        #expect(
            error?.description
                == "word pieces \"/nowhere/vocab.txt\": cannot be read; expected a text file with one piece a line."
        )
    }

    @Test func linesMayEndAsOnWindows() throws {
        let path = NSTemporaryDirectory() + "motet-vocabulary-\(UUID().uuidString).txt"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n##b\r\n".write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        let tokenizer = try WordPieceTokenizer(file: path)
        #expect(tokenizer.vocabularySize == 6)
        #expect(tokenizer.pieces("Ab ba") == ["a", "##b", "[UNK]"])
    }
}
