import MotetDecisions

/// Writes the lines of prices one after the other, and what they have in common once.
///
/// The items of a request have the same time, rules, model and deviations but for exceptions, which are most of a line.
struct PriceLines {
    private typealias Name = PriceLine.Name

    private let currency: String
    /// When the last price was chosen, and what was written of it.
    private var lastTime: (of: ChosenPrice, bytes: [UInt8])?
    /// The deviations of the last belief, and what was written of them.
    private var lastDeviations = (level: Double.nan, elasticity: Double.nan, bytes: [UInt8]())
    /// What the end of the last line follows from, and what was written of it.
    private var lastEnd: (of: PriceQuestion, bytes: [UInt8])?

    /// Writes lines of prices in a currency.
    init(currency: String) { self.currency = currency }

    /// The line of a price.
    mutating func bytes(_ chosen: ChosenPrice) -> [UInt8] {
        let question = chosen.question
        let time = time(of: chosen)
        let deviations = deviations(of: question.belief)
        let end = end(of: question)
        var writer = JSONWriter(capacity: 768)
        writer.object { writer in
            func text(_ key: JSONName, _ value: String?) {
                writer.key(key)
                writer.optional(value)
            }
            func number(_ key: JSONName, _ value: Double?) {
                writer.key(key)
                writer.optional(value)
            }
            func money(_ key: JSONName, _ value: Money?) {
                writer.key(key)
                if let value { writer.millionths(value.micros) } else { writer.null() }
            }
            let name = chosen.name
            text(Name.decision, name)
            text(Name.draw, name)
            text(Name.item, question.item)
            text(Name.scope, question.scope)
            writer.members(time)
            money(Name.present, question.present)
            money(Name.price, chosen.price)
            number(Name.propensity, chosen.propensity)
            money(Name.best, chosen.best)
            text(Name.reason, chosen.reason.rawValue)
            number(Name.level, question.belief?.mean.x)
            number(Name.elasticity, question.belief?.mean.y)
            writer.members(deviations)
            money(Name.cost, question.objective.cost)
            writer.key(Name.stock)
            if let stock = question.stock { writer.integer(stock) } else { writer.null() }
            writer.members(end)
        }
        return writer.bytes
    }

    /// When a price was chosen, and for what.
    private mutating func time(of chosen: ChosenPrice) -> [UInt8] {
        let objective = chosen.question.objective.name
        if let (last, bytes) = lastTime, last.time == chosen.time, last.period == chosen.period,
            last.revision == chosen.revision, last.question.objective.name == objective
        {
            return bytes
        }
        var writer = JSONWriter()
        writer.key(Name.time)
        writer.integer(chosen.time)
        writer.key(Name.period)
        writer.integer(chosen.period)
        writer.key(Name.revision)
        writer.integer(chosen.revision)
        writer.key(Name.objective)
        writer.text(objective)
        writer.key(Name.currency)
        writer.text(currency)
        lastTime = (chosen, writer.bytes)
        return writer.bytes
    }

    /// How sure a belief is; null where there is none.
    private mutating func deviations(of belief: DemandBelief?) -> [UInt8] {
        let covariance = belief?.covariance
        if let covariance,
            (covariance.level, covariance.elasticity) == (
                lastDeviations.level, lastDeviations.elasticity
            )
        {
            return lastDeviations.bytes
        }
        var writer = JSONWriter()
        writer.key(Name.levelDeviation)
        writer.optional(covariance?.level.squareRoot())
        writer.key(Name.elasticityDeviation)
        writer.optional(covariance?.elasticity.squareRoot())
        // That of no belief equals none, for it has no numbers.
        lastDeviations = (covariance?.level ?? .nan, covariance?.elasticity ?? .nan, writer.bytes)
        return writer.bytes
    }

    /// Whether anything was known, the rules and the model.
    private mutating func end(of question: PriceQuestion) -> [UInt8] {
        if let (last, bytes) = lastEnd, (last.belief == nil) == (question.belief == nil),
            last.isDegraded == question.isDegraded, last.model == question.model,
            last.rules == question.rules
        {
            return bytes
        }
        let rules = question.rules
        var writer = JSONWriter()
        writer.key(Name.fallback)
        writer.boolean(question.belief == nil)
        for (key, amount) in [
            (Name.floor, rules.floor), (Name.ceiling, rules.ceiling), (Name.step, rules.step),
        ] {
            writer.key(key)
            writer.millionths(amount.micros)
        }
        writer.key(Name.greatestChange)
        writer.optional(rules.greatestChange)
        writer.key(Name.endings)
        writer.array { writer in
            for ending in rules.endings.sorted() { writer.integer(ending) }
        }
        writer.key(Name.model)
        writer.text(question.model)
        writer.key(Name.degraded)
        writer.boolean(question.isDegraded)
        lastEnd = (question, writer.bytes)
        return writer.bytes
    }
}
