import Logging
import NIOCore

/// Asks a second model beside an answer that was given, and compares.
struct Shadow: Sendable {
    /// What became of a request to the second model.
    enum Outcome: String, CaseIterable, Sendable {
        case done, failed
        /// Requests were waiting, and come first.
        case skipped
    }

    let scorer: Scorer
    let pool: WorkerPool
    let metrics: ServerMetrics
    let logger: Logger

    /// Asks the second model on a thread that is free, and logs how far the answers are apart.
    ///
    /// - Parameters:
    ///   - model: the second model.
    ///   - body: the bytes of the request.
    ///   - record: the answer that was given.
    func ask(_ model: ServedModel, _ body: ByteBuffer, _ record: ScoreRecord) {
        guard pool.load.waiting == 0 else { return metrics.shadowed(.skipped, [:]) }
        Task.detached {
            do {
                let numbers = try await pool.run {
                    try scorer.numbers(body, by: model, with: record.sourced)
                }
                let differences = Self.differences(record.values, numbers)
                metrics.shadowed(.done, differences)
                logger.info(
                    "shadow",
                    metadata: [
                        "request_id": .string(scorer.requestID), "model": .string(record.model),
                        "shadow": .string(model.version),
                        "mean_difference": .dictionary(
                            differences.mapValues { .stringConvertible($0) }
                        ),
                    ]
                )
            } catch is WorkerPool.Refusal {
                metrics.shadowed(.skipped, [:])
            } catch {
                metrics.shadowed(.failed, [:])
                logger.warning(
                    "shadow failed",
                    metadata: [
                        "request_id": .string(scorer.requestID), "shadow": .string(model.version),
                        "error": .string((error as? RequestError)?.code ?? "\(type(of: error))"),
                    ]
                )
            }
        }
    }

    /// The mean absolute difference of each task that both have.
    static func differences(
        _ first: [String: [Float]],
        _ second: [String: [Float]]
    ) -> [String: Double] {
        var differences: [String: Double] = [:]
        for (task, values) in first {
            guard let others = second[task], others.count == values.count, !values.isEmpty else {
                continue
            }
            let sum = zip(values, others).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) }
            differences[task] = sum / Double(values.count)
        }
        return differences
    }
}
