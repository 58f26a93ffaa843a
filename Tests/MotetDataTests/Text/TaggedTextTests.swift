import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Tagged text") struct TaggedTextTests {
    private static let tags = TagSet(.bio, types: ["person", "product"])

    private func read(_ contents: String) throws -> TaggedText {
        try TaggedText(conll: contents, file: "tags.conll", tags: Self.tags)
    }

    @Test func sentencesEndAtBlankLines() throws {
        let text = try read("Ann\tB-person\nbuys\tO\n\t\n\n \r\nan\tO\r\niPod\tB-product\r\n")
        #expect(text.sentences.map(\.tokens) == [["Ann", "buys"], ["an", "iPod"]])
        #expect(text.sentences.map(\.tags) == [[1, 0], [0, 3]])
        #expect(text.repairs == 0)
    }

    @Test func columnsMayBeSeparatedBySpacesAndMoreThanTwo() throws {
        let text = try read("Ann NNP B-person\nx\ty z\tO\n")
        #expect(text.sentences.map(\.tokens) == [["Ann", "x"]])
        #expect(text.sentences[0].tags == [1, 0])
    }

    @Test func anEmptyFileHasNoSentences() throws { #expect(try read("").sentences.isEmpty) }

    /// `I` that goes on with nothing, and with an entity of another type.
    @Test func malformedSequencesAreRepairedAndCounted() throws {
        let text = try read("a\tI-person\nb\tI-person\nc\tI-product\nd\tO\n\ne\tB-person\n")
        #expect(text.sentences[0].tags == [1, 2, 3, 0])
        #expect(text.repairs == 2)
        #expect(text.repairedSentences == 1)
    }

    @Test func anUnknownTagIsNamedWithItsLine() {
        let error = #expect(throws: TextError.self) { try read("Ann\tB-person\n\nx\tB-prodct\n") }
        #expect(error?.code == .tagUnknown)
        #expect(
            error?.description
                == "tags.conll:3, token \"x\": unknown tag; expected one of O, B-person, I-person, B-product, I-product; received `B-prodct`. Did you mean `B-product`?"
        )
    }

    @Test func aLineWithoutATagIsNamed() {
        let error = #expect(throws: TextError.self) { try read("Ann\tO\nx\n") }
        #expect(
            error?.description
                == "tags.conll:2: line has no tag; expected a token, a tab and a tag; received \"x\"."
        )
    }

    @Test func anotherNumberOfTagsThanTokensIsRefused() {
        let error = #expect(throws: TextError.self) {
            try TaggedSentence(tokens: ["a", "b"], tags: [0])
        }
        #expect(error?.code == .tagCount)
        #expect(error?.description.contains("expected 2; received 1") == true)
    }

    @Test func entitiesAreSpeltByTheOtherScheme() throws {
        let sentence = try TaggedSentence(tokens: ["a", "b", "c", "d"], tags: [1, 2, 3, 0])
        let other = sentence.spelt(Self.tags, by: .bioes)
        let names = TagSet(.bioes, types: Self.tags.types).tags
        #expect(
            other.tags.map { names[Int($0)] } == ["B-person", "E-person", "S-product", "O"]
        )
        let back = other.spelt(TagSet(.bioes, types: Self.tags.types), by: .bio)
        #expect(back == sentence)
    }

    @Test func aCompressedFileIsRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.conll.gz", Compressed.gzip)
        let tags = TagSet(.bio, types: [])
        #expect(try TaggedText(file: path, tags: tags).sentences.map(\.tokens) == [["a"], ["b"]])
    }
}

/// `a\tO\n\n` and `b\tO\n`, compressed by Python's `gzip` as two members.
enum Compressed {
    static let gzip =
        Data(
            base64Encoded: "H4sIAAAAAAACA0vk9OfiAgADLYR+BQAAAB+LCAAAAAAAAgNL4vTnAgDPYY4oBAAAAA=="
        ) ?? Data()
}
