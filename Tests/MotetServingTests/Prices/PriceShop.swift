import Foundation
import Logging
import Motet
import MotetConfiguration
import MotetDecisions

@testable import MotetServing

/// A shop whose prices are chosen: a run with a demand that depends on the item, the hour, the age and what a user did.
enum PriceShop {
    /// The run that all tests share; trained once.
    static let shared = Result {
        let shop = try ServedShop(
            experiment: experiment,
            train: table(rows: 2_000, seed: 21),
            valid: table(rows: 500, seed: 22)
        )
        try shop.write("items.csv", items)
        return shop
    }

    static let experiment = """
        name: price-shop
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: market, values: [home, search], unknown: other }
        online_features:
          features:
            - { name: clicks, of: user, type: count, events: click, window: 1h }
        features:
          - { name: item_id, type: categorical, hash_buckets: 50, dimension: 4 }
          - { name: user_id, type: categorical, vocabulary: 50, dimension: 4 }
          - { name: hour, type: numeric, transform: standardise }
          - { name: years, column: age, type: numeric, transform: standardise }
          - { name: clicks, type: numeric, transform: standardise }
        tasks:
          - { name: units, loss: poisson, demand: { price: price, reference: 20 } }
          - { name: click, label: clicked, loss: binary_cross_entropy }
          - { name: buys, label: bought, loss: binary_cross_entropy, demand: { price: price } }
        model: { architecture: shared_bottom, bottom_units: [16], tower_units: [8] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 4
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// Periods of items at prices nobody chose by demand.
    static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text = "market,item_id,user_id,hour,age,clicks,price,units,clicked,bought\n"
        for _ in 0..<rows {
            let (item, hour, age, clicks) = (pick(20), pick(24), 18 + pick(60), pick(6))
            let price = (100 * (14 + 12 * random.nextUniform())).rounded() / 100
            let mean =
                exp(
                    0.6 + 0.05 * Double(item) + 0.03 * Double(age - 48) + 0.2 * Double(clicks - 3)
                )
                * pow(price / 20, -1.2 - 0.08 * Double(item))
            var (units, product) = (0, random.nextUniform())
            while product > exp(-mean) {
                units += 1
                product *= random.nextUniform()
            }
            text +=
                "\(["home", "search"][pick(2)]),i\(item),u\(pick(20)),\(hour),\(age),\(clicks),\(price),\(units),"
            text += "\(random.nextUniform() < 0.4 ? 1 : 0),\(units > 0 ? 1 : 0)\n"
        }
        return text
    }

    /// The table of items: i0 to i19; i18 has no cost, i19 was never sold.
    static let items: String = {
        var text = "item,item_id,cost,list_price,category,days\n"
        for item in 0..<20 {
            text += "i\(item),i\(item),\(item == 18 ? "" : "\(8 + item % 5)"),"
            text +=
                "\(24 + item % 3).99,\(item % 2 == 0 ? "shoes" : "hats"),\(item == 19 ? 0 : 30)\n"
        }
        return text
    }()

    static let settings = """
        items: { files: items.csv, item: item }
        price:
          store: memory
          task: units
          currency: EUR
          level_deviation: 0.4
          elasticity_deviation: 0.8
          rules: { floor: 10, ceiling: 40, step: 0.01, greatest_change: 0.2, endings: [99, 49] }
          overrides:
            - { item: i7, floor: 15, endings: [] , step: 0.5 }
            - { category: hats, ceiling: 30 }
          columns: { cost: cost, list: list_price, category: category, history: days }
          history: 5
          never_use: [ age, user_id, clicks ]

        """

    /// The settings of a text.
    static func settings(_ text: String, in shop: ServedShop) throws -> ServingSettings {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: shop.path
        )
    }

    /// A server that chooses prices, by a clock that tests set.
    static func server(
        _ text: String = settings,
        clock: TestClock = TestClock(OnlineShop.epoch),
        _ change: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        let shop = try shared.get()
        let own = try settings(text, in: shop)
        return try await RunningServer(
            shop,
            {
                $0.price = own.price
                $0.items = own.items
                $0.features = own.features
                $0.limits.candidates = 64
                change(&$0)
            },
            clock: { clock.time }
        )
    }

    /// What a server that does not start says.
    static func refusal(_ text: String, run: String = "run") async throws -> String {
        let shop = try shared.get()
        var settings = try settings(text, in: shop)
        settings.port = 0
        settings.workers = 1
        settings.limits.candidates = 16
        let server = try ModelServer(
            run: shop.file(run),
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

    /// A request for items by name, each at a price of 20 unless it tells more.
    static func body(
        _ items: [String] = ["i1", "i2", "i3"],
        user: String = "u1",
        age: Int = 40,
        hour: Int = 12,
        clicks: Int? = 3,
        market: String = "home",
        item more: String = ",\"present\":20",
        _ fields: String = ""
    ) -> String {
        let all = items.map { "{\"id\":\"\($0)\"\(more)}" }.joined(separator: ",")
        let counted = clicks.map { ",\"clicks\":\($0)" } ?? ""
        return
            "{\"currency\":\"EUR\",\"user\":{\"id\":\"\(user)\",\"user_id\":\"\(user)\",\"age\":\(age)\(counted)},"
            + "\"context\":{\"market\":\"\(market)\",\"hour\":\(hour)},\"items\":[\(all)]\(fields)}"
    }
}

/// An answer of `POST /v1/price`.
struct Priced {
    /// The numbers of an answer, read to the last digit: `JSONSerialization` is an ulp off now and then.
    private struct Numbers: Decodable {
        struct Item: Decodable { let propensity: Double }
        let items: [Item]
    }

    let body: [String: Any]
    let propensities: [Double]

    init(_ reply: Reply) throws {
        guard reply.status == 200 else {
            throw Wire.Failure(description: "\(reply.status): \(reply.text)")
        }
        body = try reply.json()
        propensities = try JSONDecoder().decode(Numbers.self, from: Data(reply.body)).items
            .map(\.propensity)
    }

    var items: [[String: Any]] { body["items"] as? [[String: Any]] ?? [] }
    var prices: [Double] { items.map { $0["price"] as? Double ?? .nan } }
    var reasons: [String] { items.compactMap { $0["reason"] as? String } }
    var decisions: [String] { items.compactMap { $0["decision"] as? String } }
    var repeated: [Bool] { items.compactMap { $0["repeated"] as? Bool } }
    var fallbacks: [Bool] { items.compactMap { $0["fallback"] as? Bool } }
    func explained(_ row: Int) -> [String: Any] { items[row]["explain"] as? [String: Any] ?? [:] }
    func options(_ row: Int) -> [[String: Double]] {
        explained(row)["options"] as? [[String: Double]] ?? []
    }

    /// Everything that must be the same for everybody.
    var constant: NSArray {
        NSArray(
            array: items.map { item in
                NSDictionary(dictionary: item.filter { $0.key != "repeated" })
            }
        )
    }
}

extension RunningServer {
    /// Asks for prices.
    func price(_ body: String) async throws -> Priced { try Priced(await post("/v1/price", body)) }
}
