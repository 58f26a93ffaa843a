import HTTPTypes
import MotetDecisions
import MotetLedger

/// A body of `POST /v1/ads`: the places wanted, and the ads that may be shown.
struct AdRequest {
    /// An ad that may be shown.
    struct Candidate {
        var ad: String
        var campaign: String
        var bid: Bid
        var budget: Money
        var plan: SpendPlan
        var cap: FrequencyCap?
        /// The places of the shop its campaign is shown in; empty for all.
        var scenarios: Set<String>
    }

    /// The identity the client gave the sale; nil for that of the request.
    private(set) var sale: String?
    /// How many places there are.
    private(set) var places: Int
    /// Whether the answer is to explain itself.
    private(set) var explains = false
    /// The ads, in the order of the items of `scoring`.
    private(set) var candidates: [Candidate] = []
    /// A request of scores of the advertised items.
    private(set) var scoring: JSONValue
    /// Whether the request brought the items; else they are those of the campaigns.
    private(set) var bringsItems = false

    /// The fields a request of scores does not have.
    static let fields = ["sale", "places", "explain"]
    /// The fields an item of a request of scores does not have.
    static let itemFields = ["ad", "campaign", "bid", "budget"]

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - body: the value of the body.
    ///   - sales: the campaigns, and what bids may be.
    ///   - limits: what a request may be.
    /// - Throws: `RequestError` with the field that is wrong.
    init(
        _ body: JSONValue,
        _ sales: AdSales,
        _ limits: ServingSettings.Limits
    ) throws(RequestError) {
        guard case .object(let members) = body else {
            throw .wrongType("body", expected: "an object", body)
        }
        let reader = AdFields(sales: sales, limits: limits)
        places = sales.settings.places
        var items: JSONValue?
        for member in members {
            switch member.key {
            case "sale": sale = try reader.name(member.value, "sale")
            case "explain":
                guard case .boolean(let explains) = member.value else {
                    throw .wrongType("explain", expected: "true or false", member.value)
                }
                self.explains = explains
            case "places":
                places = try reader.integer(
                    member.value,
                    "places",
                    1...sales.settings.maximumPlaces
                )
            case "items": items = member.value
            default: continue
            }
        }
        var rest = members.filter { $0.key != "items" && !Self.fields.contains($0.key) }
        bringsItems = items != nil
        if let items {
            guard case .array(let values) = items else {
                throw .wrongType("items", expected: "a list of items", items)
            }
            var scored: [JSONValue] = []
            var names: Set<String> = []
            var budgets: [String: Money] = [:]
            for (index, value) in values.enumerated() {
                let (candidate, item) = try reader.candidate(value, "items[\(index)]")
                let budget = budgets[candidate.campaign, default: candidate.budget]
                guard budget == candidate.budget else {
                    throw RequestError(
                        .badRequest,
                        "two_budgets",
                        field: "items[\(index)].budget",
                        message:
                            "items[\(index)].budget: another budget than that of an item before; expected one for "
                            + "the campaign `\(candidate.campaign.shortened)`, \(budget); received "
                            + "\(candidate.budget)."
                    )
                }
                budgets[candidate.campaign] = budget
                guard names.insert(candidate.ad).inserted else {
                    throw RequestError(
                        .badRequest,
                        "duplicate_ad",
                        field: "items[\(index)].ad",
                        message:
                            "items[\(index)].ad: the ad is there twice; expected ads that differ; "
                            + "received `\(candidate.ad.shortened)`."
                    )
                }
                candidates.append(candidate)
                scored.append(item)
            }
            rest.append(JSONMember(key: "items", value: .array(scored)))
        } else if !sales.campaigns.isEmpty {
            var scored: [JSONValue] = []
            for campaign in sales.campaigns {
                for ad in campaign.ads {
                    candidates.append(
                        Candidate(
                            ad: ad.id,
                            campaign: campaign.id,
                            bid: campaign.bid,
                            budget: campaign.budget,
                            plan: campaign.plan,
                            cap: campaign.cap,
                            scenarios: campaign.scenarios
                        )
                    )
                    scored.append(ad.item)
                }
            }
            rest.append(JSONMember(key: "items", value: .array(scored)))
        } else {
            throw .missing("items", "the ads that may be shown, for there is no file of campaigns")
        }
        scoring = .object(rest)
    }
}

/// Reads fields of requests about ads.
struct AdFields {
    let sales: AdSales
    let limits: ServingSettings.Limits

    /// A name of something.
    func name(_ value: JSONValue, _ field: String) throws(RequestError) -> String {
        try RequestFields(known: [], online: nil, limits: limits).identity(value, field)
    }

