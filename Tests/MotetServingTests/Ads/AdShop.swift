import Foundation
import Motet
import MotetConfiguration
import Synchronization

@testable import MotetServing

/// A run whose model predicts clicks and purchases, calibrated, and campaigns for it.
enum AdShop {
    /// The run that all tests share; trained once.
    static let shared = Result {
        let shop = try ServedShop(
            experiment: experiment,
            train: table(rows: 1200, seed: 11),
            valid: table(rows: 600, seed: 12)
        )
        try shop.write("campaigns.yaml", campaigns)
        return shop
    }

    static let experiment = """
        name: ad-shop
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: market, values: [home, search], unknown: other }
        features:
          - { name: user_id, type: categorical, vocabulary: 50, dimension: 4 }
          - { name: item_id, type: categorical, hash_buckets: 50, dimension: 4 }
          - { name: price, type: numeric, transform: standardise }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc], calibration: platt }
          - { name: purchase, label: purchased, within: click, loss: binary_cross_entropy, calibration: platt }
          - { name: stars, loss: mean_squared_error }
        model: { architecture: shared_bottom, bottom_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 3
          threads: 1
        evaluation: { resamples: 0 }

        """

    static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text = "market,user_id,item_id,price,clicked,purchased,stars\n"
        for _ in 0..<rows {
            let (user, item) = (pick(10), pick(20))
            let click = random.nextUniform() < 0.1 + Double((user + item) % 5) / 8
            let buys = click && random.nextUniform() < 0.2 + Double(item % 3) / 4
            text += "\(["home", "search"][pick(2)]),u\(user),i\(item),\(1 + pick(50)),"
            text += "\(click ? 1 : 0),\(buys ? 1 : 0),\(1 + pick(5))\n"
        }
        return text
    }

    /// Campaigns with each kind of bid, a place of the shop and a cap.
    static let campaigns = """
        campaigns:
          - id: shoes
            currency: EUR
            bid: 1.5
            budget: 1000
            ads:
              - { id: shoes-1, item: i1, columns: { item_id: i1, price: 3 } }
              - { id: shoes-2, item: i2, columns: { item_id: i2, price: 9 } }
          - id: hats
            currency: EUR
            pays: cpa
            bid: 4
            budget: 1000
            frequency_cap: { maximum: 2, hours: 1 }
            ads: [ { id: hats-1, item: i3, columns: { item_id: i3, price: 4 } } ]
          - id: gloves
            currency: EUR
            pays: ocpc
            bid: 9
            budget: 1000
            scenarios: search
            ads: [ { id: gloves-1, item: i4, columns: { item_id: i4, price: 4 } } ]

        """

    /// Settings with a ledger of its own, nothing paced.
    static func settings(
        _ shop: ServedShop,
        _ more: String = "campaigns: campaigns.yaml",
        pacing: String = "{ gain: 0 }"
    ) throws -> ServingSettings {
        let text = """
            ads:
              folder: ads-\(UUID().uuidString)
              currency: EUR
              click: click
              conversion: purchase
              durability: process
              maximum_places: 4
              pacing: \(pacing)
              \(more)

            """
        return try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: shop.path
        )
    }

    static func server(
        _ more: String = "campaigns: campaigns.yaml",
        pacing: String = "{ gain: 0 }",
        clock: TestClock? = nil,
        _ change: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        let shop = try shared.get()
        let ads = try settings(shop, more, pacing: pacing).ads
        return try await RunningServer(
            shop,
            {
                $0.ads = ads
                change(&$0)
            },
            clock: clock.map { clock in { @Sendable in clock.time } }
        )
    }

    /// A candidate of a request.
    static func item(
        _ ad: String,
        campaign: String,
        item: Int = 1,
        type: String = "cpc",
        bid: Double = 1,
        budget: Double = 1000
    ) -> String {
        "{\"id\":\"i\(item)\",\"item_id\":\"i\(item)\",\"price\":5,\"ad\":\"\(ad)\",\"campaign\":\"\(campaign)\","
            + "\"bid\":{\"type\":\"\(type)\",\"amount\":\(bid),\"currency\":\"EUR\"},"
            + "\"budget\":{\"amount\":\(budget),\"currency\":\"EUR\"}}"
    }
}

/// A clock that a test sets.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ time: Int64) { milliseconds = Mutex(time) }

    var time: Int64 {
        get { milliseconds.withLock { $0 } }
        set { milliseconds.withLock { $0 = newValue } }
    }
}

/// An answer of ads.
struct Sold {
    let answer: [String: Any]
    var ads: [[String: Any]] { answer["ads"] as? [[String: Any]] ?? [] }
    var names: [String] { ads.compactMap { $0["ad"] as? String } }
    func price(_ place: Int) -> Double { ads[place]["price"] as? Double ?? .nan }
    func explained(_ place: Int, _ name: String) -> Double {
        (ads[place]["explain"] as? [String: Any])?[name] as? Double ?? .nan
    }
    var outcomes: [String: Int] {
        (answer["explain"] as? [String: Any])?["outcomes"] as? [String: Int] ?? [:]
    }
}

extension RunningServer {
    /// Asks for ads.
    func ads(_ fields: String) async throws -> Sold {
        let reply = try await post("/v1/ads", "{\(fields)}")
        guard reply.status == 200 else {
            throw Wire.Failure(description: "\(reply.status) \(reply.text)")
        }
        return Sold(answer: try reply.json())
    }

    /// Sends events, and tells what became of them.
    func charge(
        _ events: [(sale: String, ad: String, type: String)]
    ) async throws -> [(outcome: String, amount: Double)] {
        let body = events.map {
            "{\"sale\":\"\($0.sale)\",\"ad\":\"\($0.ad)\",\"type\":\"\($0.type)\"}"
        }
        let reply = try await post(
            "/v1/ads/events",
            "{\"events\":[\(body.joined(separator: ","))]}"
        )
        guard reply.status == 200, let made = try reply.json()["events"] as? [[String: Any]] else {
            throw Wire.Failure(description: "\(reply.status) \(reply.text)")
        }
        return made.map { ($0["outcome"] as? String ?? "", $0["amount"] as? Double ?? .nan) }
    }
}
