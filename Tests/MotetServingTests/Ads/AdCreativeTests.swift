import Foundation
import Motet
import Testing

@testable import MotetServing

/// Ads whose creatives a model knows by the vectors of their titles and pictures alone.
@Suite("Ads described by texts and pictures") struct AdCreativeTests {
    private static let creatives = 40
    private static let columns = (0..<2).map { "title_\($0)" } + (0..<2).map { "picture_\($0)" }

    /// The vectors of a creative, of length 1 each, as an encoder of texts and one of pictures give them.
    private static func vectors(_ creative: Int) -> [Double] {
        var random = RandomKey(seed: 31).split(creative).generator()
        let angles = (0..<2).map { _ in random.nextUniform() * 2 * Double.pi }
        return angles.flatMap { [cos($0), sin($0)] }
    }

    /// The rate at which a creative is clicked: its title and its picture each do their part.
    private static func rate(_ vectors: [Double]) -> Double {
        1 / (1 + exp(1.5 - 1.5 * vectors[0] - 1.5 * vectors[3]))
    }

    private static func fields(_ vectors: [Double]) -> String {
        zip(columns, vectors).map { "\"\($0)\":\($1)" }.joined(separator: ",")
    }

    private static func line(_ vectors: [Double]) -> String {
        vectors.map { "\($0)" }.joined(separator: ",")
    }

    private static func shop() throws -> ServedShop {
        func table(rows: Int, seed: UInt64) -> String {
            var random = RandomKey(seed: seed).generator()
            var text = "market,clicked,bought," + columns.joined(separator: ",") + "\n"
            for _ in 0..<rows {
                let own = vectors(min(Int(random.nextUniform() * 30), 29))
                let click = random.nextUniform() < rate(own)
                let buys = click && random.nextUniform() < 0.3
                text += "home,\(click ? 1 : 0),\(buys ? 1 : 0),"
                text += line(own) + "\n"
            }
            return text
        }
        let features = columns.map { "  - { name: \($0), type: numeric }\n" }.joined()
        let shop = try ServedShop(
            experiment: """
                name: creatives
                seed: 3
                data:
                  train: train.csv
                  validation: valid.csv
                  scenario: { column: market, values: [home] }
                features:
                \(features)tasks:
                  - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc], calibration: platt }
                  - { name: purchase, label: bought, within: click, loss: binary_cross_entropy, calibration: platt }
                model: { architecture: shared_bottom, bottom_units: [16], tower_units: [8] }
                training:
                  optimizer: { name: adam, learning_rate: 1.0e-2 }
                  batch_size: 100
                  epochs: 6
                  threads: 1
                evaluation: { resamples: 0 }

                """,
            train: table(rows: 6000, seed: 41),
            valid: table(rows: 2000, seed: 42)
        )
        // The shop's table of its items: the last ten are creatives that no row of the training has.
        let items: [String] = (0..<creatives).map { creative in
            "c\(creative)," + line(vectors(creative))
        }
        let header = "item," + columns.joined(separator: ",")
        try shop.write("items.csv", ([header] + items).joined(separator: "\n") + "\n")
        let ads: [String] = (30..<creatives).map { creative in
            "  - { id: k\(creative), currency: EUR, bid: 1, budget: 1000, ads: [ { id: a\(creative), item: c\(creative) } ] }"
        }
        try shop.write("campaigns.yaml", "campaigns:\n" + ads.joined(separator: "\n") + "\n")
        return shop
    }

    /// Creatives that were never shown are ranked by what their titles and pictures are like, with the very numbers the
    /// model gives of their vectors, whether these stand in the table of items or in the request.
    @Test func newOnesAreRankedByWhatTheyAreLike() async throws {
        let shop = try Self.shop()
        let ads = try AdShop.settings(
            shop,
            "campaigns: campaigns.yaml",
            pacing: "{ gain: 0 }"
        ).ads
        let server = try await RunningServer(shop) {
            $0.ads = ads
            $0.ads?.maximumPlaces = Self.creatives
            $0.items = ServingSettings.ItemFiles(files: [shop.file("items.csv")], item: "item")
        }
        let visit = "\"user\":{\"id\":\"u1\"},\"context\":{\"market\":\"home\"}"
        let sold = try await server.ads(visit + ",\"places\":10,\"explain\":true")
        #expect(sold.names.count == 10)

        let trained = try TrainedRun(shop.file("run"))
        let predictor = try RunPredictor(trained, engine: .oneDNN)
        let encoder = try RowEncoder(trained.fitted)
        func click(_ own: [[Double]]) throws -> [Double] {
            var columns: [String: RawRows.Column] = ["market": .same(.text("home"))]
            for (place, name) in Self.columns.enumerated() {
                columns[name] = .each(own.map { .number($0[place]) })
            }
            let rows = RawRows(count: own.count, columns: columns)
            return try predictor.scores(predictor.batch(rows, encoder))["click"]?.map(Double.init)
                ?? []
        }
        let expected = try click((30..<Self.creatives).map(Self.vectors))
        for (place, name) in sold.names.enumerated() {
            let creative = try #require(Int(name.dropFirst()))
            #expect(abs(sold.explained(place, "click") - expected[creative - 30]) < 1e-6, "\(name)")
        }
        // The truth ranks them as the model does, but for those that are nearly alike.
        let rates = sold.names.compactMap { Int($0.dropFirst()) }.map {
            Self.rate(Self.vectors($0))
        }
        for (better, worse) in zip(rates, rates.dropFirst()) { #expect(better > worse - 0.05) }
        #expect((rates.first ?? 0) > (rates.last ?? 1) + 0.2)

        // A creative of a request, and one of the table with another picture.
        let own = [0.8, 0.6, 0.6, 0.8]
        let changed = Array(Self.vectors(35).prefix(2)) + [0, -1]
        let asked = [
            "{\"id\":\"new\",\(Self.fields(own)),", "{\"id\":\"c35\",\(Self.fields(changed)),",
        ].enumerated().map { place, start in
            start
                + "\"ad\":\"x\(place)\",\"campaign\":\"y\(place)\",\"bid\":{\"type\":\"cpc\",\"amount\":1,"
                + "\"currency\":\"EUR\"},\"budget\":{\"amount\":1000,\"currency\":\"EUR\"}}"
        }
        let given = try await server.ads(
            visit + ",\"places\":2,\"explain\":true,\"items\":[\(asked.joined(separator: ","))]"
        )
        let scores = try click([own, changed])
        #expect(given.names == ["x0", "x1"])
        #expect(abs(given.explained(0, "click") - scores[0]) < 1e-6)
        #expect(abs(given.explained(1, "click") - scores[1]) < 1e-6)
        // The request's picture counts, not the table's.
        #expect(abs(scores[1] - expected[5]) > 1e-3)
    }
}
