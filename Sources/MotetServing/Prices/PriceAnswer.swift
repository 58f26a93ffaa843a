import MotetDecisions

extension PriceDesk.Decided {
    /// The names of an item's fields, written once.
    private enum Name {
        static let id = JSONName("id")
        static let price = JSONName("price")
        static let decision = JSONName("decision")
        static let propensity = JSONName("propensity")
        static let reason = JSONName("reason")
        static let repeated = JSONName("repeated")
        static let fallback = JSONName("fallback")
        static let units = JSONName("expected_units")
        static let value = JSONName("expected_value")
    }

    /// The answer.
    ///
    /// - Parameters:
    ///   - requestID: the identity of the request.
    ///   - settings: how prices are chosen.
    /// - Returns: the answer's body in JSON.
    func answer(_ requestID: String, _ settings: ServingSettings.Price) -> Answer {
        var writer = JSONWriter(capacity: 512 + 320 * ids.count)
        writer.object { writer in
            writer.key("request_id")
            writer.text(requestID)
            writer.key("model")
            writer.text(record.model)
            writer.key("variant")
            writer.text(record.variant)
            writer.key("degraded")
            writer.boolean(isDegraded)
            writer.key("currency")
            writer.text(settings.currency)
            writer.key("objective")
            writer.text(settings.objective.rawValue)
            writer.key("valid_until")
            writer.integer(end)
            writer.key("items")
            writer.array { writer in
                for row in ids.indices { writer.object { write(row, to: &$0) } }
            }
            if explanations != nil {
                writer.key("explain")
                writer.object { writer in
                    writer.key("never_used")
                    writer.array { writer in for name in blanked { writer.text(name) } }
                }
            }
        }
        return Answer(body: writer.bytes)
    }

    /// Whether a price followed from features that may have been old.
    var isDegraded: Bool {
        record.isDegraded || answers.contains { $0.chosen.question.isDegraded }
    }

    private func write(_ row: Int, to writer: inout JSONWriter) {
        let (answer, chosen) = (answers[row], answers[row].chosen)
        writer.key(Name.id)
        writer.value(ids[row])
        writer.key(Name.price)
        writer.millionths(chosen.price.micros)
        writer.key(Name.decision)
        writer.text(chosen.name)
        writer.key(Name.propensity)
        writer.number(chosen.propensity)
        writer.key(Name.reason)
        writer.text(chosen.reason.rawValue)
        writer.key(Name.repeated)
        writer.boolean(answer.isRepeated)
        writer.key(Name.fallback)
        writer.boolean(chosen.isFallback)
        writer.key(Name.units)
        writer.optional(chosen.units)
        writer.key(Name.value)
        writer.optional(chosen.value)
        guard let explanations else { return }
        writer.key("explain")
        writer.object { explain(chosen, explanations[row], to: &$0) }
    }

    private func explain(
        _ chosen: ChosenPrice,
        _ explanation: PriceDesk.Explanation,
        to writer: inout JSONWriter
    ) {
        let question = chosen.question
        writer.key("present")
        writer.number(question.present.units)
        writer.key("best")
        writer.number(chosen.best.units)
        writer.key("cost")
        writer.optional(question.objective.cost?.units)
        writer.key("stock")
        if let stock = question.stock { writer.integer(stock) } else { writer.null() }
        writer.key("model")
        writer.text(question.model)
        writer.key("chosen_at")
        writer.integer(chosen.time)
        writer.key("changes")
        writer.integer(explanation.changes)
        writer.key("demand")
        if let belief = question.belief {
            writer.object { writer in
                writer.key("level")
                writer.number(belief.mean.x)
                writer.key("elasticity")
                writer.number(belief.mean.y)
                writer.key("level_deviation")
                writer.number(belief.covariance.level.squareRoot())
                writer.key("elasticity_deviation")
                writer.number(belief.covariance.elasticity.squareRoot())
            }
        } else {
            writer.null()
        }
        writer.key("rules")
        writer.object { Self.write(question.rules, to: &$0) }
        writer.key("options")
        writer.array { writer in
            for option in explanation.options {
                writer.object { writer in
                    writer.key("price")
                    writer.number(option.price.units)
                    writer.key("units")
                    writer.number(option.units)
                    writer.key("value")
                    writer.number(option.value)
                    writer.key("propensity")
                    writer.number(option.propensity)
                }
            }
        }
    }

    private static func write(_ rules: PriceRules, to writer: inout JSONWriter) {
        writer.key("floor")
        writer.number(rules.floor.units)
        writer.key("ceiling")
        writer.number(rules.ceiling.units)
        writer.key("step")
        writer.number(rules.step.units)
        writer.key("greatest_change")
        writer.optional(rules.greatestChange)
        writer.key("endings")
        writer.array { writer in
            for ending in rules.endings.sorted() { writer.integer(ending) }
        }
    }
}
