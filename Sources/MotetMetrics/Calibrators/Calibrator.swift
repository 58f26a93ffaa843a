import MotetCore

/// Brings probabilities to where they come true, as learnt from rows the model was not trained on.
///
/// A calibrator never reverses an order: of two probabilities the lower one does not become the higher.
public enum Calibrator: Hashable, Sendable {
    /// A line on the scale of logits.
    case platt(PlattScaling)
    /// Any rising curve, as steps with lines between them.
    case isotonic(IsotonicScaling)

    /// The forms there are.
    public enum Kind: String, CaseIterable, Codable, Hashable, Sendable {
        /// See ``PlattScaling``.
        case platt
        /// See ``IsotonicScaling``.
        case isotonic
    }

    /// Learns a calibrator.
    ///
    /// - Parameters:
    ///   - kind: its form.
    ///   - observations: labels 0 and 1 beside predicted probabilities; sample weights count.
    /// - Throws: `undefined_metric` without rows, or with other labels or predictions.
    public init(_ kind: Kind, fitting observations: Observations) throws(MetricError) {
        switch kind {
        case .platt: self = .platt(try PlattScaling(fitting: observations))
        case .isotonic: self = .isotonic(try IsotonicScaling(fitting: observations))
        }
    }

    /// Its form.
    public var kind: Kind {
        switch self {
        case .platt: .platt
        case .isotonic: .isotonic
        }
    }

    /// A probability as it comes true.
    public func callAsFunction(_ probability: Float) -> Float {
        switch self {
        case .platt(let scaling): scaling(probability)
        case .isotonic(let scaling): scaling(probability)
        }
    }

    /// The weights of rows as parts of a number of rows: multiplied so that they sum to the effective number of rows,
    /// `(Σ w)² / Σ w²` (Kish, "Survey Sampling", 1965, section 11.7).
    ///
    /// What is added for rows that were not seen is added to a number of rows; of weights of another scale it would be too
    /// much or too little.
    static func rowWeights(_ observations: Observations) -> [Double] {
        let weights = observations.labels.indices.map { Double(observations.weight($0)) }
        let squares = weights.reduce(0) { $0 + $1 * $1 }
        guard squares > 0 else { return weights }
        let factor = weights.reduce(0, +) / squares
        return weights.map { $0 * factor }
    }

    /// Refuses what is no probability beside what happened.
    static func check(_ observations: Observations) throws(MetricError) {
        try observations.requireBinaryLabels(for: "a calibrator")
        try observations.requireProbabilities(for: "a calibrator")
    }
}

extension Calibrator: Codable {
    /// Reads `{"platt": ...}` or `{"isotonic": ...}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if container.contains(.platt) {
            self = .platt(try container.decode(PlattScaling.self, forKey: .platt))
        } else {
            self = .isotonic(try container.decode(IsotonicScaling.self, forKey: .isotonic))
        }
    }

    /// Writes `{"platt": ...}` or `{"isotonic": ...}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .platt(let scaling): try container.encode(scaling, forKey: .platt)
        case .isotonic(let scaling): try container.encode(scaling, forKey: .isotonic)
        }
    }

    private enum Key: String, CodingKey { case platt, isotonic }
}
