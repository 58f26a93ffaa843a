import CLAPACK

/// The eigenvalues and eigenvectors of a Gramian, the least first.
struct SymmetricEigen {
    let values: [Double]
    /// One eigenvector of length 1 for each value.
    let vectors: [[Double]]

    /// Nil where the decomposition did not converge.
    init?(_ gramian: Gramian) {
        let count = gramian.count
        var (matrix, values) = (gramian.values, [Double](repeating: 0, count: count))
        guard motet_symmetric_eigen(Int32(count), &matrix, &values) == 0 else { return nil }
        self.values = values
        vectors = (0..<count).map { Array(matrix[$0 * count..<($0 + 1) * count]) }
    }

    /// Eigenvalues up to this are taken for zero: the rounding of the greatest one.
    var tolerance: Double {
        (values.last ?? 0) * Double(values.count) * Double.ulpOfOne
    }

    /// The positions of eigenvalues above the tolerance.
    var nonzero: [Int] { values.indices.filter { values[$0] > tolerance } }

    /// `sum f(lambda) v (v . x)` over the nonzero eigenvalues.
    func apply(_ x: [Double], _ function: (Double) -> Double) -> [Double] {
        var result = [Double](repeating: 0, count: x.count)
        for position in nonzero {
            let vector = vectors[position]
            let factor = function(values[position]) * dot(vector, x)
            for index in result.indices { result[index] += factor * vector[index] }
        }
        return result
    }

    /// The pseudoinverse times a vector.
    func pseudoinverse(_ x: [Double]) -> [Double] { apply(x) { 1 / $0 } }
}
