/// Writes metrics in the text format of Prometheus, version 0.0.4.
struct MetricsText {
    /// The type the format has over HTTP.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// Begins a metric.
    mutating func metric(_ name: String, _ type: String, _ help: String) {
        line("# HELP \(name) \(help)")
        line("# TYPE \(name) \(type)")
    }

    /// Writes a value.
    mutating func value(
        _ name: String,
        _ labels: KeyValuePairs<String, String> = [:],
        _ value: Double
    ) {
        let text = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
        line(name + Self.text(labels.map { ($0.key, $0.value) }) + " " + text)
    }

    /// Writes a histogram: counts up to each bound, the sum, the count.
    mutating func histogram(
        _ name: String,
        _ labels: KeyValuePairs<String, String> = [:],
        _ histogram: Histogram
    ) {
        let own = labels.map { ($0.key, $0.value) }
        var below = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            below += count
            line("\(name)_bucket" + Self.text(own + [("le", "\(bound)")]) + " \(below)")
        }
        line("\(name)_bucket" + Self.text(own + [("le", "+Inf")]) + " \(histogram.count)")
        line("\(name)_sum" + Self.text(own) + " \(histogram.sum)")
        line("\(name)_count" + Self.text(own) + " \(histogram.count)")
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func text(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let all = labels.map { name, value in
            let escaped = value.flatMap { character -> String in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(name)=\"\(String(escaped))\""
        }
        return "{" + all.joined(separator: ",") + "}"
    }
}
