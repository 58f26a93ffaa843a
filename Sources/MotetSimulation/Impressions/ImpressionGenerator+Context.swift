import MotetCore

extension ImpressionGenerator {
    /// The positions on a page.
    static let positions = 10

    /// When a row happens, who sees what and where, and whether it is an ad or a fake order.
    ///
    /// Row `r` of `n` happens when a share of `(r + U) / n` of the traffic has gone by, so rows are in order.
    func fillContext(_ block: inout ImpressionBlock) {
        let (settings, traffic, market) = (world.settings, world.traffic, world.market)
        let (accounts, catalogue) = (world.accounts, world.catalogue)
        let total = Double(rows)
        var hint = traffic.hour(Double(block.firstRow) / total)
        for index in 0..<block.count {
            let row = block.firstRow + index
            let moment = traffic.moment((Double(row) + keys.time.uniform(row)) / total, from: &hint)
            let user = accounts.sampler.draw(keys.user.uniform(row))
            let ring = accounts.ring[user]
            var item = catalogue.sampler.draw(keys.item.uniform(row))
            let isFake = ring >= 0 && self.isFake(row, ring: Int(ring), day: moment.day)
            if isFake { item = ringItem(row, ring: Int(ring), instead: item) }
            let itemDay = item * settings.days + moment.day

            block.hours[index] = moment.hours
            block.timestamp[index] = traffic.start + Int64(moment.hours * 3600)
            block.day[index] = Int32(moment.day)
            block.hour[index] = Int32(min(Int(moment.hours) - moment.day * 24, 23))
            block.weekday[index] = traffic.weekdays[moment.day]
            block.scenario[index] = Int32(world.scenarioSampler.draw(keys.scenario.uniform(row)))
            block.user[index] = Int32(user)
            block.item[index] = Int32(item)
            block.position[index] = Int32(
                1 + Int(keys.position.uniform(row) * Double(Self.positions))
            )
            block.intent[index] = Float(keys.intent.normal(row))
            block.hidden[index] = Float(keys.hidden.normal(row))
            block.ring[index] = ring
            block.isFake[index] = isFake
            block.price[index] = market.price[itemDay]
            block.shock[index] = market.shock[itemDay]
            block.shareOfDay[index] = moment.shareOfDay
            block.isInStock[index] = moment.shareOfDay <= market.soldOutAt[itemDay] ? 1 : 0
            fillAd(&block, index, item: item, shareOfDay: moment.shareOfDay)
        }
    }

    /// Whether a row of a member of a ring is a fake order: at random, during a wave.
    private func isFake(_ row: Int, ring: Int, day: Int) -> Bool {
        let fraud = world.settings.fraud
        let dayOfWave =
            (day + fraud.periodDays - Int(world.accounts.ringStarts[ring])) % fraud.periodDays
        return dayOfWave < fraud.activeDays && keys.fakeOrder.uniform(row) < fraud.fakeOrderRate
    }

    /// One of the items of the seller for whom a ring works.
    private func ringItem(_ row: Int, ring: Int, instead item: Int) -> Int {
        let items = world.catalogue.itemsOfSeller[Int(world.accounts.ringSellers[ring])]
        guard !items.isEmpty else { return item }
        return Int(items[Int(keys.ringItem.uniform(row) * Double(items.count))])
    }

    private func fillAd(
        _ block: inout ImpressionBlock,
        _ index: Int,
        item: Int,
        shareOfDay: Double
    ) {
        block.campaign[index] = -1
        block.bid[index] = 0
        block.competingBid[index] = 0
        let (row, ads) = (block.firstRow + index, world.settings.ads)
        let campaign = Int(world.campaigns.ofItem[item])
        guard campaign >= 0, !block.isFake[index], keys.adSlot.uniform(row) < ads.share,
            shareOfDay < Double(world.campaigns.spentAt[campaign])
        else { return }
        let bid = world.campaigns.clickBid[campaign]
        let other = Float(
            exponential(
                world.campaigns.logCompetition
                    + ads.competitionSpread * keys.competition.normal(row)
            )
        )
        guard bid >= other else { return }
        block.campaign[index] = Int32(campaign)
        block.bid[index] = bid
        block.competingBid[index] = other
    }

    /// What is known of users and items, copied into the rows.
    func fillSeen(_ block: inout ImpressionBlock) {
        let (accounts, catalogue) = (world.accounts, world.catalogue)
        for index in 0..<block.count {
            let user = Int(block.user[index])
            block.device[index] = accounts.device[user]
            block.address[index] = accounts.address[user]
            block.deviceAccounts[index] = accounts.deviceAccounts[user]
            block.addressAccounts[index] = accounts.addressAccounts[user]
            block.accountAge[index] = accounts.age[user] + Float(block.day[index])
            let item = Int(block.item[index])
            block.category[index] = catalogue.category[item]
            block.seller[index] = catalogue.seller[item]
        }
        let width = block.dimension
        for column in 0..<width {
            for index in 0..<block.count {
                block.userFeatures[column][index] =
                    accounts.features[Int(block.user[index]) * width + column]
                block.itemFeatures[column][index] =
                    catalogue.features[Int(block.item[index]) * width + column]
            }
        }
    }
}
