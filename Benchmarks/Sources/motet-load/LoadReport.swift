import Foundation
import Histogram

/// What was measured after the warm-up, times in microseconds.
struct LoadReport {
    /// From when a request was due to the end of its answer: waiting for a connection counts.
    var latency = Histogram<UInt64>(
        highestTrackableValue: 600_000_000,
        numberOfSignificantValueDigits: .three
    )
    /// From when a request was sent.
    var service = Histogram<UInt64>(
        highestTrackableValue: 600_000_000,
        numberOfSignificantValueDigits: .three
    )
    /// Answers by status; 0 for connections that failed.
    var statuses: [Int: Int] = [:]
    /// Requests that were due but had no answer when the time was over.
    var unanswered = 0
    /// How long answers were counted, in seconds.
    var seconds = 0.0
    /// The generator's own processor time in that span, in seconds.
    var ownSeconds = 0.0

    /// Answers of status 200 to 299.
    var answered: Int { statuses.filter { (200..<300).contains($0.key) }.values.reduce(0, +) }

    private static let percentiles = [50, 90, 99, 99.9, 100]

    var text: String {
        let counts = statuses.sorted { $0.key < $1.key }
            .map { $0.key == 0 ? "\($0.value) failed" : "\($0.value) of status \($0.key)" }
        let times = { (histogram: Histogram<UInt64>) in
            Self.percentiles.map { percentile in
                let value = Double(histogram.valueAtPercentile(percentile)) / 1000
                return
                    "p\(percentile == 100 ? "100" : percentile.formatted()) \(String(format: "%.2f", value))"
            }.joined(separator: ", ")
        }
        return """
            \(String(format: "%.1f", Double(answered) / seconds)) answers/s in \(String(format: "%.1f", seconds)) s: \
            \(counts.joined(separator: ", ")); \(unanswered) without an answer
            ms from due:  \(times(latency))
            ms from sent: \(times(service))
            own processor time: \(String(format: "%.0f", 100 * ownSeconds / seconds)) % of one core
            """
    }

    var json: String {
        func times(_ histogram: Histogram<UInt64>) -> [String: Double] {
            var made: [String: Double] = [:]
            for percentile in Self.percentiles {
                made["p\(percentile == 100 ? "100" : percentile.formatted())"] =
                    Double(histogram.valueAtPercentile(percentile)) / 1000
            }
            return made
        }
        let record: [String: Any] = [
            "answers_per_second": Double(answered) / seconds, "seconds": seconds,
            "statuses": Dictionary(uniqueKeysWithValues: statuses.map { ("\($0)", $1) }),
            "unanswered": unanswered, "milliseconds": times(latency),
            "milliseconds_from_sent": times(service), "own_cores": ownSeconds / seconds,
        ]
        let data = try? JSONSerialization.data(withJSONObject: record, options: .sortedKeys)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}

/// The processor time of this process, in seconds.
func processorSeconds() -> Double {
    var usage = rusage()
    #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
    getrusage(RUSAGE_SELF, &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
