import Foundation
import MotetCore

/// Weights of rules learnt from orders whose truth is known: by logistic regression beside the model's logit.
///
///     logit p_i = a o_i + b + sum_r w_r x_ir,   least  sum_i log(1 + exp(-y_i logit p_i)) + l2 / 2 sum_r w_r^2
///
/// with the model's logit `o`, `x_ir` 1 where rule `r` applies, and `y` 1 or -1. So a weight is what a rule adds to the model and to
/// the other rules. The model's own weight `a` is 1 unless it is learnt too: below 1 where rules know a part of what the model does,
/// or where the model is too sure. Newton's method with halved steps; the sum is convex, so it ends at its least value.
///
/// Labels must come from outside: reports of fraud, chargebacks. Of labels that rules made, weights learn the rules.
///
/// - Source: Wolpert, "Stacked Generalization", Neural Networks 5(2), 1992, for a combination learnt on rows that the model was not
///   trained on. <https://doi.org/10.1016/S0893-6080(05)80023-1>
public enum RuleWeights {
    /// What was learnt.
    public struct Fit: Hashable, Sendable {
        /// A weight for each rule.
        public let weights: [Double]
        /// What is added for every order; 0 without an intercept.
        public let intercept: Double
        /// The weight of the model's logit; 1 where it is not learnt.
        public let modelWeight: Double

        /// Names weights.
        public init(weights: [Double], intercept: Double = 0, modelWeight: Double = 1) {
            self.weights = weights
            self.intercept = intercept
            self.modelWeight = modelWeight
        }
    }

    /// Learns weights.
    ///
    /// - Parameters:
    ///   - rules: how many rules there are.
    ///   - hits: for each order the rules that apply to it, by number.
    ///   - offsets: the logit of the model for each order, or of the share of frauds for rules alone.
    ///   - labels: whether each order is fraud.
    ///   - penalty: `l2`, above 0.
    ///   - hasIntercept: whether `b` is learnt too; it is not held small.
    ///   - weighsModel: whether `a` is learnt too; it is not held small either.
    /// - Returns: the weights.
    /// - Throws: `DecisionError` where there are no orders, the lists have different lengths, or a number is out of range.
    public static func fit(
        rules: Int,
        hits: [[Int]],
        offsets: [Double],
        labels: [Bool],
        penalty: Double = 1,
        hasIntercept: Bool = false,
        weighsModel: Bool = false
    ) throws(DecisionError) -> Fit {
        guard !hits.isEmpty, hits.count == offsets.count, hits.count == labels.count,
            offsets.allSatisfy(\.isFinite), penalty > 0, penalty.isFinite,
            hits.allSatisfy({ $0.allSatisfy { (0..<rules).contains($0) } })
        else {
            throw DecisionError(
                .risk,
                "rule weights: the orders are out of range; expected as many hits as finite offsets and labels, rules "
                    + "below \(rules) and a penalty above 0; received \(hits.count), \(offsets.count) and "
                    + "\(labels.count), penalty \(penalty)."
            )
        }
        let intercept = hasIntercept ? rules : nil
        let slope = weighsModel ? rules + (hasIntercept ? 1 : 0) : nil
        let size = rules + (hasIntercept ? 1 : 0) + (weighsModel ? 1 : 0)
        let rows = hits.indices.map { row in
            var entries = hits[row].map { Entry(column: $0, value: 1) }
            if let intercept { entries.append(Entry(column: intercept, value: 1)) }
            if let slope { entries.append(Entry(column: slope, value: offsets[row])) }
            return entries
        }
        let problem = Problem(
            rows: rows,
            offsets: weighsModel ? offsets.map { _ in 0 } : offsets,
            labels: labels,
            penalty: penalty,
            rules: rules
        )
        var weights = [Double](repeating: 0, count: size)
        var value = problem.value(weights)
        for _ in 0..<100 {
            let (gradient, curvature) = problem.slopes(weights)
            guard gradient.contains(where: { abs($0) > 1e-10 * Double(rows.count) }) else { break }
            let step = solved(curvature, gradient)
            var size = 1.0
            var next = zip(weights, step).map { $0 - size * $1 }
            var reached = problem.value(next)
            while reached > value, size > 1e-10 {
                size /= 2
                next = zip(weights, step).map { $0 - size * $1 }
                reached = problem.value(next)
            }
            guard reached < value else { break }
            (weights, value) = (next, reached)
        }
        return Fit(
            weights: Array(weights.prefix(rules)),
            intercept: intercept.map { weights[$0] } ?? 0,
            modelWeight: slope.map { weights[$0] } ?? 1
        )
    }

    private struct Entry {
        let column: Int
        let value: Double
    }

    private struct Problem {
        let rows: [[Entry]]
        let offsets: [Double]
        let labels: [Bool]
        let penalty: Double
        let rules: Int

        func logit(_ row: Int, _ weights: [Double]) -> Double {
            rows[row].reduce(offsets[row]) { $0 + weights[$1.column] * $1.value }
        }

        func value(_ weights: [Double]) -> Double {
            let loss = rows.indices.reduce(0.0) { sum, row in
                let margin = labels[row] ? logit(row, weights) : -logit(row, weights)
                return sum + (margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin)
            }
            return loss + penalty / 2 * weights.prefix(rules).reduce(0) { $0 + $1 * $1 }
        }

        func slopes(_ weights: [Double]) -> (gradient: [Double], curvature: [[Double]]) {
            var gradient = weights.enumerated().map { $0 < rules ? penalty * $1 : 0 }
            var curvature = weights.indices.map { _ in [Double](repeating: 0, count: weights.count)
            }
            for index in weights.indices {
                curvature[index][index] = index < rules ? penalty : 1e-9
            }
            for row in rows.indices where !rows[row].isEmpty {
                let p = 1 / (1 + exp(-logit(row, weights)))
                let (error, weight) = (p - (labels[row] ? 1 : 0), p * (1 - p))
                for one in rows[row] {
                    gradient[one.column] += error * one.value
                    for other in rows[row] {
                        curvature[one.column][other.column] += weight * one.value * other.value
                    }
                }
            }
            return (gradient, curvature)
        }
    }

    /// Solves a system with a positive definite matrix by Cholesky's factors.
    private static func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        let size = right.count
        var factor = matrix
        for row in 0..<size {
            for column in 0...row {
                var sum = matrix[row][column]
                for index in 0..<column { sum -= factor[row][index] * factor[column][index] }
                factor[row][column] =
                    row == column ? max(sum, 1e-300).squareRoot() : sum / factor[column][column]
            }
        }
        var result = right
        for row in 0..<size {
            for index in 0..<row { result[row] -= factor[row][index] * result[index] }
            result[row] /= factor[row][row]
        }
        for row in (0..<size).reversed() {
            for index in (row + 1)..<size { result[row] -= factor[index][row] * result[index] }
            result[row] /= factor[row][row]
        }
        return result
    }
}
