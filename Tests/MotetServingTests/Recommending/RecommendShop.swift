import Foundation
import Logging
import Motet

@testable import MotetServing

/// A shop that recommends: a run of two tasks, two towers, a catalogue, its vectors and its baskets.
enum RecommendShop {
    /// The shop that all tests share; trained once.
    static let shared = Result {
        let shop = try ServedShop(
            experiment: experiment,
            train: table(rows: 900, seed: 14),
            valid: table(rows: 300, seed: 15)
        )
        try shop.train("other", experiment.replacing("seed: 7", with: "seed: 8"))
        try shop.train("towers", towers)
        try shop.write("items.csv", catalogue())
        _ = try ServedShop.runner.vectors(
            VectorsRequest(
                run: shop.file("towers"),
                side: .item,
                files: [shop.file("items.csv")],
                output: shop.file("vectors.parquet")
            )
        )
        try shop.write("log.csv", baskets())
        var counts = BasketCounts()
        _ = try counts.add(TableSource(shop.file("log.csv")), basket: "order", item: "item_id")
        try BasketCounts.write(counts.pairs().pairs, to: shop.file("together.parquet"))
        return shop
    }

    static let online = """
        online_features:
          lateness: 1h
          features:
            - { name: user_clicks, of: user, type: count, events: click, window: 1h }
            - { name: item_ctr, of: item, type: rate, events: click, per: exposure, window: all, prior: 0.1, strength: 10 }
            - { name: affinity, of: [user, category], type: decayed, events: { view: 1, click: 2 }, half_life: 10m }
            - { name: recent, of: user, type: sequence, events: [click, view], value: item, length: 6 }
            - { name: bought, of: user, type: sequence, events: purchase, value: item, length: 3, distinct: true }
            - { name: sales, of: item, type: count, events: purchase, window: all }
            - { name: clicks_here, of: [item, scenario], type: count, events: click, window: all }
            - { name: seen, of: [user, item], type: count, events: exposure, window: 1h }

        """

    static let experiment = """
        name: recommend-shop
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: market, values: [home, search], unknown: other }
        \(online)features:
          - { name: item_id, type: categorical, hash_buckets: 50, dimension: 4 }
          - { name: brand, type: categorical, dimension: 3, missing: own_bucket }
          - { name: tags, type: sequence, delimiter: "/", dimension: 3 }
          - { name: price, type: numeric, transform: standardise }
          - { name: user_clicks, type: numeric, transform: standardise }
          - { name: item_ctr, type: numeric, transform: standardise }
          - { name: affinity, type: numeric, transform: standardise }
          - { name: recent, type: sequence, delimiter: "|", shares: item_id, maximum_length: 6 }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
          - { name: purchase, label: purchased, within: click, loss: binary_cross_entropy, metrics: [auc] }
          - { name: channel, label: channel, loss: categorical_cross_entropy }
        model: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 2
          threads: 1
        evaluation: { resamples: 0 }

        """

    static let towers = """
        name: recommend-towers
        seed: 5
        data:
          train: train.csv
          validation: valid.csv
        features:
          - { name: user_id, type: categorical, vocabulary: 1000, dimension: 4 }
          - { name: recent, type: sequence, delimiter: "|", shares: item_id, maximum_length: 6 }
          - { name: item_id, type: categorical, vocabulary: 1000, dimension: 4 }
          - { name: price, type: numeric, transform: standardise }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
        model: { architecture: two_tower, item_features: [item_id, price], units: [8], dimension: 6 }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 2
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// The `recommend` section with every kind of source.
    static let settings = """
        recommend:
          catalogue:
            files: items.csv
            item: item_id
            category: department
            stock: stock
            numbers: [price, margin]
          sources:
            - { name: retrieval, run: towers, vectors: vectors.parquet, candidates: 12 }
            - { name: popular, feature: sales, candidates: 5, refresh_seconds: 0.1 }
            - { name: popular, as: here, feature: clicks_here, candidates: 4, refresh_seconds: 0.1 }
            - { name: popular, as: shelf, column: sold, candidates: 3, by_scenario: { search: sold_search } }
            - { name: recently_viewed, feature: recent, candidates: 6 }
            - { name: bought_together, files: together.parquet, seeds: [bought, recent], candidates: 8 }
          formula: click^0.7 * (0.2 + purchase) * price^0.1
          limit: 5
          maximum_limit: 40

