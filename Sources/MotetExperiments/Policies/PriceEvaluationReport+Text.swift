import Foundation
import MotetDecisions
import MotetTraining

extension PriceEvaluationReport {
    /// The report for a terminal.
    ///
    /// - Returns: lines that end with a line break.
    public func plain() -> String {
        facts().joined(separator: "\n") + "\n\n" + table().plain() + "\n"
            + remarks().map { $0 + "\n" }.joined()
    }

    /// The report as GitHub-flavoured Markdown.
    public func markdown() -> String {
        facts().joined(separator: "  \n") + "\n\n" + table().markdown() + "\n"
            + remarks().map { "- \($0)\n" }.joined()
    }

    /// The report as JSON, keys in order.
    ///
    /// - Throws: what the encoder throws.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    private func facts() -> [String] {
        let unit = objective == "units" ? "units" : objective + (currency.map { ", \($0)" } ?? "")
        return [
            "\(candidate): the mean \(unit) of a choice, over \(counts.choices) choices",
            "\(counts.logged) prices logged, \(counts.withoutOutcome) without an outcome, \(counts.withoutCandidate) without a "
                + "price of the other policy, \(counts.withoutDemand) without a demand",
            "weights: effective number \(Self.text(weights.effectiveNumber, 1)), mean \(Self.text(weights.mean, 3)), greatest "
                + Self.text(weights.greatest, 2)
                + (weights.limit.map { ", \(weights.limited) limited to \(Self.text($0, 2))" } ?? ""),
        ]
    }

    private func table() -> TextTable {
        var table = TextTable(
            ["policy", "estimator", "value", "from", "to"],
            alignments: [.left, .left]
        )
        func add(_ policy: String, _ estimator: String, _ estimate: Estimate) {
            table.addRow(
                [policy, estimator]
                    + ([estimate.value] + estimate.interval).map { Self.text($0, 4) }
            )
        }
        add("logged", "mean", logged)
        for estimator in PolicyEstimator.allCases {
            guard let estimate = estimates[estimator.rawValue] else { continue }
            add(candidate, estimator.rawValue, estimate)
        }
        return table
    }

    /// What a reader must not pass over.
    private func remarks() -> [String] {
        var remarks: [String] = []
        if weights.effectiveNumber < 100 {
            remarks.append(
                "The effective number is small: few choices carry the values, and intervals are too narrow."
            )
        }
        if weights.limited == 0, abs(weights.mean - 1) > 0.1 {
            remarks.append(
                "The mean weight is not near 1: the log lacks choices the policy would make, or propensities are wrong. Only "
                    + "`direct` says anything of what was never tried."
            )
        }
        if weights.limited > 0 {
            remarks.append("Limited weights make `ips`, `snips` and `dr` too small or too great.")
        }
        return remarks
    }

    private static func text(_ value: Double, _ digits: Int) -> String {
        NumberText.fixed(value, digits: digits)
    }
}
