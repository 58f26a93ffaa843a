import Foundation
import Motet

@testable import MotetServing

/// A run whose model reads online features, and events for them.
enum OnlineShop {
    /// The run that all tests share; trained once.
    static let shared = Result {
        try ServedShop(
            experiment: experiment,
            train: table(rows: 600, seed: 4),
            valid: table(rows: 200, seed: 5)
        )
    }

    static let experiment = """
        name: online-shop
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: market, values: [home, search], unknown: other }
        online_features:
          lateness: 1h
          features:
            - { name: user_clicks, of: user, type: count, events: click, window: 1h }
            - { name: item_ctr, of: item, type: rate, events: click, per: exposure, window: all, prior: 0.1, strength: 10 }
            - { name: affinity, of: [user, category], type: decayed, events: { view: 1, click: 2 }, half_life: 10m }
            - { name: idle, of: user, type: recency, events: [click, view] }
            - { name: market_clicks, of: [user, scenario], type: count, events: click, window: all }
            - { name: recent, of: user, type: sequence, events: [click, view], value: item, length: 5 }
            - { name: unread, of: user, type: count, events: view, window: 1h }
        features:
          - { name: item_id, type: categorical, hash_buckets: 50, dimension: 4 }
          - { name: price, type: numeric, transform: standardise }
          - { name: user_clicks, type: numeric, transform: standardise }
          - { name: item_ctr, type: numeric, transform: standardise }
          - { name: affinity, type: numeric, transform: standardise }
          - { name: idle, type: numeric, transform: [ log1p, standardise ], missing: own_bucket }
          - { name: market_clicks, type: numeric, transform: standardise }
          - { name: recent, type: sequence, delimiter: "|", maximum_length: 5, dimension: 4 }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
        model: { architecture: shared_bottom, bottom_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 2
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// Rows of a log with features that are missing now and then.
    static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text =
            "market,item_id,price,user_clicks,item_ctr,affinity,idle,market_clicks,recent,clicked\n"
        for _ in 0..<rows {
            let (item, clicks) = (pick(20), pick(6))
            let recent = (0..<pick(6)).map { _ in "i\(pick(20))" }.joined(separator: "|")
            text += "\(["home", "search"][pick(2)]),i\(item),\(1 + pick(50)),\(clicks),"
            text += "\(Double(pick(100)) / 200),\(Double(pick(80)) / 10),"
            text += "\(pick(5) == 0 ? "" : "\(pick(3000))"),\(pick(clicks + 1)),\(recent),"
            let likes = random.nextUniform() < Double(clicks) / 8 + Double(item % 5) / 12
            text += "\(likes ? 1 : 0)\n"
        }
        return text
    }

    /// The time now, in milliseconds since 1970.
    static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }

    /// An event as JSON.
    static func event(
        _ id: String,
        at time: Int64,
        _ kind: String,
        user: String = "u1",
        item: String = "i1",
        _ more: String = ""
    ) -> String {
        "{\"id\":\"\(id)\",\"time\":\(time),\"kind\":\"\(kind)\",\"user\":\"\(user)\","
            + "\"item\":\"\(item)\"" + more + "}"
    }

    /// The events of two users within the last half hour, a third of the clicks in another market.
    static func events(at now: Int64) -> [String] {
        (0..<60).map { number in
            event(
                "e\(number)",
                at: now - Int64(60 - number) * 30_000,
                ["exposure", "click", "view"][number % 3],
                user: "u\(1 + number % 2)",
                item: "i\(number % 7)",
                ",\"category\":\"c\(number % 7 % 3)\",\"scenario\":\"\(number % 9 == 1 ? "search" : "home")\""
            )
        }
    }
}

extension RunningServer {
    /// Sends events, and tells how many of them became what.
    func send(_ events: [String]) async throws -> [String: Int] {
        let reply = try await post("/v1/events", "[\(events.joined(separator: ","))]")
        guard reply.status == 200, let counts = try reply.json() as? [String: Int] else {
            throw Wire.Failure(description: "\(reply.status): \(reply.text)")
        }
        return counts
    }

    /// The answer for a user, in the market of the shop.
    func profile(_ user: String) async throws -> Reply {
        try await get("/v1/users/\(user)/profile")
    }
}
