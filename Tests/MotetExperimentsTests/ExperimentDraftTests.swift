import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Experiment draft") struct ExperimentDraftTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// Describes a file of the folder and reads the draft as an experiment of this folder.
    func draft(
        _ name: String,
        rows: Int? = nil
    ) throws -> (text: String, experiment: Experiment) {
        let profile = try TableProfile(
            of: TableSource(place.file(name)),
            options: ProfileOptions(rows: rows)
        )
        let draft = try #require(ExperimentDraft(profile, folder: place.path))
        try place.write("draft.yaml", draft.yaml)
        let experiment = try Experiment(contentsOf: URL(fileURLWithPath: place.file("draft.yaml")))
        #expect(experiment.tasks.map(\.name) == draft.tasks)
        return (draft.yaml, experiment)
    }

    @Test func theDraftOfALogReadsBackAndTrains() throws {
        let (text, experiment) = try draft("train.csv")
        #expect(experiment.tasks.map(\.name) == ["clicked", "purchased"])
        #expect(experiment.tasks.map(\.within) == [nil, "clicked"])
        #expect(experiment.data.scenario?.values?.sorted() == ["home", "mail", "search"])
        #expect(experiment.data.group == "user_id")
        #expect(experiment.data.keep == ["row"])
        #expect(
            Set(experiment.features.map(\.name)) == [
                "market", "user_id", "item_id", "history", "price",
            ]
        )
        let history = try #require(experiment.features.first { $0.name == "history" })
        #expect(history.delimiter == " ")
        for line in text.split(separator: "\n") where line.contains("- {") {
            #expect(line.contains("# "), "a guess without a reason: \(line)")
        }
        let result = try place.train("draft.yaml", to: "drafted")
        #expect(result.metrics?.test?.estimate(task: "clicked", metric: .auc) != nil)
    }

    /// Files with one difficulty each: the draft reads back, and the data can be prepared with it.
    @Test(arguments: [
        "id,price,label\n" + rows { "\($0),\"\($0),5\",\($0 % 2)" },
        "id;price;label\n" + rows { "\($0);\($0),5;\($0 % 2)" },
        "price,label\n" + rows { "\($0 % 9 == 0 ? "?" : "\($0).5"),\($0 % 2 == 0 ? "yes" : "no")" },
        "price,label\n" + rows { "\($0 % 30 == 0 ? "?" : "\($0).5"),\($0 % 2)" },
        "price,answer\n" + rows { "\($0).5,\($0 % 3 == 0 ? "- 50000." : "50000+.")" },
        "x,y,z\n" + rows { "\($0),a\($0 % 4),\($0 % 5)" },
        "7,a,1\n" + rows { "\($0),a\($0 % 4),\($0 % 2)" },
        "when,amount,bought\n" + rows { "\($0 % 12 + 1)/\($0 % 28 + 1)/2011 8:26,\($0),\($0 % 2)" },
        "ts,seconds,clicked\n" + rows { "\(1_300_000_000 + $0),\($0 == 3 ? -1 : $0),\($0 % 2)" },
        "row,weight,group,a/b,label\n"
            + rows { "\($0 % 7),\($0 % 9).5,g\($0 % 3),v\($0 % 5),\($0 % 2)" },
        "quote,label\n" + rows { "\"it's \"\"\($0 % 4)\"\"\",\($0 % 2)" },
        "tags,label\n" + rows { "a\($0 % 3)|b\($0 % 4),\($0 % 2)" },
        "only\n" + rows { "\($0 % 7)" },
        "#a, b: c,label\n" + rows { "\($0 % 6),\($0).25,\($0 % 2)" },
        "c,label\n" + rows { "k\($0 % 3),\(["red", "green", "blue"][$0 % 3])" },
    ])
    func draftsOfDifficultFilesCanBePrepared(text: String) throws {
        try place.write("hard.csv", text)
        let experiment = try draft("hard.csv").experiment
        let splits = try Workplace.runner.prepare(experiment)
        #expect(splits.report.parts.contains { $0.part == "training" && $0.written > 40 })
    }

    @Test func partsThatAreNamedAreUsed() throws {
        try FileManager.default.createDirectory(
            atPath: place.file("parts"),
            withIntermediateDirectories: true
        )
        try place.write("parts/train.csv", Workplace.table(rows: 90, seed: 1))
        try place.write("parts/valid.csv", Workplace.table(rows: 60, seed: 2))
        try place.write("parts/test.csv", Workplace.table(rows: 60, seed: 3))
        let experiment = try draft("parts").experiment
        let parts = [experiment.data.train, experiment.data.validation, experiment.data.test]
        #expect(
            parts.map { $0.map { URL(fileURLWithPath: $0).lastPathComponent } }
                == [["train.csv"], ["valid.csv"], ["test.csv"]]
        )
        #expect(experiment.data.split == .given)
    }

    @Test(
        arguments: [
            ("data/log.csv", nil, "data/log.csv"), ("data/log.csv", "", "data/log.csv"),
            ("data/log.csv", "experiments/mine", "../../data/log.csv"),
            ("data/log.csv", "data", "log.csv"), ("../log.csv", "", "../log.csv"),
            ("/data/log.csv", "experiments", "/data/log.csv"),
        ] as [(String, String?, String)]
    )
    func pathsAreRelativeToTheDraft(path: String, folder: String?, written: String) {
        #expect(DraftData.path(path, from: folder) == written)
    }

    @Test func numbersOfASampleMayBeMissingElsewhere() throws {
        let (text, experiment) = try draft("train.csv", rows: 100)
        #expect(text.contains("the first 100 rows"))
        let price = try #require(experiment.features.first { $0.name == "price" })
        #expect(price.missing == .ownBucket)
    }

    /// One row in ten validates: among 40 classes of two rows some have their rows there only.
    @Test func rareClassesAreInTheDraft() throws {
        let text = "c,label\n" + (0..<80).map { "\($0 % 7),k\($0 / 2)\n" }.joined()
        try place.write("rare.csv", text)
        let (draft, experiment) = try draft("rare.csv")
        #expect(experiment.tasks[0].classes?.count == 40, "\(draft)")
        #expect(try place.train("draft.yaml", to: "rare").metrics != nil)
        // Of a sample nobody knows what the other rows hold.
        #expect(try self.draft("rare.csv", rows: 60).experiment.tasks[0].classes == nil)
    }

    @Test func infinityIsTextAmongTexts() throws {
        try place.write("words.csv", "word,label\n" + "inf,1\na,0\nb,1\nc,0\n")
        let profile = try TableProfile(of: TableSource(place.file("words.csv")))
        #expect(!profile.columns[0].notes.contains { $0.contains("infinite") })
    }

    @Test func aFileWithoutInputsGivesNoDraft() throws {
        try place.write("flat.csv", "a,b\n1,x\n1,x\n")
        let profile = try TableProfile(of: TableSource(place.file("flat.csv")))
        #expect(ExperimentDraft(profile) == nil)
        #expect("\(ExperimentDraft.noInput(profile))".contains("a (constant), b (constant)"))
    }

    @Test func descriptionsComeInThreeForms() throws {
        let profile = try TableProfile(of: TableSource(place.file("train.csv")))
        let draft = try #require(ExperimentDraft(profile))
        let description = TableDescription(profile, draft: draft)
        let plain = description.plain(width: nil, withDraft: true)
        #expect(plain.hasPrefix("900 rows, 8 columns (csv): "))
        #expect(plain.hasSuffix(draft.yaml))
        #expect(!description.plain(width: nil, withDraft: false).contains("features:"))
        for line in description.plain(width: 72, withDraft: false).split(separator: "\n")
            .dropFirst()
        {
            #expect(TextWidth.columns(line) <= 72, "\(line)")
        }
        #expect(description.markdown().contains("| column | type | looks like |"))
        #expect(description.markdown().contains("```yaml\n# A draft by"))
        let json = try JSONSerialization.jsonObject(with: Data(try description.json().utf8))
        let object = try #require(json as? [String: Any])
        #expect((object["profile"] as? [String: Any])?["rows"] as? Int == 900)
        #expect(object["draft"] as? String == draft.yaml)
    }
}

/// Sixty lines.
private func rows(_ line: (Int) -> String) -> String {
    (0..<60).map { line($0) + "\n" }.joined()
}
