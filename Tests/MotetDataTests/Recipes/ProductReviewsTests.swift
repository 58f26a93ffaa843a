import Foundation
import Testing

@testable import MotetData

@Suite("Product reviews") struct ProductReviewsTests {
    struct Annotation: Sendable, CustomStringConvertible {
        let text: String
        let names: [String]
        let strengths: [Int?]
        let repairs: Int

        var description: String { text }
    }

    /// Annotations as they should be, then each kind of slip the files have.
    static let annotations: [Annotation] = [
        Annotation(text: "", names: [], strengths: [], repairs: 0),
        Annotation(
            text: "size[+2],weight[-1][u], navigational system[+3] ",
            names: ["size", "weight", "navigational system"],
            strengths: [2, -1, 3],
            repairs: 0
        ),
        Annotation(text: "[s]", names: [], strengths: [], repairs: 0),
        Annotation(text: "look", names: ["look"], strengths: [nil], repairs: 0),
        Annotation(text: "size[cs][+2]", names: ["size"], strengths: [2], repairs: 0),
        Annotation(text: "router[+][s]", names: ["router"], strengths: [1], repairs: 0),
        Annotation(text: "setup[2]", names: ["setup"], strengths: [nil], repairs: 0),
        Annotation(text: "feature[+2],", names: ["feature"], strengths: [2], repairs: 0),
        Annotation(text: "output[-3[p][u]", names: ["output"], strengths: [-3], repairs: 1),
        Annotation(text: "a[+1}, x[-1]", names: ["a", "x"], strengths: [1, -1], repairs: 1),
        Annotation(text: "look{+1]", names: ["look"], strengths: [1], repairs: 1),
        Annotation(text: "connection+3]", names: ["connection"], strengths: [3], repairs: 1),
        Annotation(text: "McAfee 8[+2]]", names: ["McAfee 8"], strengths: [2], repairs: 1),
        Annotation(
            text: "LCD[+3]camera quality[+3]",
            names: ["LCD", "camera quality"],
            strengths: [3, 3],
            repairs: 1
        ),
        Annotation(text: "a[+1],,b[-1]", names: ["a", "b"], strengths: [1, -1], repairs: 1),
        Annotation(text: "a[+1](cs)", names: ["a"], strengths: [1], repairs: 2),
        Annotation(text: "a[good]", names: ["a"], strengths: [nil], repairs: 1),
        Annotation(text: "a[+1", names: ["a"], strengths: [1], repairs: 1),
    ]

    @Test(arguments: annotations)
    func annotationsAreReadInSpiteOfSlips(item: Annotation) {
        let read = ReviewAnnotation(item.text)
        #expect(read.aspects.map(\.name) == item.names)
        #expect(read.aspects.map(\.strength) == item.strengths)
        #expect(read.repairs == item.repairs)
    }

    @Test func marksAreKept() {
        let read = ReviewAnnotation("a[+1][u][cs],b[-2][p][s][cc]")
        #expect(read.aspects[0].marks == [.unnamed, .sameBrand])
        #expect(read.aspects[1].marks == [.pronoun, .suggestion, .otherBrand])
    }

    private func sentence(_ text: String, _ annotation: String) -> ReviewSentence {
        ReviewSentence(
            product: "p",
            review: 0,
            text: text,
            aspects: ReviewAnnotation(annotation).aspects,
            tokenizer: WordTokenizer()
        )
    }

    @Test func aspectsAreTaggedWhereverTheyAreNamedTheLongestFirst() {
        let tagged = sentence(
            "Great picture quality, good pictures and a fine auto focus.",
            "picture[+1],picture quality[+2],auto focus[+1],size[+2][u]"
        )
        // great picture quality , good pictures and a fine auto focus .
        #expect(tagged.tags == [0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2, 0])
        #expect(tagged.matches == [.covered, .exact, .exact, .absent])
    }

    @Test func anAspectMayLackItsS() {
        let tagged = sentence("The pictures, and the menus.", "picture[+1],menu[+2]")
        #expect(tagged.tags == [0, 1, 0, 0, 0, 1, 0])
        #expect(tagged.matches == [.inflected, .inflected])
    }

    @Test(arguments: [
        ("a[+2],b[-1]", ReviewSentiment.positive as ReviewSentiment?), ("a[-2],b[+1]", .negative),
        ("a[+1],b[-1]", .mixed), ("", nil), ("a[+1],b[2]", nil), ("[s]", nil),
    ])
    func sentimentIsTheSignOfTheSum(annotation: String, expected: ReviewSentiment?) {
        #expect(sentence("a b", annotation).sentiment == expected)
    }

    /// The 14 files, unpacked, with two reviews in each of the first two.
    private func folder(_ first: String, _ second: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (index, file) in ProductReviewsRecipe().card.layouts[1].enumerated() {
            let text = index == 0 ? first : index == 1 ? second : "[t]\n##nothing of note .\n"
            _ = try folder.write("product_reviews/" + file.path, text)
        }
        return folder
    }

