import MotetCore
import MotetGraph
import MotetNN

/// Numbers in [0, 1] that training sets to exactly 0 or 1: stochastic while it learns, fixed afterwards.
///
/// With the learnt `log alpha`, uniform u, `beta = 2/3` and a stretch of [-0.1, 1.1]:
/// `z = clamp(1.2 sigmoid((log(u / (1 - u)) + log alpha) / beta) - 0.1, 0, 1)` in training, and
/// `z = clamp(1.2 sigmoid(log alpha) - 0.1, 0, 1)` otherwise. The probability that z is not 0 is
/// `sigmoid(log alpha - beta log(0.1 / 1.1))`.
///
/// - Source: Louizos, Welling and Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018.
///   <https://doi.org/10.48550/arXiv.1712.01312>
enum HardConcrete {
    private static let temperature: Float = 2 / 3

    /// The numbers, `[N, M]` as `logAlpha`; noise is logits of uniform numbers, nil for fixed numbers.
    static func apply(
        _ logAlpha: Value,
        noise: Value?,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        var logit = logAlpha
        if let noise {
            let sum = try graph.apply(Arithmetic(.add), logAlpha, noise)
            logit = try graph.apply(Scale(1 / temperature), sum)
        }
        let one = graph.constant(Tensor([Float(1)], shape: []))
        let edge = graph.constant(Tensor([Float(0.1)], shape: []))
        let share = try graph.apply(MotetGraph.Activation(.sigmoid), logit)
        let stretched = try graph.apply(
            Arithmetic(.subtract),
            try graph.apply(Scale(1.2), share),
            edge
        )
        let above = try graph.apply(MotetGraph.Activation(.relu), stretched)
        let beyond = try graph.apply(
            MotetGraph.Activation(.relu),
            try graph.apply(Arithmetic(.subtract), stretched, one)
        )
        return try graph.apply(Arithmetic(.subtract), above, beyond)
    }

    /// The sum of the probabilities that numbers are not 0, `[]`.
    static func expectedCount(
        _ logAlpha: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
        let shift = -temperature * Float(logarithm(0.1 / 1.1))
        let constant = graph.constant(Tensor([shift], shape: []))
        let logit = try graph.apply(Arithmetic(.add), logAlpha, constant)
        let probability = try graph.apply(MotetGraph.Activation(.sigmoid), logit)
        return try graph.apply(SumToShape(.scalar), probability)
    }
}

/// `log(u / (1 - u))` of uniform numbers u, drawn anew in each step: `step -> [N, M]`.
struct LogisticNoise: HostOperation, Codable {
    let rows: Int
    let columns: Int
    let key: RandomKey

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        guard inputs == [TensorType(.scalar, .int32)] else {
            throw GraphError(
                .shapeMismatch,
                "LogisticNoise: wrong input; expected the number of the step; received \(inputs)."
            )
        }
        return [TensorType(Shape(fixed: [rows, columns]))]
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        [nil]
    }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        var random = key.split(Int(inputs[0].integers[0])).generator()
        let drawn = (0..<(rows * columns)).map { _ in
            // Away from 0 and 1, whose logits are infinite.
            let uniform = 1e-6 + (1 - 2e-6) * random.nextUniform()
            return Float(logarithm(uniform / (1 - uniform)))
        }
        return [Tensor(drawn, shape: [rows, columns])]
    }
}
