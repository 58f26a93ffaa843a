import Foundation
import MotetConfiguration
import MotetCore

/// A search for the best fixed weights of the tasks, on validation rows.
///
/// - Source: Kurin, De Palma, Kostrikov, Whiteson and Kumar, "In Defense of the Unitary Scalarization for
///   Deep Multi-Task Learning", NeurIPS 2022, <https://arxiv.org/abs/2201.04122>; Xin, Ghorbani, Gilmer,
///   Garg and Firat, "Do Current Multi-Task Optimization Methods in Deep Learning Even Help?", NeurIPS
///   2022, <https://arxiv.org/abs/2209.11379>: tuned weights are what other methods have to beat.
public struct ScalarisationSearch: Hashable, Sendable {
    /// How weights are proposed.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Drawn uniformly from the simplex.
        case random
        /// The points of the finest regular lattice inside the simplex that the trials allow.
        case grid
    }

    /// The cell whose model and training are searched.
    public var cell: String
    /// How weights are proposed.
    public var kind: Kind
    /// The most weights to try, equal ones among them.
    public var trials: Int

    init(reading reader: ConfigurationReader) {
        cell = reader.string("of")
        kind = reader.choice("search", default: .random)
        trials = reader.integer("trials", default: 8, in: .between(2, 1000))
    }

    /// The weights to try: equal ones first, then those of the search.
    ///
    /// Weights of a trial sum to the number of tasks, so that equal ones are 1, and are rounded to three
    /// decimals.
    ///
    /// - Parameters:
    ///   - tasks: the number of tasks, at least 2.
    ///   - seed: the seed of random weights.
    /// - Returns: at most `trials` different lists.
    func weights(tasks: Int, seed: UInt64) -> [[Double]] {
        precondition(tasks >= 2, "weights are searched for at least 2 tasks; received \(tasks)")
        var found = [[Double](repeating: 1, count: tasks)]
        let proposed = kind == .grid ? lattice(tasks) : drawn(tasks, seed)
        for weights in proposed where found.count < trials && !found.contains(weights) {
            found.append(weights)
        }
        return found
    }

    private func drawn(_ tasks: Int, _ seed: UInt64) -> [[Double]] {
        let key = RandomKey(seed: seed).split("tuned_scalarisation")
        return (1...trials * 2).map { trial in
            // Exponential numbers over their sum are uniform on the simplex.
            var random = key.split(trial).generator()
            let parts = (0..<tasks).map { _ in -log(1 - random.nextUniform()) }
            return Self.scaled(parts)
        }
    }

    /// The points `(i_1, ..., i_K) / n` with every `i_k >= 1`, for the greatest `n` with few enough.
    private func lattice(_ tasks: Int) -> [[Double]] {
        var best: [[Double]] = []
        var steps = tasks
        while true {
            let points = Self.compositions(of: steps, into: tasks).map(Self.scaled)
                .filter { $0.contains { $0 != 1 } }
            guard points.count < trials else { return best }
            best = points
            steps += 1
        }
    }

    /// The ways to write a number as a sum of so many numbers of at least 1, in order.
    static func compositions(of total: Int, into parts: Int) -> [[Double]] {
        guard parts > 1 else { return total >= 1 ? [[Double(total)]] : [] }
        guard total >= parts else { return [] }
        return (1...(total - parts + 1)).flatMap { first in
            compositions(of: total - first, into: parts - 1).map { [Double(first)] + $0 }
        }
    }

    private static func scaled(_ parts: [Double]) -> [Double] {
        let sum = parts.reduce(0, +)
        return parts.map { part in
            max(0.001, (part / sum * Double(parts.count) * 1000).rounded() / 1000)
        }
    }

    /// The search as a tree that reads back equal.
    var node: ConfigurationNode {
        ["of": .string(cell), "search": .string(kind.rawValue), "trials": .integer(trials)]
    }
}
