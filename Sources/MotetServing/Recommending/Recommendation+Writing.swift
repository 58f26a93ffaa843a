import MotetCandidates
import MotetRanking

extension Recommendation {
    /// The most removed candidates that an explanation names.
    static let explainedRemovals = 100

    /// The answer.
    ///
    /// - Parameters:
    ///   - requestID: the identity of the request.
    ///   - record: what it took.
    /// - Returns: the answer's body in JSON.
    func answer(_ requestID: String, _ record: RecommendRecord) -> Answer {
        Answer { writer in
            writer.key("request_id")
            writer.text(requestID)
            writer.key("model")
            writer.text(record.model)
            writer.key("variant")
            writer.text(record.variant)
            writer.key("degraded")
            writer.boolean(record.isDegraded)
            writer.key("items")
            writer.array { writer in
                for candidate in list.shown { write(item: candidate, to: &writer) }
            }
            if request.explains {
                writer.key("explain")
                writer.object { explain(record, to: &$0) }
            }
        }
    }

    /// The identity of a candidate, as the request gave it or the catalogue names it.
    private func writeIdentity(_ candidate: Int, to writer: inout JSONWriter) {
        writer.key("id")
        if let row = rows.given[candidate] {
            writer.value(request.scoring.itemIDs[row])
        } else {
            writer.text(candidates[candidate].item)
        }
    }

    private func write(item candidate: Int, to writer: inout JSONWriter) {
        writer.object { writer in
            writeIdentity(candidate, to: &writer)
            writer.key("score")
            writer.number(formula[candidate])
            if request.explains {
                writer.key("explain")
                writer.object { explain(item: candidate, to: &$0) }
            }
        }
    }

    private func explain(item candidate: Int, to writer: inout JSONWriter) {
        writer.key("scores")
        writer.object { writer in
            guard let row = computed[candidate] else { return }
            for (task, values) in zip(model.tasks, scores) {
                writer.key(task)
                values[row].write(to: &writer)
            }
        }
        writer.key("sources")
        writer.array { writer in
            for origin in candidates[candidate].origins {
                writer.object { writer in
                    writer.key("source")
                    writer.text(name(of: origin.source))
                    writer.key("rank")
                    writer.integer(origin.rank)
                    writer.key("score")
                    if let score = origin.score { writer.number(score) } else { writer.null() }
                }
            }
        }
        writer.key("place_by_score")
        if case .shown(_, let place) = list.outcomes[candidate] {
            writer.integer(place)
        } else {
            writer.null()
        }
        writer.key("moved_by")
        writer.array { writer in for reason in moved(candidate) { writer.text(reason) } }
    }

    /// What holds for the list as a whole.
    private func explain(_ record: RecommendRecord, to writer: inout JSONWriter) {
        writer.key("formula")
        writer.text(catalogue.formula.description)
        writer.key("candidates")
        writer.integer(candidates.count)
        writer.key("over_limit")
        writer.integer(sources.list.leftOut)
        writer.key("fallback")
        writer.boolean(sources.usedFallback)
        writer.key("sources")
        writer.array { writer in
            for source in sources.reports {
                writer.object { writer in
                    writer.key("source")
                    writer.text(source.name)
                    writer.key("outcome")
                    writer.text(source.outcome.rawValue)
                    writer.key("candidates")
                    writer.integer(source.candidates)
                    writer.key("error")
                    if let error = source.error { writer.text(error) } else { writer.null() }
                }
            }
        }
        writer.key("outcomes")
        writer.object { writer in
            for code in Self.codes {
                writer.key(code)
                writer.integer(record.outcomes[code] ?? 0)
            }
        }
        writer.key("removed")
        writer.array { explainRemoved(to: &$0) }
    }

    /// Everything that can become of a candidate.
    static let codes = ["shown"] + RecommendMetrics.rules + ["passed_over", "below_list"]

    private func explainRemoved(to writer: inout JSONWriter) {
        var room = Self.explainedRemovals
        for (candidate, outcome) in list.outcomes.enumerated() where room > 0 {
            let reason: String
            switch outcome {
            case .removed(let objection): reason = objection.description
            case .categoryFull(let category, let maximum):
                reason = "the category \(category) has its \(maximum) items"
            case .shown, .passedOver, .belowList: continue
            }
            room -= 1
            writer.object { writer in
                writeIdentity(candidate, to: &writer)
                writer.key("rule")
                writer.text(outcome.code)
                writer.key("reason")
                writer.text(reason)
                writer.key("sources")
                writer.array { writer in
                    for origin in candidates[candidate].origins {
                        writer.text(name(of: origin.source))
                    }
                }
            }
        }
    }

    /// What a source is called.
    func name(of source: Int) -> String {
        source == SourceQuestion.given
            ? ServingSettings.Recommend.given : catalogue.resources.settings.sources[source].name
    }
}
