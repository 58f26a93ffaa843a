/// A small convex quadratic program: minimise `1/2 x H x - a x` where `C x >= b`.
///
/// The first `equalities` constraints hold with equality. The problems of gradient aggregation have as
/// many unknowns as there are tasks, so matrices are factored anew for each set of active constraints.
///
/// - Source: Goldfarb and Idnani, "A numerically stable dual method for solving strictly convex quadratic
///   programs", Mathematical Programming 27, 1983, <https://doi.org/10.1007/BF02591962>, section 3.
/// - Departures: the factors of the active constraints are computed anew at each step instead of updated.
struct QuadraticProgram {
    /// Symmetric and positive definite, `[n, n]` row by row.
    var hessian: [Double]
    /// The linear term, `[n]`.
    var linear: [Double]
    /// One row of `[n]` for each constraint.
    var constraints: [[Double]]
    /// What each constraint's product must reach.
    var bounds: [Double]
    /// How many of the first constraints are equalities.
    var equalities = 0

    /// Why there is no solution.
    enum Failure: Error, Equatable {
        /// The matrix is not positive definite.
        case indefinite
        /// No point satisfies all constraints.
        case infeasible
        /// More steps than any problem of this size should take.
        case didNotConverge
    }

    /// The minimum.
    ///
    /// - Throws: a `Failure`.
    func solution() throws(Failure) -> [Double] {
        let size = linear.count
        guard let factor = Cholesky(hessian, size: size) else { throw .indefinite }
        var x = factor.solve(linear)
        var active: [Int] = []
        // An equality whose product exceeds its bound is approached from the other side.
        var signs = [Double](repeating: 1, count: constraints.count)
        var multipliers: [Double] = []
        let limit = 50 * (constraints.count + size + 1)
        for _ in 0..<limit {
            guard let (entering, sign) = mostViolated(x, active, signs) else { return x }
            signs[entering] = sign
            try enter(entering, factor, &x, &active, signs, &multipliers, limit: limit)
        }
        throw .didNotConverge
    }

    private func normal(_ constraint: Int, _ signs: [Double]) -> [Double] {
        constraints[constraint].map { $0 * signs[constraint] }
    }

    /// The constraint that is furthest from holding, relative to its size; equalities first.
    private func mostViolated(
        _ x: [Double],
        _ active: [Int],
        _ signs: [Double]
    ) -> (Int, Double)? {
        var worst: (constraint: Int, sign: Double, violation: Double)?
        for constraint in constraints.indices where !active.contains(constraint) {
            let row = constraints[constraint]
            let product = dot(row, x)
            let size = zip(row, x).reduce(abs(bounds[constraint])) { $0 + abs($1.0 * $1.1) }
            let gap = bounds[constraint] - product
            let isEquality = constraint < equalities
            let violation = isEquality ? abs(gap) : gap
            guard violation > 1e-12 * max(size, .leastNormalMagnitude) else { continue }
            if isEquality { return (constraint, gap >= 0 ? 1 : -1) }
            if violation > worst?.violation ?? 0 { worst = (constraint, 1, violation) }
        }
        return worst.map { ($0.constraint, $0.sign) }
    }

    /// Moves until a violated constraint holds, dropping active ones whose multiplier would turn negative.
    private func enter(
        _ entering: Int,
        _ factor: Cholesky,
        _ x: inout [Double],
        _ active: inout [Int],
        _ signs: [Double],
        _ multipliers: inout [Double],
        limit: Int
    ) throws(Failure) {
        let row = normal(entering, signs)
        var multiplier = 0.0
        for _ in 0..<limit {
            let direction = Direction(row, active.map { normal($0, signs) }, factor)
            // The longest step that keeps the multipliers of inequalities at 0 or more.
            var (partial, leaving) = (Double.infinity, -1)
            for position in active.indices where active[position] >= equalities {
                guard direction.multipliers[position] > 0 else { continue }
                let step = multipliers[position] / direction.multipliers[position]
                if step < partial { (partial, leaving) = (step, position) }
            }
            let gap = bounds[entering] * signs[entering] - dot(row, x)
            let full = direction.isZero ? .infinity : gap / dot(direction.primal, row)
            let step = min(partial, full)
            guard step.isFinite else { throw .infeasible }
            if full.isFinite {
                for index in x.indices { x[index] += step * direction.primal[index] }
            }
            for position in active.indices {
                multipliers[position] -= step * direction.multipliers[position]
            }
            multiplier += step
            if full <= partial {
                active.append(entering)
                multipliers.append(multiplier)
                return
            }
            active.remove(at: leaving)
            multipliers.remove(at: leaving)
        }
        throw .didNotConverge
    }
}

