import Foundation
import MotetCore
import MotetTestSupport
import MotetData
import Testing

@testable import MotetFeatures

@Suite("Features from logs") struct ExtractionTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Exposures as rows: what a model would be trained on.
    private func rows(_ events: [Event]) -> [Event] {
        events.filter { $0.kind == .exposure }
    }

    private func extraction(
        _ definitions: FeatureDefinitions,
        log path: String
    ) -> FeatureExtraction {
        var log = EventLog(files: [path], kind: .column("kind"))
        log.item = "item"
        log.category = "category"
        log.scenario = "scenario"
        log.quantity = "pieces"
        log.price = "price"
        log.id = "id"
        var rows = FeatureRows()
        rows.user = "user"
        rows.item = "item"
        rows.category = "category"
        rows.scenario = "scenario"
        return FeatureExtraction(definitions, logs: [log], rows: rows)
    }

    @Test(arguments: RandomKey.seeds(3))
    func aReplayThroughTheStoreGivesTheVeryColumns(key: RandomKey) throws {
        let definitions = try definitions()
        let events = log(3_000, key: key)
        var random = key.generator()
        // The log is in no order; an event may stand in it twice.
        let logPath = try folder.write(
            (events + events[100..<120]).shuffled(using: &random),
            "events.parquet"
        )
        let rowPath = try folder.write(rows(events), "exposures.parquet")
        let outputs = try FeatureExtraction.outputs(of: [rowPath], in: folder.path + "/out")
        let report = try extraction(definitions, log: logPath).run(outputs)
        #expect(report.rows == [rows(events).count])

        let store = MemoryFeatureStore(definitions)
        let columns = try FeatureColumns(outputs[0].to, definitions)
        var next = 0
        for (row, exposure) in rows(events).enumerated() {
            var batch: [Event] = []
            while next < events.count, events[next].time < exposure.time {
                batch.append(events[next])
                next += 1
            }
            _ = store.apply(batch)
            let candidate = FeatureCandidate(item: exposure.item, category: exposure.category)
            let answer = store.features(
                FeatureRequest(
                    user: exposure.user,
                    scenario: exposure.scenario,
                    items: [candidate],
                    time: exposure.time
                )
            )
            #expect(answer.row(0) == columns.row(row), "row \(row)")
        }
    }

    @Test func theComparisonFindsASingleBit() throws {
        let one = FeatureValue.number(0.1)
        #expect(one != .number(Float(0.1).nextUp))
        #expect(FeatureValue.number(0) != .number(-0.0))
        #expect(FeatureValue.number(.nan) == .number(.nan))
    }

    @Test func theColumnsOfTheRowsAreCarriedAlong() throws {
        let definitions = try definitions()
        let events = log(400, key: RandomKey(seed: 9))
        let path = try folder.write(rows(events), "exposures.parquet")
        let outputs = try FeatureExtraction.outputs(of: [path], in: folder.path + "/out")
        _ = try extraction(definitions, log: folder.write(events, "events.parquet")).run(outputs)
        let reader = try TableReader(TableSource(outputs[0].to))
        #expect(
            reader.schema.map(\.name).prefix(9)
                == [
                    "id", "time", "kind", "user", "item", "category", "scenario", "pieces", "price",
                ]
        )
        #expect(reader.schema.dropFirst(9).map(\.name) == definitions.features.map(\.name))
        let batch = try #require(try reader.next())
        for (row, exposure) in rows(events).enumerated() {
            #expect(batch["id"]?.text(at: row) == exposure.id)
            #expect(batch["time"]?.number(at: row) == Double(exposure.time))
        }
    }

    @Test func severalTablesOfRowsAreAnsweredInOneGo() throws {
        let definitions = try definitions()
        let events = log(800, key: RandomKey(seed: 10))
        let all = rows(events)
        let picks = all.indices.map { $0 % 3 == 0 }
        let first = try folder.write(zip(all, picks).filter(\.1).map(\.0), "first.parquet")
        let second = try folder.write(zip(all, picks).filter { !$0.1 }.map(\.0), "second.parquet")
        let whole = try folder.write(all, "whole.parquet")
        let extraction = try extraction(definitions, log: folder.write(events, "events.parquet"))
        let outputs = try FeatureExtraction.outputs(
            of: [first, second, whole],
            in: folder.path + "/out"
        )
        _ = try extraction.run(outputs)
        let columns = try outputs.map { try FeatureColumns($0.to, definitions) }
        var next = [0, 0]
        for row in all.indices {
            let part = picks[row] ? 0 : 1
            #expect(columns[2].row(row) == columns[part].row(next[part]))
            next[part] += 1
        }
    }

    @Test func rowsOutOfOrderAreRefused() throws {
        let events = log(200, key: RandomKey(seed: 11))
        let path = try folder.write(rows(events).reversed(), "rows.parquet")
        let outputs = try FeatureExtraction.outputs(of: [path], in: folder.path + "/out")
        let extraction = try extraction(definitions(), log: folder.write(events, "events.parquet"))
        let error = #expect(throws: FeatureError.self) { try extraction.run(outputs) }
        #expect(error?.description.contains("earlier than the row before") == true)
        #expect(!FileManager.default.fileExists(atPath: outputs[0].to))
    }

    @Test func sortingInPiecesGivesTheOrderOfTime() throws {
        let events = log(3_000, key: RandomKey(seed: 12))
        var random = RandomKey(seed: 13).generator()
        let sorter = EventSorter(runLength: 700)
        let shuffled = events.shuffled(using: &random)
        for start in stride(from: 0, to: shuffled.count, by: 300) {
            try sorter.add(Array(shuffled[start..<min(start + 300, shuffled.count)]))
        }
        try sorter.finish()
        #expect(sorter.runCount == 3)
        var sorted: [Event] = []
        while let time = sorter.nextTime, let event = try sorter.next() {
            #expect(event.time == time)
            sorted.append(event)
        }
        #expect(sorted.map(\.time) == events.map(\.time))
        #expect(Set(sorted) == Set(events))
    }

    @Test func logsOfManyShapesAreRead() throws {
        let csv = try folder.write(
            "orders.csv",
            """
            day,customer,code,pieces,paid,shown,bought
            2026-05-01 10:00:00,17850.0,a,2,5.0,1,0
            2026-05-01 10:00:01,17850.0,b,-3,9.0,1,1
            2026-05-01 10:00:02,,c,1,1.0,1,1
            """
        )
        var log = EventLog(files: [csv], kind: .constant(.purchase))
        log.time = "day"
        log.user = "customer"
        log.item = "code"
        log.quantity = "pieces"
        log.amount = "paid"
        log.negativeQuantity = .returned
        let failing = try EventLogReader(log, index: 0)
        let error = #expect(throws: FeatureError.self) { _ = try failing.next() }
        #expect(error?.description.contains("orders.csv:4: event, field \"user\": missing") == true)
        log.invalid = .skip
        let reader = try EventLogReader(log, index: 3)
        let events = try #require(try reader.next())
        #expect(reader.skipped == 1)
        #expect(events.map(\.id) == ["3:0", "3:1"])
        #expect(events.map(\.user) == ["17850", "17850"])
        #expect(events.map(\.kind) == [.purchase, .returned])
        #expect(events.map(\.quantity) == [2, 3])
        #expect(events.map(\.price) == [2.5, 3])
        #expect(events.map(\.time) == [1_777_629_600_000, 1_777_629_601_000])
        log.condition = EventLog.Condition(column: "bought", equals: "1")
        #expect(try EventLogReader(log, index: 0).next()?.map(\.item) == ["b"])
    }

    /// Hashes of users are often kept as numbers of 64 bits without a sign.
    @Test func namesGreaterThanAnySignedNumberAreRead() throws {
        let file = RealLogs.package.appendingPathComponent("Tests/Goldens/data/kinds.parquet").path
        let reader = try TableSource(file).reader(of: ["big"])
        let batch = try #require(try reader.next())
        let names = try NameReader().names(batch.column("big"))
        // 2^64 - 1 and 2^63 are no Int64; as `kinds.py` wrote them.
        let (most, half) = ("18446744073709551615", "9223372036854775808")
        #expect(names == [most, half, "1", "2", most, "3", "2", "1"])
    }

    @Test func delaysThatLeadOutOfAllTimesAreMistakesOfTheirRows() throws {
        let csv = try folder.write(
            "delayed.csv",
            """
            time,user,item,late
            1780000000000,u,a,0.5
            9223372036854775807,u,b,1
            -9223372036854775808,u,c,-1
            1780000000000,u,d,1e300
            1780000000000,u,e,nan
            1780000000000,u,f,1000000
            1780000000000,u,g,-1
            """
        )
        var log = EventLog(files: [csv], kind: .constant(.purchase))
        log.item = "item"
        log.delayHours = "late"
        let failing = try EventLogReader(log, index: 0)
        let error = #expect(throws: FeatureError.self) { _ = try failing.next() }
        #expect(
            error?.description.contains("delayed.csv:3: event, field \"time\": out of range")
                == true
        )
        log.invalid = .skip
        let reader = try EventLogReader(log, index: 0)
        let events = try #require(try reader.next())
        #expect(events.map(\.item) == ["a", "g"])
        #expect(events.map(\.time) == [1_780_001_800_000, 1_779_996_400_000])
        #expect(reader.skipped == 5)
    }

    @Test func aConfigurationIsReadWithPathsBesideIt() throws {
        let path = try folder.write(
            "features.yaml",
            """
            online_features:
              features:
                - { name: clicks, of: user, type: count, events: click, window: 1h }
            log:
              - { files: clicks.csv, kind: click, time: at, unit: seconds, user: who, item: what,
                  where: { column: ok, equals: 1 } }
              - { files: /data/orders, kind: { column: type }, negative_quantity: return, invalid: skip }
            rows: { time: at, unit: seconds, user: who, keep: [at, who] }
            items: { files: items.csv, item: code, category: group }
            """
        )
        let extraction = try FeatureExtraction(contentsOf: URL(fileURLWithPath: path))
        #expect(extraction.logs[0].files == [folder.path + "/clicks.csv"])
        #expect(extraction.logs[0].unit == .seconds)
        #expect(extraction.logs[0].condition == EventLog.Condition(column: "ok", equals: "1"))
        #expect(extraction.logs[1].files == ["/data/orders"])
        #expect(extraction.logs[1].kind == .column("type"))
        #expect(extraction.rows.keep == ["at", "who"])
        #expect(extraction.itemFile?.category == "group")
        // The section alone is what a server reads.
        let definitions = try FeatureDefinitions(contentsOf: URL(fileURLWithPath: path))
        #expect(definitions == extraction.definitions)
    }
}

/// The columns of features in a file.
struct FeatureColumns {
    private var columns: [[FeatureValue]] = []

    init(_ path: String, _ definitions: FeatureDefinitions) throws {
        columns = definitions.features.map { _ in [] }
        let reader = try TableReader(TableSource(path))
        while let batch = try reader.next() {
            for (index, feature) in definitions.features.enumerated() {
                let column = try batch.column(feature.name)
                for row in 0..<batch.rowCount {
                    if feature.isText {
                        columns[index].append(.text(column.text(at: row) ?? ""))
                    } else {
                        columns[index].append(
                            .number(column.withValues(of: Float.self) { $0[row] })
                        )
                    }
                }
            }
        }
    }

    /// The values of a row.
    func row(_ row: Int) -> [FeatureValue] { columns.map { $0[row] } }
}
