import ExampleSupport
import Foundation
import Motet
import Testing

@testable import Shop

/// What the example `Shop` says of a comparison that has ended.
@Suite("ComparedCells", .serialized) struct ComparedCellsTests {
    private static func entry(_ scenario: String?, _ value: Double, _ difference: String) -> String
    {
        let place = scenario.map { "\"scenario\": \"\($0)\", " } ?? ""
        return """
            { "task": "click", \(place)"metric": "auc", "by_seed": [\(value)], "mean": { "value": \(value) }\(difference) }
            """
    }

    /// A difference with its interval, in which a resample may lie.
    private static func against(_ value: Double, _ lower: Double, _ upper: Double) -> String {
        let isBetter =
            lower > 0 ? ", \"is_better\": true" : upper < 0 ? ", \"is_better\": false" : ""
        return """
            , "against_single_task": { "value": \(value), "interval": { "lower": \(lower), "upper": \(upper),
            "level": 0.95, "resamples": 200, "undefined_resamples": 0 }\(isBetter) }
            """
    }

    private static func write(_ folder: String, runs: String = "[]") throws {
        let text = """
            { "name": "made_up", "part": "test", "rows": 9, "tasks": ["click"], "seeds": [1], "single_task": "alone",
            "cells": [
            { "name": "together", "choices": [], "runs": \(runs), "delta_m": {}, "entries": [
            \(entry(nil, 0.75, against(0.05, 0.01, 0.09))), \(entry("home", 0.7, against(-0.05, -0.09, -0.01))),
            \(entry("mail", 0.6, against(0.01, -0.01, 0.03)))] },
            { "name": "alone", "choices": [], "runs": [], "delta_m": {}, "entries": [
            \(entry(nil, 0.7, "")), \(entry("home", 0.75, "")), \(entry("mail", 0.59, ""))] }] }
            """
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: folder + "/report.json", atomically: true, encoding: .utf8)
    }

    private static func folder() -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-compared-\(UUID().uuidString)").path
    }

    @Test func sharingHelpedOrHurtWhereTheReportSaysBetterOrWorse() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.write(folder)
        let cells = try ComparedCells(folder)
        #expect(cells.sharing == ["together"])
        let lines = cells.plain("together").split(separator: "\n").dropFirst(2)
            .map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines == [
                "click auc all 0.7000 0.7500 +0.0500 [+0.0100, +0.0900] helped",
                "click auc home 0.7500 0.7000 -0.0500 [-0.0900, -0.0100] hurt",
                "click auc mail 0.5900 0.6000 +0.0100 [-0.0100, +0.0300] open",
            ]
        )
        #expect(try cells.elasticities() == nil)
    }

    @Test func aFolderWithoutAReportIsNamed() {
        let folder = Self.folder()
        let error = #expect(throws: ExampleError.self) { try ComparedCells(folder) }
        #expect("\(String(describing: error))".contains("report.json"))
    }

    /// A count that falls with the price has, at any two prices, the elasticity of its curve.
    @Test func elasticitiesAreThoseOfPredictionsAtTwoPrices() throws {
        let experiment = try DocumentedExperiment("Examples/Shop/retail.yaml")
        let result = try experiment.train()
        let folder = experiment.folder.path
        let path = (result.run.path as NSString).lastPathComponent
        try Self.write(
            folder,
            runs: "[{ \"seed\": 1, \"path\": \"\(path)\", \"state\": \"finished\" }]"
        )
        let table = try #require(try ComparedCells(folder).elasticities())

        let run = try TrainedRun(result.run.path)
        let rows = try ShopRows(run.experiment)
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let encoder = try RowEncoder(run.fitted)
        func quantities(_ price: Double) throws -> [Double] {
            var all = rows.rows
            all.columns["price_ratio"] = .same(.number(price))
            let scores = try predictor.scores(predictor.batch(all, encoder))
            return (scores["quantity"] ?? []).map(Double.init)
        }
        let (one, two) = (try quantities(1), try quantities(2))
        #expect(one.count == rows.rows.count && one.count > 100)
        let slopes = zip(one, two).map { log($1 / $0) / log(2.0) }
        for place in ["all", "united_kingdom", "europe", "elsewhere"] {
            let own = rows.places(place).map { slopes[$0] }
            let mean = NumberText.fixed(own.reduce(0, +) / Double(own.count), digits: 2)
            let line = table.split(separator: "\n").map {
                $0.split(separator: " ").map(String.init)
            }
            .first { $0.contains(place) }
            #expect(line == ["quantity", place, mean, "-"], "\(table)")
        }
    }

    /// Prices that are missing are no prices; of many rows every second, third and so on is asked about.
    @Test func rowsWithoutAPriceAreLeftOut() throws {
        let experiment = try DocumentedExperiment("Examples/Shop/retail.yaml")
        var settings = try Experiment(contentsOf: URL(fileURLWithPath: experiment.file))
        let all = try ShopRows(settings)
        #expect(try ShopRows(settings, most: 100).rows.count == 100)
        let file = experiment.folder.appendingPathComponent("some.parquet").path
        var columns: [(String, TableValues)] = []
        for (name, column) in all.rows.columns.sorted(by: { $0.key < $1.key }) {
            guard case .each(let values) = column else { continue }
            let texts = values.map { value -> String? in
                if case .text(let text) = value { text } else { nil }
            }
            if texts.contains(where: { $0 != nil }) {
                columns.append((name, .string(texts)))
            } else {
                // Every fifth price is 0 or missing.
                let numbers = values.enumerated().map { row, value -> Float in
                    if name == "price_ratio", row % 5 == 0 { return row % 2 == 0 ? 0 : .nan }
                    return switch value {
                    case .number(let number): Float(number)
                    case .integer(let number): Float(number)
                    default: .nan
                    }
                }
                columns.append((name, .float32(numbers)))
            }
        }
        let writer = try TableWriter(
            path: file,
            columns: columns.map { ColumnDescription(name: $0.0, type: $0.1.type) }
        )
        try writer.append(columns.map(\.1))
        try writer.finish()
        settings.data.test = [file]
        #expect(try ShopRows(settings).rows.count == all.rows.count / 5 * 4)
        settings.data.test = []
        #expect(throws: ExampleError.self) { try ShopRows(settings) }
    }
}
