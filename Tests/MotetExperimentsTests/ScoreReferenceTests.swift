import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Score reference of a run") struct ScoreReferenceTests {
    @Test func itIsTheSpreadOfTheScoresThatPredictGives() throws {
        let place = try Workplace()
        _ = try place.train()
        let run = RunDirectory(place.file("run"))
        let reference = try #require(try run.scoreReference())
        #expect(reference.part == "test")
        #expect(reference.rows == 300)
        #expect(reference.tasks.map(\.task) == ["click", "purchase"])
        let predicted = try Workplace.runner.predict(
            run.path,
            files: [place.file("test.csv")],
            output: place.file("scores.csv")
        )
        #expect(predicted.rowCount == 300)
        let table = try Table(place.text("scores.csv"))
        let test = try Table(place.text("test.csv"))
        for task in reference.tasks {
            // Also of the task within clicks every row is scored.
            let scores = try table.numbers(task.task)
            #expect(task.all.rows == 300)
            let mean = scores.reduce(0, +) / Double(scores.count)
            #expect(abs(task.all.mean - mean) < 1e-6, "\(task.task)")
            #expect(abs(task.all.shares.reduce(0, +) - 1) < 1e-9)
            let lookup = task.bins.lookup
            var counts = [Int](repeating: 0, count: ScoreBins.count)
            for score in scores { counts[lookup.bin(of: Float(score))] += 1 }
            for (share, count) in zip(task.all.shares, counts) {
                // A score at the border of two bins may be printed across it.
                #expect(abs(share * 300 - Double(count)) <= 1)
            }
            #expect(task.scenarios.map(\.spread.rows).reduce(0, +) == 300)
            let means = task.scenarios.map { Double($0.spread.rows) * $0.spread.mean }
            #expect(abs(means.reduce(0, +) / 300 - task.all.mean) < 1e-9)
        }
        let clicks = try test.numbers("clicked")
        let click = try #require(reference.tasks.first { $0.task == "click" })
        let labels = clicks.reduce(0, +) / 300
        #expect(abs(try #require(click.all.labelMean) - labels) < 1e-9)
        // Its labels are of some rows only.
        #expect(reference.tasks.first { $0.task == "purchase" }?.all.labelMean == nil)
    }

    @Test func runsWithoutItAndOfLaterVersionsHaveNone() throws {
        let place = try Workplace(rows: 300)
        _ = try place.train()
        let run = RunDirectory(place.file("run"))
        let text = try String(contentsOfFile: run.scoreReferenceFile, encoding: .utf8)
        for later in ["{\"format\": 2, \"what\": []}", nil] {
            try FileManager.default.removeItem(atPath: run.scoreReferenceFile)
            try later?.write(toFile: run.scoreReferenceFile, atomically: true, encoding: .utf8)
            #expect(try run.scoreReference() == nil)
        }
        let low = try #require(text.firstRange(of: "\"low\" : "))
        for damaged in [
            String(text.dropLast(40)), "{\"format\": 1}",
            text.replacingCharacters(in: low, with: "\"low\" : 9e99, \"was\" : "),
        ] {
            try damaged.write(toFile: run.scoreReferenceFile, atomically: true, encoding: .utf8)
            let error = #expect(throws: ExperimentError.self) { try run.scoreReference() }
            #expect(error?.code == .runInvalid)
            #expect(error?.description.contains("score_reference.json is damaged") == true)
        }
    }

    @Test func weightsCount() {
        let rows = ScoredRows(
            scores: [0.1, 0.2, 0.4, 0.9],
            labels: [0, 1, 0, 1],
            weights: [1, 3, 0, 4],
            scenarios: [0, 1, 1, 7]
        )
        let reference = rows.reference("click", ["a", "b", "c"])
        #expect(abs(reference.all.mean - (0.1 + 0.6 + 3.6) / 8) < 1e-7)
        #expect(reference.all.labelMean == 7.0 / 8)
        #expect(reference.scenarios.map(\.scenario) == ["a", "b"])
        #expect(abs((reference.scenarios.last?.spread.mean ?? 0) - 0.2) < 1e-7)
        let lookup = reference.bins.lookup
        #expect(reference.all.shares[lookup.bin(of: 0.2)] == 3.0 / 8)
    }

    @Test(arguments: [
        ScoreBins(low: 0, high: 1), ScoreBins(low: -3, high: 12),
        ScoreBins(low: 1e-5, high: 0.7, isLogarithmic: true),
    ])
    func aScoreBelongsToTheBinBetweenWhoseEndsItIs(bins: ScoreBins) {
        let edges = bins.edges
        let lookup = bins.lookup
        #expect(edges.count == ScoreBins.count + 1)
        #expect(edges == edges.sorted())
        #expect(edges.first == bins.low && edges.last == bins.high)
        var random = RandomKey(seed: 5).generator()
        for _ in 0..<2000 {
            let place = random.nextUniform() * 1.2 - 0.1
            let score = Float(bins.low + (bins.high - bins.low) * place)
            let bin = lookup.bin(of: score)
            // Single precision: a score at an end may fall to the other side of it.
            let room = (bins.high - bins.low) * 1e-5
            #expect(bin == 0 || Double(score) >= edges[bin] - room)
            #expect(bin == ScoreBins.count - 1 || Double(score) <= edges[bin + 1] + room)
        }
        #expect(lookup.bin(of: .nan) == 0)
        #expect(lookup.bin(of: -.infinity) == 0)
        #expect(lookup.bin(of: .infinity) == ScoreBins.count - 1)
    }

    @Test func binsFitTheScores() {
        let small = ScoreBins(fitting: (1...1000).map { Float($0) / 100_000 })
        #expect(small.isLogarithmic)
        let wide = ScoreBins(fitting: (0..<1000).map { 0.4 + Float($0) / 5000 })
        #expect(!wide.isLogarithmic)
        #expect(wide.low > 0.4 && wide.high < 0.6)
        for same in [Float(0), 0.25, -3] {
            let bins = ScoreBins(fitting: [same, same])
            #expect(bins.low < Double(same) && Double(same) < bins.high)
            #expect((1..<ScoreBins.count - 1).contains(bins.lookup.bin(of: same)))
        }
    }
}

/// A small CSV file without quotes.
private struct Table {
    private let names: [String]
    private let rows: [[Substring]]

    init(_ text: String) {
        var lines = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        names = lines.removeFirst().map(String.init)
        rows = lines
    }

    func numbers(_ name: String) throws -> [Double] {
        let column = try #require(names.firstIndex(of: name))
        return try rows.map { try #require(Double($0[column])) }
    }
}
