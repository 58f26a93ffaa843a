import ExampleSupport
import Foundation
import Motet
import Testing

@testable import Shop

/// One model of a shop's tasks against the truth, at a size that takes seconds; docs/results-simulated.md has a larger one.
@Suite("Shop", .serialized) struct ShopTests {
    private typealias Measure = ShopTruth.Measure

    private static let example = DocumentedExperiment.package
        .appendingPathComponent("Examples/Shop").path

    private static func settings(rows: Int) throws -> SimulationSettings {
        let file = URL(fileURLWithPath: "\(example)/simulation.yaml")
        return try SimulationSettings(contentsOf: file) {
            ($0.rows, $0.seed, $0.users) = (rows, 7, 2_000)
        }
    }

    private static func floats(_ name: String, _ log: ShopLog) throws -> [Float] {
        let column = try #require(log.columns.first { $0.name == name })
        switch column.values {
        case .float32(let values): return values
        case .int32(let values), .category(let values, of: _): return values.map { Float($0) }
        default: return []
        }
    }

    /// The truth as answers.
    private static func answers(_ truth: ShopTruth) -> ShopAnswers {
        var scores = truth.probabilities
        scores["fraud"] = truth.isFake
        scores["units"] = truth.units
        return ShopAnswers(
            scores: scores,
            elasticities: ["pay": truth.elasticity, "units": truth.elasticity]
        )
    }

    @Test func aRowIsAnImpressionOrAnItemOnADay() throws {
        let settings = try Self.settings(rows: 12_000)
        let log = try ShopLog(settings)
        let (click, units) = (try Self.floats("click", log), try Self.floats("units", log))
        #expect(click.count == 12_000 + settings.items * settings.days)
        #expect(click.map(\.isNaN) == click.indices.map { $0 >= 12_000 })
        #expect(units.map(\.isNaN) == units.indices.map { $0 < 12_000 })
        #expect(units[12_000...].map { max($0.rounded(), 0) } == Array(units[12_000...]))
        let scenario = try Self.floats("scenario", log)
        #expect(Set(scenario[..<12_000]) == [0, 1, 2] && Set(scenario[12_000...]) == [3])
        // The item of a day has the same category in both kinds of rows.
        let (item, category) = (try Self.floats("item", log), try Self.floats("category", log))
        var known: [Float: Float] = [:]
        for row in item.indices { known[item[row], default: category[row]] = category[row] }
        #expect(item.map { known[$0] } == category)
        // Every row is in one part, and the days of the catalogue are split two thirds, a ninth, the rest.
        #expect(log.rows.flatMap { $0 }.sorted() == Array(click.indices))
        let days = log.rows.map { rows in rows.count { $0 >= 12_000 } / settings.items }
        #expect(days == [60, 10, 20])
    }

    /// Units elsewhere and those of the log's own orders are drawn apart: their mean is the expected one.
    @Test func expectedUnitsAreTheMeanOfTheUnitsOfTheRows() throws {
        let log = try ShopLog(Self.settings(rows: 12_000))
        let units = try Self.floats("units", log)
        let own = log.rows[2].indices.filter { log.truth.units[$0].isFinite }
        let sold = own.reduce(0.0) { $0 + Double(units[log.rows[2][$1]]) }
        let expected = own.reduce(0.0) { $0 + Double(log.truth.units[$1]) }
        #expect(own.count == 6_000)
        // Poisson numbers, five deviations.
        #expect(abs(sold - expected) < 5 * expected.squareRoot(), "\(sold) of \(expected)")
    }

