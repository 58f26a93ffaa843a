import Foundation

/// Bins of equal width that scores are counted in, on a plain or a logarithmic scale.
///
/// The first bin takes what is below all of them too, the last what is above.
public struct ScoreBins: Codable, Hashable, Sendable {
    /// How many bins there are.
    public static let count = 30

    /// The lower end of the first bin.
    public let low: Double
    /// The upper end of the last bin.
    public let high: Double
    /// Whether the logarithms of the bins have one width, not the bins.
    public let isLogarithmic: Bool

    private enum CodingKeys: String, CodingKey {
        case low, high
        case isLogarithmic = "logarithmic"
    }

    /// Creates bins.
    ///
    /// - Parameters:
    ///   - low: the lower end of the first one.
    ///   - high: the upper end of the last one, above `low`.
    ///   - isLogarithmic: whether logarithms have one width; `low` is above 0 then.
    public init(low: Double, high: Double, isLogarithmic: Bool = false) {
        self.low = low
        self.high = high
        self.isLogarithmic = isLogarithmic
    }

    /// Bins for some scores: between the scores that 0.5 % are below and above, logarithmic where one is more
    /// than 10 times the other.
    ///
    /// - Parameter scores: finite numbers, at least one.
    public init(fitting scores: [Float]) {
        let sorted = scores.sorted()
        let last = sorted.count - 1
        var low = sorted.isEmpty ? 0 : Double(sorted[Int(Double(last) * 0.005)])
        var high = sorted.isEmpty ? 1 : Double(sorted[Int((Double(last) * 0.995).rounded(.up))])
        // Scores that are all alike still need a place.
        if high - low <= max(abs(low), abs(high)) * 1e-6 {
            let room = max(abs(low) / 2, 1e-6)
            (low, high) = (low - room, high + room)
        }
        self.init(low: low, high: high, isLogarithmic: low > 0 && high > 10 * low)
    }

    /// Whether the numbers make bins: those of a file may not.
    var isValid: Bool {
        low.isFinite && high.isFinite && high > low && (!isLogarithmic || low > 0)
    }

    /// The ends of the bins, ascending: one more than there are bins.
    public var edges: [Double] {
        let (start, end) = isLogarithmic ? (log(low), log(high)) : (low, high)
        return (0...Self.count).map { index in
            if index == 0 { return low }
            if index == Self.count { return high }
            let place = start + (end - start) * Double(index) / Double(Self.count)
            return isLogarithmic ? exp(place) : place
        }
    }

    /// What finds the bin of a score.
    public var lookup: Lookup {
        let (start, end) = isLogarithmic ? (log(low), log(high)) : (low, high)
        return Lookup(
            isLogarithmic: isLogarithmic,
            start: Float(start),
            factor: Float(Double(Self.count) / (end - start))
        )
    }

    /// Finds the bin of a score.
    public struct Lookup: Hashable, Sendable {
        let isLogarithmic: Bool
        let start: Float
        let factor: Float

        /// The number of the bin a score belongs to; one that is no number belongs to the first.
        public func bin(of score: Float) -> Int {
            var place = score
            if isLogarithmic {
                guard score > 0 else { return 0 }
                place = log(score)
            }
            place = (place - start) * factor
            guard place > 0 else { return 0 }
            return place < Float(ScoreBins.count) ? Int(place) : ScoreBins.count - 1
        }
    }
}
