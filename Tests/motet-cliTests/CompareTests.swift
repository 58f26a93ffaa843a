import Foundation
import Motet
import Testing

@Suite("Comparisons") struct CompareTests {
    @Test func everyCellAndSeedIsARunAndTheReportTellsWhatTheyMeasured() throws {
        let shop = try Shop.compared()
        let result = try shop.compare()
        #expect(result.status == 0, "\(result.errors)")
        let report = try shop.report()
        #expect(report.cells.map(\.name) == ["fixed", "dwa", "alone", "tuned_scalarisation"])
        #expect(report.runs.count == 10)
        #expect(report.runs.allSatisfy { $0.state == .finished && ($0.seconds ?? 0) > 0 })
        #expect(report.part == "test" && report.rows == 60)
        for cell in report.cells {
            let runs = cell.runs.map { RunDirectory(shop.file("all/" + $0.path)) }
            let measured = try runs.map { try $0.metrics() }
            #expect(cell.parameters == measured[0].parameters)
            for entry in cell.entries {
                let values = measured.map { metrics in
                    metrics.test?.entries.first {
                        $0.task == entry.task && $0.metric == entry.metric
                            && $0.scenario == entry.scenario
                    }?.estimate.value.value
                }
                // What the comparison predicts here, the run had measured in its own process.
                #expect(entry.bySeed == values)
                let defined = values.compactMap { $0 }
                guard defined.count == 2 else { continue }
                #expect(entry.mean.value == (defined[0] + defined[1]) / 2)
            }
            #expect(cell.entries.count == 2 * 4)
            #expect((cell.stepMilliseconds ?? 0) > 0)
            #expect(cell.deltaM.value != nil && cell.isOnParetoFront != nil)
        }
        #expect(report.cell("alone")?.deltaM.value == 0)
        let fixed = try #require(report.cell("fixed")?.entries.first { $0.task == "click" })
        let alone = try #require(report.cell("alone")?.entries.first { $0.task == "click" })
        let difference = try #require(fixed.againstSingleTask)
        #expect(
            difference.value
                == fixed.mean.value.flatMap { left in
                    alone.mean.value.map { left - $0 }
                }
        )
        #expect(difference.interval != nil && difference.pValue != nil)
        #expect(alone.againstSingleTask == nil && alone.againstTuned != nil)
        let search = try #require(report.search)
        #expect(search.trials.map(\.weights) == [[1, 1], [0.5, 1.5], [1.5, 0.5]])
        let best = search.trials.compactMap(\.score).max()
        let chosen = search.trials[try #require(search.chosen) - 1]
        #expect(chosen.score == best)
        #expect(report.cell("tuned_scalarisation")?.runs[0] == chosen.run)
        #expect(result.output.contains("delta-m") && result.output.contains("chosen"))
        #expect(try shop.text("all/report.md").hasPrefix("# shops: 60 test rows, seeds 1, 2\n"))
        #expect(shop.halfWritten.isEmpty)
        try runsAreOrdinary(shop, report)
        try nothingIsRedone(shop)
    }

    private func runsAreOrdinary(_ shop: Shop, _ report: ComparisonReport) throws {
        let run = "all/" + report.cells[0].runs[1].path
        let other = "all/" + report.cells[2].runs[1].path
        #expect(try shop.motet("evaluate", run, "--against", other).status == 0)
        #expect(try shop.motet("inspect", run).output.contains("seed 2"))
        let predicted = try shop.motet(
            "predict",
            run,
            "--input",
            "valid.csv",
            "--output",
            "predictions.csv"
        )
        #expect(predicted.status == 0, "\(predicted.errors)")
    }

    private func nothingIsRedone(_ shop: Shop) throws {
        let before = shop.contents(cache: false)
        let again = try shop.compare("--parallel", "1")
        #expect(again.status == 0)
        #expect(again.errors.contains("[10/10]") && again.errors.contains("finished before"))
        #expect(!again.errors.contains(" s, click"))
        #expect(shop.contents(cache: false) == before)
    }