    @Test func theTruthIsWithoutErrorAndAPlantedOneIsFound() throws {
        let truth = try ShopLog(Self.settings(rows: 30_000)).truth
        let right = try truth.measure(Self.answers(truth))
        for (measure, value) in right {
            #expect(abs(value - (measure.goal == .higher ? 1 : 0)) < 1e-6, "\(measure) \(value)")
        }
        for task in ["click", "cart", "pay", "returned"] {
            for place in ["all", "home", "search", "mail"] {
                #expect(right[.init(task: task, name: Measure.excess, scenario: place)] != nil)
            }
        }
        #expect(right[.init(task: "units", name: Measure.units, scenario: "catalogue")] != nil)
        #expect(right[.init(task: "units", name: Measure.units, scenario: "home")] == nil)
        #expect(right[.init(task: "pay", name: Measure.elasticity, scenario: "catalogue")] == nil)

        var answers = Self.answers(truth)
        let mail = try #require(truth.names.firstIndex(of: "mail"))
        for row in truth.scenario.indices where truth.scenario[row] == Int32(mail) {
            answers.scores["cart"]?[row] /= 2
            answers.elasticities["pay"]?[row] += 0.25
        }
        answers.scores["units"] = truth.units.map { 1.1 * $0 }
        let wrong = try truth.measure(answers)
        for place in ["home", "search", "mail"] {
            let cart = try #require(
                wrong[.init(task: "cart", name: Measure.excess, scenario: place)]
            )
            let slope = try #require(
                wrong[.init(task: "pay", name: Measure.elasticity, scenario: place)]
            )
            #expect(place == "mail" ? cart > 0.05 : cart < 1e-6, "\(place) \(cart)")
            #expect(abs(slope - (place == "mail" ? 0.25 : 0)) < 1e-5, "\(place) \(slope)")
        }
        let units = try #require(
            wrong[.init(task: "units", name: Measure.units, scenario: "catalogue")]
        )
        #expect(abs(units - 0.1) < 1e-4)
    }

    /// p = 0.5 and q = 0.25: 0.5 log 2 + 0.5 log (2 / 3).
    @Test func excessLossIsTheDivergence() throws {
        let found = try #require(ShopTruth.excessLoss([0.25, 9], [0.5, .nan], [0, 1]))
        #expect(abs(found - (0.5 * log(2.0) + 0.5 * log(2.0 / 3))) < 1e-7)
        #expect(ShopTruth.excessLoss([0.25, 9], [0.5, .nan], [1]) == nil)
    }

    @Test func sharingHelpedOrHurtOnlyWhereTheIntervalSaysSo() throws {
        var table = SharingTable()
        let loss = Measure(task: "click", name: Measure.excess, scenario: "all")
        let ranking = Measure(task: "fraud", name: Measure.ranking, scenario: "all")
        let noise = Measure(task: "cart", name: Measure.excess, scenario: "all")
        let once = Measure(task: "pay", name: Measure.excess, scenario: "all")
        for (seed, step) in [(UInt64(0), 0.0), (1, 0.01), (2, -0.01)] {
            table.add("one", seed: seed, [loss: 0.5 + step, ranking: 0.7, noise: 0.3 + 30 * step])
            table.add("each", seed: seed, [loss: 0.4 + step, ranking: 0.6 + step, noise: 0.3])
        }
        table.add("one", seed: 0, [once: 1])
        table.add("each", seed: 0, [once: 0])
        let tasks = ["click", "cart", "pay", "fraud"]
        let lines = table.lines("one", against: "each", tasks: tasks, scenarios: ["all"])
        #expect(lines.map(\.measure) == [loss, noise, ranking])
        #expect(lines.map(\.verdict) == ["hurt", "open", "helped"])
        let text = table.plain("one", against: "each", tasks: tasks, scenarios: ["all"])
        #expect(text.contains("+0.1000  [+0.1000, +0.1000]  hurt"), "\(text)")
    }

    /// Both models know more than the mean of everything, and what the one and the other reached stands side by side.
    @Test func modelsAreHeldAgainstTheTruthOfEveryShop() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-shop-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var shops = SimulatedShops(folder: folder)
        (shops.example, shops.rows) = (Self.example, 40_000)
        shops.cells = ["shared_bottom", "single_task"]
        var told: [String] = []
        let table = try shops.measure(seeds: [0, 1]) { told.append($0) }
        let text = shops.plain(table, "shared_bottom", against: "single_task")
        print(text)
        #expect(told.count == 4 && table.models == ["shared_bottom", "single_task"])
        let lines = table.lines(
            "shared_bottom",
            against: "single_task",
            tasks: SimulatedShops.tasks,
            scenarios: [Measure.allRows, "home", "search", "mail", "catalogue"]
        )
        // Five probabilities and an elasticity in three places and in all; two measures of units, where all is the catalogue.
        #expect(lines.count == 6 * 4 + 2 * 2, "\(text)")
        let truth = try ShopLog(shops.settings(0)).truth
        let clicks = (truth.probabilities["click"] ?? []).filter(\.isFinite)
        let units = truth.units.filter(\.isFinite)
        func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
        let constant = try truth.measure(
            ShopAnswers(scores: [
                "click": truth.scenario.map { _ in mean(clicks) },
                "units": truth.scenario.map { _ in mean(units) },
            ])
        )
        for (task, name) in [("click", Measure.excess), ("units", Measure.units)] {
            let measure = Measure(task: task, name: name, scenario: Measure.allRows)
            let line = try #require(lines.first { $0.measure == measure })
            let known = try #require(constant[measure])
            #expect(max(line.value, line.base) < 0.6 * known, "\(task): \(known)\n\(text)")
        }
        #expect(Set(try shops.pairs().map(\.other)) == ["single_task", "per_scenario"])
    }
}
