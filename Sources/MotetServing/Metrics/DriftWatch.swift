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
        var alarms: Set<Alarm> = []
        while true {
            do { try await Task.sleep(for: .seconds(settings.checkSeconds)) } catch { return }
            alarms = Self.tell(metrics.checks, since: alarms, logger)
        }
    }

    /// An alarm: what a model is told of, by its version.
    struct Alarm: Hashable, Comparable {
        var version: String
        var kind: String
        var name: String

        /// By version, kind and name.
        static func < (left: Self, right: Self) -> Bool {
            (left.version, left.kind, left.name) < (right.version, right.kind, right.name)
        }
    }

    /// Tells of alarms that are new, and of those that are over: each once, however many checks name it.
    ///
    /// An alarm is over too where nothing is compared any more, such as after the model's last hour.
    ///
    /// - Parameters:
    ///   - checks: what was found.
    ///   - before: the alarms there were.
    ///   - logger: told of the difference.
    /// - Returns: the alarms there are.
    static func tell(
        _ checks: [DriftCheck],
        since before: Set<Alarm>,
        _ logger: Logger
    ) -> Set<Alarm> {
        // Of several checks of one thing, one that is an alarm is told.
        let found = Dictionary(checks.map { ($0.key, $0) }) { $0.isAlarm ? $0 : $1 }
        let alarms = Set(found.filter(\.value.isAlarm).keys)
        for alarm in alarms.subtracting(before).sorted() {
            logger.warning("drift", metadata: metadata(alarm, found[alarm]))
        }
        for alarm in before.subtracting(alarms).sorted() {
            logger.info("drift is over", metadata: metadata(alarm, found[alarm]))
        }
        return alarms
    }

    private static func metadata(_ alarm: Alarm, _ check: DriftCheck?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "version": .string(alarm.version), "kind": .string(alarm.kind),
            "name": .string(alarm.name), "rows": .stringConvertible(check?.rows ?? 0),
        ]
        if let stability = check?.stability {
            metadata["stability"] = .stringConvertible(stability)
        }
        if let calibration = check?.calibration {
            metadata["calibration"] = .stringConvertible(calibration)
        }
        if let test = check?.test {
            metadata["distance"] = .stringConvertible(test.distance)
            metadata["probability"] = .stringConvertible(test.probability)
        }
        return metadata
    }
}

extension DriftCheck {
    /// What an alarm of it is known by.
    fileprivate var key: DriftWatch.Alarm {
        DriftWatch.Alarm(version: version, kind: kind.rawValue, name: name)
    }
}