    /// A whole number within a range.
    func integer(
        _ value: JSONValue,
        _ field: String,
        _ range: ClosedRange<Int>
    ) throws(RequestError) -> Int {
        guard case .integer(let integer) = value else {
            throw .wrongType(field, expected: "a whole number", value)
        }
        guard let number = Int(exactly: integer), range.contains(number) else {
            throw .outOfRange(
                field,
                "from \(range.lowerBound) to \(range.upperBound)",
                "\(integer)"
            )
        }
        return number
    }

    /// An ad of a request, and the item it advertises as a request of scores has it.
    func candidate(
        _ value: JSONValue,
        _ place: String
    ) throws(RequestError) -> (AdRequest.Candidate, JSONValue) {
        guard case .object(let members) = value else {
            throw .wrongType(place, expected: "an object", value)
        }
        func member(_ key: String) -> JSONValue? { members.first { $0.key == key }?.value }
        guard let ad = member("ad") else {
            throw .missing("\(place).ad", "the ad's identity")
        }
        guard let campaign = member("campaign") else {
            throw .missing("\(place).campaign", "the campaign that pays")
        }
        let campaignName = try self.name(campaign, "\(place).campaign")
        let known = sales.campaign(campaignName)
        var bid = known?.bid
        if let given = member("bid") { bid = try self.bid(given, "\(place).bid") }
        guard let bid else {
            throw .missing("\(place).bid", "a bid, for no file has the campaign")
        }
        var budget = known?.budget
        if let given = member("budget") { budget = try self.budget(given, "\(place).budget") }
        guard let budget else {
            throw .missing(
                "\(place).budget",
                "the budget of a day, for no file has the campaign"
            )
        }
        return (
            AdRequest.Candidate(
                ad: try self.name(ad, "\(place).ad"),
                campaign: campaignName,
                bid: bid,
                budget: budget,
                plan: known?.plan ?? sales.settings.plan,
                cap: known?.cap,
                scenarios: known?.scenarios ?? []
            ),
            .object(members.filter { !AdRequest.itemFields.contains($0.key) })
        )
    }

    private func bid(_ value: JSONValue, _ field: String) throws(RequestError) -> Bid {
        let money = try self.money(
            value,
            field,
            more: ["type"],
            least: 1e-6,
            most: sales.settings.maximumBid
        )
        guard let type = money.more["type"] else {
            throw .missing("\(field).type", "`cpc`, `cpa` or `ocpc`")
        }
        guard case .text(let text) = type, let payment = Bid.Payment(rawValue: text) else {
            throw RequestError(
                .badRequest,
                "unknown_value",
                field: "\(field).type",
                message:
                    "\(field).type: there is no such bid; expected `cpc`, `cpa` or `ocpc`; received "
                    + "\(RequestFields.text(type).shortened)."
            )
        }
        guard payment == .click || sales.settings.conversion != nil else {
            throw RequestError(
                .badRequest,
                "no_conversions",
                field: "\(field).type",
                message: "\(field).type: nothing predicts conversions; expected `cpc`; received "
                    + "`\(text)`. A server with `ads.conversion` takes it."
            )
        }
        do { return try Bid(payment, money.amount) } catch {
            throw .outOfRange("\(field).amount", "more than 0", "\(money.amount)")
        }
    }

    private func budget(_ value: JSONValue, _ field: String) throws(RequestError) -> Money {
        try money(value, field, more: [], least: 0, most: sales.settings.maximumBudget).amount
    }

    /// An amount with its currency.
    private func money(
        _ value: JSONValue,
        _ field: String,
        more: Set<String>,
        least: Double,
        most: Double
    ) throws(RequestError) -> (amount: Money, more: [String: JSONValue]) {
        guard case .object(let members) = value else {
            throw .wrongType(field, expected: "an object with `amount` and `currency`", value)
        }
        var fields: [String: JSONValue] = [:]
        for member in members {
            guard ["amount", "currency"].contains(member.key) || more.contains(member.key) else {
                throw RequestError(
                    .badRequest,
                    "unknown_field",
                    field: "\(field).\(member.key)".shortened,
                    message: "\(field).\(member.key.shortened): there is no such field; expected "
                        + (["amount", "currency"] + more.sorted()).joined(separator: ", ") + "."
                )
            }
            fields[member.key] = member.value
        }
        guard let given = fields["amount"] else {
            throw .missing("\(field).amount", "an amount")
        }
        let amount: Double
        switch given {
        case .integer(let integer): amount = Double(integer)
        case .number(let number): amount = number
        default: throw .wrongType("\(field).amount", expected: "a number", given)
        }
        guard amount >= least, amount <= most else {
            throw .outOfRange("\(field).amount", "from \(least) to \(most)", "\(amount)")
        }
        try CurrencyField.check(
            fields["currency"],
            "\(field).currency",
            is: sales.settings.currency
        )
        return (Money(amount), fields)
    }
}
