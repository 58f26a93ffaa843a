import Foundation
import Testing

@Suite("motet data describe") struct DescribeTests {
    @Test func aDraftIsWrittenOnceAndTrains() throws {
        let shop = try Shop()
        let first = try shop.motet("data", "describe", "train.csv", "--output", "made/draft.yaml")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.hasPrefix("120 rows, "))
        #expect(!first.output.contains("features:"))
        #expect(
            first.errors.hasSuffix("wrote made/draft.yaml: tasks clicked, bought\n"),
            "\(first.errors)"
        )
        let draft = try shop.text("made/draft.yaml")
        #expect(draft.contains("  files: ../train.csv\n"))

        let second = try shop.motet("data", "describe", "train.csv", "--output", "made/draft.yaml")
        #expect(second.status == 5)
        #expect(
            second.errors
                == "file \"made/draft.yaml\": is there already; expected a new name. Give "
                + "another --output, or --force to replace it.\n"
        )
        try shop.write("made/draft.yaml", "mine")
        let forced = try shop.motet(
            "data",
            "describe",
            "train.csv",
            "--output",
            "made/draft.yaml",
            "--force"
        )
        #expect(forced.status == 0)
        #expect(try shop.text("made/draft.yaml") == draft)

        let trained = try shop.motet("train", "made/draft.yaml", "--output", "drafted")
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(shop.halfWritten.isEmpty)
    }

    @Test func theDraftFollowsTheTablesAndIsPartOfTheJSON() throws {
        let shop = try Shop()
        let table = try shop.motet("data", "describe", "train.csv", "--sample", "30")
        #expect(table.status == 0)
        #expect(table.output.hasPrefix("the first 30 rows, "))
        #expect(table.output.contains("\n- Only the first 30 rows were looked at, as asked.\n"))
        #expect(table.output.contains("\nfeatures:\n"))
        let json = try shop.motet(
            "data",
            "describe",
            "train.csv",
            "valid.csv",
            "--format",
            "json"
        )
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let profile = (object as? [String: Any])?["profile"] as? [String: Any]
        #expect(profile?["rows"] as? Int == 180)
    }

    static let mistakes: [(arguments: [String], status: Int32, says: String)] = [
        (["none.csv"], 3, "none.csv: no such file; expected a table to read. Check the path.\n"),
        (["ragged.csv"], 3, "ragged.csv:3: row has 1 field; expected 2, as in the header.\n"),
        (
            ["header.csv"], 3,
            "header.csv: no row follows the column names; expected at least one; received none.\n"
        ),
        (
            ["a.csv", "b.csv"], 3,
            "b.csv: other columns than in a.csv; expected `x`, `y`; received a file without `y` and "
                + "with `z` besides. Describe them one by one.\n"
        ),
        (
            ["flat.csv", "--output", "draft.yaml"], 3,
            "flat.csv: no draft can be made; expected a column that could be an answer: a number, yes "
                + "or no, or at most 50 classes; received x (constant), y (constant).\n"
        ),
        (
            ["a.txt"], 3,
            "a.txt: format is unknown; expected a name that ends in .csv, .tsv, .csv.gz, .tsv.gz, "
                + ".parquet, .arrow or .feather. Say which it is with --read-as csv, parquet or "
                + "arrow.\n"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func aMistakeIsASentence(index: Int) throws {
        let mistake = Self.mistakes[index]
        let shop = try Shop()
        try shop.write("ragged.csv", "x,y\n1,2\n3\n")
        try shop.write("header.csv", "x,y\n")
        try shop.write("a.csv", "x,y\n1,2\n")
        try shop.write("b.csv", "x,z\n1,2\n")
        try shop.write("flat.csv", "x,y\n1,2\n1,2\n")
        try shop.write("a.txt", "x,y\n1,2\n")
        let before = shop.contents(cache: true)
        let result = try Program.run(["data", "describe"] + mistake.arguments, in: shop.path)
        #expect(result.status == mistake.status)
        #expect(result.errors == mistake.says)
        #expect(shop.contents(cache: true) == before)
    }

    @Test(arguments: [["--sample", "0"], ["--read-as", "xml"], ["--delimiter", "::"], []])
    func wrongUseIsTold(arguments: [String]) throws {
        let shop = try Shop()
        let files = arguments.isEmpty ? [] : ["train.csv"]
        let result = try Program.run(["data", "describe"] + files + arguments, in: shop.path)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
    }
}
