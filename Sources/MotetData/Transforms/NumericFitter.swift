import CKernels
import Foundation

/// Learns the fill and the transforms of a numeric feature from its training values.
struct NumericFitter {
    let feature: FeatureSpecification
    /// The numbers that are there, then room for a fill of the missing ones; overwritten.
    let values: UnsafeMutableBufferPointer<Double>
    /// How many numbers are there.
    let present: Int
    /// How many rows have none.
    let missing: Int

    func fitted() throws(PreparationError) -> FittedNumeric {
        guard present > 0 else {
            throw PreparationError(
                "no_values",
                "feature \"\(feature.name)\": column \"\(feature.column)\" holds no number in the "
                    + "training rows; expected at least one; received \(missing) missing. Leave "
                    + "the feature out."
            )
        }
        var fitted = FittedNumeric(fill: fill(), transforms: [])
        var count = present
        if let fill = fitted.fill {
            values[present..<present + missing].update(repeating: fill)
            count += missing
        }
        let numbers = UnsafeMutableBufferPointer(rebasing: values[0..<count])
        for (index, transform) in feature.transforms.enumerated() {
            let next = try fit(transform, to: UnsafeBufferPointer(numbers))
            // Nothing is learnt from the last one's results.
            if index < feature.transforms.count - 1, var step = next.step {
                motet_transform(numbers.baseAddress, Int64(count), &step, 1)
            }
            fitted.transforms.append(next)
        }
        return fitted
    }

    private func fill() -> Double? {
        let numbers = UnsafeBufferPointer(rebasing: values[0..<present])
        guard case .fill(let fill) = feature.missing else { return nil }
        switch fill {
        case .number(let value): return value
        case .text: return nil  // refused by the schema's validation
        case .mean: return moments(numbers).mean
        case .median: return OrderStatistics.quantiles([0.5], of: numbers)[0]
        case .mostFrequent: return mostFrequent(numbers)
        }
    }

    private func fit(
        _ transform: FeatureTransform,
        to numbers: UnsafeBufferPointer<Double>
    ) throws(PreparationError) -> FittedTransform {
        switch transform {
        case .standardise:
            let moments = moments(numbers)
            let deviation = moments.variance.squareRoot()
            return .affine(offset: moments.mean, scale: deviation > 0 ? 1 / deviation : 0)
        case .minMax:
            let moments = moments(numbers)
            let range = moments.maximum - moments.minimum
            return .affine(offset: moments.minimum, scale: range > 0 ? 1 / range : 0)
        case .log1p:
            let lowest = moments(numbers).minimum
            guard lowest > -1 else { throw Self.logarithmError(feature, lowest, at: nil) }
            return .log1p
        case .logRatio(let reference):
            let lowest = moments(numbers).minimum
            guard lowest > 0 else { throw Self.logarithmError(feature, lowest, at: nil) }
            return .logRatio(reference: reference ?? geometricMean(numbers))
        case .quantileBins(let bins):
            let levels = (1..<bins).map { Double($0) / Double(bins) }
            var edges: [Double] = []
            for edge in OrderStatistics.quantiles(levels, of: numbers) where edge != edges.last {
                edges.append(edge)
            }
            return .bins(edges: edges)
        case .clip(let lower, let upper):
            let limits = OrderStatistics.quantiles([lower, upper], of: numbers)
            return .clip(lower: limits[0], upper: limits[1])
        }
    }

    static func logarithmError(
        _ feature: FeatureSpecification,
        _ value: Double,
        at place: String?,
        row: Int? = nil
    ) -> PreparationError {
        let (name, limit) = feature.takesLogRatio ? ("log", "0") : ("log1p", "-1")
        return PreparationError(
            "out_of_range",
            "\(place.map { $0 + ", " } ?? "")feature \"\(feature.name)\": \(name) has no finite value; "
                + "expected a number above \(limit); received \(shortNumber(value)). Give the column "
                + "an allowed range, or clip it first.",
            row: row,
            column: row == nil ? nil : feature.column
        )
    }

    private func geometricMean(_ numbers: UnsafeBufferPointer<Double>) -> Double {
        var logarithms = Array(numbers)
        var step = FittedTransform.logRatio(reference: 1).step ?? motet_transform_step()
        motet_transform(&logarithms, Int64(logarithms.count), &step, 1)
        return exp(logarithms.withUnsafeBufferPointer { moments($0).mean })
    }

    private func moments(_ numbers: UnsafeBufferPointer<Double>) -> motet_column_moments {
        var moments = motet_column_moments()
        motet_moments(numbers.baseAddress, Int64(numbers.count), &moments)
        return moments
    }

    private func mostFrequent(_ numbers: UnsafeBufferPointer<Double>) -> Double {
        var best = (value: numbers[0], count: 0)
        var run = (value: Double.nan, count: 0)
        for value in numbers.sorted() {
            run = value == run.value ? (value, run.count + 1) : (value, 1)
            if run.count > best.count { best = run }
        }
        return best.value
    }
}
