import MotetData

extension SimulatedTable {
    /// What a shop's log shows of some rows.
    ///
    /// - Parameters:
    ///   - block: the rows.
    ///   - scenarios: the names of the scenarios.
    init(log block: ImpressionBlock, scenarios: [String]) {
        add("row", .int64(Self.rows(block)), isSpread: true)
        add("timestamp", .int64(block.timestamp), isSpread: true)
        add("day", .int32(block.day))
        add("hour", .int32(block.hour))
        add("weekday", .int32(block.weekday))
        add("scenario", .category(block.scenario, of: scenarios))
        add("user", .int32(block.user))
        add("item", .int32(block.item))
        add("category", .int32(block.category))
        add("seller", .int32(block.seller))
        add("device", .int32(block.device))
        add("address", .int32(block.address))
        add("device_accounts", .int32(block.deviceAccounts))
        add("address_accounts", .int32(block.addressAccounts))
        addSpread("account_age_days", block.accountAge)
        add("position", .int32(block.position))
        addSpread("price", block.price)
        add("in_stock", .int32(block.isInStock))
        addSpread("intent", block.intent)
        for column in 0..<block.dimension {
            addSpread("user_\(column)", block.userFeatures[column])
        }
        for column in 0..<block.dimension {
            addSpread("item_\(column)", block.itemFeatures[column])
        }
        add("campaign", .int32(block.campaign))
        add("bid", .float32(block.bid))
        addSpread("competing_bid", block.competingBid)
        addSpread("charge", block.charge)
        for (name, label) in zip(["click", "cart", "pay", "returned"], block.label) {
            add(name, .float32(label))
        }
        addSpread("pay_hours", block.payHours)
        add("rating", .float32(block.rating))
        add("review_length", .float32(block.reviewLength))
        add("reported_fraud", .int32(block.reported))
    }

    /// What is true of the same rows.
    init(truth block: ImpressionBlock) {
        add("row", .int64(Self.rows(block)), isSpread: true)
        let steps = ["click", "cart", "pay", "return"]
        for (name, values) in zip(steps, block.probability) { addSpread("p_\(name)", values) }
        addSpread("p_pay_in_stock", block.payInStock)
        addSpread("p_conversion", block.conversion)
        for (name, values) in zip(steps, block.scores) { addSpread("score_\(name)", values) }
        add("cart_if_clicked", .int32(block.outcome[1]))
        add("pay_if_carted", .int32(block.outcome[2]))
        add("return_if_paid", .int32(block.outcome[3]))
        add("pay_final", .int32(block.payFinal))
        add("return_final", .int32(block.returnFinal))
        addSpread("pay_delay_hours", block.payDelay)
        addSpread("return_delay_hours", block.returnDelay)
        add("ring", .int32(block.ring))
        add("fake_order", .int32(block.isFake.map { $0 ? 1 : 0 }))
        add("fake_review", .int32(block.isFakeReview))
        addSpread("demand_shock", block.shock)
        addSpread("hidden", block.hidden)
    }

    private static func rows(_ block: ImpressionBlock) -> [Int64] {
        (0..<block.count).map { Int64(block.firstRow + $0) }
    }
}
