import MotetCore

/// GradNorm: weights of losses that follow from how long the tasks' gradients are and how fast the tasks learn.
///
/// `w` is moved against the gradient of `sum_k |w_k n_k - c_k|`, `c_k = mean_j(w_j n_j) r_k^alpha` held constant, and
/// brought back to the sum `K`. `n_k` is the length of the task's gradient where gradients are compared,
/// `r_k = (L_k / L_k(0)) / mean_j(L_j / L_j(0))`.
///
/// - Source: Chen, Badrinarayanan, Lee and Rabinovich, "GradNorm: Gradient Normalization for Adaptive Loss
///   Balancing in Deep Multitask Networks", ICML 2018, eq. 1-2 and algorithm 1.
/// - Departures: the paper leaves open how `w` is moved; here by Adam. Weights are kept above 1e-3. `L_k(0)` is the loss of the
///   first step that has rows of the task.
public struct GradientNormWeights {
    /// The number of steps, then for each task its weight, first loss, and Adam's two moments.
    public private(set) var state: [Float]
    private let tasks: Int
    private let alpha: Double
    private let rate: Double

    init(_ state: [Float], tasks: Int, alpha: Double, rate: Double) {
        self.state = state
        self.tasks = tasks
        self.alpha = alpha
        self.rate = rate
        if state[0] == 0 { for task in 0..<tasks { self.state[1 + task] = 1 } }
    }

    /// The weight of each task; they add up to the number of tasks.
    public static func weights(_ state: [Float], tasks: Int) -> [Float] {
        state[0] == 0 ? Array(repeating: 1, count: tasks) : Array(state[1..<(1 + tasks)])
    }

    /// The weights of a step, and those of the next into the state.
    mutating func step(
        _ trained: [Int],
        losses: [Double],
        lengths: [Double],
        _ isTaking: [Bool]
    ) -> [Double] {
        let weights = trained.map { Double(state[1 + $0]) }
        let taking = trained.indices.filter { isTaking[$0] && lengths[$0] > 0 && losses[$0] > 0 }
        guard !taking.isEmpty else { return weights }
        for place in taking where state[1 + tasks + trained[place]] == 0 {
            state[1 + tasks + trained[place]] = Float(losses[place])
        }
        let ratios = taking.map { losses[$0] / Double(state[1 + tasks + trained[$0]]) }
        let count = Double(taking.count)
        let meanRatio = ratios.reduce(0, +) / count
        let meanLength = taking.reduce(0) { $0 + weights[$1] * lengths[$1] } / count
        state[0] += 1
        for (place, ratio) in zip(taking, ratios) {
            let target = meanLength * power(ratio / meanRatio, alpha)
            let difference = weights[place] * lengths[place] - target
            let sign = difference > 0 ? 1.0 : difference < 0 ? -1 : 0
            move(trained[place], by: lengths[place] * sign)
        }
        let sum = (0..<tasks).reduce(0) { $0 + Double(state[1 + $1]) }
        for task in 0..<tasks { state[1 + task] *= Float(Double(tasks) / sum) }
        return weights
    }

    /// One step of Adam.
    private mutating func move(_ task: Int, by gradient: Double) {
        let (first, second) = (1 + 2 * tasks + task, 1 + 3 * tasks + task)
        let momentum = 0.9 * Double(state[first]) + 0.1 * gradient
        let square = 0.999 * Double(state[second]) + 0.001 * gradient * gradient
        (state[first], state[second]) = (Float(momentum), Float(square))
        let step = Double(state[0])
        let mean = momentum / (1 - power(0.9, step))
        let size = (square / (1 - power(0.999, step))).squareRoot()
        let moved = Double(state[1 + task]) - rate * mean / (size + 1e-8)
        state[1 + task] = Float(max(moved, 1e-3))
    }
}