    @Test func linesBecomeSentencesOfReviews() throws {
        let folder = try folder(
            """
            ****\n* Annotated by\n\n[t] a title\nsize[+2]##The size is fine .\n##Why? menu[-1]##The menu is not.
            ## 2. ##\n\n[t]\n##last one\nsize[+2]#no sentence\n
            """,
            "##no title\r\nmenu[-1]##The menu\r\n[t]\r\n##next\r\n"
        )
        let reviews = try ProductReviews(folder: folder.path)
        #expect(reviews.products.count == 14)
        #expect(reviews.titles.prefix(4) == ["a title", "", "", ""])
        let first = reviews.sentences.prefix(8)
        #expect(
            first.map(\.text) == [
                "The size is fine .", "Why?", "The menu is not.", "2.", "last one", "no title",
                "The menu", "next",
            ]
        )
        #expect(first.map(\.review) == [0, 0, 0, 0, 1, 2, 2, 3])
        #expect(first.map(\.strength) == [2, nil, -1, nil, nil, nil, -1, nil])
        #expect(reviews.skippedLines == 1)
        #expect(reviews.laterSentences == 1)
    }

    @Test func noReviewAndNoSentenceIsOnTwoSides() throws {
        let first = (0..<60).map { "[t]\n##sentence number \($0)\n##Same as ever !\n" }.joined()
        let second = (0..<60).map { "[t]\n##another \($0) .\n##same as EVER !\n" }.joined()
        let folder = try folder(first, second)
        let reviews = try ProductReviews(folder: folder.path)
        let parts = reviews.split(seed: 1)
        let sides = [parts.train, parts.validation, parts.test]
        let numbers = sides.map { Set($0.map(\.review)) }
        let texts = sides.map { Set($0.map { $0.tokens.joined(separator: " ") }) }
        for (left, right) in [(0, 1), (0, 2), (1, 2)] {
            #expect(numbers[left].isDisjoint(with: numbers[right]))
            #expect(texts[left].isDisjoint(with: texts[right]))
        }
        #expect(sides.allSatisfy { !$0.isEmpty })
        #expect(sides.map(\.count).reduce(0, +) + parts.repeated == reviews.sentences.count)
        #expect(parts.repeated > 50)
        #expect(texts[2].contains("same as ever !"))
        #expect(reviews.split(seed: 1).train == parts.train)
        #expect(reviews.split(seed: 2).train != parts.train)
    }

    @Test func productsMayBeKeptApart() throws {
        let folder = try folder("##one\n", "##two\n")
        let reviews = try ProductReviews(folder: folder.path)
        let parts = try reviews.split(validation: ["norton"], test: ["Canon_G3"])
        #expect(parts.test.map(\.product) == ["Canon_G3"])
        #expect(parts.validation.map(\.product) == ["norton"])
        #expect(!parts.train.contains { $0.product == "norton" || $0.product == "Canon_G3" })
        let error = #expect(throws: DatasetError.self) {
            try reviews.split(validation: ["nortn"], test: [])
        }
        #expect(error?.description.contains("received \"nortn\"") == true)
        #expect(throws: DatasetError.self) {
            try reviews.split(validation: ["norton"], test: ["norton"])
        }
    }

    @Test func filesWithoutSentencesAreRefused() throws {
        let folder = try TemporaryFolder()
        for file in ProductReviewsRecipe().card.layouts[1] {
            _ = try folder.write(file.path, "[t] only a title\n")
        }
        let error = #expect(throws: DatasetError.self) { try ProductReviews(folder: folder.path) }
        #expect(error?.code == .datasetContent)
    }

    @Test func theRecipeWritesTokensTagsAndLabels() throws {
        let folder = try folder("[t]\nsize[+2]##Good size .\nlook[+1],x[-1]##mixed look\n", "##a\n")
        let report = try ProductReviewsRecipe()
            .prepare(from: folder.path, to: folder.path + "/out", options: DatasetOptions(seed: 3))
        #expect(report["sentences"] == 15)
        #expect(report["repeated in a later part, dropped"] ?? 0 > 0)
        var rows: [String: [String]] = [:]
        for part in RecipePart.allCases {
            let path = "\(folder.path)/out/\(part.rawValue).parquet"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let table = try OriginalTable(
                TableSource(path),
                integers: ["opinion"],
                numbers: ["positive"],
                texts: ["text", "tokens", "tags", "product"]
            )
            for row in 0..<table.rowCount {
                rows[table.texts("text").text(row) ?? ""] = [
                    table.texts("tokens").text(row) ?? "", table.texts("tags").text(row) ?? "",
                    "\(table.integers("opinion")[row])", "\(table.numbers("positive")[row])",
                ]
            }
        }
        #expect(rows["Good size ."] == ["good size .", "O B-aspect O", "1", "1.0"])
        #expect(rows["mixed look"] == ["mixed look", "O B-aspect", "1", "nan"])
        #expect(rows["a"] == ["a", "O", "0", "nan"])
    }
}
