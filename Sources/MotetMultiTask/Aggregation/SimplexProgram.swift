/// Quadratic programs over the simplex: weights of at least 0 that add up to 1.
enum SimplexProgram {
    /// Added to a diagonal of ones, so that the program is strictly convex.
    static let ridge = 1e-12

    /// Minimises `1/2 w H w + a w` on the simplex.
    ///
    /// The unknowns are `w_k sqrt(H_kk)`, so that tasks of unlike sizes are solved for as exactly as others.
    ///
    /// - Parameters:
    ///   - hessian: symmetric, positive semidefinite.
    ///   - linear: `a`.
    /// - Returns: the weights, or nil where the program could not be solved.
    static func minimum(_ hessian: Gramian, linear: [Double]) -> [Double]? {
        let count = hessian.count
        let units = hessian.unitFactors
        var matrix = hessian.scaled(by: units).values
        for index in 0..<count { matrix[index * count + index] += ridge }
        let program = QuadraticProgram(
            hessian: matrix,
            linear: zip(linear, units).map { -$0 * $1 },
            constraints: [units] + UnitVectors.all(count),
            bounds: [1] + Array(repeating: 0, count: count),
            equalities: 1
        )
        guard let solved = try? program.solution() else { return nil }
        return cleaned(zip(solved, units).map { $0 * $1 })
    }

    /// Rounding may leave a weight just below 0, or the sum just beside 1.
    private static func cleaned(_ weights: [Double]) -> [Double]? {
        let positive = weights.map { max(0, $0) }
        let sum = positive.reduce(0, +)
        return sum > 0 && sum.isFinite ? positive.map { $0 / sum } : nil
    }

    /// The nearest point of the simplex.
    ///
    /// - Source: Held, Wolfe and Crowder, "Validation of subgradient optimization", Mathematical
    ///   Programming 6, 1974, <https://doi.org/10.1007/BF01580223>.
    static func projection(_ point: [Double]) -> [Double] {
        var (sum, threshold) = (0.0, 0.0)
        for (index, value) in point.sorted(by: >).enumerated() {
            sum += value
            let candidate = (sum - 1) / Double(index + 1)
            if value > candidate { threshold = candidate }
        }
        return point.map { max(0, $0 - threshold) }
    }
}

/// The rows of the identity.
enum UnitVectors {
    static func all(_ count: Int) -> [[Double]] {
        (0..<count).map { row in (0..<count).map { $0 == row ? 1 : 0 } }
    }
}
