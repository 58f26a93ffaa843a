import Foundation
import Motet
import MotetCore
import Testing

@testable import MotetServing

@Suite("Drift of scores") struct DriftTests {
    private static let shares = (0..<30).map { _ in 1.0 / 30 }

    @Test func theIndexIsThatOfTheFormula() throws {
        // Ten groups of three bins; the first has twice its share, the last none.
        var counts = [Int](repeating: 100, count: 30)
        for bin in 0..<3 { (counts[bin], counts[29 - bin]) = (200, 0) }
        let live = [600.5] + [Double](repeating: 300.5, count: 8) + [0.5]
        let total = 3000.0 + 10 * 0.5
        let expected = live.reduce(0.0) { sum, count in
            let q = count / total
            return sum + (q - 0.1) * log(q / 0.1)
        }
        let found = try #require(ScoreDrift.stability(of: counts, against: Self.shares))
        #expect(abs(found - expected) < 1e-12)
        #expect(found > 0.25)
        let same = [Int](repeating: 100, count: 30)
        let none = try #require(ScoreDrift.stability(of: same, against: Self.shares))
        #expect(abs(none) < 1e-12)
        // The order of bins within a group does not count.
        let turned = [200, 50, 50] + same.dropFirst(3)
        #expect(ScoreDrift.stability(of: turned, against: Self.shares) == none)
    }