        """

    static let itemCount = 24

    static func department(_ item: Int) -> String { ["tea", "wine", "bread"][item % 3] }
    static func stock(_ item: Int) -> Int? { item % 7 == 6 ? 0 : item % 5 == 4 ? nil : item }
    static func price(_ item: Int) -> Double { Double(2 + item * 5 % 17) + 0.5 }
    static func margin(_ item: Int) -> Double? { item == 3 ? nil : Double(item % 4) / 4 }
    static func sold(_ item: Int) -> Int { item * 11 % 24 }
    static func soldInSearch(_ item: Int) -> Int { item * 7 % 24 }
    static func brand(_ item: Int) -> String { ["acme", "bolt", "core", ""][item % 4] }
    static func tags(_ item: Int) -> [String] {
        (0..<(item % 3)).map { ["a", "b", "c", "d"][(item + $0) % 4] }
    }

    /// The catalogue; of some items the stock, the margin, the brand or the tags are not known.
    static func catalogue(without hidden: Set<Int> = []) -> String {
        var text = "item_id,department,stock,price,margin,sold,sold_search,brand,tags\n"
        for item in 0..<itemCount where !hidden.contains(item) {
            text += "i\(item),\(department(item)),\(stock(item).map { "\($0)" } ?? ""),"
            text += "\(price(item)),\(margin(item).map { "\($0)" } ?? ""),\(sold(item)),"
            text += "\(soldInSearch(item)),\(brand(item)),\(tags(item).joined(separator: "/"))\n"
        }
        return text
    }

    /// The orders of the log: their items.
    static let orders: [[Int]] = {
        var random = RandomKey(seed: 21).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        return (0..<150).map { _ in
            let start = pick(itemCount)
            return (0...pick(4)).map { (start + $0 * (1 + pick(3))) % itemCount }
        }
    }()

    static func baskets() -> String {
        var text = "order,item_id\n"
        for (order, items) in orders.enumerated() {
            for item in items { text += "\(order),i\(item)\n" }
        }
        return text
    }

    /// Rows of a log.
    static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text = "market,user_id,item_id,brand,tags,price,user_clicks,item_ctr,affinity,recent,"
        text += "clicked,purchased,channel\n"
        for _ in 0..<rows {
            let (user, item, clicks) = (pick(12), pick(itemCount - 2), pick(6))
            let recent = (0..<pick(6)).map { _ in "i\(pick(itemCount))" }.joined(separator: "|")
            text += "\(["home", "search"][pick(2)]),u\(user),i\(item),\(brand(item)),"
            text += "\(tags(item).joined(separator: "/")),\(price(item)),\(clicks),"
            text += "\(Double(pick(100)) / 200),\(Double(pick(80)) / 10),\(recent),"
            let likes = random.nextUniform() < 0.1 + Double((item + user) % 6) / 8
            let buys = likes && random.nextUniform() < 0.3 + Double(item % 3) / 6
            text += "\(likes ? 1 : 0),\(buys ? 1 : 0),\(["web", "app"][item % 2])\n"
        }
        return text
    }

    /// What users did within the last half hour: kind, user, item, place.
    static let actions: [(kind: String, user: Int, item: Int, market: String)] = {
        var random = RandomKey(seed: 33).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        return (0..<240).map { number in
            let kind = ["exposure", "click", "view", "purchase", "exposure"][pick(5)]
            return (kind, pick(4), pick(pick(itemCount) + 1), ["home", "search"][pick(2)])
        }
    }()

    /// The same as events.
    static func events(at now: Int64) -> [String] {
        actions.enumerated().map { number, action in
            OnlineShop.event(
                "e\(number)",
                at: now - Int64(240 - number) * 5_000,
                action.kind,
                user: "u\(action.user)",
                item: "i\(action.item)",
                ",\"category\":\"\(department(action.item))\",\"scenario\":\"\(action.market)\""
            )
        }
    }

    /// Settings of a file with a text, in the shop's folder.
    static func read(_ text: String, _ shop: ServedShop) throws -> ServingSettings {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: shop.path
        )
    }

    /// A server that recommends and has seen the events; for servers whose answers are compared it is always one time.
    static func server(
        _ text: String = settings,
        run: String = "run",
        withEvents: Bool = true,
        at time: Int64? = nil,
        _ change: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        let shop = try shared.get()
        let read = try read(text, shop)
        let server = try await RunningServer(
            shop,
            run: run,
            {
                $0.recommend = read.recommend
                $0.features = ServingSettings.Features()
                change(&$0)
            },
            clock: time.map { time in { @Sendable in time } }
        )
        if withEvents { _ = try await server.send(events(at: time ?? OnlineShop.now)) }
        return server
    }
}

extension RecommendShop {
    /// What a server says that cannot start; nobody connects to it meanwhile.
    static func refusal(_ text: String, hasStore: Bool = true) async throws -> String {
        let shop = try shared.get()
        var settings = try read(text, shop)
        settings.port = 0
        settings.workers = 2
        if hasStore { settings.features = ServingSettings.Features() }
        let server = try ModelServer(
            run: shop.file("run"),
            settings: settings,
            engine: .oneDNN,
            logger: Logger(label: "none") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                do {
                    try await server.run(handlesSignals: false)
                    return "it ended"
                } catch { return "\(error)" }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(60))
                return "it started"
            }
            let first = try await group.next() ?? ""
            group.cancelAll()
            return first
        }
    }
}

/// An answer of recommendations, read.
struct Recommended {
    let reply: Reply
    let body: [String: Any]
    let items: [[String: Any]]

    init(_ reply: Reply) throws {
        self.reply = reply
        body = try reply.json()
        guard reply.status == 200, let items = body["items"] as? [[String: Any]] else {
            throw Wire.Failure(description: "\(reply.status): \(reply.text)")
        }
        self.items = items
    }

    /// The names of the items, in order.
    var ids: [String] { items.map { $0["id"] as? String ?? "\($0["id"] ?? "")" } }

    /// The scores by the formula, in order.
    var scores: [Double] { items.compactMap { $0["score"] as? Double } }

    /// What is said of an item.
    func explanation(_ item: Int) -> [String: Any] {
        items[item]["explain"] as? [String: Any] ?? [:]
    }

    /// What is said of all.
    var explanation: [String: Any] { body["explain"] as? [String: Any] ?? [:] }

    /// The items of a source, in its order, with its scores.
    func found(by source: String) -> [(id: String, score: Double?)] {
        var found: [(rank: Int, id: String, score: Double?)] = []
        for (place, id) in ids.enumerated() {
            for origin in explanation(place)["sources"] as? [[String: Any]] ?? []
            where origin["source"] as? String == source {
                found.append((origin["rank"] as? Int ?? -1, id, origin["score"] as? Double))
            }
        }
        return found.sorted { $0.rank < $1.rank }.map { ($0.id, $0.score) }
    }

    /// What a source was reported to have done.
    func report(of source: String) -> [String: Any]? {
        (explanation["sources"] as? [[String: Any]])?.first { $0["source"] as? String == source }
    }

    /// The rules that removed items, by item.
    var removed: [String: String] {
        var removed: [String: String] = [:]
        for item in explanation["removed"] as? [[String: Any]] ?? [] {
            removed[item["id"] as? String ?? "\(item["id"] ?? "")"] = item["rule"] as? String
        }
        return removed
    }
}

extension RunningServer {
    /// Asks for recommendations.
    func recommend(_ fields: String) async throws -> Recommended {
        try Recommended(try await post("/v1/recommend", "{\(fields)}"))
    }
}