    @Test func runsBesideEachOtherComputeWhatOneAfterTheOtherDoes() throws {
        let shop = try Shop.compared()
        let one = try shop.motet("compare", "compare.yaml", "--output", "one", "--parallel", "1")
        let three = try shop.motet(
            "compare",
            "compare.yaml",
            "--output",
            "three",
            "--parallel",
            "3"
        )
        #expect(one.status == 0 && three.status == 0, "\(one.errors)\(three.errors)")
        let parameters = try shop.parameters("one")
        #expect(parameters.count == 10)
        #expect(try shop.parameters("three") == parameters)
        let (left, right) = (try shop.report("one"), try shop.report("three"))
        #expect(left.cells.map(\.entries) == right.cells.map(\.entries))
        #expect(left.cells.map(\.deltaM) == right.cells.map(\.deltaM))
        #expect(left.search?.chosen == right.search?.chosen)
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func aStoppedComparisonGoesOnToTheSameEnd(signal: Int32) throws {
        let shop = try Shop.compared()
        try shop.replace("epochs: 1", "epochs: 30")
        #expect(try shop.motet("compare", "compare.yaml", "--output", "whole").status == 0)
        let process = try shop.startComparing()
        let first = "all/cells/alone/seed-1/parameters.safetensors"
        #expect(shop.waits(for: first))
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationStatus == (signal == SIGINT ? 130 : SIGKILL))
        let before = try FileManager.default.attributesOfItem(atPath: shop.file(first))
        let again = try shop.compare()
        #expect(again.status == 0, "\(again.errors)")
        let after = try FileManager.default.attributesOfItem(atPath: shop.file(first))
        #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
        #expect(again.errors.contains("alone, seed 1: finished before"), "\(again.errors)")
        #expect(try shop.parameters() == shop.parameters("whole"))
        let (left, right) = (try shop.report(), try shop.report("whole"))
        #expect(left.cells.map(\.entries) == right.cells.map(\.entries))
    }

    @Test func aBudgetOfNoTimeStartsNothing() throws {
        let shop = try Shop.compared()
        try shop.replace("parallel: 2", "minutes: 0", in: "compare.yaml")
        let result = try shop.compare()
        #expect(result.status == 0, "\(result.errors)")
        let report = try shop.report()
        #expect(report.runs.allSatisfy { $0.state == .notStarted })
        #expect(report.runs.first?.reason == "the time of the budget is over")
        #expect(report.cells.allSatisfy { $0.entries.isEmpty && $0.deltaM.value == nil })
        #expect(result.output.contains("not started"))
        // More time, and it goes on.
        try shop.replace("minutes: 0", "minutes: 10", in: "compare.yaml")
        #expect(try shop.compare().status == 0)
        #expect(try shop.report().runs.allSatisfy { $0.state == .finished })
    }

    @Test func aRunThatNeedsMoreMemoryIsStoppedAndItsCellNotStartedAgain() throws {
        let shop = try Shop.compared()
        try shop.replace("parallel: 2", "gigabytes: 0.001", in: "compare.yaml")
        try shop.replace("epochs: 1", "epochs: 2000")
        let result = try shop.compare()
        #expect(result.status == 0, "\(result.errors)")
        let runs = try shop.report().runs
        let first = try #require(runs.first { $0.path == "cells/alone/seed-1" })
        #expect(first.state == .stopped)
        #expect(first.reason?.hasSuffix("MiB, more than the budget's memory") == true)
        let second = try #require(runs.first { $0.path == "cells/alone/seed-2" })
        #expect(second.state == .notStarted)
        #expect(second.reason?.hasPrefix("a run of this cell took") == true)
        try shop.replace("gigabytes: 0.001", "gigabytes: 0", in: "compare.yaml")
        #expect(try shop.compare().errors.contains("its parameters alone take"))
    }

    @Test func aCellThatFailsIsReportedAndTheOthersGoOn() throws {
        let shop = try Shop.compared()
        try shop.replace(
            "  alone:",
            "  wild: { training.optimizer: { name: sgd, learning_rate: 1.0e+30 } }\n  alone:",
            in: "compare.yaml"
        )
        let result = try shop.compare()
        #expect(result.status == 4)
        let report = try shop.report()
        let wild = try #require(report.cell("wild"))
        #expect(wild.runs.allSatisfy { $0.state == .failed })
        #expect(wild.runs[0].reason?.contains("exit code 4") == true)
        #expect(wild.runs[0].reason?.contains("NaN") == true)
        #expect(wild.entries.isEmpty && wild.isOnParetoFront == nil)
        #expect(report.runs.count { $0.state == .finished } == 10)
    }

