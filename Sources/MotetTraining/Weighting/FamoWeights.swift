import MotetCore
import MotetGraph

/// FAMO's learnt numbers: they follow how much a step lowered each loss.
///
/// `z = softmax(xi)`; the factor of `L_k` is `z_k / (D_k sum_j z_j / D_j)`, `D_k = L_k + 1e-8`. After the step `xi` is moved
/// by Adam against the gradient of `sum_k z_k (log D_k - log D'_k)`, `D'` from the losses of the same rows now.
struct FamoState {
    static let name = "famo/state"

    /// Steps, then for each task `xi` and Adam's two moments.
    private(set) var numbers: [Float]
    let tasks: Int

    static func size(tasks: Int) -> Int { 3 * tasks + 1 }

    init(_ numbers: [Float], tasks: Int) {
        self.numbers = numbers
        self.tasks = tasks
    }

    private func softmax(_ trained: [Int], _ isPresent: [Bool]) -> [Double] {
        StepRule.softmax(
            trained.map { Double(numbers[1 + $0]) },
            of: trained.indices.filter { isPresent[$0] }
        )
    }

    /// The factors of the losses of some tasks; 0 for those without rows.
    func factors(_ trained: [Int], _ losses: [Double], _ isPresent: [Bool]) -> [Double] {
        let shares = softmax(trained, isPresent)
        let parts = zip(shares, losses).map { $0 / ($1 + 1e-8) }
        let sum = parts.reduce(0, +)
        return sum > 0 ? parts.map { $0 / sum } : shares
    }

    /// Moves the numbers after a step.
    mutating func follow(
        _ trained: [Int],
        before: [Double],
        after: [Double],
        _ isPresent: [Bool],
        rate: Double,
        decay: Double
    ) {
        let shares = softmax(trained, isPresent)
        let gains = zip(before, after).enumerated().map { place, losses in
            isPresent[place]
                ? logarithm(losses.0 + 1e-8) - logarithm(losses.1 + 1e-8) : 0
        }
        let mean = zip(shares, gains).reduce(0) { $0 + $1.0 * $1.1 }
        numbers[0] += 1
        let step = Double(numbers[0])
        for (place, task) in trained.enumerated() where isPresent[place] {
            let number = Double(numbers[1 + task])
            let gradient = shares[place] * (gains[place] - mean) + decay * number
            let (first, second) = (1 + tasks + task, 1 + 2 * tasks + task)
            let momentum = 0.9 * Double(numbers[first]) + 0.1 * gradient
            let square = 0.999 * Double(numbers[second]) + 0.001 * gradient * gradient
            (numbers[first], numbers[second]) = (Float(momentum), Float(square))
            let size = (square / (1 - power(0.999, step))).squareRoot()
            let moved = rate * momentum / (1 - power(0.9, step)) / (size + 1e-8)
            numbers[1 + task] = Float(number - moved)
        }
    }
}

/// The factors of a step's losses by FAMO, as constants.
///
/// `w_1 L_1 ... w_K L_K, s_1 ... s_K, state -> f_1 ... f_K`; `s_k` is the sum of the task's row weights.
struct FamoFactors: HostOperation {
    /// The positions of the tasks trained.
    let trained: [Int]
    /// The number of all tasks.
    let tasks: Int

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        guard inputs.count == 2 * trained.count + 1 else {
            throw GraphError(
                .shapeMismatch,
                "FamoFactors: wrong number of inputs; expected \(2 * trained.count + 1); received \(inputs.count)."
            )
        }
        return trained.map { _ in TensorType(.scalar) }
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] { node.inputs.map { _ in nil } }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let count = trained.count
        let numbers = inputs.prefix(2 * count).map { Double($0.floats[0]) }
        let state = FamoState(inputs[2 * count].floats, tasks: tasks)
        return state.factors(
            trained,
            Array(numbers[..<count]),
            numbers[count...].map { $0 > 0 }
        ).map { Tensor([Float($0)], shape: []) }
    }
}
