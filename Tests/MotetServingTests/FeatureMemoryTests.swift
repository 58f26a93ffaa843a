import Foundation
import Motet
import MotetConfiguration
import MotetFeatures
import NIOCore
import Testing

@testable import MotetServing

/// Columns of a store stand in memory that is kept, and are those of the store's tables.
@Suite("The memory of a store's features") struct FeatureMemoryTests {
    /// Features of every form, for entities of every kind.
    private static let definitions = Result {
        let text = """
            online_features:
              features:
                - { name: user_clicks, of: user, type: count, events: click, window: 1h }
                - { name: item_ctr, of: item, type: rate, events: click, per: exposure, window: all, prior: 0.1, strength: 10 }
                - { name: affinity, of: [user, category], type: decayed, events: { view: 1, click: 2 }, half_life: 10m }
                - { name: paid, of: [user, item], type: sum, events: { purchase: 1 }, value: amount, window: 1d }
                - { name: mean_price, of: category, type: mean, events: view, value: price, window: 1h, prior: 9, strength: 2 }
                - { name: idle, of: user, type: recency, events: [click, view] }
                - { name: price_seen, of: item, type: last, events: view, value: price }
                - { name: market_clicks, of: [user, scenario], type: count, events: click, window: all }
                - { name: place_views, of: scenario, type: count, events: view, window: all }
                - { name: corner, of: [user, category, scenario], type: count, events: view, window: all }
                - { name: recent, of: user, type: sequence, events: [click, view], value: item, length: 5 }
                - { name: kinds_of_item, of: item, type: sequence, events: view, value: category, length: 3 }
                - { name: kinds, of: user, type: distinct, events: view, value: category, window: 1h }
                - { name: visit, of: user, type: session, measure: events, gap: 30m }
                - { name: all_clicks, of: all, type: count, events: click, window: 1h }

            """
        return try ConfigurationDocument(parsing: text, name: "features.yaml").read { reader in
            reader.section("online_features") { FeatureDefinitions($0) }
        }
    }

    private let definitions: FeatureDefinitions
    private let names: [String]

    init() throws {
        definitions = try Self.definitions.get()
        names = definitions.features.map(\.name)
    }

    private static let fields = OnlineFields(category: "category", scenario: "market")
    private static let now: Int64 = 1_780_000_000_000

    /// Names of items, some of which a list written as text does not give back.
    private static let items = [
        "i0", "i1", "a|b", " blank", "[", "]", "[i]", "tab\t", "an item whose name needs memory",
        "i2",
    ]

    private static func filled(_ store: MemoryFeatureStore) {
        let kinds: [EventKind] = [.view, .click, .exposure, .purchase]
        for number in 0..<300 {
            var event = Event(
                id: "e\(number)",
                time: now - Int64(300 - number) * 9_000,
                kind: kinds[number % 4],
                user: "u\(number / 7 % 4)"
            )
            event.item = items[number * 3 % items.count]
            event.category = number % 11 == 0 ? nil : "c\(number % 3)"
            event.scenario = number % 5 == 0 ? "search" : "home"
            event.price = Double(number % 40)
            _ = store.apply([event])
        }
    }

    private static func source(_ store: MemoryFeatureStore) -> StoreFeatures {
        StoreFeatures(
            read: { store.read($0, into: &$1) },
            features: store.definitions.features,
            fields: fields,
            others: RequestFeatures(),
            now: { now }
        )
    }

    private static func query(
        _ user: String?,
        _ items: [String],
        _ market: RawRows.Column
    ) -> FeatureQuery {
        var query = FeatureQuery(userID: user, itemIDs: items, context: [:])
        query.columns["market"] = market
        query.columns["category"] = .each(
            items.indices.map { $0 % 4 == 3 ? .missing : .text("c\($0 % 3)") }
        )
        return query
    }

    private static var questions: [FeatureQuery] {
        let all = items + ["nobody", "i1"]
        let markets = RawRows.Column.each(
            all.indices.map { [.text("home"), .text("search"), .missing][$0 % 3] }
        )
        return [
            query("u1", all, .same(.text("home"))),
            query("u2", Array(all.prefix(3)), .same(.text("search"))),
            query(nil, ["i1"], .same(.missing)),
            query("u3", all, markets), query("u0", all, .same(.text("home"))),
            query("nobody", all, .same(.text("home"))),
        ]
    }