    /// Clicks follow the price; on the test rows they are the other way round.
    ///
    /// What has learnt most is
    /// best on validation rows and worst on test rows.
    @Test func theChoiceIsMadeOnValidationRowsOnly() throws {
        let shop = try Shop.compared()
        func table(_ rows: Int, _ shift: Int, isReversed: Bool) -> String {
            var text = "place,user,price,clicked,bought\n"
            for row in shift..<(rows + shift) {
                let price = row * 7 % 13
                let click = (price > 6) != (row % 9 == 0)
                text += "\(["home", "search", "mail"][row % 3]),u\(row % 11),\(price),"
                text += "\(click != isReversed ? 1 : 0),\(row % 2)\n"
            }
            return text
        }
        try shop.write("train.csv", table(300, 0, isReversed: false))
        try shop.write("valid.csv", table(150, 400, isReversed: false))
        try shop.write("test.csv", table(150, 800, isReversed: true))
        try shop.replace("within: click, ", "")
        try shop.replace("epochs: 1", "epochs: 10")
        try shop.replace(
            "  training.weighting: [fixed, dwa]",
            "  training.optimizer.learning_rate: [1.0e-2, 1.0e-5]",
            in: "compare.yaml"
        )
        try shop.replace("of: fixed", "of: 1.0e-2", in: "compare.yaml")
        let result = try shop.compare("--select", "click/auc")
        #expect(result.status == 0, "\(result.errors)")
        let report = try shop.report()
        #expect(report.part == "validation" && report.rows == 150)
        let selection = try #require(report.selection)
        func test(_ cell: String) throws -> Double {
            let runs = try #require(report.cell(cell)).runs
            let values = try runs.map { run in
                let metrics = try RunDirectory(shop.file("all/" + run.path)).metrics()
                return try #require(
                    metrics.test?.estimate(task: "click", metric: .auc)?.value.value
                )
            }
            return values.reduce(0, +) / Double(values.count)
        }
        let scores = report.cells.compactMap(\.score)
        #expect(selection.score == scores.max())
        // Planted: the test rows would have chosen another cell.
        let byTest = try report.cells.map(\.name).max { try test($0) < test($1) }
        #expect(byTest == "1.0e-5")
        #expect(selection.cell != byTest)
        #expect(try test(selection.cell) < 0.3 && selection.score > 0.7)
        let chosen = RunDirectory(shop.file("all/best"))
        #expect(try chosen.metrics() == RunDirectory(shop.file("all/" + selection.path)).metrics())
        #expect(selection.test == (try chosen.metrics()).test?.withIntervals(of: selection.test))
        #expect(try shop.motet("evaluate", "all/best").status == 0)
        #expect(result.output.contains("Chosen by click/auc on validation rows"))
    }

    @Test func aChangedComparisonIsRefusedInTheSameFolder() throws {
        let shop = try Shop.compared()
        try shop.replace("parallel: 2", "minutes: 0", in: "compare.yaml")
        #expect(try shop.compare().status == 0)
        try shop.replace("learning_rate: 1.0e-2", "learning_rate: 2.0e-2")
        let result = try shop.compare()
        #expect(result.status == 3)
        #expect(result.errors.contains("the configuration has changed since it began"))
        #expect(result.errors.contains("`cells.fixed.training.optimizer.learning_rate`"))
        #expect(
            try shop.motet("compare", "compare.yaml", "--output", "other", "--check").status == 0
        )
    }

    @Test func aCheckTellsWhatWouldRunAndLeavesNothing() throws {
        let shop = try Shop.compared()
        let before = shop.contents(cache: true)
        let result = try shop.compare("--check")
        #expect(result.status == 0)
        #expect(
            result.output.contains(
                "3 cells, seeds 1, 2, 3 trials of weights: 10 trainings, 2 at a time"
            ),
            "\(result.output)"
        )
        #expect(shop.contents(cache: true) == before)
    }
}

extension MetricReport {
    /// The same values with the intervals of another report: those of a run come from its own seed.
    fileprivate func withIntervals(of other: MetricReport?) -> MetricReport? {
        guard let other, other.entries.count == entries.count else { return nil }
        return MetricReport(
            entries: zip(entries, other.entries).map { own, other in
                Entry(
                    task: own.task,
                    scenario: own.scenario,
                    metric: own.metric,
                    estimate: Estimate(
                        own.estimate.value,
                        interval: other.estimate.interval,
                        intervalReason: other.estimate.intervalReason
                    )
                )
            }
        )
    }
}
