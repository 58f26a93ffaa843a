import MotetCore
import MotetGraph
import MotetOptimizers
import MotetTestSupport
import Testing

/// What an optimizer makes of parameters in one step: clipping, the choice of a rule, and the updates.
struct AppliedOptimizer {
    /// A parameter with its gradient.
    struct Parameter {
        var value: Tensor
        var gradient: Tensor
        /// The rows the gradient is of; nil for a dense one.
        var ids: [Int32]?
        var isDecayed = false
    }

    /// The parameters after the step.
    let values: [Tensor]
    /// The states it keeps, `p0#momentum`.
    let slots: [OptimizerSlot]

    init(
        _ optimizer: Optimizer,
        _ parameters: [Parameter],
        step: Int32 = 1,
        on backend: any Backend
    ) throws {
        var builder = GraphBuilder()
        let states = StateStore()
        let rate = builder.constant(Tensor([optimizer.learningRate], shape: []))
        let number = builder.constant(Tensor([step], shape: []))
        var trained: [TrainedParameter] = []
        var gradients: [Gradient?] = []
        for (index, parameter) in parameters.enumerated() {
            let name = "p\(index)"
            let type = TensorType(Shape(fixed: parameter.value.shape))
            let value = try builder.state(name, type)
            states.set(name, parameter.value)
            trained.append(
                TrainedParameter(
                    name: name,
                    value: value,
                    isTable: parameter.ids != nil,
                    isDecayed: parameter.isDecayed
                )
            )
            let gradient = builder.constant(parameter.gradient)
            if let ids = parameter.ids {
                gradients.append(
                    .rows([RowGradient(ids: builder.constant(Tensor(ids)), rows: gradient)])
                )
            } else {
                gradients.append(.dense(gradient))
            }
        }
        slots = try optimizer.appendUpdates(
            trained,
            gradients,
            learningRate: rate,
            step: number,
            in: &builder
        )
        for slot in slots { states.set(slot.name, Tensor(zeros: slot.shape)) }
        try backend.compile(builder.graph, states: states, capacity: [:]).run()
        values = try trained.map { try #require(states.tensor($0.name)) }
    }
}
