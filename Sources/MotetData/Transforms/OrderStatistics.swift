import CKernels

/// Exact quantiles of a column, of any size: nothing is sorted or sampled.
///
/// Selection refines histograms over the bits of the numbers, in passes over the column in order,
/// with a few hundred kilobytes of memory a quantile.
enum OrderStatistics {
    /// Quantiles as NumPy's default (`linear`) defines them: position `q (n - 1)` in sorted order,
    /// interpolated between neighbours.
    ///
    /// - Parameters:
    ///   - levels: the quantiles wanted, each in `[0, 1]`.
    ///   - values: the numbers, at least one, none NaN.
    /// - Returns: a number for each level.
    static func quantiles(
        _ levels: [Double],
        of values: UnsafeBufferPointer<Double>
    ) -> [Double] {
        precondition(!values.isEmpty, "a quantile of no values")
        let positions = levels.map { $0 * Double(values.count - 1) }
        let lower = positions.map { Int64($0.rounded(.down)) }
        let upper = lower.map { min($0 + 1, Int64(values.count - 1)) }
        let neighbours = select(lower + upper, from: values)
        return positions.indices.map { index in
            let low = neighbours[index]
            let high = neighbours[index + positions.count]
            let fraction = positions[index] - positions[index].rounded(.down)
            // The two forms keep the result between its neighbours and monotone, as NumPy does.
            return fraction >= 0.5
                ? high - (high - low) * (1 - fraction) : low + (high - low) * fraction
        }
    }

    /// The values that sorting would put at `ranks`.
    static func select(_ ranks: [Int64], from values: UnsafeBufferPointer<Double>) -> [Double] {
        var result = [Double](repeating: 0, count: ranks.count)
        let status = motet_order_statistics(
            values.baseAddress,
            Int64(values.count),
            ranks,
            Int64(ranks.count),
            &result
        )
        precondition(status == 0, "no memory for the histograms of \(ranks.count) quantiles")
        return result
    }
}
