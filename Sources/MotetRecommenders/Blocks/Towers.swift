import MotetCore
import MotetGraph
import MotetNN

/// The last layers of each task, ending in its output.
///
/// Where scenarios are declared every scenario has towers of its own, and they run on its rows only:
/// the rows of a batch are sorted by scenario, and each slice of rows meets its own weights.
///
/// - Shapes: input `[K, B, H]`, or `[B, H]` for a shared one, and the scenarios' offsets `[S + 1]` where
///   declared; outputs for each task `[B, C_k]`
/// - Learned: without scenarios `dense_i/weight` `[K, I, U]` and `output_<task>/weight` `[U, C]`; with
///   scenarios `<task>/dense_i/weight` `[S, I, U]`
final class Towers: Layer {
    static let kind = "towers"
    let name: String?
    private let tasks: [TaskHead]
    private let units: [Int]
    private let scenarios: Int?
    private let activation: LayerActivation
    private let dropout: Float
    private let stack: StackedPerceptron
    private let outputs: [Dense]

    init(
        _ tasks: [TaskHead],
        units: [Int],
        scenarios: Int?,
        activation: LayerActivation,
        dropout: Float,
        sharesInput: Bool,
        name: String = "towers"
    ) {
        self.tasks = tasks
        self.units = units
        self.scenarios = scenarios
        self.activation = activation
        self.dropout = dropout
        self.name = name
        stack = StackedPerceptron(
            units,
            sources: sharesInput ? tasks.map { _ in 0 } : Array(tasks.indices),
            activation: activation,
            dropout: dropout,
            name: "hidden"
        )
        outputs = tasks.map { Dense($0.towerWidth, name: "output_\($0.name)") }
    }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        guard scenarios == nil else { return try scenarioTowers(inputs, in: &context) }
        var slices = [inputs[0]]
        if !units.isEmpty {
            let hidden = try context.call(stack, [inputs[0]])[0]
            slices = try split(hidden, in: &context)
        } else if context.graph.shape(of: inputs[0]).rank == 3 {
            slices = try split(inputs[0], in: &context)
        }
        var results: [Value] = []
        for index in tasks.indices {
            let slice = slices.count == 1 ? slices[0] : slices[index]
            results.append(try context.call(outputs[index], [slice])[0])
        }
        return results
    }

    /// The matrices of a stack, one for each task.
    private func split(
        _ value: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let shape = context.graph.shape(of: value)
        let count = shape[0].fixedSize ?? 1
        let ones = [Int](repeating: 1, count: count)
        var slices: [Value] = []
        for slice in try context.graph.add(MotetGraph.Split(axis: 0, sizes: ones), [value]) {
            slices.append(
                try context.graph.apply(MotetGraph.Reshape([shape[1], shape[2]]), slice)
            )
        }
        return slices
    }

    private func scenarioTowers(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let isStacked = context.graph.shape(of: inputs[0]).rank == 3
        let slices = isStacked ? try split(inputs[0], in: &context) : [inputs[0]]
        var results: [Value] = []
        for (index, task) in tasks.enumerated() {
            let slice = slices.count == 1 ? slices[0] : slices[index]
            let tower = ScenarioPerceptron(
                units + [task.towerWidth],
                scenarios: scenarios ?? 1,
                activation: activation,
                dropout: dropout,
                name: task.name
            )
            results.append(try context.call(tower, [slice, inputs[1]])[0])
        }
        return results
    }
}

/// A task's output: its name and how many numbers it has a row.
public struct TaskHead: Sendable, Hashable {
    /// The task.
    public let name: String
    /// 1, or the number of classes.
    public let width: Int
    /// The task within whose positive rows it is defined, for architectures that learn it from all rows.
    public let within: String?
    /// The numeric feature that has `log(price / reference)`, for outputs that fall with the price.
    public let price: String?

    /// How many numbers a row its tower gives: level and slope where it falls with the price.
    var towerWidth: Int { price == nil ? width : 2 }

    /// Describes an output.
    ///
    /// - Parameters:
    ///   - name: the task.
    ///   - width: 1, or the number of classes.
    ///   - within: the task within whose positive rows it is defined.
    ///   - price: the numeric feature that has `log(price / reference)`, for a `DemandHead` on its tower; no other part of
    ///     the model reads it. Its width is 1.
    public init(name: String, width: Int = 1, within: String? = nil, price: String? = nil) {
        self.name = name
        self.width = width
        self.within = within
        self.price = price
    }
}
