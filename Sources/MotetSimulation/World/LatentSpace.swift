import MotetCore

/// The steps of the funnel, in order.
enum FunnelStep: Int, CaseIterable, Sendable {
    case click, cart, pay, returned

    static let count = 4
}

/// The directions of taste: what a step in a scenario asks of a user's and an item's numbers.
///
/// With `x = (u, v)` of width `2d`, the score of step `k` in scenario `s` is
/// `(1 / sqrt J) sum_j g(w_jks . x)`, where `g(z) = (z + a sin 2z) / c` has variance 1 for standard normal `z`.
/// The directions are unit vectors made from orthonormal ones, for each facet `j`:
///
///     f_js,k = sqrt(similarity) b_j,k + sqrt(1 - similarity) e_js,k
///     w_j,click,s = f_js,click      w_jks = rho f_js,click + sqrt(1 - rho^2) f_js,k
///
/// so that steps have cosine `rho` with the click within a scenario, and scenarios have cosine `similarity` within
/// a step; exactly, as long as `4 J (1 + S)` vectors fit into `2d` dimensions, else about. Drift turns all of them by
/// an angle in the planes of coordinates `(0, 1)`, `(2, 3)`, ..., which leaves these cosines as they are.
struct LatentSpace: Sendable {
    /// The numbers of a user or item, `d`.
    let dimension: Int
    let facets: Int
    let scenarioCount: Int
    /// `[S, K, J, 2d]`, those of the first day.
    let directions: [Double]
    private let drift: Double
    private let wave: Double
    private let scale: Double

    init(_ settings: SimulationSettings, key: RandomKey) {
        dimension = settings.latents.dimension
        facets = settings.latents.facets
        scenarioCount = settings.scenarios.count
        drift = settings.drift
        wave = settings.latents.nonlinearity
        // The variance of z + a sin 2z: E[z sin 2z] = 2 exp(-2), E[sin^2 2z] = (1 - exp(-8)) / 2.
        let variance = 1 + 4 * wave * exponential(-2) + wave * wave * (1 - exponential(-8)) / 2
        scale = 1 / variance.squareRoot()
        let width = 2 * dimension
        let steps = FunnelStep.count
        var all = [Double](
            repeating: 0,
            count: scenarioCount * steps * facets * width
        )
        let similarity = settings.scenario.similarity
        let correlation = settings.tasks.correlation
        var frame = OrthonormalVectors(width: width, key: key)
        let base = (0..<facets).map { _ in (0..<steps).map { _ in frame.next() } }
        for scenario in 0..<scenarioCount {
            for facet in 0..<facets {
                let own = base[facet].map { base in
                    Self.mix(base, frame.next(), similarity.squareRoot())
                }
                for step in 0..<steps {
                    let direction =
                        step == 0 ? own[0] : Self.mix(own[0], own[step], correlation)
                    let start = ((scenario * steps + step) * facets + facet) * width
                    for column in 0..<width { all[start + column] = direction[column] }
                }
            }
        }
        directions = all
    }

    /// `share a + sqrt(1 - share^2) b`, of length 1 where both are orthonormal.
    private static func mix(_ a: [Double], _ b: [Double], _ share: Double) -> [Double] {
        let rest = max(0, 1 - share * share).squareRoot()
        let sum = zip(a, b).map { share * $0 + rest * $1 }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / length }
    }

    /// The directions of a moment.
    ///
    /// - Parameter share: what part of the log has gone by, from 0 to 1.
    /// - Returns: `[S, K, J, 2d]`.
    func directions(at share: Double) -> [Float] {
        let angle = drift * share * Double.pi / 2
        let (across, along) = (sine(angle), cosine(angle))
        var turned = [Float](repeating: 0, count: directions.count)
        for place in stride(from: 0, to: directions.count, by: 2) {
            let (x, y) = (directions[place], directions[place + 1])
            turned[place] = Float(along * x - across * y)
            turned[place + 1] = Float(across * x + along * y)
        }
        return turned
    }

    /// `g(z)`, odd and of variance 1 for standard normal `z`.
    func bend(_ value: Double) -> Double {
        scale * (value + wave * sine(2 * value))
    }
}

/// Unit vectors at right angles to each other; after as many as there are dimensions a new set begins.
struct OrthonormalVectors {
    private let width: Int
    private let key: RandomKey
    private var drawn = 0
    private var set: [[Double]] = []

    init(width: Int, key: RandomKey) {
        self.width = width
        self.key = key
    }

    mutating func next() -> [Double] {
        if set.count == width { set = [] }
        let draw = key.split(drawn)
        drawn += 1
        var vector = (0..<width).map { draw.normal($0) }
        // Twice, so that rounding leaves no angle.
        for other in set + set {
            let product = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
            for index in vector.indices { vector[index] -= product * other[index] }
        }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        vector = vector.map { $0 / length }
        set.append(vector)
        return vector
    }
}
