import Foundation
import MotetConfiguration
import MotetDecisions
import MotetLedger

/// A campaign of the file of campaigns.
struct Campaign: Sendable {
    var id: String
    var bid: Bid
    var budget: Money
    var plan: SpendPlan
    var cap: FrequencyCap?
    /// The places of the shop it is shown in; empty for all.
    var scenarios: Set<String>
    var ads: [Ad]

    /// An ad: what it advertises, and what models read of it beside the item.
    struct Ad: Sendable {
        var id: String
        /// As an item of a request of scores.
        var item: JSONValue
    }
}

extension Campaign {
    /// Reads the file of campaigns.
    ///
    /// - Parameters:
    ///   - file: the YAML file.
    ///   - settings: what bids and budgets may be.
    /// - Returns: the campaigns, by their names.
    /// - Throws: `ConfigurationError` with every problem and its line.
    static func all(in file: String, _ settings: ServingSettings.Ads) throws -> [Campaign] {
        let document = try ConfigurationDocument(contentsOf: URL(fileURLWithPath: file))
        return try document.read { reader in
            let campaigns = reader.list("campaigns") { value in
                value.section { Campaign(reading: $0, settings) }
            }
            func twice(_ what: String, _ names: [String]) {
                var seen: Set<String> = []
                for name in names where !seen.insert(name).inserted {
                    reader.fail(
                        "campaigns",
                        "\(what) \"\(name)\" is there twice; expected names that differ."
                    )
                }
            }
            twice("the campaign", campaigns.map(\.id))
            twice("the ad", campaigns.flatMap { $0.ads.map(\.id) })
            return campaigns
        }
    }

    private init(reading reader: ConfigurationReader, _ settings: ServingSettings.Ads) {
        id = reader.string("id")
        let currency = reader.string("currency")
        if currency != settings.currency {
            reader.fail(
                "currency",
                "another currency than the server's; expected `\(settings.currency)`; received "
                    + "`\(currency)`."
            )
        }
        let payment = reader.choice("pays", default: Bid.Payment.click)
        if payment != .click, settings.conversion == nil {
            reader.fail(
                "pays",
                "nothing predicts conversions; expected `cpc`, or `ads.conversion` with a task; "
                    + "received `\(payment.rawValue)`."
            )
        }
        let amount = reader.number("bid", in: .between(1e-6, settings.maximumBid))
        bid = (try? Bid(payment, Money(amount))) ?? Self.placeholder
        budget = Money(reader.number("budget", in: .between(0, settings.maximumBudget)))
        plan = ServingSettings.Ads.plan(reader) ?? settings.plan
        cap = reader.section(ifPresent: "frequency_cap") { cap in
            FrequencyCap(
                maximum: cap.integer("maximum", in: .atLeast(1)),
                milliseconds: Int64(
                    (3_600_000 * cap.number("hours", default: 24, in: .between(0.001, 8784)))
                        .rounded()
                )
            )
        }
        scenarios = Set(reader.strings("scenarios", default: [], allowsOne: true))
        ads = reader.list("ads", count: .atLeast(1)) { value in
            value.section { ad in
                var members = [JSONMember(key: "id", value: .text(ad.string("item")))]
                if let columns = ad.value("columns") {
                    if case .object(let own) = JSONValue(columns.node) {
                        members += own.filter { $0.key != "id" }
                    } else {
                        ad.fail("columns", "expected a map of columns and values.")
                    }
                }
                return Ad(id: ad.string("id"), item: .object(members))
            }
        }
    }

    // Stands where the file has a problem, and is never used.
    private static var placeholder: Bid {
        guard let bid = try? Bid(.click, Money(micros: 1)) else {
            preconditionFailure("a bid of more than 0 is one")
        }
        return bid
    }
}

extension JSONValue {
    /// A value of a configuration as a request would have it.
    init(_ node: ConfigurationNode) {
        switch node.content {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(Int64(value))
        case .number(let value): self = .number(value)
        case .string(let value): self = .text(value)
        case .list(let values): self = .array(values.map { JSONValue($0) })
        case .map(let entries):
            self = .object(entries.map { JSONMember(key: $0.key, value: JSONValue($0.value)) })
        }
    }
}
