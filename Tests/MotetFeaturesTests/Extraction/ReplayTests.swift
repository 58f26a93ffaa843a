import Foundation
import MotetCore
import MotetTestSupport
import MotetData
import MotetSimulation
import Testing

@testable import MotetFeatures

/// The real logs, where they are at hand.
enum RealLogs {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where original files may lie: `MOTET_SHARED_DATA`, `shared/data` beside the package, or where
    /// `motet data fetch` puts them.
    private static func folders(_ name: String) -> [String] {
        let fetched = package.path + "/data/\(name)/original/\(name)"
        let unpacked = (try? FileManager.default.contentsOfDirectory(atPath: fetched)) ?? []
        return [
            ProcessInfo.processInfo.environment["MOTET_SHARED_DATA"],
            package.deletingLastPathComponent().path + "/shared/data",
            fetched,
        ].compactMap { $0 } + unpacked.map { fetched + "/" + $0 }
    }

    /// The files of a data set, or nil.
    static func files(_ recipe: any DatasetRecipe) -> DatasetFiles? {
        for folder in folders(recipe.card.name) {
            if let files = try? DatasetFiles.locate(recipe.card, in: folder) { return files }
        }
        return nil
    }

    static let retail = files(OnlineRetailRecipe())
    static let journey = files(CompleteJourneyRecipe())

    /// What a skipped test says.
    static let sentence =
        "the original files are not here: run `motet data fetch NAME --output data/NAME`, or name the folder that "
        + "holds them in MOTET_SHARED_DATA"
}

