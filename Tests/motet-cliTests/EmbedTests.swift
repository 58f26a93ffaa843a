import Foundation
import Testing

@Suite("motet embed") struct EmbedTests {
    /// Texts that are empty or too long are embedded, counted and told of.
    @Test func emptyAndLongTextsAreSaid() throws {
        let shop = try Shop()
        try TinyCheckpoint().write(to: shop)
        let long = [String](repeating: "home", count: 12).joined(separator: " ")
        try shop.write("texts.csv", "id,title\n1,home mail\n2,\n3,  \n4,\(long)\n5,box\n6,box\n")
        let result = try shop.motet(
            "embed",
            "--encoder",
            "encoder",
            "--text",
            "title",
            "--input",
            "texts.csv",
            "--output",
            "out.csv"
        )
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output == """
                title: 2 rows without a text got the empty text's vector
                title: 1 text cut off after 8 pieces
                6 rows with 4 numbers written to out.csv; 4 texts computed, the others known

                """
        )
        let lines = try shop.text("out.csv").split(separator: "\n").map(String.init)
        #expect(
            lines[0] == "id,title,embedding_0,embedding_1,embedding_2,embedding_3"
        )
        let vectors = lines.dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2)
                .compactMap { Double($0) }
        }
        #expect(vectors.count == 6)
        for vector in vectors {
            // Written to six digits or more, so the length is 1 to about that.
            #expect(abs(vector.map { $0 * $0 }.reduce(0, +) - 1) < 1e-4, "\(vector)")
        }
        #expect(vectors[1] == vectors[2])
        #expect(vectors[4] == vectors[5])
        #expect(vectors[0] != vectors[1] && vectors[0] != vectors[4])
    }
}
