import GRDB
import MotetDecisions

extension LedgerDatabase {
    /// What is done within one commit.
    struct Transaction {
        let database: Database

        /// Writes a sale; one that is there already stays as it is.
        ///
        /// - Returns: what was sold the first time; nil where this is the first time.
        /// - Throws: `DatabaseError` when the file cannot be written.
        func add(_ sale: SaleRecord) throws -> [SoldAd]? {
            try database.cachedStatement(sql: "INSERT OR IGNORE INTO sale (id, time) VALUES (?, ?)")
                .execute(arguments: [sale.id, sale.time])
            guard database.changesCount > 0 else { return try sold(in: sale.id) }
            let insert = try database.cachedStatement(
                sql: """
                    INSERT INTO sold (sale, place, ad, campaign, payment, price, score)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            )
            for (place, ad) in sale.sold.enumerated() {
                try insert.execute(
                    arguments: [
                        sale.id, place, ad.ad, ad.campaign, ad.payment.rawValue, ad.price.micros,
                        ad.score,
                    ]
                )
            }
            if let user = sale.user {
                let insert = try database.cachedStatement(
                    sql: "INSERT INTO exposure (user, campaign, end) VALUES (?, ?, ?)"
                )
                for exposure in sale.exposures {
                    try insert.execute(arguments: [user, exposure.campaign, exposure.end])
                }
            }
            return nil
        }

        /// Writes budgets of campaigns' days.
        ///
        /// - Throws: `DatabaseError` when the file cannot be written.
        func set(_ budgets: [DayBudget]) throws {
            guard !budgets.isEmpty else { return }
            let upsert = try database.cachedStatement(
                sql: """
                    INSERT INTO account (campaign, day, budget, spent, share) VALUES (?, ?, ?, 0, ?)
                    ON CONFLICT (campaign, day) DO UPDATE SET budget = excluded.budget
                    """
            )
            for budget in budgets {
                try upsert.execute(
                    arguments: [
                        budget.key.campaign, budget.key.day, budget.budget.micros, budget.share,
                    ]
                )
            }
        }

        private func sold(in sale: String) throws -> [SoldAd] {
            let rows = try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT ad, campaign, payment, price, score FROM sold WHERE sale = ? ORDER BY place
                        """
                ),
                arguments: [sale]
            )
            return rows.map { row in
                SoldAd(
                    ad: row["ad"],
                    campaign: row["campaign"],
                    payment: Bid.Payment(rawValue: row["payment"]) ?? .click,
                    price: Money(micros: row["price"]),
                    score: row["score"]
                )
            }
        }

        /// Charges an event to a campaign's day.
        ///
        /// - Returns: what it costs, and what the campaign has spent on the day then, where it was charged.
        /// - Throws: `DatabaseError` when the file cannot be written.
        func charge(_ event: AdEvent, day: Int64) throws -> (AdCharge, spent: Money?) {
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql:
                        "SELECT campaign, payment, price, charged FROM sold WHERE sale = ? AND ad = ?"
                ),
                arguments: [event.sale, event.ad]
            )
            guard let row else {
                return (AdCharge(outcome: .unknown, amount: .zero, campaign: nil), nil)
            }
            let (campaign, payment): (String, String) = (row["campaign"], row["payment"])
            let pays = payment == Bid.Payment.conversion.rawValue ? AdEvent.Kind.conversion : .click
            guard event.kind == pays else {
                return (AdCharge(outcome: .free, amount: .zero, campaign: campaign), nil)
            }
            if let charged: Int64 = row["charged"] {
                let before = Money(micros: charged)
                return (AdCharge(outcome: .repeated, amount: before, campaign: campaign), nil)
            }
            let account = try account(campaign, day)
            let isOpen = account.spent < account.budget
            let amount = isOpen ? Money(micros: row["price"]) : .zero
            try database.cachedStatement(
                sql: "UPDATE sold SET charged = ? WHERE sale = ? AND ad = ?"
            )
            .execute(arguments: [amount.micros, event.sale, event.ad])
            guard isOpen else {
                return (AdCharge(outcome: .exhausted, amount: .zero, campaign: campaign), nil)
            }
            let spent = account.spent + amount
            try database.cachedStatement(
                sql: "UPDATE account SET spent = ? WHERE campaign = ? AND day = ?"
            )
            .execute(arguments: [spent.micros, campaign, day])
            return (AdCharge(outcome: .charged, amount: amount, campaign: campaign), spent)
        }

        /// A campaign's day; one nobody has sold on yet begins with the budget of the last.
        private func account(
            _ campaign: String,
            _ day: Int64
        ) throws -> (budget: Money, spent: Money) {
            let known = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT budget, spent FROM account WHERE campaign = ? AND day = ?"
                ),
                arguments: [campaign, day]
            )
            if let known { return (Money(micros: known["budget"]), Money(micros: known["spent"])) }
            try database.cachedStatement(
                sql: """
                    INSERT INTO account (campaign, day, budget, spent, share)
                    SELECT campaign, ?, budget, 0, share FROM account WHERE campaign = ?
                    ORDER BY day DESC LIMIT 1
                    """
            )
            .execute(arguments: [day, campaign])
            let made = try Int64.fetchOne(
                database.cachedStatement(
                    sql: "SELECT budget FROM account WHERE campaign = ? AND day = ?"
                ),
                arguments: [campaign, day]
            )
            return (Money(micros: made ?? 0), .zero)
        }

        /// Writes the shares campaigns take part with.
        ///
        /// - Throws: `DatabaseError` when the file cannot be written.
        func set(_ shares: [String: Double], day: Int64) throws {
            let update = try database.cachedStatement(
                sql: "UPDATE account SET share = ? WHERE campaign = ? AND day = ?"
            )
            for (campaign, share) in shares {
                try update.execute(arguments: [share, campaign, day])
            }
        }

        /// Removes what was kept of a user.
        func forget(_ user: String) throws {
            try database.execute(sql: "DELETE FROM exposure WHERE user = ?", arguments: [user])
        }

        /// Removes some of what is no longer needed.
        ///
        /// - Parameters:
        ///   - time: sales before it go.
        ///   - now: showings that count no more go.
        ///   - limit: the most rows of each kind.
        /// - Returns: whether there is more.
        /// - Throws: `DatabaseError` when the file cannot be written.
        func removeOld(before time: Int64, now: Int64, limit: Int) throws -> Bool {
            try database.execute(
                sql: """
                    DELETE FROM sold WHERE sale IN (SELECT id FROM sale WHERE time < ? ORDER BY time LIMIT ?)
                    """,
                arguments: [time, limit]
            )
            try database.execute(
                sql:
                    "DELETE FROM sale WHERE id IN (SELECT id FROM sale WHERE time < ? ORDER BY time LIMIT ?)",
                arguments: [time, limit]
            )
            let sales = database.changesCount
            try database.execute(
                sql: """
                    DELETE FROM exposure WHERE rowid IN
                        (SELECT rowid FROM exposure WHERE end <= ? ORDER BY end LIMIT ?)
                    """,
                arguments: [now, limit]
            )
            return sales == limit || database.changesCount == limit
        }
    }
}
