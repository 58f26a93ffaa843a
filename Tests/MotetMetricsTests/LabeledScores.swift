import MotetCore
import MotetMetrics

/// A random sample of a binary task whose scores rank better than chance, with ties.
enum LabeledScores {
    static func random(
        rows: Int,
        positives: Double = 0.3,
        separation: Double = 1,
        weighted: Bool = false,
        groups: Int? = nil,
        key: RandomKey
    ) throws -> Observations {
        var generator = key.generator()
        var labels: [Float] = []
        var scores: [Float] = []
        var weights: [Float] = []
        var groupOfRow: [Int32] = []
        for _ in 0..<rows {
            let positive = generator.nextUniform() < positives
            let logit = generator.nextNormal() + (positive ? separation : 0) - 0.5
            // Three digits make some of the scores equal.
            let probability = (1000 / (1 + exponential(-logit))).rounded() / 1000
            labels.append(positive ? 1 : 0)
            scores.append(Float(probability))
            weights.append(Float(generator.nextUniform() * 4 + 0.1))
            groupOfRow.append(Int32(generator.nextUniform() * Double(groups ?? 1)))
        }
        return try Observations(
            labels: labels,
            predictions: scores,
            weights: weighted ? weights : nil,
            groups: groups == nil ? nil : groupOfRow
        )
    }
}

extension Observations {
    /// The same rows with every prediction mapped.
    func mapScores(_ map: (Float) -> Float) throws -> Observations {
        try replacing(predictions: predictions.map(map))
    }

    /// The same rows with labels and weights mapped.
    func mapped(
        labels label: (Float) -> Float = { $0 },
        weights weight: (Float) -> Float = { $0 }
    ) throws -> Observations {
        try Observations(
            labels: labels.map(label),
            predictions: predictions,
            weights: (weights ?? labels.map { _ in 1 }).map(weight),
            groups: groups
        )
    }

    /// The same rows in another order.
    func shuffled(key: RandomKey) -> Observations {
        var generator = key.generator()
        return subset(Array(0..<count).shuffled(using: &generator))
    }
}

/// Whether two numbers differ by no more than a share of the larger.
func near(_ left: Double?, _ right: Double?, relative: Double) -> Bool {
    guard let left, let right else { return false }
    return abs(left - right) <= relative * max(abs(left), abs(right), 1e-300)
}

extension Metric {
    /// The metrics of rows that hold one number beside one number.
    static let ofNumbers = Metric.all.filter { $0.rows.contains(.numbers) }
}
