/// The inner products of the gradients of `K` tasks: all that most ways of combining gradients look at.
///
/// `G_ij = g_i . g_j`, symmetric and positive semidefinite. Numbers are `Double`: products of gradients
/// of unlike tasks differ by many orders of magnitude.
///
/// - Shapes: `[K, K]`.
public struct Gramian: Hashable, Sendable {
    /// The number of tasks, `K`.
    public let count: Int
    /// The products, row by row.
    public private(set) var values: [Double]

    /// Creates a Gramian from its elements; what lies above the diagonal is taken from below it.
    ///
    /// - Parameters:
    ///   - count: the number of tasks, at least 1.
    ///   - values: `[K, K]`, row by row.
    public init(count: Int, values: [Double]) {
        precondition(count >= 1, "a Gramian needs at least one task; received \(count)")
        precondition(
            values.count == count * count,
            "a Gramian of \(count) tasks received \(values.count) numbers"
        )
        self.count = count
        self.values = values
        for row in 0..<count {
            for column in 0..<row { self[column, row] = self[row, column] }
        }
    }

    /// The Gramian of gradients held as vectors of one length.
    public init(of gradients: [[Double]]) {
        let count = gradients.count
        var values = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for column in 0...row {
                values[row * count + column] = dot(gradients[row], gradients[column])
            }
        }
        self.init(count: count, values: values)
    }

    /// The product of two tasks' gradients.
    public private(set) subscript(row: Int, column: Int) -> Double {
        get { values[row * count + column] }
        set { values[row * count + column] = newValue }
    }

    /// The product of every task's gradient with `sum_k weights_k g_k`: `G w`.
    public func products(with weights: [Double]) -> [Double] {
        (0..<count).map { row in
            var sum = 0.0
            for column in 0..<count { sum += self[row, column] * weights[column] }
            return sum
        }
    }

    /// The squared length of `sum_k weights_k g_k`, never below 0: `w G w`.
    public func squaredNorm(of weights: [Double]) -> Double {
        max(0, dot(weights, products(with: weights)))
    }

    /// The length of each task's gradient.
    public var norms: [Double] { (0..<count).map { max(0, self[$0, $0]).squareRoot() } }

    /// What makes each gradient's length 1; 1 for a gradient that is zero.
    var unitFactors: [Double] { norms.map { $0 > 0 ? 1 / $0 : 1 } }

    /// The mean of the diagonal, which is the mean squared length; 0 if all gradients are zero.
    public var scale: Double {
        (0..<count).reduce(0) { $0 + self[$1, $1] } / Double(count)
    }

    /// The cosine of the angle between two tasks' gradients, within [-1, 1]; nil where one is zero.
    public func cosine(_ row: Int, _ column: Int) -> Double? {
        let length = (self[row, row] * self[column, column]).squareRoot()
        guard length > 0 else { return nil }
        return min(1, max(-1, self[row, column] / length))
    }

    /// The Gramian of gradients each multiplied by a factor.
    public func scaled(by factors: [Double]) -> Gramian {
        var result = self
        for row in 0..<count {
            for column in 0..<count { result[row, column] *= factors[row] * factors[column] }
        }
        return result
    }

    /// The Gramian of some of the tasks, in the order given.
    public func restricted(to tasks: [Int]) -> Gramian {
        let values = tasks.flatMap { row in tasks.map { self[row, $0] } }
        return Gramian(count: tasks.count, values: values)
    }

    /// The tasks whose gradient is not zero.
    public var nonzeroTasks: [Int] { (0..<count).filter { self[$0, $0] > 0 } }

    /// Whether every product is a finite number.
    public var isFinite: Bool { values.allSatisfy(\.isFinite) }
}

/// The inner product of two vectors of one length.
func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for index in left.indices { sum += left[index] * right[index] }
    return sum
}