    @Test func fewScoresAndEmptyReferencesTellNothing() {
        var counts = [Int](repeating: 0, count: 30)
        counts[4] = ScoreDrift.leastCount - 1
        #expect(ScoreDrift.stability(of: counts, against: Self.shares) == nil)
        counts[5] = 1
        #expect(ScoreDrift.stability(of: counts, against: Self.shares) != nil)
        #expect(
            ScoreDrift.stability(of: counts, against: [Double](repeating: 0, count: 30)) == nil
        )
        // A reference in one bin is one group: nothing can drift in it.
        let one = (0..<30).map { $0 == 7 ? 1.0 : 0 }
        #expect(ScoreDrift.stability(of: counts, against: one) == 0)
    }

    /// Without drift the index is about the number of groups less 1, divided by the number of scores.
    @Test func whatIsLeftToChanceIsAsSaid() {
        var random = RandomKey(seed: 2).generator()
        var sum = 0.0
        for _ in 0..<400 {
            var counts = [Int](repeating: 0, count: 30)
            for _ in 0..<1000 { counts[min(29, Int(random.nextUniform() * 30))] += 1 }
            sum += ScoreDrift.stability(of: counts, against: Self.shares) ?? .infinity
        }
        // The mean of 400, each of a deviation of about sqrt(18) / 1000.
        #expect(abs(sum / 400 - 9.0 / 1000) < 0.001)
    }

    private func layout() throws -> ScoreLayout {
        let shop = try ServedShop.shared.get()
        return try ServedModel(shop.file("run"), engine: .oneDNN, workers: 1).layout
    }

    /// The layout of the run under another version, or with other scenarios than the run's bins.
    private func layout(
        _ version: String,
        hasReference: Bool = true,
        made: ContinuousClock.Instant = .now
    ) throws -> ScoreLayout {
        let shop = try ServedShop.shared.get()
        let model = try ServedModel(shop.file("run"), engine: .oneDNN, workers: 1)
        let run = model.predictor.run
        return ScoreLayout(
            version: version,
            tasks: model.tasks,
            run.fitted,
            model.encoder,
            hasReference ? try run.directory.scoreReference() : nil,
            features: try run.directory.featureReference(),
            made: made
        )
    }

    private func half(_ layout: ScoreLayout) -> ScoreTally {
        ScoreTally(layout.tasks.map { _ in [.number(0.5)] }, .same(nil), layout)
    }

    /// A run that is read again is one model in metrics, and its last hour goes on.
    @Test func aRunThatIsReadAgainGoesOnWithItsLastHour() throws {
        let monitor = ScoreMonitor()
        let now = ContinuousClock.now
        let old = try layout("v", made: now - .seconds(1_000))
        let new = try layout("v", made: now - .seconds(400))
        let width = (old.samples.reference?.features.count ?? 0) + old.tasks.count
        func row(_ value: Float) -> [Float] { [Float](repeating: value, count: width) }
        old.samples.add(row(1), at: 30)
        old.samples.add(row(2), at: 590)
        // Before the first answer is counted, and 600 seconds after the old ones were made.
        new.samples.add(row(3), at: 20)
        monitor.add(half(old), at: 5)
        monitor.add(half(new), at: 6)
        // A late answer of the model as it was read before.
        monitor.add(half(old), at: 7)
        let models = monitor.drift(at: 10)
        #expect(models.count == 1 && models.first?.layout === new)
        #expect(models.first?.tasks.first?.first?.live.count == 3)
        #expect(new.samples.columns(at: 700).first == [1, 2, 3])
        // The first of them is over after an hour of its own time, the last after one of its.
        #expect(new.samples.columns(at: 3_640).first == [2, 3])
        #expect(new.samples.columns(at: 4_150).first == [3])
        #expect(new.samples.columns(at: 4_260).isEmpty)
        #expect(new.samples.now >= 1_000)
        var text = MetricsText()
        monitor.write(to: &text)
        let series = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("motet_drift_scores{") && !$0.contains("scenario=")
        }
        #expect(series.count == new.tasks.count && Set(series).count == series.count)
    }

    /// Counts of other bins are not added up, whichever of both comes last.
    @Test func aReferenceMadeAnewBeginsAnew() throws {
        let monitor = ScoreMonitor()
        let now = ContinuousClock.now
        let old = try layout("v", hasReference: false, made: now - .seconds(9))
        let new = try layout("v", made: now)
        #expect(old.tasks.map(\.bins) != new.tasks.map(\.bins))
        monitor.add(half(old), at: 5)
        monitor.add(half(new), at: 6)
        monitor.add(half(old), at: 7)
        let models = monitor.drift(at: 10)
        #expect(models.count == 1 && models.first?.layout === new)
        #expect(models.first?.tasks.first?.first?.live.count == 1)
    }

    @Test func scoresAreCountedByTaskScenarioAndBin() throws {
        let layout = try layout()
        #expect(layout.scenarios == ["home", "search", "mail", "other"])
        #expect(layout.reference?.part == "validation")
        #expect(layout.reference?.rows == 300)
        let rows = layout.scenarios(of: [
            "market": .each([.text("home"), .text("mail"), .text("moon"), .text("home")])
        ])
        guard case .each(let numbers) = rows else { throw Wire.Failure(description: "one") }
        #expect(numbers == [0, 2, 3, 0])
        let scores: [[ServedModel.Score]] = [
            [.number(0.1), .number(0.2), .number(0.3), .number(0.4)],
            [.number(0.5), .number(0.5), .number(0.5), .number(0.5)],
            [.choice("web", 0.9), .choice("app", 0.8), .choice("web", 0.7), .choice("web", 0.6)],
        ]
        let monitor = ScoreMonitor()
        monitor.add(ScoreTally(scores, rows, layout), at: 10)
        monitor.add(ScoreTally(scores, .same(1), layout), at: 10)
        let model = try #require(monitor.drift(at: 20).first)
        #expect(model.layout === layout)
        for (task, drifts) in zip(layout.tasks.indices, model.tasks) {
            #expect(drifts.map(\.scenario) == [nil, "home", "search", "mail", "other"])
            #expect(drifts.map(\.live.count) == [8, 2, 4, 1, 1])
            let values = scores[task].map(\.value)
            let sum = values.reduce(0.0) { $0 + Double($1) }
            #expect(abs(drifts[0].live.sum - 2 * sum) < 1e-6)
            #expect(abs((drifts[1].live.mean ?? 0) - Double(values[0] + values[3]) / 2) < 1e-6)
            for value in values {
                #expect(drifts[2].live.counts[layout.tasks[task].lookup.bin(of: value)] > 0)
            }
            #expect(drifts[1].reference?.shares.count == ScoreBins.count)
        }
    }

    @Test func scoresCountForAnHour() throws {
        let layout = try layout()
        let one = ScoreTally(layout.tasks.map { _ in [.number(0.5)] }, .same(0), layout)
        var window = ScoreWindow(layout)
        for minute in 0..<200 {
            let time = Double(minute) * 60 + 30
            window.add(one, at: time)
            #expect(window.cells(of: 0, at: time)[0].count == min(minute + 1, 60))
        }
        #expect(window.cells(of: 0, at: 200 * 60 + 30)[0].count == 59)
        #expect(window.cells(of: 0, at: 258 * 60 + 59)[0].count == 1)
        #expect(window.cells(of: 0, at: 259 * 60)[0].count == 0)
    }

    @Test func theModelThatAnsweredLongestAgoGoes() throws {
        let monitor = ScoreMonitor()
        let layouts = try (0...ScoreMonitor.models).map { try layout("v\($0)") }
        func answer(_ layout: ScoreLayout) {
            let scores: [[ServedModel.Score]] = layout.tasks.map { _ in [.number(0.5)] }
            monitor.add(ScoreTally(scores, .same(nil), layout), at: 5)
        }
        for layout in layouts.dropLast() { answer(layout) }
        answer(layouts[0])
        if let last = layouts.last { answer(last) }
        let kept = monitor.drift(at: 5).map { ObjectIdentifier($0.layout) }
        let expected = layouts.indices.filter { $0 != 1 }.map { ObjectIdentifier(layouts[$0]) }
        #expect(Set(kept) == Set(expected))
        // Rows in no scenario count for the task as a whole.
        #expect(monitor.drift(at: 5).first?.tasks.first?.map(\.scenario) == [nil])
    }

    @Test func piecesOfTrafficAreTenSecondsEach() throws {
        var history = TrafficHistory()
        for second in 0..<2000 {
            history.add(
                "score",
                status: second % 100 == 7 ? 503 : 200,
                taken: 0.002,
                at: Double(second)
            )
        }
        history.add("events", status: 200, taken: 0.5, at: 1999.5)
        let pieces = history.pieces(at: 1999.9)
        #expect(pieces.count == TrafficHistory.pieces)
        #expect(pieces.allSatisfy { $0.routes["score"]?.requests == 10 })
        #expect(pieces.compactMap { $0.routes["score"]?.failures }.reduce(0, +) == 18)
        #expect(abs((pieces.last?.age ?? 0) - 9.9) < 1e-9)
        #expect(pieces.last?.routes["events"]?.requests == 1)
        #expect(pieces.first?.routes["events"] == nil)
        // What is older than half an hour is gone, also where nothing came since.
        #expect(history.pieces(at: 1999 + 1800).allSatisfy { $0.routes.isEmpty })
        #expect(TrafficHistory().pieces(at: 3).allSatisfy { $0.routes.isEmpty })
    }

    @Test func percentilesAreThoseOfTheValues() throws {
        var random = RandomKey(seed: 9).generator()
        var histogram = Histogram(TrafficHistory.bounds)
        #expect(histogram.percentile(0.5) == nil)
        var values = (0..<5000).map { _ in 0.001 * exp(4 * random.nextUniform()) }
        for value in values { histogram.add(value) }
        values.sort()
        for share in [0.01, 0.5, 0.9, 0.99, 1] {
            let exact = values[min(4999, Int(share * 5000))]
            let found = try #require(histogram.percentile(share))
            // Bounds are 19 % apart, and values are taken as spread evenly between them.
            #expect(abs(found / exact - 1) < 0.19, "\(share): \(found), \(exact)")
        }
        histogram.add(1000)
        #expect(histogram.percentile(1) == TrafficHistory.bounds.last)
    }
}
