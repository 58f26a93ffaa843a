import MotetCore

extension ImpressionGenerator {
    /// The hours after the start at which labels are read.
    var cutoff: Double {
        Double(world.settings.days * 24) + world.settings.delays.cutoffHours
    }

    /// What happens in every row, what would have happened, and what is known of it at the cut-off.
    ///
    /// Outcomes are drawn in every row for every step, whatever became of the step before: they are what would
    /// have happened. Delays are exponential; the mean of a payment's is `pay_hours exp(v_0 / 2 - 1 / 8)`, with the
    /// item's first number, so that they can be learnt.
    func fillOutcomes(_ block: inout ImpressionBlock) {
        let (delays, missing) = (world.settings.delays, world.settings.missing)
        let missingRates = [missing.click, missing.cart, missing.pay, missing.returned]
        let width = world.space.dimension
        for index in 0..<block.count {
            let row = block.firstRow + index
            for step in 0..<FunnelStep.count {
                let isPositive = happens(step, row, block.probability[step][index])
                block.outcome[step][index] = isPositive ? 1 : 0
            }
            let click = block.outcome[0][index]
            let cart = click & block.outcome[1][index]
            let pay = cart & block.outcome[2][index]
            let back = pay & block.outcome[3][index]
            block.payFinal[index] = pay
            block.returnFinal[index] = back

            let pace = Double(world.catalogue.latents[Int(block.item[index]) * width])
            let payDelay =
                delays.payHours * exponential(pace / 2 - 0.125) * keys.payDelay.exponentialDraw(row)
            let returnDelay = delays.returnHours * keys.returnDelay.exponentialDraw(row)
            block.payDelay[index] = pay == 1 ? Float(payDelay) : .nan
            block.returnDelay[index] = back == 1 ? Float(returnDelay) : .nan
            let isPaid = pay == 1 && block.hours[index] + payDelay <= cutoff
            let isBack =
                back == 1 && isPaid && block.hours[index] + payDelay + returnDelay <= cutoff
            block.payHours[index] = isPaid ? Float(payDelay) : .nan

            let known: [Float] = [Float(click), Float(cart), isPaid ? 1 : 0, isBack ? 1 : 0]
            for step in 0..<FunnelStep.count {
                let isMissing = keys.missing[step].uniform(row) < missingRates[step]
                block.label[step][index] = isMissing ? .nan : known[step]
            }
            fillCharge(&block, index, isClicked: click == 1, isPaid: pay == 1)
        }
    }

    private func fillCharge(
        _ block: inout ImpressionBlock,
        _ index: Int,
        isClicked: Bool,
        isPaid: Bool
    ) {
        let campaign = Int(block.campaign[index])
        guard campaign >= 0 else {
            block.charge[index] = 0
            return
        }
        let other = block.competingBid[index]
        if world.campaigns.type[campaign] == .cpa {
            block.charge[index] = isPaid ? other / Float(world.campaigns.conversionRate) : 0
        } else {
            block.charge[index] = isClicked ? other : 0
        }
    }

    /// Reviews of what was paid, and reports of orders.
    ///
    /// An honest rating is `3.8 + 0.7 quality + 0.8 N` rounded, from 1 to 5; a fake one is 5. The length in
    /// characters is lognormal, `exp(4.5 + 0.8 N)`, of a fake one `exp(3.5 + 0.5 N)`.
    func fillReviews(_ block: inout ImpressionBlock) {
        let settings = world.settings
        for index in 0..<block.count {
            let row = block.firstRow + index
            let (isFake, isPaid) = (block.isFake[index], !block.payHours[index].isNaN)
            let rate = isFake ? settings.fraud.fakeReviewRate : settings.reviews.rate
            let isReviewed =
                isPaid && block.returnFinal[index] == 0 && keys.review.uniform(row) < rate
            block.rating[index] = .nan
            block.reviewLength[index] = .nan
            block.isFakeReview[index] = isReviewed && isFake ? 1 : 0
            if isReviewed {
                let quality = Double(world.catalogue.quality[Int(block.item[index])])
                let honest = (3.8 + 0.7 * quality + 0.8 * keys.rating.normal(row)).rounded()
                block.rating[index] = isFake ? 5 : Float(min(max(honest, 1), 5))
                let spread = keys.reviewLength.normal(row)
                let length = exponential(isFake ? 3.5 + 0.5 * spread : 4.5 + 0.8 * spread)
                block.reviewLength[index] = Float(length.rounded(.up))
            }
            let reportRate = isFake ? settings.fraud.reported : settings.fraud.falseReports
            let isReported = isPaid && keys.report.uniform(row) < reportRate
            block.reported[index] = isReported ? 1 : 0
        }
    }
}
