import Foundation
import Motet
import MotetTestSupport
import Testing

@Suite("Pages of runs and comparisons") struct PageTests {
    /// A shop whose run has everything a page shows: intervals, learnt weights, compared gradients, a phase, several
    /// epochs, a test part, and a name that is markup.
    private func shop() throws -> Shop {
        let shop = try Shop.compared()
        try shop.replace(
            "epochs: 1",
            "schedule: [ { joint: { epochs: 3 } }, { single: { task: click, epochs: 2 } } ]"
        )
        try shop.replace(
            "  threads: 1",
            "  threads: 1\n  weighting: uncertainty\n  early_stopping: { metric: auc }"
        )
        try shop.replace("resamples: 0", "resamples: 20")
        try shop.replace("metrics: [auc] }\n  - ", "metrics: [auc, log_loss, calibration] }\n  - ")
        for name in ["train.csv", "valid.csv", "test.csv"] {
            try shop.replace("home", "<b>home", in: name)
        }
        try shop.replace("[home, search, mail]", "[\"<b>home\", search, mail]")
        return shop
    }

    /// The places of all numbers of a report.
    private func places(_ report: MetricReport?, _ start: String) -> Set<String> {
        var places = Set<String>()
        for (index, entry) in (report?.entries ?? []).enumerated() {
            let place = "\(start)/entries/\(index)/estimate"
            places.insert(place + "/value/rows")
            if entry.estimate.value.value != nil { places.insert(place + "/value/value") }
            if entry.estimate.interval != nil {
                places.formUnion([place + "/interval/lower", place + "/interval/upper"])
            }
        }
        return places
    }

    @Test func aRunHasAPageWithTheNumbersOfItsFiles() async throws {
        let shop = try shop()
        try shop.train()
        let run = RunDirectory(shop.file("run"))
        let html = try shop.text("run/report.html")
        #expect(html.utf8.count < 500_000)
        #expect(html.contains("&lt;b&gt;home") && !html.contains("<b>"))
        for title in [
            "Summary", "Metrics", "Learning curves", "Weights and learning rate", "Calibration",
            "Epochs",
            "Configuration",
        ] {
            #expect(html.contains("<h2>\(title)</h2>"), "\(title)")
        }
        #expect(html.contains("phase 2") && html.contains("kept: "))
        #expect(shop.halfWritten.isEmpty)
        let metrics = try run.metrics()
        #expect(metrics.reliability?.map(\.task) == ["click", "purchase"])
        guard Browser.isInstalled else { return }
        var wanted = places(metrics.test, "metrics.json#/test")
        wanted.formUnion(["metrics.json#/parameters", "metrics.json#/training_seconds"])
        wanted.formUnion((0..<5).map { "history.jsonl#/\($0)/losses/0/value" })
        wanted.formUnion((0..<5).map { "history.jsonl#/\($0)/learningRate" })
        wanted.formUnion((0..<5).map { "history.jsonl#/\($0)/losses/0/weight" })
        try await Browser.with { browser in
            for (view, finding) in try await PageCheck(run.reportFile).findAll(browser) {
                #expect(finding.faults == [], "\(view)")
                #expect(wanted.subtracting(finding.places) == [], "\(view)")
                #expect(finding.drawings >= 8)
            }
        }
    }

    @Test func aResumedRunHasAPageOfAllItsEpochs() throws {
        let shop = try Shop()
        try shop.replace("epochs: 1", "epochs: 400")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Program.binary())
        process.arguments = ["train", "shop.yaml", "--output", "run"]
        process.currentDirectoryURL = URL(fileURLWithPath: shop.path)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        #expect(shop.waits(for: "run/history.jsonl"))
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(!FileManager.default.fileExists(atPath: shop.file("run/report.html")))
        #expect(try shop.motet("train", "run", "--resume").status == 0)
        let html = try shop.text("run/report.html")
        #expect(html.contains("data-at=\"/0\"") && html.contains("data-at=\"/399\""))
        #expect(html.contains("more epochs stand in <code>history.<wbr>jsonl</code>"))
        #expect(html.utf8.count < 500_000)
    }

    @Test func aComparisonHasAPageWithTheNumbersOfItsReport() async throws {
        let shop = try Shop.compared()
        try shop.replace("resamples: 0", "resamples: 20")
        let result = try shop.compare("--select", "delta_m")
        #expect(result.status == 0, "\(result.errors)")
        let report = try shop.report()
        let html = try shop.text("all/comparison.html")
        #expect(html.utf8.count < 500_000)
        guard Browser.isInstalled else { return }
        var wanted: Set<String> = ["/rows", "/selection/score"]
        for (index, cell) in report.cells.enumerated() {
            let place = "/cells/\(index)"
            wanted.formUnion(
                ["/parameters", "/step_milliseconds", "/delta_m/value"].map { place + $0 }
            )
            if cell.deltaM.interval != nil { wanted.insert(place + "/delta_m/interval/lower") }
            for (index, entry) in cell.entries.enumerated() {
                let place = "\(place)/entries/\(index)"
                wanted.formUnion(["/task"].map { place + $0 })
                if entry.mean.value != nil { wanted.insert(place + "/mean/value") }
                if entry.mean.interval != nil { wanted.insert(place + "/mean/interval/upper") }
                for (key, difference) in [
                    ("against_single_task", entry.againstSingleTask),
                    ("against_tuned_scalarisation", entry.againstTuned),
                ] {
                    if difference?.value != nil { wanted.insert("\(place)/\(key)/value") }
                    if difference?.interval != nil {
                        wanted.insert("\(place)/\(key)/interval/lower")
                    }
                    if difference?.pValue != nil { wanted.insert("\(place)/\(key)/p_value") }
                }
            }
        }
        for (index, trial) in (report.search?.trials ?? []).enumerated() {
            wanted.formUnion(trial.weights.indices.map { "/search/trials/\(index)/weights/\($0)" })
            wanted.insert("/search/trials/\(index)/score")
        }
        let places = wanted.map { "report.json#" + $0 }
        try await Browser.with { browser in
            for (view, finding) in try await PageCheck(shop.file("all/comparison.html")).findAll(
                browser
            ) {
                #expect(finding.faults == [], "\(view)")
                #expect(Set(places).subtracting(finding.places) == [], "\(view)")
                #expect(finding.drawings >= 4)
            }
        }
    }
}
