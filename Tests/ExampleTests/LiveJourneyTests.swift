import Foundation
import Motet
import Testing

@testable import LiveJourney

@Suite("LiveJourney") struct LiveJourneyTests {
    private static let day: Int64 = 86_400_000
    private static let start: Int64 = 17_000 * day

    private func visit(
        _ day: Int,
        user: Int32,
        _ items: [Int32],
        week: Int = 1
    ) -> PurchaseLog.Visit {
        PurchaseLog.Visit(
            time: Self.start + Int64(day) * Self.day + Int64(user) * 1000,
            week: week,
            user: user,
            basket: Int64(day * 100) + Int64(user),
            lines: items.enumerated().map {
                PurchaseLog.Line(number: Int64($0), item: $1, quantity: 2, isOffer: $1 == 7)
            }
        )
    }

    @Test func candidatesAreWhatWasBoughtBeforeAndNotTooLongAgo() {
        var candidates = Candidates()
        candidates.add(visit(0, user: 1, [5, 5, 6]))
        candidates.add(visit(40, user: 1, [6, 8]))
        candidates.add(visit(41, user: 2, [9]))
        let time = Self.start + 42 * Self.day
        #expect(candidates.own(of: 1, at: time) == [6, 5, 8])
        #expect(candidates.own(of: 3, at: time) == [])
        // Four weeks: the first visit counts no more.
        #expect(candidates.popular(at: time) == [6, 8, 9])
        #expect(candidates.items(of: 2, at: time) == [9, 6, 8])
        #expect(candidates.own(of: 1, at: Self.start + 92 * Self.day) == [6, 8])
        #expect(candidates.own(of: 1, at: Self.start + 132 * Self.day) == [])
    }

    @Test func whatIsPopularIsThatOfTheDaysBefore() {
        var candidates = Candidates()
        candidates.add(visit(0, user: 1, [5]))
        for user in 1...9 { candidates.add(visit(1, user: Int32(user), [6])) }
        #expect(candidates.popular(at: Self.start + Self.day + 50_000) == [5])
        #expect(candidates.popular(at: Self.start + 2 * Self.day) == [6, 5])
    }

    @Test func rowsAreTheCandidatesOfAVisitAndWhatItBought() throws {
        let folder = NSTemporaryDirectory() + "/motet-live-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = PurchaseLog(
            visits: [
                visit(0, user: 1, [5, 7]), visit(1, user: 2, [6]),
                // An item nobody bought before is no candidate.
                visit(2, user: 1, [7, 6, 99], week: 2), visit(3, user: 2, [5], week: 3),
            ],
            items: [7: PurchaseLog.Item(category: "milk", department: "dairy", brand: "own")]
        )
        let rows = TrainingRows(TrainingRows.Part(name: "part", weeks: 2...2, every: 1))
        let written = try rows.write(log, to: folder)
        #expect(written.visits == 1 && written.count == 3 && written.bought == 2)
        let reader = try TableReader(
            TableSource(folder + "/part.parquet"),
            columns: ["item", "bought", "pieces", "offer", "category", "moment"]
        )
        let batch = try #require(try reader.next())
        func numbers(_ name: String) throws -> [Double?] {
            let column = try batch.column(name)
            return (0..<column.count).map { row in
                column.number(at: row).flatMap { $0.isNaN ? nil : $0 }
            }
        }
        #expect(try numbers("item") == [5, 7, 6])
        #expect(try numbers("bought") == [0, 1, 1])
        #expect(try numbers("pieces") == [nil, 2, 2])
        #expect(try numbers("offer") == [nil, 1, 0])
        #expect(try batch.column("category").text(at: 1) == "milk")
        #expect(try batch.column("category").text(at: 0) == "unknown")
        #expect(try batch.column("moment").text(at: 0) == "morning")
        try log.write(to: folder + "/purchases.parquet")
        let events = try TableReader(TableSource(folder + "/purchases.parquet"), columns: ["item"])
        #expect(try events.next()?.column("item").count == 7)
    }

    @Test func theCatalogueHasWhatManyVisitsBoughtBeforeTheReplay() throws {
        let folder = NSTemporaryDirectory() + "/motet-live-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let visits =
            (0..<10).map { visit($0, user: 1, [8, 8, 3]) } + [visit(11, user: 2, [5])]
            + (12..<30).map { visit($0, user: 1, [9], week: 47) }
        let catalogue = Catalogue(PurchaseLog(visits: visits, items: [:]))
        #expect(catalogue.items == [3, 8])
        #expect(try catalogue.write(to: folder + "/catalogue.parquet") == 2)
        try catalogue.writeBaskets(to: folder + "/baskets.parquet")
        let reader = try TableReader(
            TableSource(folder + "/baskets.parquet"),
            columns: ["basket", "item"]
        )
        // Each item of a basket once, and no item outside the catalogue.
        #expect(try reader.next()?.column("item").count == 20)
    }

    @Test func aShareOfTheVisitsIsSampled() {
        let sampled = (0..<16_000).count { TrainingRows.isSampled(31_198_570_044 + Int64($0), 16) }
        // A thousand, and four deviations of a binomial.
        #expect(abs(sampled - 1000) < 4 * 31)
    }

    @Test func hitsAreVisitsThatBoughtOneOfTen() {
        var report = ReplayReport()
        report.visits = 2
        report.add(.model, Array(1...20), [10, 11, 3])
        report.add(.model, Array(1...20), [11, 12])
        #expect(report.rate(.model) == 0.5)
        #expect(report.hits[.model]?.items == 2)
        #expect(report.rate(.popular) == 0)
        #expect(ReplayReport.percentile([3, 1, 2, 4], 0.5) == 2)
        #expect(ReplayReport.percentile([3, 1, 2, 4], 0.99) == 4)
        #expect(ReplayReport.percentile([], 0.5) == 0)
        #expect(report.text.contains("hit rate 50.0 %"))
        // Lists nobody asked for are not told of.
        #expect(!report.text.contains("/v1/recommend"))
        report.add(.list, [4], [5])
        #expect(report.text.contains("/v1/recommend, of the whole catalogue  hit rate 0.0 %"))
    }

    @Test func mistakesInArgumentsAreNamed() throws {
        let options = try LiveOptions(["--port", "80", "--hours", "2", "--day", "2017-12-24"])
        #expect(options.port == 80 && options.hours == 2)
        #expect(options.day == 1_514_073_600_000)
        for (arguments, part) in [
            (["--port"], "--port: a value is missing"), (["--port", "x"], "received \"x\""),
            (["--hours", "0"], "from 1 to 240"), (["--day", "Monday"], "--day: expected a day"),
            (["--what", "1"], "received --what"),
        ] {
            let error = #expect(throws: (any Error).self) { try LiveOptions(arguments) }
            #expect("\(try #require(error))".contains(part), "\(part)")
        }
    }

    /// The columns the model is trained on are those the server computes.
    @Test func theRunKeepsTheFeaturesOfTheColumns() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appendingPathComponent("Examples/LiveJourney")
        let extraction = try FeatureExtraction(
            contentsOf: folder.appendingPathComponent("features.yaml")
        )
        let experiment = try Experiment(contentsOf: folder.appendingPathComponent("mmoe.yaml"))
        #expect(experiment.onlineFeatures?.definitions == extraction.definitions)
        let columns = Set(experiment.features.map(\.column))
        let computed = extraction.definitions.features.map(\.name)
        #expect(computed.allSatisfy { columns.contains($0) })
    }
}
