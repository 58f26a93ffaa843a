import MotetCore

extension ImpressionGenerator {
    /// How much a row's user likes its item, for every step of the funnel.
    ///
    /// The score of step `k` is `f_ks(x) + affinity a_k`, where `a_click = u . v / sqrt d` and
    /// `a_k = rho a_click + sqrt(1 - rho^2) u . shift_k(v) / sqrt d`, with the item's numbers shifted round by `k`.
    func fillScores(_ block: inout ImpressionBlock) {
        let space = world.space
        let (width, facets, steps) = (space.dimension, space.facets, FunnelStep.count)
        let affinity = world.settings.latents.affinity
        let correlation = world.settings.tasks.correlation
        let rest = (1 - correlation * correlation).squareRoot()
        let share = 1 / Double(facets).squareRoot()
        let lastDay = Double(max(world.settings.days - 1, 1))
        var (day, directions) = (Int32(-1), [Float]())
        var x = [Float](repeating: 0, count: 2 * width)
        var row = [Double](repeating: 0, count: steps)
        for index in 0..<block.count {
            if block.day[index] != day {
                day = block.day[index]
                directions = space.directions(at: Double(day) / lastDay)
            }
            let (user, item) = (Int(block.user[index]) * width, Int(block.item[index]) * width)
            for column in 0..<width {
                x[column] = world.accounts.latents[user + column]
                x[width + column] = world.catalogue.latents[item + column]
            }
            var place = Int(block.scenario[index]) * steps * facets * 2 * width
            for step in 0..<steps {
                var sum = 0.0
                for _ in 0..<facets {
                    var product: Float = 0
                    for column in 0..<(2 * width) {
                        product += directions[place + column] * x[column]
                    }
                    place += 2 * width
                    sum += space.bend(Double(product))
                }
                row[step] = sum * share
            }
            if affinity > 0 {
                let click = Self.affinity(x, shift: 0)
                row[0] += affinity * click
                for step in 1..<steps {
                    let own = correlation * click + rest * Self.affinity(x, shift: step)
                    row[step] += affinity * own
                }
            }
            for step in 0..<steps { block.scores[step][index] = Float(row[step]) }
        }
    }

    /// `u . shift(v) / sqrt d`.
    private static func affinity(_ x: [Float], shift: Int) -> Double {
        let width = x.count / 2
        var sum: Float = 0
        for column in 0..<width { sum += x[column] * x[width + (column + shift) % width] }
        return Double(sum) / Double(width).squareRoot()
    }

    /// The true probability of every step, given the step before.
    ///
    ///     click    b + level + strength score + observed q + hidden h - position log p
    ///     cart     b + level + strength score + hidden h
    ///     pay      b + level + strength score + observed (q^2 - 1) / sqrt 2 + hidden h + shock
    ///              + elasticity (log price - log reference)
    ///     return   b + level + strength score - quality / 2
    ///
    /// in logits, with the row's intent `q` and its hidden factor `h`. A fake order is clicked, carted, paid and
    /// kept for certain. What is out of stock is not paid.
    func fillProbabilities(_ block: inout ImpressionBlock) {
        let (settings, selection) = (world.settings, world.settings.selection)
        let (strength, steps) = (settings.tasks.strength, FunnelStep.count)
        let logPositions = (0...Self.positions).map { logarithm(Double(max($0, 1))) }
        let catalogue = world.catalogue
        for index in 0..<block.count {
            let level = Int(block.scenario[index]) * steps
            for step in 0..<steps {
                block.logits[step][index] =
                    world.scenarioLevels[level + step]
                    + strength * Double(block.scores[step][index])
            }
            let (intent, item) = (Double(block.intent[index]), Int(block.item[index]))
            let hidden = selection.hidden * Double(block.hidden[index])
            block.logits[0][index] +=
                selection.observed * intent + hidden
                - selection.position * logPositions[Int(block.position[index])]
            block.logits[1][index] += hidden
            let relativePrice = Double(block.price[index] / catalogue.referencePrice[item])
            block.logits[2][index] +=
                selection.observed * (intent * intent - 1) / 2.squareRoot() + hidden
                + Double(block.shock[index])
                + Double(catalogue.elasticity[item]) * logarithm(relativePrice)
            block.logits[3][index] -= Double(catalogue.quality[item]) / 2

            let isFake = block.isFake[index]
            for step in 0..<steps {
                block.probability[step][index] =
                    isFake
                    ? (step < 3 ? 1 : 0)
                    : Float(sigmoid(world.intercepts[step] + block.logits[step][index]))
            }
            block.payInStock[index] = block.probability[2][index]
            if block.isInStock[index] == 0 { block.probability[2][index] = 0 }
            block.conversion[index] = block.probability[1][index] * block.probability[2][index]
        }
    }
}
