import Foundation

/// Solves `G w = w^(-s)`, `s = 1 / alpha`, for `w > 0`.
///
/// It is where the convex function `f(w) = 1/2 w G w - sum_k h(w_k)` with `h'(w) = w^(-s)` is least. Newton's
/// steps are shortened until they stay positive and lower `f` enough (Armijo's rule).
struct FairAllocation {
    let alpha: Double

    /// Added to the diagonal, as a share of the mean squared length: gradients that cancel each other
    /// would make weights infinite.
    private static let ridge = 1e-14
    private static let stepLimit = 500

    /// - Returns: the weights, 0 for tasks without a gradient; nil where Newton's method fails.
    func solution(_ gramian: Gramian) -> [Double]? {
        let tasks = gramian.nonzeroTasks
        var weights = [Double](repeating: 0, count: gramian.count)
        guard !tasks.isEmpty else { return weights }
        // G = unit * H, so w = unit^(-1 / (1 + s)) v where v solves the same for H.
        let part = gramian.restricted(to: tasks)
        let unit = part.scale
        let factor = pow(unit, -alpha / (alpha + 1))
        let start = part.norms.map { pow($0 * $0 / unit, -alpha / (alpha + 1)) }
        guard let found = minimum(part.values.map { $0 / unit }, start) else { return nil }
        for (position, task) in tasks.enumerated() { weights[task] = found[position] * factor }
        return weights.allSatisfy(\.isFinite) ? weights : nil
    }

    private func minimum(_ values: [Double], _ start: [Double]) -> [Double]? {
        let count = start.count
        let matrix = (0..<count * count).map {
            values[$0] + ($0 / count == $0 % count ? FairAllocation.ridge : 0)
        }
        func products(_ w: [Double]) -> [Double] {
            (0..<count).map { dot(Array(matrix[$0 * count..<($0 + 1) * count]), w) }
        }
        func value(_ w: [Double]) -> Double { dot(w, products(w)) / 2 - w.map(gain).reduce(0, +) }
        var point = start
        var best: (point: [Double], error: Double) = (start, .infinity)
        for _ in 0..<FairAllocation.stepLimit {
            let slopes = zip(products(point), point).map { $0 - slope($1) }
            // Relative to what each task is to gain.
            let error = zip(slopes, point).map { abs($0) / slope($1) }.max() ?? 0
            if error < best.error { best = (point, error) }
            if error < 1e-13 { break }
            var hessian = matrix
            for index in 0..<count { hessian[index * count + index] += curvature(point[index]) }
            guard let factor = Cholesky(hessian, size: count) else { return nil }
            let step = factor.solve(slopes.map { -$0 })
            let (before, descent) = (value(point), dot(slopes, step))
            // So near the minimum rounding hides any fall, and a full step is right.
            let isNear = -descent <= 1e-10 * (1 + abs(before))
            if isNear, error > best.error { break }
            var length = 1.0
            var next = point
            while length > 1e-12 {
                next = zip(point, step).map { $0 + length * $1 }
                let isLower = next.allSatisfy { $0 > 0 }
                if isLower, isNear || value(next) <= before + 1e-4 * length * descent { break }
                length /= 2
            }
            guard length > 1e-12 else { break }
            point = next
        }
        return best.error < 1e-3 ? best.point : nil
    }

    private var s: Double { 1 / alpha }
    private func slope(_ w: Double) -> Double { pow(w, -s) }
    private func curvature(_ w: Double) -> Double { s * pow(w, -s - 1) }
    /// The integral of `slope`.
    private func gain(_ w: Double) -> Double {
        alpha == 1 ? log(w) : pow(w, 1 - s) / (1 - s)
    }
}