/// The step that raises a constraint's product and leaves those of the active ones as they are.
private struct Direction {
    /// `H n`: where the unknowns move.
    let primal: [Double]
    /// `N* n`: how fast the active constraints' multipliers fall.
    let multipliers: [Double]
    /// Whether the constraint's normal lies in the span of the active ones.
    let isZero: Bool

    /// With `H = L L^T`, `q = L^-1 n` is projected onto the complement of the columns `L^-1 N`.
    init(_ row: [Double], _ active: [[Double]], _ factor: Cholesky) {
        let q = factor.forward(row)
        var rest = q
        var basis: [[Double]] = []
        var triangle: [[Double]] = []
        for normal in active {
            // Gram and Schmidt's orthogonalisation, twice, which is as exact as reflections.
            var vector = factor.forward(normal)
            var coefficients = [Double](repeating: 0, count: basis.count)
            for _ in 0..<2 {
                for (index, unit) in basis.enumerated() {
                    let part = dot(unit, vector)
                    coefficients[index] += part
                    for element in vector.indices { vector[element] -= part * unit[element] }
                }
            }
            let length = dot(vector, vector).squareRoot()
            basis.append(length > 0 ? vector.map { $0 / length } : vector)
            triangle.append(coefficients + [length])
        }
        var parts = [Double](repeating: 0, count: basis.count)
        for _ in 0..<2 {
            for (index, unit) in basis.enumerated() {
                let part = dot(unit, rest)
                parts[index] += part
                for element in rest.indices { rest[element] -= part * unit[element] }
            }
        }
        // R r = parts, from the last row up.
        var solved = parts
        for index in basis.indices.reversed() {
            for later in basis.indices where later > index {
                solved[index] -= triangle[later][index] * solved[later]
            }
            solved[index] /= triangle[index][index]
        }
        multipliers = solved
        isZero = dot(rest, rest) <= 1e-24 * dot(q, q)
        primal = factor.backward(rest)
    }
}

/// `H = L L^T` of a symmetric positive definite matrix.
struct Cholesky {
    private let size: Int
    private var lower: [Double]

    /// Nil where the matrix is not positive definite.
    init?(_ matrix: [Double], size: Int) {
        self.size = size
        lower = matrix
        for column in 0..<size {
            for row in column..<size {
                var sum = matrix[row * size + column]
                for inner in 0..<column {
                    sum -= lower[row * size + inner] * lower[column * size + inner]
                }
                if row == column {
                    guard sum > 0, sum.isFinite else { return nil }
                    lower[row * size + row] = sum.squareRoot()
                } else {
                    lower[row * size + column] = sum / lower[column * size + column]
                }
            }
        }
    }

    /// `L^-1 x`.
    func forward(_ x: [Double]) -> [Double] {
        var result = x
        for row in 0..<size {
            for column in 0..<row { result[row] -= lower[row * size + column] * result[column] }
            result[row] /= lower[row * size + row]
        }
        return result
    }

    /// `L^-T x`.
    func backward(_ x: [Double]) -> [Double] {
        var result = x
        for row in stride(from: size - 1, through: 0, by: -1) {
            for below in row + 1..<max(size, row + 1) {
                result[row] -= lower[below * size + row] * result[below]
            }
            result[row] /= lower[row * size + row]
        }
        return result
    }

    /// `H^-1 x`.
    func solve(_ x: [Double]) -> [Double] { backward(forward(x)) }
}