    /// What a column is by its definition: the store asked for one item, its text cut as training cuts it.
    private static func expected(
        _ store: MemoryFeatureStore,
        _ feature: String,
        _ query: FeatureQuery,
        _ row: Int
    ) -> RawValue {
        let table = store.features(
            FeatureRequest(
                user: query.userID,
                scenario: query.value("market", row).name,
                items: [
                    FeatureCandidate(
                        item: query.itemIDs[row],
                        category: query.value("category", row).name
                    )
                ],
                time: now
            )
        )
        switch table.columns.first(where: { $0.name == feature })?[0] {
        case .number(let number)?: return number.isNaN ? .missing : .number(Double(number))
        case .text(let text)?:
            return text.isEmpty ? .missing : RawValue.text(text).list(delimitedBy: "|")
        case nil: return .text("no such feature")
        }
    }

    @Test func columnsAreThoseOfTheStoreAskedForEachItem() throws {
        let store = MemoryFeatureStore(definitions)
        Self.filled(store)
        let source = Self.source(store)
        #expect(names.count == 15)
        var seen: Set<RawValue> = []
        for _ in 0..<3 {
            for query in Self.questions {
                let columns = try source.features(names, for: query).columns
                #expect(columns.count == names.count)
                for name in names {
                    let column = try #require(columns[name])
                    for row in query.itemIDs.indices {
                        let expected = Self.expected(store, name, query, row)
                        #expect(column[row] == expected, "\(name), row \(row)")
                        seen.insert(expected)
                    }
                }
            }
        }
        // Numbers, missing values, lists as they are and lists that the text changed.
        #expect(seen.count > 40 && seen.contains(.missing), "\(seen.count)")
        #expect(
            seen.contains {
                if case .list(let list) = $0 { list.contains(.text("a")) } else { false }
            }
        )
    }

    @Test func onlyWhatIsAskedForIsAnsweredAndTheRestIsAskedElsewhere() throws {
        struct Other: FeatureSource {
            func features(
                _ columns: [String],
                for request: FeatureQuery
            ) throws -> SourcedFeatures {
                SourcedFeatures(columns: [columns.joined(separator: "+"): .same(.integer(1))])
            }
        }
        let store = MemoryFeatureStore(definitions)
        Self.filled(store)
        let source = StoreFeatures(
            read: { store.read($0, into: &$1) },
            features: definitions.features,
            fields: Self.fields,
            others: Other(),
            now: { Self.now }
        )
        let query = Self.questions[0]
        let answers = try [["idle", "colour", "size"], ["idle"], ["recent", "item_ctr"]].map {
            Set(try source.features($0, for: query).columns.keys)
        }
        #expect(answers == [["idle", "colour+size"], ["idle"], ["recent", "item_ctr"]])
    }

    @Test func whatARequestHoldsIsNotWrittenOver() throws {
        let store = MemoryFeatureStore(definitions)
        Self.filled(store)
        let source = Self.source(store)
        let first = try source.features(names, for: Self.questions[0])
        let copy = first.columns.mapValues { column in
            (0..<Self.questions[0].itemIDs.count).map { column[$0] }
        }
        // Its columns outlive the answer, as those of a shadow do.
        var columns = try source.features(names, for: Self.questions[3]).columns
        for query in Self.questions { _ = try source.features(names, for: query) }
        for (name, values) in copy {
            for row in values.indices { #expect(first.columns[name]?[row] == values[row]) }
        }
        for name in names {
            for row in Self.questions[3].itemIDs.indices {
                #expect(
                    columns[name]?[row] == Self.expected(store, name, Self.questions[3], row)
                )
            }
        }
        columns = [:]
    }

    @Test(.countsAllocations) func aQuestionLikeOneBeforeAsksForNoMemory() throws {
        let store = MemoryFeatureStore(definitions)
        Self.filled(store)
        let source = Self.source(store)
        // Names that lists written as text change are cut anew, which takes memory.
        let plain = ["i0", "i1", "i2", "an item whose name needs memory"]
        let markets = RawRows.Column.each([.text("home"), .text("search"), .missing, .text("home")])
        let questions = [
            Self.query("nobody", plain, .same(.text("home"))),
            Self.query("nobody", plain, markets), Self.query(nil, ["i1"], .same(.missing)),
        ]
        for _ in 0..<2 { for query in questions { _ = try source.features(names, for: query) } }
        for query in questions {
            #expect(try allocations { _ = try source.features(names, for: query) } == 0)
        }
        // A user whose sequences are lists.
        let quiet = MemoryFeatureStore(definitions)
        for number in 0..<40 {
            var event = Event(
                id: "e\(number)",
                time: Self.now - Int64(40 - number) * 60_000,
                kind: .view,
                user: "u\(number % 3)"
            )
            event.item = plain[number % 4]
            event.category = "c\(number % 3)"
            _ = quiet.apply([event])
        }
        let other = Self.source(quiet)
        let users = ["u0", "nobody", "u1", "u2"].map {
            Self.query($0, plain, .same(.text("home")))
        }
        for query in users + users { _ = try other.features(names, for: query) }
        for query in users {
            #expect(try allocations { _ = try other.features(names, for: query) } == 0)
        }
        // What is held keeps its memory, so that another question needs its own.
        let held = try other.features(names, for: users[0])
        #expect(try #require(allocations { _ = try other.features(names, for: users[2]) }) > 0)
        withExtendedLifetime(held) {}
    }

    /// Between a request that was read and its scores: its features, its rows, the model.
    @Test(.countsAllocations, arguments: [false, true])
    func aRequestTakesTheMemoryOfItsScoresAlone(_ namesItems: Bool) throws {
        let shop = try OnlineShop.shared.get()
        let name = "known-items-\(namesItems).csv"
        try shop.write(name, "item_id,price\n" + (0..<30).map { "i\($0),\(2 + $0)\n" }.joined())
        let model = try ServedModel(
            shop.file("run"),
            engine: .oneDNN,
            workers: 1,
            items: namesItems
                ? ServingSettings.ItemFiles(files: [shop.file(name)], item: "item_id") : nil
        )
        let definitions = try #require(model.predictor.run.experiment.onlineFeatures).definitions
        let store = MemoryFeatureStore(definitions)
        let events = "[\(OnlineShop.events(at: Self.now).joined(separator: ","))]"
        _ = store.apply(try EventDecoder().events(in: Data(events.utf8)))
        let models = ModelStore()
        models.replace(model)
        let scorer = Scorer(
            rollout: Rollout(models: models, experiment: nil, shadow: nil),
            features: StoreFeatures(
                read: { store.read($0, into: &$1) },
                features: definitions.features,
                fields: Self.fields,
                others: RequestFeatures(),
                now: { Self.now }
            ),
            online: Self.fields,
            limits: ServingSettings.Limits(),
            requestID: "1"
        )
        func body(_ user: String, _ items: [Int]) throws -> JSONValue {
            let list = items.map { item in
                let own = namesItems ? "" : ",\"item_id\":\"i\(item)\",\"price\":\(2 + item)"
                return "{\"id\":\"i\(item)\"\(own),\"category\":\"c\(item % 3)\"}"
            }
            let text =
                "{\"user\":{\"id\":\"\(user)\"},\"context\":{\"market\":\"home\"},"
                + "\"items\":[\(list.joined(separator: ","))]}"
            return try scorer.parsed(ByteBuffer(string: text))
        }
        var scores: [[ServedModel.Score]] = []
        func answer(_ value: JSONValue) throws {
            var prepared = try scorer.prepare(value, model, ScoreRecord(since: .now))
            scores = try scorer.compute(&prepared)
        }
        let bodies = [
            try body("u1", Array(0..<20)), try body("u2", [3, 4, 5]), try body("nobody", [7]),
        ]
        for _ in 0..<3 { for value in bodies { try answer(value) } }
        for value in bodies {
            let read = try #require(
                try allocations {
                    _ = try ScoreRequest(
                        value,
                        columns: model.encoder.columns,
                        online: Self.fields,
                        limits: scorer.limits
                    )
                }
            )
            let whole = try #require(try allocations { try answer(value) })
            // A list of scores for each task, and one of them.
            #expect(whole - read == model.tasks.count + 1, "\(whole), of which \(read) to read it")
        }
        #expect(scores.allSatisfy { $0.allSatisfy(\.value.isFinite) })
    }
}
