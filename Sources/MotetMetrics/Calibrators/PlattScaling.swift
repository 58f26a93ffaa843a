import MotetCore

/// A line on the scale of logits: `p' = σ(slope · logit(p) + shift)`.
///
/// The line that makes the weighted cross-entropy least, with Platt's targets in place of labels, `(W₊ + 1) / (W₊ + 2)`
/// for positive rows and `1 / (W₋ + 2)` for negative ones, of which `W₊` and `W₋` are the effective numbers of rows (their
/// weights, scaled to sum to `(Σ w)² / Σ w²`): they keep the line finite where the scores separate the rows. It is found by Newton's method with a line search.
///
/// - Source: Platt, "Probabilistic Outputs for Support Vector Machines", Advances in Large Margin Classifiers, 1999;
///   Lin, Lin and Weng, "A Note on Platt's Probabilistic Outputs", Machine Learning 68, 2007.
///   <https://doi.org/10.1007/s10994-007-5018-6>
/// - Departures: of logits of probabilities, not of margins. A slope below 0, of scores that rank backwards, becomes
///   0: the same probability for all. Where all scores are equal the slope is 1.
public struct PlattScaling: Codable, Hashable, Sendable {
    /// The factor of logits, at least 0; above 1 where probabilities were too timid, below where they were too bold.
    public let slope: Double
    /// What is added to them.
    public let shift: Double

    /// A line that is known.
    public init(slope: Double, shift: Double) {
        self.slope = slope
        self.shift = shift
    }

    /// Learns the line.
    ///
    /// - Parameter observations: labels 0 and 1 beside predicted probabilities; sample weights count.
    /// - Throws: `undefined_metric` without rows, or with other labels or predictions.
    public init(fitting observations: Observations) throws(MetricError) {
        try Calibrator.check(observations)
        let rows = Rows(observations)
        guard rows.logits.contains(where: { $0 != rows.logits[0] }) else {
            self.init(slope: 1, shift: rows.meanLogit - rows.logits[0])
            return
        }
        let line = rows.fitted()
        guard line.x > 0 else {
            self.init(slope: 0, shift: rows.meanLogit)
            return
        }
        self.init(slope: line.x, shift: line.y)
    }

    /// A probability as it comes true.
    public func callAsFunction(_ probability: Float) -> Float {
        Float(Self.sigmoid(slope * Self.logit(probability) + shift))
    }

    /// `log(p / (1 - p))`, with `p` kept `2⁻²³` away from 0 and 1 as in ``LogLoss``.
    static func logit(_ probability: Float) -> Double {
        let margin = Double(Float.ulpOfOne)
        let kept = min(max(Double(probability), margin), 1 - margin)
        return logarithm(kept) - logarithmOnePlus(-kept)
    }

    static func sigmoid(_ value: Double) -> Double {
        guard value < 0 else { return 1 / (1 + exponential(-value)) }
        let power = exponential(value)
        return power / (1 + power)
    }

    /// What the line is learnt from.
    private struct Rows {
        let logits: [Double]
        let targets: [Double]
        let weights: [Double]

        init(_ observations: Observations) {
            logits = observations.predictions.map(PlattScaling.logit)
            weights = Calibrator.rowWeights(observations)
            var (positive, negative) = (0.0, 0.0)
            for (label, weight) in zip(observations.labels, weights) {
                if label == 1 { positive += weight } else { negative += weight }
            }
            targets = observations.labels.map {
                $0 == 1 ? (positive + 1) / (positive + 2) : 1 / (negative + 2)
            }
        }

        /// The logit of the mean target.
        var meanLogit: Double {
            let total = weights.reduce(0, +)
            let mean = zip(weights, targets).reduce(0) { $0 + $1.0 * $1.1 } / total
            return logarithm(mean) - logarithmOnePlus(-mean)
        }

        /// The weighted cross-entropy of a line, `Σ w (log(1 + eᶻ) - t z)`.
        func loss(_ line: SIMD2<Double>) -> Double {
            var sum = 0.0
            for row in logits.indices {
                let value = line.x * logits[row] + line.y
                let softplus = max(value, 0) + logarithmOnePlus(exponential(-abs(value)))
                sum += weights[row] * (softplus - targets[row] * value)
            }
            return sum
        }

        /// The slope and the shift that make it least.
        func fitted() -> SIMD2<Double> {
            var line = SIMD2(0, meanLogit)
            var loss = loss(line)
            for _ in 0..<100 {
                let (gradient, step) = newton(line)
                // Half of what a whole step would gain, were the loss a parabola.
                let gain = -(gradient * step).sum()
                guard gain > 1e-13 * (1 + loss) else { break }
                var length = 1.0
                while length > 1e-10 {
                    let next = line + length * step
                    let lower = self.loss(next)
                    if lower < loss - 1e-4 * length * gain {
                        (line, loss) = (next, lower)
                        break
                    }
                    length /= 2
                }
                guard length > 1e-10 else { break }
            }
            return line
        }

        /// The gradient, and Newton's step.
        private func newton(_ line: SIMD2<Double>) -> (SIMD2<Double>, SIMD2<Double>) {
            var gradient = SIMD2(0.0, 0)
            // A trace of a ridge keeps the curvature above 0 where rounding would end it.
            var (aa, ab, bb) = (1e-12, 0.0, 1e-12)
            for row in logits.indices {
                let share = PlattScaling.sigmoid(line.x * logits[row] + line.y)
                let error = weights[row] * (share - targets[row])
                gradient += SIMD2(error * logits[row], error)
                let curvature = weights[row] * share * (1 - share)
                aa += curvature * logits[row] * logits[row]
                ab += curvature * logits[row]
                bb += curvature
            }
            let determinant = aa * bb - ab * ab
            let step = SIMD2(
                ab * gradient.y - bb * gradient.x,
                ab * gradient.x - aa * gradient.y
            )
            return (gradient, step / determinant)
        }
    }
}
