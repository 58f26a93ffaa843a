import Foundation
import Motet
import Testing

/// Tasks whose labels are in files of their own.
@Suite("Files of tasks") struct TaskFilesTests {
    /// Clicks in one set of files; purchases, of other rows, in another.
    private static func workplace() throws -> Workplace {
        let place = try Workplace()
        for (name, seed, rows) in [
            ("buys", UInt64(4), 300), ("buys_valid", 5, 150), ("buys_test", 6, 120),
        ] {
            let table = Workplace.table(rows: rows, seed: seed).split(separator: "\n")
            try place.write(name + ".csv", without("clicked", table))
        }
        for name in ["train", "valid", "test"] {
            let table = try place.text(name + ".csv").split(separator: "\n")
            try place.write(name + ".csv", without("purchased", table))
        }
        try place.replace(", within: click", "")
        try place.replace("  test: test.csv\n", "  test: test.csv\n\(sources)")
        return place
    }

    private static let sources = """
          sources:
            - { tasks: [purchase], train: buys.csv, validation: buys_valid.csv, test: buys_test.csv }

        """

    private static func without(_ column: String, _ lines: [Substring]) -> String {
        let names = lines[0].split(separator: ",").map(String.init)
        return lines.map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            return zip(names, fields).filter { $0.0 != column }.map(\.1).joined(separator: ",")
        }
        .joined(separator: "\n") + "\n"
    }

    private static func rows(_ report: MetricReport?, _ task: String) throws -> Int {
        let estimate = try #require(report?.estimate(task: task, metric: .auc))
        return estimate.value.rows
    }

    @Test func eachTaskIsLearntFromAndMeasuredOnItsOwnFiles() throws {
        let place = try Self.workplace()
        let result = try place.train()
        let metrics = try #require(result.metrics)
        #expect(try Self.rows(metrics.test, "click") == 300)
        #expect(try Self.rows(metrics.test, "purchase") == 120)
        #expect(try Self.rows(metrics.validation, "purchase") == 150)
        let losses = result.history.epochs.map(\.losses)
        #expect(losses.allSatisfy { $0.allSatisfy { $0.value != nil } })
        // 900 and 300 rows in batches of 128.
        #expect(result.history.epochs[0].step == 8 + 3)
        let evaluated = try Workplace.runner.evaluate(place.file("run"))
        #expect(evaluated.report == metrics.test)
        #expect(evaluated.rowCount == 420)
    }

    @Test(arguments: [1, 9, 11, 15])
    func aResumedRunEqualsTheUninterruptedOne(stopAfter steps: Int) throws {
        let place = try Self.workplace()
        let whole = try place.train(to: "whole")
        let stopping = Workplace.runner(stoppingAfter: steps)
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("parts")
        )
        #expect(try stopping.train(request).metrics == nil)
        let resumed = try Workplace.runner.train(resuming: place.file("parts"))
        #expect(resumed.metrics?.test == whole.metrics?.test)
        let contents = ["whole", "parts"].map {
            FileManager.default.contents(atPath: place.file($0 + "/parameters.safetensors"))
        }
        #expect(contents[0] != nil && contents[0] == contents[1])
    }

    @Test func aRunIsNotGoneOnWithWhenATasksFilesHaveChanged() throws {
        let place = try Self.workplace()
        let stopping = Workplace.runner(stoppingAfter: 3)
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("run")
        )
        #expect(try stopping.train(request).metrics == nil)
        let table = Workplace.table(rows: 300, seed: 9).split(separator: "\n")
        try place.write("buys.csv", Self.without("clicked", table))
        let error = #expect(throws: ExperimentError.self) {
            try Workplace.runner.train(resuming: place.file("run"))
        }
        #expect(error?.description.contains("the data have changed") == true)
    }

    @Test func filesNamedAreMeasuredForTheTasksTheyLabel() throws {
        let place = try Self.workplace()
        try place.train()
        let buys = try Workplace.runner.evaluate(
            place.file("run"),
            files: [place.file("buys_test.csv")]
        )
        #expect(buys.observations.map(\.task) == ["purchase"])
        #expect(buys.rowCount == 120)
        let prediction = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("test.csv")],
            output: place.file("predictions.csv")
        )
        #expect(prediction.columns == ["row", "click", "purchase"])
    }

    @Test(arguments: [
        ("tasks: [buy]", "`sources` names a task there is not"),
        ("tasks: [purchase, purchase]", "names the task `purchase` twice"),
        ("tasks: [click, purchase]", "takes every task from the files"),
    ])
    func whatTaskFilesCannotBeIsSaid(tasks: String, message: String) throws {
        let place = try Self.workplace()
        try place.replace("tasks: [purchase]", tasks)
        let error = #expect(throws: ConfigurationError.self) { try place.train() }
        let text = "\(try #require(error))"
        #expect(text.contains(message), "\(text)")
        #expect(!place.contents.contains("run"))
    }

    @Test func aTaskStandsWithTheOneItLiesWithin() throws {
        let place = try Self.workplace()
        try place.replace("label: purchased,", "label: purchased, within: click,")
        let error = #expect(throws: ConfigurationError.self) { try place.train() }
        #expect("\(try #require(error))".contains("expected both in one entry of `sources`"))
    }

    /// What is learnt comes from the rows of `train` alone, so that classes are listed.
    @Test func aTaskWithClassesListsThem() throws {
        let place = try Self.workplace()
        let old = "{ name: purchase, label: purchased, loss: binary_cross_entropy, metrics: [auc] }"
        let new = "{ name: purchase, label: purchased, loss: categorical_cross_entropy }"
        try place.replace(old, new)
        let error = #expect(throws: ConfigurationError.self) { try place.train() }
        #expect("\(try #require(error))".contains("expected its `classes`; received none."))
        try place.replace(new, new.replacing(" }", with: ", classes: [\"0\", \"1\"] }"))
        #expect(try place.train().metrics?.test != nil)
        let prediction = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("test.csv")],
            output: place.file("predictions.csv")
        )
        #expect(prediction.columns == ["row", "click", "purchase", "purchase_probability"])
    }
}
