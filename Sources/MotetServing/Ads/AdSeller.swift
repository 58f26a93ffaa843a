import HTTPTypes
import MotetDecisions
import MotetLedger
import NIOCore

/// Answers `POST /v1/ads`: values the ads by the model, and sells the places.
struct AdSeller: Sendable {
    let sales: AdSales
    let scorer: Scorer

    /// What was decided, before it is kept.
    struct Decided: Sendable {
        let request: AdRequest
        let model: ServedModel
        /// What the model makes of the advertised items.
        let scored: Scorer.Scored
        /// For each ad the probabilities of a click and of a conversion after it.
        let probabilities: [(click: Double, conversion: Double)]
        /// The ads that took part, by their places among the candidates.
        let offered: [Int]
        var decision: SaleDecision
        /// The identity of the sale.
        let sale: String
        var record: ScoreRecord

        /// Whether it has to be kept: what was sold, and what may be asked for again.
        var isToBeKept: Bool { !decision.sold.isEmpty || request.sale != nil }
    }

    /// Decides who is shown, on the thread it is called on.
    ///
    /// - Parameters:
    ///   - body: the bytes of the request.
    ///   - start: when it was handed to the threads.
    /// - Returns: what is to be kept and told.
    /// - Throws: `RequestError` for what is wrong with the request, else what the features' source throws.
    func decide(_ body: ByteBuffer, since start: ContinuousClock.Instant) throws -> Decided {
        var record = ScoreRecord(since: start)
        record.end(.queue)
        let value = try scorer.parsed(body)
        let user = ScoreRequest.user(of: value).map { scorer.identities.kept($0) }
        guard let (model, variant) = scorer.rollout.model(for: user) else {
            throw RequestError.notReady(scorer.limits)
        }
        record.model = model.version
        record.variant = variant
        let request = try AdRequest(value, sales, scorer.limits)
        let tasks = try AdTasks(sales.settings, model)
        // The items of campaigns are the server's own.
        var asking = scorer
        asking.checked.hasItems = request.bringsItems
        let scored = try asking.scores(request.scoring, model, &record)
        let scores = scored.scores
        let scenarios = model.layout.scenarios(of: scored.request.columns)
        let offered = request.candidates.indices.filter { row in
            let wanted = request.candidates[row].scenarios
            guard !wanted.isEmpty else { return true }
            return Self.scenario(scenarios, row).map {
                wanted.contains(model.layout.scenarios[$0])
            } ?? false
        }
        let probabilities = request.candidates.indices.map { tasks.probabilities(scores, $0) }
        // Not the request's identity: that is the client's, who may send it twice.
        let sale = request.sale ?? Self.newSale()
        let decision = try sales.ledger.decide(
            AdSale(
                sale,
                user: scored.request.userID,
                offers: offered.map { row in
                    let candidate = request.candidates[row]
                    return AdOffer(
                        candidate.ad,
                        campaign: candidate.campaign,
                        bid: candidate.bid,
                        click: probabilities[row].click,
                        conversion: probabilities[row].conversion,
                        budget: candidate.budget,
                        plan: candidate.plan,
                        cap: candidate.cap
                    )
                },
                auction: try Auction(places: request.places, reserve: sales.settings.reserve)
            ),
            at: sales.now()
        )
        record.scores = scorer.histograms(scores, model)
        record.tally = ScoreTally(scores, scenarios, model.layout)
        return Decided(
            request: request,
            model: model,
            scored: scored,
            probabilities: probabilities,
            offered: offered,
            decision: decision,
            sale: sale,
            record: record
        )
    }

    /// An identity that no sale had before.
    private static func newSale() -> String {
        let words = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }
        return words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }

    private static func scenario(_ rows: ScoreLayout.Rows, _ row: Int) -> Int? {
        switch rows {
        case .same(let scenario): scenario
        case .each(let scenarios): scenarios[row]
        }
    }
}

extension AdSeller.Decided {
    /// Everything that can become of an ad.
    static let codes = [
        "shown", "outbid", "below_reserve", "spent", "capped", "behind_own", "other_scenario",
    ]

