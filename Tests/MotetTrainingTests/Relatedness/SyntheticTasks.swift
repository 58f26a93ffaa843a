import MotetCore
import MotetData

/// Two regression tasks whose relatedness is known.
///
/// `w1 = u1`, `w2 = p u1 + sqrt(1 - p^2) u2` with orthogonal unit vectors;
/// `y_k = w_k x + sum_i sin(alpha_i w_k x + beta_i) + noise`.
///
/// - Source: Ma et al., "Multi-gate Mixture-of-Experts", KDD 2018, section 3.2; alpha, beta ~ N(0, 1) and
///   c = 1 as Tang et al., "Progressive Layered Extraction", RecSys 2020, fix them.
struct SyntheticTasks {
    let width: Int
    private let directions: (first: [Double], second: [Double])
    private let waves: [(alpha: Double, beta: Double)]

    init(width: Int, correlation: Double, waves count: Int, key: RandomKey) {
        self.width = width
        var random = key.split("directions").generator()
        func unit(orthogonalTo other: [Double]?) -> [Double] {
            var vector = (0..<width).map { _ in random.nextNormal() }
            if let other {
                let along = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
                vector = zip(vector, other).map { $0 - along * $1 }
            }
            let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / norm }
        }
        let first = unit(orthogonalTo: nil)
        let other = unit(orthogonalTo: first)
        let rest = (1 - correlation * correlation).squareRoot()
        directions = (first, zip(first, other).map { correlation * $0 + rest * $1 })
        waves = (0..<count).map { _ in (random.nextNormal(), random.nextNormal()) }
    }

    func data(rows: Int, key: RandomKey) throws -> PreparedDataset {
        var random = key.generator()
        var numeric: [Float] = []
        var labels: [[Float]] = [[], []]
        for _ in 0..<rows {
            let x = (0..<width).map { _ in random.nextNormal() }
            numeric += x.map(Float.init)
            for (task, direction) in [directions.first, directions.second].enumerated() {
                let projection = zip(x, direction).reduce(0) { $0 + $1.0 * $1.1 }
                let sum = waves.reduce(projection) {
                    $0 + sine($1.alpha * projection + $1.beta)
                }
                labels[task].append(Float(sum + 0.1 * random.nextNormal()))
            }
        }
        return try PreparedDataset(inMemory: [
            "numeric": .floats(numeric, width: width),
            "label/first": .floats(labels[0]), "label/second": .floats(labels[1]),
        ])
    }
}
