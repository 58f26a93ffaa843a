import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Calibration of a run") struct CalibrationTests {
    private static let click = "loss: binary_cross_entropy, metrics: [auc, gauc]"

    private static func place(
        _ calibration: String,
        _ architecture: String? = nil
    ) throws -> Workplace {
        let place = try Workplace(rows: 1500)
        try place.replace(click, click + ", calibration: \(calibration)")
        if let architecture {
            try place.replace("architecture: mmoe", "scenario_towers: true, architecture: mmoe")
            #expect(architecture == "towers")
        }
        return place
    }

    /// The predictions of a column of a file of predictions.
    private static func column(_ name: String, _ text: String) throws -> [Double] {
        let lines = text.split(separator: "\n").map { $0.split(separator: ",") }
        let place = try #require(lines[0].firstIndex { $0 == name })
        return try lines.dropFirst().map { try #require(Double($0[place])) }
    }

    @Test(arguments: ["platt", "isotonic"], [nil, "towers"])
    func everywhereTheRunAnswersCalibrated(kind: String, architecture: String?) throws {
        let place = try Self.place("{ name: \(kind), minimum_of_each: 20 }", architecture)
        let plain = try Workplace(rows: 1500)
        if architecture != nil {
            try plain.replace("architecture: mmoe", "scenario_towers: true, architecture: mmoe")
        }
        _ = try place.train()
        _ = try plain.train()
        let run = try TrainedRun(place.file("run"))
        let learnt = try #require(try run.directory.calibration(run.experiment))
        #expect(learnt.tasks.map(\.task) == ["click"])
        let task = try #require(learnt.tasks.first)
        #expect(task.all.rows == 500)
        #expect(task.scenarios.map(\.scenario) == ["home", "search", "mail"])
        #expect(task.scenarios.map(\.fit.rows).reduce(0, +) == 500)

        // motet predict: the model's own answers, taken through the calibrator of the row's scenario.
        var answers: [[Double]] = []
        for one in [plain, place] {
            _ = try Workplace.runner.predict(
                one.file("run"),
                files: [one.file("test.csv")],
                output: one.file("out.csv")
            )
            answers.append(try Self.column("click", one.text("out.csv")))
        }
        let markets = try place.text("test.csv").split(separator: "\n").dropFirst()
            .map { String($0.split(separator: ",")[1]) }
        let own = Dictionary(
            uniqueKeysWithValues: task.scenarios.map { ($0.scenario, $0.fit.calibrator) }
        )
        var moved = 0.0
        for (row, market) in markets.enumerated() {
            let calibrator = try #require(own[market])
            let expected = Double(calibrator(Float(answers[0][row])))
            // Printed decimals are rounded once more.
            #expect(abs(answers[1][row] - expected) < 2e-6, "row \(row)")
            moved += abs(answers[1][row] - answers[0][row])
        }
        #expect(moved > 0.1)

        // Rows in memory, as a server asks; the scenario for each row, or one for all.
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let encoder = try RowEncoder(run.fitted)
        let lines = try place.text("test.csv").split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        func asked(_ market: RawRows.Column, _ chosen: [Int]) throws -> [Float] {
            let rows = RawRows(
                count: chosen.count,
                columns: [
                    "market": market,
                    "user_id": .each(chosen.map { .text(lines[$0][2]) }),
                    "item_id": .each(chosen.map { .text(lines[$0][3]) }),
                    "history": .each(
                        chosen.map { row in
                            .list(lines[row][4].split(separator: " ").map { .text(String($0)) })
                        }
                    ),
                    "price": .each(chosen.map { .number(Double(lines[$0][5]) ?? 0) }),
                ]
            )
            let batch = try predictor.batch(rows, isExact: false, encoder)
            return try #require(try predictor.scores(batch)["click"])
        }
        let all = Array(0..<50)
        let each = try asked(.each(all.map { .text(markets[$0]) }), all)
        for row in all { #expect(abs(Double(each[row]) - answers[1][row]) < 1e-5, "row \(row)") }
        let mail = all.filter { markets[$0] == "mail" }
        let shared = try asked(.same(.text("mail")), mail)
        for (place, row) in mail.enumerated() {
            #expect(abs(Double(shared[place]) - answers[1][row]) < 1e-5, "row \(row)")
        }

        // evaluate, and what the training measured, are of calibrated predictions.
        let evaluated = try Workplace.runner.evaluate(place.file("run"), withIntervals: false)
        let click = try #require(evaluated.observations.first { $0.task == "click" })
        let predicted = click.observations.predictions.map(Double.init)
        // The programs of training and answering round differently, and a rising curve may be steep between two scores.
        let apart = zip(predicted, answers[1]).count { abs($0 - $1) > 1e-5 }
        #expect(apart <= (kind == "isotonic" ? 5 : 0), "\(apart) of \(predicted.count) rows")
        let metrics = try run.directory.metrics()
        let effects = try #require(metrics.calibration)
        #expect(effects.map(\.scenario) == [nil, "home", "search", "mail"])
        #expect(effects.map(\.isOwn) == [nil, true, true, true])
        #expect(effects[0].rows == 500)
        let error = Metric.calibrationError.evaluate(click.observations).value
        #expect(abs(try #require(effects[0].after.error) - #require(error)) < 1e-4)
        let reference = try #require(try run.directory.scoreReference())
        let mean = answers[1].reduce(0, +) / Double(answers[1].count)
        #expect(abs(try #require(reference.tasks.first).all.mean - mean) < 1e-5)
        #expect(try place.text("run/report.html").contains("Before and after calibration"))
    }

    @Test func aScenarioWithTooFewRowsTakesTheCalibratorOfAll() throws {
        let place = try Self.place("{ name: platt, minimum_of_each: 100000 }")
        _ = try place.train()
        let run = try TrainedRun(place.file("run"))
        let task = try #require(try run.directory.calibration(run.experiment)?.tasks.first)
        #expect(task.scenarios.isEmpty)
        #expect(task.pooled == ["home", "search", "mail"])
        #expect(!run.calibration.needsScenarios)
        #expect(
            try run.directory.metrics().calibration?.map(\.isOwn) == [nil, false, false, false]
        )
    }

    @Test func aRunWithoutItsCalibratorsDoesNotAnswer() throws {
        let place = try Self.place("isotonic")
        _ = try place.train()
        let file = RunDirectory(place.file("run")).calibrationFile
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for damaged in [nil, "{", text.replacing("\"click\"", with: "\"purchase\"")] {
            try FileManager.default.removeItem(atPath: file)
            try damaged?.write(toFile: file, atomically: true, encoding: .utf8)
            if damaged == nil { #expect(!FileManager.default.fileExists(atPath: file)) }
            let error = #expect(throws: ExperimentError.self) { try TrainedRun(place.file("run")) }
            #expect(error?.description.contains("calibration.json is damaged") == true)
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let later = text.replacing("\"format\" : 1", with: "\"format\" : 2")
        try later.write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: ExperimentError.self) { try TrainedRun(place.file("run")) }
        #expect(error?.code == .runNewer)
    }

    @Test func whatCannotBeCalibratedIsToldBeforeTheTraining() throws {
        let place = try Self.place("platt")
        try place.replace("  validation: valid.csv\n", "")
        #expect(
            sentence { try place.train() }
                .contains("task \"click\": `calibration` is learnt from validation rows")
        )
        let oneSided = try Self.place("platt")
        let rows = try oneSided.text("valid.csv").split(separator: "\n")
            .map { String($0) }
        let zeros = rows.filter {
            $0.split(separator: ",", omittingEmptySubsequences: false)[6] != "1"
        }
        try oneSided.write("valid.csv", zeros.joined(separator: "\n") + "\n")
        #expect(
            sentence { try oneSided.train() }.contains(
                "task \"click\": there is nothing to learn its calibration from; expected validation rows "
                    + "with the labels 0 and 1; received \(zeros.count - 1) with 0 and 0 with 1."
            )
        )
        #expect(!FileManager.default.fileExists(atPath: oneSided.file("run")))
        // A task within another is defined where that is 1, and there all labels may be the same.
        let inner = try Workplace()
        try inner.replace(
            "within: click, loss: binary_cross_entropy, metrics: [auc]",
            "within: click, loss: binary_cross_entropy, metrics: [auc], calibration: platt"
        )
        let kept = try inner.text("valid.csv").split(separator: "\n").map { String($0) }.filter {
            let cells = $0.split(separator: ",", omittingEmptySubsequences: false)
            return !(cells[6] == "1" && cells[7] == "0")
        }
        try inner.write("valid.csv", kept.joined(separator: "\n") + "\n")
        let told = sentence { try inner.train() }
        #expect(told.contains("received 0 with 0 and "), "\(told)")
        #expect(told.contains(" with 1, of those where `click` is 1."), "\(told)")
        let number = try Workplace()
        try number.replace(
            "within: click, loss: binary_cross_entropy, metrics: [auc]",
            "loss: mean_squared_error, calibration: platt"
        )
        #expect(
            sentence { try number.train() }.contains(
                "only probabilities of yes or no are calibrated"
            )
        )
    }
}
