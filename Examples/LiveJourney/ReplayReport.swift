import Foundation

/// What a replay found.
struct ReplayReport {
    /// How many items a list has.
    static let length = 10

    /// Who made a list.
    enum Source: String, CaseIterable {
        case list = "/v1/recommend, of the whole catalogue"
        case model = "the model, of the candidates"
        case own = "the household's own most bought"
        case popular = "the most bought of all"
    }

    /// What came of the lists of a source.
    struct Hits {
        /// Visits that bought at least one item of the list.
        var visits = 0
        /// Items of lists that were bought.
        var items = 0
    }

    var hours = 0
    var visits = 0
    var items = 0
    var history = 0
    var historySeconds = 0.0
    var seconds = 0.0
    /// Milliseconds from when a request was due to its answer.
    var scoreTimes: [Double] = []
    /// Milliseconds from asking for a list to the answer.
    var listTimes: [Double] = []
    /// Milliseconds from sending the events of a visit to their acknowledgement.
    var eventTimes: [Double] = []
    private(set) var hits: [Source: Hits] = [:]

    /// Counts a list; its first items alone.
    mutating func add(_ source: Source, _ list: [Int32], _ bought: Set<Int32>) {
        let found = list.prefix(Self.length).count { bought.contains($0) }
        hits[source, default: Hits()].items += found
        hits[source, default: Hits()].visits += found > 0 ? 1 : 0
    }

    /// The share of visits that bought at least one item of the list.
    func rate(_ source: Source) -> Double {
        visits > 0 ? Double(hits[source]?.visits ?? 0) / Double(visits) : 0
    }

    /// The greatest time that a share of the times is not above.
    static func percentile(_ times: [Double], _ share: Double) -> Double {
        guard !times.isEmpty else { return 0 }
        let sorted = times.sorted()
        let place = Int((share * Double(sorted.count)).rounded(.up)) - 1
        return sorted[min(max(place, 0), sorted.count - 1)]
    }

    /// Where the replay is.
    var line: String {
        visits == 0
            ? "the first visits" : "\(visits) visits, hit rate \(Self.percent(rate(.model)))"
    }

    /// The whole report.
    var text: String {
        // Those that were asked.
        let sources = Source.allCases.filter { hits[$0] != nil }
        let names = sources.map(\.rawValue.count).max() ?? 0
        let lists = sources.map { source in
            let name = source.rawValue.padding(toLength: names, withPad: " ", startingAt: 0)
            let items = Double(hits[source]?.items ?? 0) / Double(max(1, visits))
            return "  \(name)  hit rate \(Self.percent(rate(source))), "
                + "\(String(format: "%.2f", items)) of \(Self.length) items bought"
        }
        func times(_ name: String, _ times: [Double]) -> String {
            let shown = [0.5, 0.9, 0.99, 1].map { share in
                let value = String(format: "%.1f", Self.percentile(times, share))
                return "p\(Int(share * 100)) \(value)"
            }
            let padded = name.padding(toLength: 32, withPad: " ", startingAt: 0)
            return "  \(padded)  \(shown.joined(separator: ", ")) ms"
        }
        let latency = [
            ("scores, from when they were due", scoreTimes), ("lists", listTimes),
            ("events of a visit, until durable", eventTimes),
        ].filter { !$1.isEmpty }.map { times($0, $1) }
        let error = visits > 0 ? 1.96 * (0.25 / Double(visits)).squareRoot() : 0
        return """
            \(visits) visits of \(hours) hours in \(String(format: "%.0f", seconds)) s, \
            \(items / max(1, visits)) candidates each; hit rate: visits that bought one of the first \
            \(Self.length) (+- \(Self.percent(error)) at most)
            \(lists.joined(separator: "\n"))
            Latency
            \(latency.joined(separator: "\n"))
            \(history) events of history in \(String(format: "%.0f", historySeconds)) s: \
            \(Int(Double(history) / max(historySeconds, 0.001))) a second
            """
    }

    private static func percent(_ share: Double) -> String {
        String(format: "%.1f %%", 100 * share)
    }
}
