public import MotetCore

/// Aligned multi-task learning: the gradients' principal components are brought to one length.
///
/// With `G = V L V^T`: `w = sqrt(l_min) V L^(-1/2) V^T 1`, over the eigenvalues that are not zero. The
/// condition number of the aligned gradients is 1.
///
/// - Source: Senushkin et al., "Independent Component Alignment for Multi-Task Learning", CVPR 2023,
///   algorithm 1. <https://doi.org/10.1109/CVPR52729.2023.01921>
public struct AlignedMTL: GradientWeighting {
    /// `aligned_mtl`.
    public static let name = "aligned_mtl"

    /// Creates the rule.
    public init() {}

    /// The weights of the sum of the aligned gradients.
    public func weights(
        _ gramian: Gramian,
        _: inout AggregationState,
        key _: RandomKey
    ) -> [Double]? {
        guard gramian.scale > 0 else { return Array(repeating: 1, count: gramian.count) }
        guard let eigen = SymmetricEigen(gramian), let least = eigen.nonzero.first else {
            return nil
        }
        let size = eigen.values[least].squareRoot()
        let ones = [Double](repeating: 1, count: gramian.count)
        return eigen.apply(ones) { size / $0.squareRoot() }
    }
}
