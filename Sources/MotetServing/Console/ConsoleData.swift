import Foundation
import MotetExperiments
import MotetFeatures

/// The figures that the console shows, as JSON.
struct ConsoleData: Sendable {
    let rollout: Rollout
    let pool: WorkerPool
    let metrics: ServerMetrics
    let decisions: DecisionLog
    /// What keeps the online features, such as `memory`; nil without a store.
    let store: String?
    /// What sells ads; nil without them.
    var sales: AdSales?
    /// The folder of the candidates of `motet learn`; nil without one.
    var learning: String?
    /// The history that demand is forecast from; nil without one.
    var forecasts: ForecastStore?

    /// All figures of this moment.
    func answer() -> Answer {
        let counted = metrics.snapshot
        var writer = JSONWriter(capacity: 1 << 16)
        writer.object { writer in
            writeServer(counted, to: &writer)
            writeModels(counted, to: &writer)
            writeTraffic(counted, to: &writer)
            writeStore(counted, to: &writer)
            writeAds(to: &writer)
            writeLearning(to: &writer)
            writeForecasts(to: &writer)
            writer.key("scores")
            writer.array { writer in
                for model in metrics.monitor.drift() { Self.write(model, to: &writer) }
            }
            writer.key("drift")
            writer.array { writer in
                for check in metrics.checks {
                    Self.write(check, to: &writer)
                }
            }
            writer.key("decisions")
            writer.array { writer in
                for decision in decisions.recent { Self.write(decision, to: &writer) }
            }
        }
        return Answer(body: writer.bytes)
    }

    private func writeServer(_ counted: ServerMetrics.State, to writer: inout JSONWriter) {
        writer.key("time")
        writer.integer(Self.milliseconds(.now))
        writer.key("started")
        writer.integer(Self.milliseconds(metrics.started))
        writer.key("motet")
        writer.text(MotetVersion.current)
        writer.key("ready")
        writer.boolean(rollout.isWarm)
        writer.key("memory_bytes")
        writer.optional(ProcessFigures.residentBytes)
        writer.key("cpu_seconds")
        writer.optional(ProcessFigures.processorSeconds)
        writer.key("degraded")
        writer.integer(counted.degraded)
        let load = pool.load
        writer.key("queue")
        writer.object { writer in
            for (name, value) in [
                ("waiting", load.waiting), ("limit", pool.limit), ("busy", load.running),
                ("workers", pool.threads),
            ] {
                writer.key(name)
                writer.integer(value)
            }
        }
        writer.key("stages")
        writer.array { writer in
            for stage in ScoreRecord.Stage.allCases {
                guard let histogram = counted.stages[stage], histogram.count > 0 else { continue }
                writer.object { writer in
                    writer.key("stage")
                    writer.text(stage.rawValue)
                    writer.key("mean")
                    writer.number(1000 * histogram.sum / Double(histogram.count))
                }
            }
        }
    }

    private func writeModels(_ counted: ServerMetrics.State, to writer: inout JSONWriter) {
        let roles: [(String, ModelStore?)] = [
            ("control", rollout.models), ("experiment", rollout.experiment?.models),
            ("shadow", rollout.shadow?.models),
        ]
        writer.key("models")
        writer.array { writer in
            for (role, models) in roles {
                guard let models else { continue }
                writer.object { writer in
                    writer.key("role")
                    writer.text(role)
                    writer.key("version")
                    writer.optional(models.current?.version)
                    writer.key("previous")
                    writer.optional(models.previous?.version)
                    writer.key("answers")
                    writer.integer(
                        role == "shadow"
                            ? counted.shadows[.done] ?? 0 : counted.variants[role] ?? 0
                    )
                    writer.key("reference")
                    guard let reference = models.current?.layout.reference else {
                        return writer.null()
                    }
                    writer.object { writer in
                        writer.key("part")
                        writer.text(reference.part)
                        writer.key("rows")
                        writer.integer(reference.rows)
                    }
                }
            }
        }
        writer.key("differences")
        writer.array { writer in
            for (task, histogram) in counted.differences.sorted(by: { $0.key < $1.key })
            where histogram.count > 0 {
                writer.object { writer in
                    writer.key("task")
                    writer.text(task)
                    writer.key("mean")
                    writer.number(histogram.sum / Double(histogram.count))
                }
            }
        }
    }

    private func writeStore(_ counted: ServerMetrics.State, to writer: inout JSONWriter) {
        writer.key("store")
        guard let store else { return writer.null() }
        let figures = counted.store
        writer.object { writer in
            writer.key("kind")
            writer.text(store)
            for (name, value) in [
                ("applied", figures.outcomes[.applied] ?? 0),
                ("duplicate", figures.outcomes[.duplicate] ?? 0),
                ("late", figures.outcomes[.late] ?? 0), ("failures", figures.failures),
            ] {
                writer.key(name)
                writer.integer(value)
            }
            writer.key("operations")
            writer.array { writer in
                for operation in StoreMetrics.Operation.allCases {
                    guard let histogram = figures.seconds[operation], histogram.count > 0 else {
                        continue
                    }
                    writer.object { writer in
                        writer.key("operation")
                        writer.text(operation.rawValue)
                        writer.key("count")
                        writer.integer(histogram.count)
                        writer.key("mean")
                        writer.number(1000 * histogram.sum / Double(histogram.count))
                    }
                }
            }
        }
    }

    static func milliseconds(_ date: Date) -> Int64 {
        Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}

extension JSONWriter {
    /// Writes a number, or `null`.
    mutating func optional(_ value: Double?) {
        if let value { number(value) } else { null() }
    }

    /// Writes a text, or `null`.
    mutating func optional(_ value: String?) {
        if let value { text(value) } else { null() }
    }
}