    /// What became of an ad.
    static func code(_ outcome: OfferOutcome) -> String {
        switch outcome {
        case .shown: "shown"
        case .outbid: "outbid"
        case .belowReserve: "below_reserve"
        case .spent: "spent"
        case .capped: "capped"
        case .behindOwn: "behind_own"
        }
    }

    /// What became of each candidate; empty for a sale that was repeated.
    var outcomes: [String] {
        guard !decision.isRepeated else { return [] }
        var codes = [String](repeating: "other_scenario", count: request.candidates.count)
        for (row, outcome) in zip(offered, decision.outcomes) { codes[row] = Self.code(outcome) }
        return codes
    }

    /// The place of an ad among the candidates; nil where a repeated sale had others.
    func row(of ad: SoldAd) -> Int? { request.candidates.firstIndex { $0.ad == ad.ad } }

    /// The share of its bid a candidate took part with; nil where it did not.
    func share(of row: Int) -> Double? {
        guard !decision.isRepeated else { return nil }
        return offered.firstIndex(of: row).map { decision.shares[$0] }
    }

    /// What an ad pays for, as requests name events.
    static func event(_ payment: Bid.Payment) -> String {
        payment == .conversion ? AdEvent.Kind.conversion.rawValue : AdEvent.Kind.click.rawValue
    }

    /// The answer.
    ///
    /// - Parameters:
    ///   - requestID: the identity of the request.
    ///   - currency: that of prices.
    /// - Returns: the answer's body in JSON.
    func answer(_ requestID: String, _ currency: String) -> Answer {
        Answer { writer in
            writer.key("request_id")
            writer.text(requestID)
            writer.key("model")
            writer.text(record.model)
            writer.key("variant")
            writer.text(record.variant)
            writer.key("degraded")
            writer.boolean(record.isDegraded)
            writer.key("sale")
            writer.text(sale)
            writer.key("currency")
            writer.text(currency)
            writer.key("repeated")
            writer.boolean(decision.isRepeated)
            writer.key("ads")
            writer.array { writer in
                for ad in decision.sold { write(ad, to: &writer) }
            }
            if request.explains {
                writer.key("explain")
                writer.object { explain(to: &$0) }
            }
        }
    }

    private func write(_ ad: SoldAd, to writer: inout JSONWriter) {
        let row = row(of: ad)
        writer.object { writer in
            writer.key("ad")
            writer.text(ad.ad)
            writer.key("campaign")
            writer.text(ad.campaign)
            writer.key("id")
            if let row { writer.value(scored.request.itemIDs[row]) } else { writer.null() }
            writer.key("price")
            writer.number(ad.price.units)
            writer.key("charged_for")
            writer.text(Self.event(ad.payment))
            writer.key("ecpm")
            writer.number(1000 * ad.score)
            if request.explains {
                writer.key("explain")
                writer.object { writer in
                    let known = row.map { probabilities[$0] }
                    writer.key("click")
                    writer.optional(known?.click)
                    writer.key("conversion")
                    writer.optional(known?.conversion)
                    writer.key("bid")
                    writer.optional(row.map { request.candidates[$0].bid.amount.units })
                    writer.key("share")
                    writer.optional(row.flatMap { share(of: $0) })
                }
            }
        }
    }

    private func explain(to writer: inout JSONWriter) {
        let outcomes = outcomes
        writer.key("candidates")
        writer.integer(request.candidates.count)
        writer.key("outcomes")
        writer.object { writer in
            for code in Self.codes {
                writer.key(code)
                writer.integer(outcomes.count { $0 == code })
            }
        }
        writer.key("not_shown")
        writer.array { writer in
            let others = outcomes.indices.filter { outcomes[$0] != "shown" }
            for row in others.prefix(Recommendation.explainedRemovals) {
                writer.object { writer in
                    writer.key("ad")
                    writer.text(request.candidates[row].ad)
                    writer.key("campaign")
                    writer.text(request.candidates[row].campaign)
                    writer.key("reason")
                    writer.text(outcomes[row])
                }
            }
        }
    }
}
