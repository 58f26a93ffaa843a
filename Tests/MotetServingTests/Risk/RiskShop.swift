import Foundation
import Logging
import Motet
import MotetConfiguration

@testable import MotetServing

/// A shop whose orders and reviews are judged: the run that all tests share, by its tasks `purchase` and `click`.
enum RiskShop {
    static let settings = """
        risk:
          store: memory
          currency: EUR
          maximum_amount: 10000
          ahead_seconds: 60
          order:
            task: purchase
            costs: { fraud_fixed: 15, good_share: 0.25, good_fixed: 2, review: 3, review_catches: 0.9 }
            evidence_limit: 5
            rules:
              - orders: { code: device_orders, of: device, window: 1h, above: 2, weight: 1.5 }
              - spend: { code: account_spend, of: account, window: 1d, above: 500, weight: 0.5 }
              - accounts: { code: shared_address, of: address, window: 30d, above: 1, weight: 1 }
              - email: { code: disposable_mail, patterns: [ "trash.example", "*####@*" ], weight: 2 }
              - phone: { code: premium_phone, patterns: [ "+999*" ], decision: review }
              - amount: { code: large, above: 5000, decision: block }
              - column: { code: costly_item, name: price, above: 900, weight: -0.5 }
          review:
            task: click
            costs: { fraud_share: 0, fraud_fixed: 10, good_fixed: 1, review: 0.5 }

        """

    /// The settings of the section.
    static func settings(_ text: String, in shop: ServedShop) throws -> ServingSettings {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: shop.path
        )
    }

    /// A server that judges, whose clock stands still.
    static func server(
        _ text: String = settings,
        _ change: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        let shop = try ServedShop.shared.get()
        let settings = try settings(text, in: shop)
        return try await RunningServer(
            shop,
            {
                $0.risk = settings.risk
                change(&$0)
            },
            clock: { OnlineShop.epoch }
        )
    }

    /// What a server that does not start says.
    static func refusal(_ text: String) async throws -> String {
        let shop = try ServedShop.shared.get()
        var settings = try settings(text, in: shop)
        settings.port = 0
        settings.workers = 2
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

    /// An order as JSON; later fields come beside.
    static func order(_ id: String, amount: Double = 80, _ more: String = "") -> String {
        "{\"id\":\"\(id)\",\"amount\":\(amount),\"currency\":\"EUR\",\"time\":\(OnlineShop.epoch),"
            + "\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"},"
            + "\"items\":[{\"id\":\"i3\",\"item_id\":\"i3\",\"price\":40},{\"id\":\"i4\",\"item_id\":\"i4\",\"price\":20}]"
            + "\(more)}"
    }
}

extension OnlineShop {
    /// A moment at which clocks of tests stand still.
    static let epoch: Int64 = 1_780_000_000_000
}

/// An answer of `POST /v1/risk`.
struct Judged {
    let body: [String: Any]

    init(_ reply: Reply) throws {
        guard reply.status == 200 else {
            throw Wire.Failure(description: "\(reply.status): \(reply.text)")
        }
        body = try reply.json()
    }

    var decision: String { body["decision"] as? String ?? "" }
    var score: Double { body["score"] as? Double ?? .nan }
    var modelScore: Double { body["model_score"] as? Double ?? .nan }
    var isRepeated: Bool? { body["repeated"] as? Bool }
    var reasons: [[String: Any]] { body["reasons"] as? [[String: Any]] ?? [] }
    var codes: [String] { reasons.compactMap { $0["code"] as? String } }
    var costs: [String: Double] { body["costs"] as? [String: Double] ?? [:] }
    var explanation: [String: Any] { body["explain"] as? [String: Any] ?? [:] }

    /// Everything that must be the same when an order comes again.
    var constant: NSDictionary {
        NSDictionary(dictionary: body.filter { $0.key != "request_id" && $0.key != "repeated" })
    }
}

extension RunningServer {
    /// Asks for a judgement.
    func judge(_ body: String) async throws -> Judged { try Judged(await post("/v1/risk", body)) }
}
