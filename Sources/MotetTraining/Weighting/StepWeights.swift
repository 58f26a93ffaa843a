import MotetCore
import MotetGraph

/// A rule that makes the factors of losses anew in each step.
enum StepRule: Hashable, Codable {
    case geometricMean
    case random
    case smoothMaximum(mu: Double)

    /// The factors of `w_k L_k`.
    ///
    /// - Parameters:
    ///   - losses: the losses of the tasks trained in the step.
    ///   - weights: the tasks' own weights.
    ///   - isPresent: whether the step has rows of the task.
    ///   - key: the randomness of the step.
    /// - Returns: for each task its factor.
    func factors(
        _ losses: [Double],
        weights: [Double],
        isPresent: [Bool],
        key: RandomKey
    ) -> [Double] {
        let present = losses.indices.filter { isPresent[$0] }
        switch self {
        case .geometricMean:
            let logarithms = losses.map { logarithm(max($0, 1e-8)) }
            let count = Double(max(present.count, 1))
            let mean = present.reduce(0) { $0 + logarithms[$1] } / count
            return logarithms.map { exponential(mean - $0) / count }
        case .random:
            var random = key.generator()
            return Self.softmax(losses.map { _ in random.nextNormal() }, of: Array(losses.indices))
        case .smoothMaximum(let mu):
            return Self.softmax(zip(losses, weights).map { $0 * $1 / mu }, of: present)
        }
    }

    /// The softmax over some places; 0 at the others.
    static func softmax(_ values: [Double], of places: [Int]) -> [Double] {
        let greatest = places.map { values[$0] }.max() ?? 0
        var factors = values.map { _ in 0.0 }
        for place in places { factors[place] = exponential(values[place] - greatest) }
        let sum = factors.reduce(0, +)
        return sum > 0 ? factors.map { $0 / sum } : factors
    }
}

/// The factors of a step's losses, as constants: no gradient goes through them.
///
/// `L_1 ... L_K, s_1 ... s_K, step -> f_1 ... f_K`, all `[]`; `s_k` is the sum of
/// the task's row weights.
struct StepWeights: HostOperation {
    let rule: StepRule
    /// The tasks' own weights.
    let weights: [Float]
    let key: RandomKey

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        guard inputs.count == 2 * weights.count + 1 else {
            throw GraphError(
                .shapeMismatch,
                "StepWeights: wrong number of inputs; expected \(2 * weights.count + 1); received \(inputs.count)."
            )
        }
        return weights.map { _ in TensorType(.scalar) }
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        node.inputs.map { _ in nil }
    }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let count = weights.count
        let numbers = inputs.prefix(2 * count).map { Double($0.floats[0]) }
        let factors = rule.factors(
            Array(numbers[..<count]),
            weights: weights.map { Double($0) },
            isPresent: numbers[count...].map { $0 > 0 },
            key: key.split(Int(inputs[2 * count].integers[0]))
        )
        return factors.map { Tensor([Float($0)], shape: []) }
    }
}
