import Foundation
import MotetExperiments
import MotetMetrics

extension ConsoleData {
    /// Writes requests and times of the last half hour by route.
    func writeTraffic(_ counted: ServerMetrics.State, to writer: inout JSONWriter) {
        let now = Self.milliseconds(.now)
        let pieces = counted.history.pieces(at: metrics.seconds)
        writer.key("traffic")
        writer.object { writer in
            writer.key("piece_seconds")
            writer.integer(TrafficHistory.pieceSeconds)
            writer.key("times")
            writer.array { writer in
                for piece in pieces { writer.integer(now - Int64(piece.age * 1000)) }
            }
            writer.key("routes")
            writer.array { writer in
                for (route, statuses) in counted.requests.sorted(by: { $0.key < $1.key }) {
                    let entries = pieces.map { $0.routes[route] }
                    writer.object { writer in
                        writer.key("route")
                        writer.text(route)
                        writer.key("total")
                        writer.integer(statuses.values.reduce(0, +))
                        writer.key("failures")
                        writer.integer(statuses.filter { $0.key >= 500 }.values.reduce(0, +))
                        writer.key("refused")
                        writer.integer(
                            statuses.filter { (400..<500).contains($0.key) }.values.reduce(0, +)
                        )
                        Self.write(entries, to: &writer)
                    }
                }
            }
        }
    }

    private static func write(_ entries: [TrafficHistory.Entry?], to writer: inout JSONWriter) {
        writer.key("requests")
        writer.array { writer in for entry in entries { writer.integer(entry?.requests ?? 0) } }
        writer.key("failed")
        writer.array { writer in for entry in entries { writer.integer(entry?.failures ?? 0) } }
        // The whole half hour as one piece.
        var all = TrafficHistory.Entry()
        for entry in entries { if let entry { all.add(entry) } }
        // The last whole minute, and what goes on.
        var minute = TrafficHistory.Entry()
        for entry in entries.suffix(60 / TrafficHistory.pieceSeconds + 1) {
            if let entry { minute.add(entry) }
        }
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            writer.key(name)
            writer.array { writer in
                for entry in entries { writer.optional(rounded(entry?.seconds.percentile(share))) }
            }
            writer.key("\(name)_all")
            writer.optional(rounded(all.seconds.percentile(share)))
            writer.key("\(name)_minute")
            writer.optional(rounded(minute.seconds.percentile(share)))
        }
    }

    /// Milliseconds to a thousandth.
    private static func rounded(_ seconds: Double?) -> Double? {
        seconds.map { ($0 * 1e6).rounded() / 1000 }
    }

    /// Writes the scores of a model beside its reference.
    static func write(_ model: ScoreMonitor.Model, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("version")
            writer.text(model.layout.version)
            writer.key("window_seconds")
            writer.integer(ScoreWindow.pieces * ScoreWindow.pieceSeconds)
            writer.key("tasks")
            writer.array { writer in
                for (task, drifts) in zip(model.layout.tasks, model.tasks) {
                    writer.object { writer in
                        writer.key("task")
                        writer.text(task.name)
                        writer.key("logarithmic")
                        writer.boolean(task.bins.isLogarithmic)
                        writer.key("edges")
                        writer.array { writer in
                            for edge in task.bins.edges { writer.number(edge) }
                        }
                        writer.key("spreads")
                        writer.array { writer in for drift in drifts { write(drift, to: &writer) } }
                    }
                }
            }
        }
    }

    /// Writes how far an input or a score is from training.
    static func write(_ check: DriftCheck, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("version")
            writer.text(check.version)
            writer.key("kind")
            writer.text(check.kind.rawValue)
            writer.key("name")
            writer.text(check.name)
            writer.key("rows")
            writer.integer(check.rows)
            writer.key("stability")
            writer.optional(check.stability)
            writer.key("distance")
            writer.optional(check.test?.distance)
            writer.key("probability")
            writer.optional(check.test?.probability)
            writer.key("calibration")
            writer.optional(check.calibration)
            writer.key("alarm")
            writer.boolean(check.isAlarm)
        }
    }

    private static func write(_ drift: ScoreDrift, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("scenario")
            writer.optional(drift.scenario)
            writer.key("count")
            writer.integer(drift.live.count)
            writer.key("mean")
            writer.optional(drift.live.mean)
            writer.key("stability")
            writer.optional(drift.stability)
            writer.key("counts")
            writer.array { writer in for count in drift.live.counts { writer.integer(count) } }
            writer.key("reference")
            guard let reference = drift.reference else { return writer.null() }
            writer.object { writer in
                writer.key("rows")
                writer.integer(reference.rows)
                writer.key("mean")
                writer.number(reference.mean)
                writer.key("label_mean")
                writer.optional(reference.labelMean)
                writer.key("shares")
                writer.array { writer in for share in reference.shares { writer.number(share) } }
            }
        }
    }

    /// Writes an answer with its explanation.
    static func write(_ decision: Decision, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("kind")
            writer.text(decision.kind.rawValue)
            writer.key("request")
            writer.text(decision.request)
            writer.key("time")
            writer.integer(milliseconds(decision.time))
            writer.key("user")
            writer.optional(decision.user)
            writer.key("scenario")
            writer.optional(decision.scenario)
            writer.key("model")
            writer.text(decision.model)
            writer.key("variant")
            writer.text(decision.variant)
            writer.key("degraded")
            writer.boolean(decision.isDegraded)
            writer.key("milliseconds")
            writer.number((decision.seconds * 1e6).rounded() / 1000)
            writer.key("count")
            writer.integer(decision.count)
            writer.key("notes")
            writer.array { writer in for note in decision.notes { writer.text(note) } }
            writer.key("items")
            writer.array { writer in
                for item in decision.top {
                    writer.object { writer in
                        writer.key("id")
                        writer.text(item.id)
                        writer.key("value")
                        writer.optional(item.value)
                        writer.key("scores")
                        writer.array { writer in
                            for score in item.scores {
                                writer.object { writer in
                                    writer.key("task")
                                    writer.text(score.task)
                                    writer.key("value")
                                    writer.number(score.value)
                                }
                            }
                        }
                        for (name, texts) in [("sources", item.sources), ("reasons", item.reasons)]
                        {
                            writer.key(name)
                            writer.array { writer in for text in texts { writer.text(text) } }
                        }
                    }
                }
            }
        }
    }
}
