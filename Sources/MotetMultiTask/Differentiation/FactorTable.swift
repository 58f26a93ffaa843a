import MotetCore
import MotetGraph

/// Numbers of a list put where they are needed: `out[i] = factors[places[i]]`, 1 where the place is -1.
struct FactorTable: HostOperation {
    let places: [Int]
    let shape: [Int]

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
        guard inputs.count == 1, inputs[0].shape.rank == 1 else {
            throw GraphError(
                .shapeMismatch,
                "FactorTable: the input has the wrong shape; expected one list [F]; received \(inputs.map { "\($0)" })."
            )
        }
        return [TensorType(Shape(fixed: shape))]
    }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] { [nil] }

    func evaluate(_ inputs: [Tensor]) -> [Tensor] {
        let factors = inputs[0].floats
        return [Tensor(places.map { $0 < 0 ? 1 : factors[$0] }, shape: shape)]
    }
}
