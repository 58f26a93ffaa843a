import Foundation
import MotetDecisions

/// What is asked about another policy of prices: what it would have brought in the places of logged ones.
public struct PriceEvaluationRequest: Sendable {
    /// Files of logged prices, and folders of them.
    public var log: [String]
    /// The table, or the file of JSON lines, with the units of each decision.
    public var outcomes: String
    /// The other policy: `best`, `present`, or a table of prices or probabilities.
    public var candidate: String
    /// The greatest weight of a decision; nil for none.
    public var limit: Double?

    /// Asks.
    ///
    /// - Parameters:
    ///   - log: files of logged prices, and folders whose `.jsonl` files are.
    ///   - outcomes: a table with the columns `decision` and `units`, or JSON lines with these keys.
    ///   - candidate: `best` for the best price without exploration, `present` for no change, else a table, or JSON lines,
    ///     with `item` and `price`, or with `decision`, `price` and `probability`.
    ///   - limit: the greatest weight of a decision; nil for none.
    public init(log: [String], outcomes: String, candidate: String, limit: Double? = nil) {
        self.log = log
        self.outcomes = outcomes
        self.candidate = candidate
        self.limit = limit
    }

    /// Evaluates the other policy.
    ///
    /// - Returns: what it would have brought.
    /// - Throws: `DecisionError` or `TableError` with the file, and the line where there is one, for what cannot be read
    ///   or cannot be.
    public func evaluate() throws -> PriceEvaluationReport {
        let prices = try PriceLog(files: try files())
        let objective = try only(\.objective, "objective", of: prices) ?? "units"
        let currency = try only(\.currency, "currency", of: prices)
        let outcomes = try PolicyTables.outcomes(outcomes)
        let candidate = try PolicyTables.candidate(candidate)
        let (decisions, counts) = try prices.decisions(outcomes: outcomes, candidate: candidate)
        return PriceEvaluationReport(
            candidate: self.candidate,
            objective: objective,
            currency: currency,
            counts: counts,
            evaluation: try PolicyEvaluation(decisions, limit: limit),
            limit: limit
        )
    }

    /// The files of the log, in order.
    private func files() throws(DecisionError) -> [String] {
        var files: [String] = []
        for path in log {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw DecisionError(
                    .decision,
                    "\(path): no such file; expected logged prices. Check the path."
                )
            }
            guard isFolder.boolValue else {
                files.append(path)
                continue
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let logs = names.filter { $0.hasSuffix(".jsonl") }.sorted()
            guard !logs.isEmpty else {
                throw DecisionError(
                    .decision,
                    "\(path): the folder has no log; expected files that end in .jsonl; received \(names.count) others."
                )
            }
            files += logs.map { path + "/" + $0 }
        }
        return files
    }

    /// What all prices have in common: means of different things mean nothing.
    private func only(
        _ value: (LoggedPrice) -> String?,
        _ name: String,
        of log: PriceLog
    ) throws(DecisionError) -> String? {
        let values = Set(log.prices.map { value($0) })
        guard values.count > 1 else { return values.first ?? nil }
        let names = values.map { $0.map { "`\($0)`" } ?? "none" }.sorted()
        throw DecisionError(
            .decision,
            "logged prices: '\(name)' is not the same in all; expected one; received "
                + names.joined(separator: " and ") + ". Evaluate the files of each apart."
        )
    }
}
