import Foundation
import MotetCore
import MotetData
import Testing

@Suite("Encoding tokens") struct TokenEncoderTests {
    private static let texts = [["b", "a", "a"], ["c", "b", "a"], ["d"]]

    @Test func frequentTokensComeFirstAndTiesByTheirBytes() {
        let vocabulary = TokenVocabulary(counting: Self.texts)
        #expect(vocabulary.known.values == ["a", "b", "c", "d"])
        #expect(vocabulary.count == 6)
        #expect(["a", "d", "z", ""].map(vocabulary.id(of:)) == [2, 5, 1, 1])
        let tokens = (-1...6).map { vocabulary.token(of: $0) }
        #expect(tokens == [nil, nil, nil, "a", "b", "c", "d", nil])
    }

    @Test func rareTokensAndThoseBeyondTheLimitAreUnknown() {
        let frequent = TokenVocabulary(counting: Self.texts, minimumFrequency: 2)
        #expect(frequent.known.values == ["a", "b"])
        #expect(TokenVocabulary(counting: Self.texts, limit: 1).known.values == ["a"])
        #expect(TokenVocabulary(counting: Self.texts, limit: 0).count == 2)
    }

    @Test func aVocabularySurvivesJSON() throws {
        let vocabulary = TokenVocabulary(counting: Self.texts)
        let data = try JSONEncoder().encode(vocabulary)
        let read = try JSONDecoder().decode(TokenVocabulary.self, from: data)
        #expect(read == vocabulary)
        #expect(read.id(of: "c") == 4)
    }

    @Test func shortTextsArePaddedAndLongOnesCutOffAndCounted() throws {
        let encoder = try TokenEncoder(TokenVocabulary(["a", "b"]), maximumLength: 3)
        let encoded = encoder.encode([["a"], ["b", "x", "a", "y", "b"], [], ["a", "b", "a"]])
        #expect(encoded.ids == [2, 0, 0, 3, 1, 2, 1, 0, 0, 2, 3, 2])
        #expect(encoded.count == 4)
        let report = encoded.report
        #expect(report.texts == 4 && report.tokens == 9 && report.unknown == 1)
        #expect(report.truncated == 1 && report.cutOff == 2 && report.empty == 1)
        #expect(
            report.description
                == """
                4 texts, 9 tokens, 1 of them not in the vocabulary
                1 texts are longer than 3 tokens and were cut off: 2 tokens left out
                1 texts are empty; each stands as one unknown token
                """
        )
    }

    @Test func aReportOfGoodTextsIsOneLine() throws {
        let encoder = try TokenEncoder(TokenVocabulary(["a"]), maximumLength: 3)
        #expect(!encoder.encode([["a"]]).report.description.contains("\n"))
    }

    @Test func tagsStandWithTheirTokensAndPaddingHasNone() throws {
        let encoder = try TokenEncoder(TokenVocabulary(["a", "b"]), maximumLength: 2)
        let encoded = encoder.encode([
            try TaggedSentence(tokens: ["a", "b", "a"], tags: [1, 2, 1]),
            try TaggedSentence(tokens: ["b"], tags: [0]),
            try TaggedSentence(tokens: [], tags: []),
        ])
        #expect(encoded.ids == [2, 3, 3, 0, 1, 0])
        #expect(encoded.tags.prefix(3) == [1, 2, 0])
        #expect(encoded.tags.suffix(3).count { $0.isNaN } == 3)
        #expect(encoded.report.empty == 1)
    }

    @Test func aTextWithoutTagsHasNoLabel() throws {
        let encoder = try TokenEncoder(TokenVocabulary(["a"]), maximumLength: 2)
        guard case .floats(let labels, let width) = encoder.labels([[1, 2, 1], nil, [0]]) else {
            Issue.record("labels are floats")
            return
        }
        #expect(width == 2)
        #expect(labels.map(\.isNaN) == [false, false, true, true, false, true])
        #expect(labels.filter { !$0.isNaN } == [1, 2, 0])
    }

    @Test func aLengthOfNothingIsRefused() {
        let error = #expect(throws: TextError.self) {
            try TokenEncoder(TokenVocabulary([]), maximumLength: 0)
        }
        #expect(
            error?.description
                == "TokenEncoder: 'maximumLength' is out of range; expected at least 1; received 0."
        )
    }
}