@Suite("Replays of whole logs") struct ReplayTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Computes the columns by the command's own code, then sends the same log through a store, batch by batch, and
    /// asks at each row: both must agree in every bit.
    private func expectReplayEqualsColumns(
        _ extraction: FeatureExtraction,
        rows path: String,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let outputs = try FeatureExtraction.outputs(of: [path], in: folder.path + "/columns")
        let report = try extraction.run(outputs)
        let columns = try FeatureColumns(outputs[0].to, extraction.definitions)

        var events: [Event] = []
        for (index, log) in extraction.logs.enumerated() {
            let reader = try EventLogReader(log, index: index)
            while let batch = try reader.next() { events += batch }
        }
        events.sort { $0.time < $1.time }
        let store = MemoryFeatureStore(extraction.definitions, items: try extraction.items())
        var (next, row, different) = (0, 0, 0)
        var seen: Set<FeatureValue> = []
        let names = extraction.rows
        let reader = try TableSource(path).reader(
            of: [names.time, names.user, names.item, names.category, names.scenario].compactMap {
                $0
            }
        )
        let texts = NameReader()
        while let batch = try reader.next() {
            func column(_ name: String?) throws -> [String?]? {
                try name.map { try texts.names(batch.column($0)) }
            }
            let times = try times(batch.column(names.time), names.unit)
            let users = try column(names.user)
            let items = try column(names.item)
            let categories = try column(names.category)
            let scenarios = try column(names.scenario)
            for place in 0..<batch.rowCount {
                let time = try #require(times[place])
                // As they would arrive: in batches of at most 100, everything before the row.
                while next < events.count, events[next].time < time {
                    var end = next
                    while end < events.count, end < next + 100, events[end].time < time { end += 1 }
                    _ = store.apply(Array(events[next..<end]))
                    next = end
                }
                let answer = store.features(
                    FeatureRequest(
                        user: users?[place],
                        scenario: scenarios?[place],
                        items: [
                            FeatureCandidate(item: items?[place], category: categories?[place])
                        ],
                        time: time
                    )
                ).row(0)
                if answer != columns.row(row) { different += 1 }
                if row % 7 == 0 { seen.formUnion(answer) }
                row += 1
            }
        }
        #expect(different == 0, sourceLocation: sourceLocation)
        #expect(report.rows == [row], sourceLocation: sourceLocation)
        #expect(report.applied == next, sourceLocation: sourceLocation)
        #expect(seen.count > 1_000, sourceLocation: sourceLocation)
        print(
            "\(row) rows, \(next) events, \(extraction.definitions.features.count) features: all equal"
        )
    }

    /// Writes every n-th event of a log as a row that is to get features.
    private func rows(of extraction: FeatureExtraction, every step: Int) throws -> String {
        var events: [Event] = []
        let reader = try EventLogReader(extraction.logs[0], index: 0)
        while let batch = try reader.next() {
            events += batch.enumerated().filter { $0.offset % step == 0 }.map(\.element)
        }
        events.sort { $0.time < $1.time }
        return try folder.write(events, "rows.parquet")
    }

    /// Features of a log of purchases.
    private static let purchases = """
        online_features:
          lateness: 2d
          features:
            - { name: user_lines_7d, of: user, type: count, events: purchase, window: 7d }
            - { name: user_spend_30d, of: user, type: sum, value: amount, events: { purchase: 1, return: -1 },
                window: 30d, tiles: 30 }
            - { name: user_recency, of: user, type: recency, events: purchase }
            - { name: user_products, of: user, type: sequence, events: purchase, value: item, length: 20 }
            - { name: user_different_7d, of: user, type: distinct, events: purchase, value: item, window: 7d }
            - { name: user_basket, of: user, type: session, events: [purchase, return], gap: 1h }
            - { name: product_lines_30d, of: item, type: count, events: purchase, window: 30d }
            - { name: product_return_rate, of: item, type: rate, events: return, per: purchase, window: all,
                prior: 0.02, strength: 50 }
            - { name: product_price, of: item, type: last, events: purchase, value: price }
            - { name: product_price_7d, of: item, type: mean, events: purchase, value: price, window: 7d, prior: 2,
                strength: 1 }
            - { name: user_product_affinity, of: [user, item], type: decayed, events: purchase, half_life: 14d }
            - { name: category_affinity, of: [user, category], type: decayed, events: { purchase: 1, return: -1 },
                half_life: 30d }
            - { name: place_lines_1d, of: scenario, type: count, events: purchase, window: 1d }
            - { name: place_product_lines, of: [item, scenario], type: count, events: purchase, window: 7d, tiles: 7 }
        """

    @Test func theSimulatedShop() throws {
        var settings = SimulationSettings()
        settings.rows = 20_000
        settings.days = 20
        settings.users = 500
        settings.items = 200
        settings.categories = 10
        settings.sellers = 20
        _ = try Simulation(settings, version: "test").write(to: folder.path + "/shop")
        let example = RealLogs.package.appendingPathComponent("Examples/OnlineFeatures/shop.yaml")
        var extraction = try FeatureExtraction(contentsOf: example)
        let rows = folder.path + "/shop/impressions"
        for index in extraction.logs.indices { extraction.logs[index].files = [rows] }
        try expectReplayEqualsColumns(extraction, rows: rows)
    }

    @Test(.enabled(if: RealLogs.retail != nil, "\(RealLogs.sentence)"))
    func onlineRetail() throws {
        let file = try #require(RealLogs.retail?.paths.values.first)
        var log = EventLog(files: [file], kind: .constant(.purchase))
        log.time = "InvoiceDate"
        log.user = "CustomerID"
        log.item = "StockCode"
        log.scenario = "Country"
        log.quantity = "Quantity"
        log.price = "UnitPrice"
        log.negativeQuantity = .returned
        log.invalid = .skip
        var rows = FeatureRows()
        rows.user = "user"
        rows.item = "item"
        rows.scenario = "scenario"
        let extraction = FeatureExtraction(
            try definitions(Self.purchases),
            logs: [log],
            rows: rows
        )
        try expectReplayEqualsColumns(extraction, rows: self.rows(of: extraction, every: 11))
    }

    @Test(.enabled(if: RealLogs.journey != nil, "\(RealLogs.sentence)"))
    func completeJourney() throws {
        let files = try #require(RealLogs.journey)
        var log = EventLog(
            files: [try #require(files.paths["transactions"])],
            kind: .constant(.purchase)
        )
        log.time = "transaction_timestamp"
        log.user = "household_id"
        log.item = "product_id"
        log.scenario = "store_id"
        log.quantity = "quantity"
        log.amount = "sales_value"
        log.invalid = .skip
        var rows = FeatureRows()
        rows.user = "user"
        rows.item = "item"
        rows.scenario = "scenario"
        let extraction = FeatureExtraction(
            try definitions(Self.purchases),
            logs: [log],
            rows: rows,
            itemFile: FeatureExtraction.ItemFile(
                files: [try #require(files.paths["products"])],
                item: "product_id",
                category: "product_category"
            )
        )
        try expectReplayEqualsColumns(extraction, rows: self.rows(of: extraction, every: 29))
    }
}
