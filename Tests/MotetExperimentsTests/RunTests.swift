import Foundation
import Motet
import Testing

@Suite("Runs") struct RunTests {
    @Test func aTrainingLeavesEverythingARunNeeds() throws {
        let place = try Workplace()
        let result = try place.train()
        let files = try FileManager.default.contentsOfDirectory(atPath: place.file("run")).sorted()
        #expect(
            files == [
                "checkpoints", "configuration.yaml", "feature_reference.json", "fitted",
                "graph.json",
                "history.jsonl", "kernels.json", "metrics.json", "parameters.safetensors",
                "report.html",
                "score_reference.json", "versions.json",
            ]
        )
        #expect(try result.run.versions().threads == 1)
        #expect(result.history.epochs.count == 2)
        let click = try #require(result.metrics?.test?.estimate(task: "click", metric: .auc))
        #expect(try #require(click.value.value) > 0.6)
        #expect(click.interval != nil)
        let history = try place.text("run/history.jsonl").split(separator: "\n")
        #expect(history.count == 2)
    }

    @Test func tasksOfTheirOwnKeepEpochsOfTheirOwn() throws {
        let place = try Workplace()
        try place.replace(
            "architecture: mmoe, experts: 2, expert_units: [8]",
            "architecture: single_task"
        )
        try place.replace("  threads: 1", "  threads: 1\n  early_stopping: { each_task: true }")
        let metrics = try #require(try place.train().metrics)
        let epochs = try #require(metrics.epochsOfTasks)
        #expect(epochs.map(\.task) == ["click", "purchase"])
        #expect(metrics.epochText == "click \(epochs[0].epoch), purchase \(epochs[1].epoch)")
        #expect(try RunDirectory(place.file("run")).metrics() == metrics)
    }

    @Test func theConfigurationOfARunReadsBackEqual() throws {
        let place = try Workplace()
        let run = try place.train().run
        let written = try Experiment(contentsOf: URL(fileURLWithPath: place.file("tiny.yaml")))
        #expect(try run.experiment() == written)
    }

    @Test func sameSeedAndThreadsGiveTheSameBits() throws {
        let place = try Workplace()
        try place.train(to: "one")
        try place.train(to: "two")
        let contents = ["one", "two"].map {
            FileManager.default.contents(atPath: place.file($0 + "/parameters.safetensors"))
        }
        #expect(contents[0] != nil)
        #expect(contents[0] == contents[1])
    }

    @Test(arguments: [1, 7, 8, 12])
    func aResumedRunEqualsTheUninterruptedOne(stopAfter steps: Int) throws {
        let place = try Workplace()
        try place.train(to: "whole")
        let stopping = Workplace.runner(stoppingAfter: steps)
        let request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("parts")
        )
        let stopped = try stopping.train(request)
        #expect(stopped.metrics == nil)
        #expect(!stopped.run.isFinished)
        let resumed = try Workplace.runner.train(resuming: place.file("parts"))
        #expect(resumed.metrics != nil)
        #expect(!resumed.history.isInterrupted)
        for file in ["parameters.safetensors", "checkpoints/last.safetensors"] {
            let whole = try parameters(place.file("whole/" + file))
            #expect(try parameters(place.file("parts/" + file)) == whole)
        }
        #expect(try place.text("parts/history.jsonl").split(separator: "\n").count == 2)
    }

    private func parameters(_ file: String) throws -> ParameterStore {
        try ParameterStore(file: file)
    }

    @Test func evaluationRepeatsWhatTrainingMeasured() throws {
        let place = try Workplace()
        let trained = try place.train()
        let found = try Workplace.runner.evaluate(place.file("run"))
        #expect(found.rows == "test")
        #expect(found.report == trained.metrics?.test)
        let same = try Workplace.runner.evaluate(
            place.file("run"),
            files: [place.file("test.csv")]
        )
        #expect(same.report == found.report)
    }

    @Test func groupingByTaskLeavesScenariosOut() throws {
        let place = try Workplace()
        let report = try #require(try place.train().metrics?.test)
        let byTask = report.grouped(by: .task)
        #expect(byTask.entries.map(\.task) == ["click", "click", "purchase"])
        let byScenario = report.grouped(by: .scenario)
        let mean = try #require(
            byScenario.entries.first { $0.metric == "auc" && $0.scenario == nil }
        )
        let values = byTask.entries.filter { $0.metric == "auc" }
            .compactMap(\.estimate.value.value)
        #expect(mean.estimate.value.value == values.reduce(0, +) / 2)
    }

    @Test func warmStartCarriesRowsByTheValueOfTheirId() throws {
        let place = try Workplace()
        try place.train()
        // Other vocabularies: one user more, others in another order of frequency.
        let rows = Workplace.table(rows: 300, seed: 9) + "300,home,newcomer,i1,,3,1,0\n"
        try place.write("train.csv", rows)
        let warm = try place.train(to: "warm") { $0.warmStart = place.file("run") }
        let report = try #require(warm.warmStart)
        let users = report.parameters.first { $0.name == "embeddings/user_id/weight" }
        // 20 users known before, the newcomer, and the ids of unknown and missing values.
        #expect(users?.outcome == .rows(carried: 22, of: 23))
        let others = report.parameters.filter { !$0.name.hasPrefix("embeddings/") }
        #expect(others.allSatisfy { $0.outcome == .copied })
        #expect(try place.text("warm/warm_start.json").contains("user_id"))
    }

    /// A program that was killed before its first checkpoint leaves a run without one.
    @Test func aRunCutOffAfterItsWarmStartGoesOnFromIt() throws {
        let place = try Workplace()
        try place.train()
        try place.train(to: "warm") { $0.warmStart = place.file("run") }
        try place.train(to: "fresh")
        let whole = try parameters(place.file("warm/parameters.safetensors"))
        #expect(try parameters(place.file("fresh/parameters.safetensors")) != whole)
        for name in ["checkpoints", "parameters.safetensors", "metrics.json", "history.jsonl"] {
            try FileManager.default.removeItem(atPath: place.file("warm/" + name))
        }
        let resumed = try Workplace.runner.train(resuming: place.file("warm"))
        #expect(resumed.warmStart != nil)
        #expect(try parameters(place.file("warm/parameters.safetensors")) == whole)
    }

    /// A program that was killed while it made the folder leaves nothing by the run's name.
    @Test func aFolderThatWasCutOffIsNotInTheWay() throws {
        let place = try Workplace()
        let left = place.file("run.partial/fitted")
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try place.write("run.partial/configuration.yaml", "name: ti")
        #expect(try place.train().metrics != nil)
        #expect(place.contents == ["run", "test.csv", "tiny.yaml", "train.csv", "valid.csv"])
    }

    @Test func aFolderThatIsThereAndEmptyIsFilled() throws {
        let place = try Workplace()
        let folder = place.file("run")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try place.train().run.isFinished)
        #expect(place.contents == ["run", "test.csv", "tiny.yaml", "train.csv", "valid.csv"])
    }

    @Test func comparisonPairsTheRowsOfTwoRuns() throws {
        let place = try Workplace()
        try place.train()
        try place.replace("mmoe, experts: 2, expert_units: [8]", "single_task, bottom_units: [8]")
        try place.train(to: "single")
        let comparison = try Workplace.runner.compare(
            place.file("run"),
            with: place.file("single")
        )
        #expect(comparison.entries.count == 3 * 4)
        #expect(comparison.entries.allSatisfy { $0.paired.difference.interval != nil })
        let table = comparison.table(first: "mmoe", second: "single").plain()
        #expect(table.contains("difference"))
    }

    @Test func scenarioTowersTrainAndPredictInTheOrderOfTheRows() throws {
        let place = try Workplace()
        try place.replace("tower_units: [4]", "tower_units: [4], scenario_towers: true")
        try place.train()
        let all = place.file("all.csv")
        _ = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("test.csv")],
            output: all
        )
        // Each row alone must get what it got among others.
        let lines = try place.text("test.csv").split(separator: "\n").map(String.init)
        try place.write("some.csv", ([lines[0]] + lines[200...206]).joined(separator: "\n") + "\n")
        let some = place.file("few.csv")
        _ = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("some.csv")],
            output: some
        )
        let whole = try place.text("all.csv").split(separator: "\n")
        let part = try place.text("few.csv").split(separator: "\n")
        #expect(part.count == 8)
        for (row, line) in part.dropFirst().enumerated() {
            let one = line.split(separator: ",").dropFirst().compactMap { Float($0) }
            let other = whole[200 + row].split(separator: ",").dropFirst().compactMap { Float($0) }
            #expect(one.count == 2)
            #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-5 }, "row \(row)")
        }
    }
}

extension ExperimentRunner {
    func train(resuming path: String) throws -> TrainResult {
        var request = TrainRequest(configuration: path)
        request.resumes = true
        return try train(request)
    }
}
