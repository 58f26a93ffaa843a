import Foundation
import Motet
import Testing

/// What heads of demand learn, against the truth of simulated shops and against a regression by statsmodels.
@Suite("Learnt elasticities", .serialized) struct DemandElasticityTests {
    /// A simulated shop: the log of its days, and the true elasticity of each item.
    private struct Shop {
        let place: Workplace
        let truth: [Double]

        init(endogeneity: Double, shock: Double) throws {
            place = try Workplace()
            var settings = SimulationSettings()
            settings.rows = 100
            settings.users = 100
            settings.items = 120
            settings.days = 90
            settings.seed = 11
            settings.demand.units = 150
            settings.demand.stockCover = 0
            settings.prices.endogeneity = endogeneity
            settings.prices.shock = shock
            settings.prices.variation = 0.2
            settings.ads.share = 0
            _ = try Simulation(settings, version: "test").write(to: place.file("shop"))
            let reader = try TableReader(TableSource(place.file("shop/truth/items.parquet")))
            var truth: [Double] = []
            while let batch = try reader.next() {
                let column = try batch.column("elasticity")
                for row in 0..<batch.rowCount { truth.append(try #require(column.number(at: row))) }
            }
            self.truth = truth
        }

        /// The learnt elasticity of each item.
        func learnt() throws -> [Double] {
            try place.write(
                "demand.yaml",
                """
                name: demand
                seed: 3
                data:
                  files: shop/item_days.parquet
                  split: { fraction: { validation: 0.05, test: 0.05, seed: 1 } }
                features:
                  - { name: item, type: categorical, dimension: 8 }
                  - { name: weekday, type: categorical, dimension: 2 }
                tasks:
                  - { name: units, label: units_sold, loss: poisson, demand: { price: price } }
                model: { architecture: single_task, bottom_units: [32], tower_units: [] }
                training:
                  optimizer: { name: adam, learning_rate: 5.0e-3 }
                  batch_size: 512
                  epochs: 120
                  threads: 1
                evaluation: { resamples: 20 }

                """
            )
            try place.train("demand.yaml")
            let run = try TrainedRun(place.file("run"))
            let predictor = try RunPredictor(run, engine: .oneDNN)
            let rows = RawRows(
                count: truth.count,
                columns: [
                    "item": .each(truth.indices.map { .integer(Int64($0)) }),
                    "weekday": .same(.integer(2)),
                ]
            )
            let curves = try predictor.demandCurves(rows, try RowEncoder(run.fitted))
            return (curves["units"] ?? []).map(\.elasticity)
        }
    }

    private func mean(_ values: some Collection<Double>) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    /// Items in three groups by their true elasticity: the mean of each group is within a tenth.
    @Test func withPricesThatFollowNothingTheyAreFoundWithinATenth() throws {
        let shop = try Shop(endogeneity: 0, shock: 0.1)
        let learnt = try shop.learnt()
        #expect(learnt.count == 120)
        let order = shop.truth.indices.sorted { shop.truth[$0] < shop.truth[$1] }
        for group in 0..<3 {
            let items = order[(group * 40)..<(group * 40 + 40)]
            let (truth, found) = (
                mean(items.map { shop.truth[$0] }), mean(items.map { learnt[$0] })
            )
            print("elasticities, group \(group): truth \(truth), learnt \(found)")
            #expect(abs(found - truth) < 0.1 * abs(truth), "group \(group): \(found) of \(truth)")
        }
        let all = abs(mean(learnt) - mean(shop.truth)) / abs(mean(shop.truth))
        #expect(all < 0.05, "\(all)")
    }

    /// The caveat of docs/models/demand.md: a shop that asks more when demand is high hides what prices do.
    @Test func pricesThatFollowDemandPullThemTowardsZero() throws {
        let shop = try Shop(endogeneity: 0.8, shock: 0.3)
        let (truth, found) = (mean(shop.truth), mean(try shop.learnt()))
        print("elasticities with endogenous prices: truth \(truth), learnt \(found)")
        #expect(found > truth + 0.3 && found < 0, "\(found) of \(truth)")
    }

    /// A model with room for each group's curve finds what Poisson regression of each group finds.
    @Test func aGroupsCurveIsThatOfItsRegression() throws {
        struct Golden: Decodable {
            struct Group: Decodable {
                let level, elasticity: Double
                let prices: [Double]
                let units: [Int]
            }
            let reference: Double
            let groups: [Group]
        }
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/demand/poisson.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        let place = try Workplace()
        var text = "kind,price,units\n"
        for (number, group) in golden.groups.enumerated() {
            for (price, units) in zip(group.prices, group.units) {
                text += "g\(number),\(price),\(units)\n"
            }
        }
        try place.write("rows.csv", text)
        try place.write(
            "demand.yaml",
            """
            name: demand
            seed: 3
            data: { train: rows.csv }
            features:
              - { name: kind, type: categorical, dimension: 8 }
            tasks:
              - name: units
                loss: poisson
                demand: { price: price, reference: \(golden.reference) }
            model: { architecture: single_task, bottom_units: [16], tower_units: [] }
            training:
              optimizer: { name: adam, learning_rate: 1.0e-2 }
              batch_size: 512
              epochs: 1500
              threads: 1
            evaluation: { resamples: 20 }

            """
        )
        try place.train("demand.yaml")
        let run = try TrainedRun(place.file("run"))
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let rows = RawRows(
            count: golden.groups.count,
            columns: ["kind": .each(golden.groups.indices.map { .text("g\($0)") })]
        )
        let curves = try predictor.demandCurves(rows, try RowEncoder(run.fitted))["units"] ?? []
        #expect(curves.count == golden.groups.count)
        for (curve, group) in zip(curves, golden.groups) {
            // Adam ends near the optimum, not in it.
            #expect(abs(curve.level - group.level) < 0.01, "\(curve.level) of \(group.level)")
            #expect(
                abs(curve.elasticity - group.elasticity) < 0.02 * abs(group.elasticity),
                "\(curve.elasticity) of \(group.elasticity)"
            )
        }
    }
}
