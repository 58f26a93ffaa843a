import Logging
import MotetMetrics
import ServiceLifecycle

/// Looks at drift now and then, and tells the log where an alarm begins and ends.
struct DriftWatch: Service {
    let metrics: ServerMetrics
    let settings: ServingSettings.Drift
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        var alarms: Set<String> = []
        while true {
            do { try await Task.sleep(for: .seconds(settings.checkSeconds)) } catch { return }
            alarms = Self.tell(metrics.checks, since: alarms, logger)
        }
    }

    /// Tells of alarms that are new, and of those that are over.
    ///
    /// - Parameters:
    ///   - checks: what was found.
    ///   - before: the alarms there were.
    ///   - logger: told of the difference.
    /// - Returns: the alarms there are.
    static func tell(
        _ checks: [DriftCheck],
        since before: Set<String>,
        _ logger: Logger
    ) -> Set<String> {
        var alarms: Set<String> = []
        for check in checks {
            let key = "\(check.version)/\(check.kind.rawValue)/\(check.name)"
            var metadata: Logger.Metadata = [
                "version": .string(check.version), "kind": .string(check.kind.rawValue),
                "name": .string(check.name), "rows": .stringConvertible(check.rows),
            ]
            if let stability = check.stability {
                metadata["stability"] = .stringConvertible(stability)
            }
            if let calibration = check.calibration {
                metadata["calibration"] = .stringConvertible(calibration)
            }
            if let test = check.test {
                metadata["distance"] = .stringConvertible(test.distance)
                metadata["probability"] = .stringConvertible(test.probability)
            }
            if check.isAlarm {
                alarms.insert(key)
                if !before.contains(key) { logger.warning("drift", metadata: metadata) }
            } else if before.contains(key) {
                logger.info("drift is over", metadata: metadata)
            }
        }
        return alarms
    }
}
