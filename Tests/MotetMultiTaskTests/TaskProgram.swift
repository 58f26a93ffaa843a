import MotetCore
import MotetGraph
import MotetNN
import MotetRecommenders
import MotetReference
import MotetTestSupport
import Testing

@testable import MotetMultiTask

/// A program with the losses of some tasks, to differentiate in two ways.
struct TaskProgram: Sendable, CustomTestStringConvertible {
    struct Parameter: Sendable {
        let name: String
        let value: Value
        let shape: [Int]
        let isTable: Bool
    }

    let name: String
    var graph = GraphBuilder()
    var losses: [Value] = []
    var parameters: [Parameter] = []
    var testDescription: String { name }

    static let rows = 6
    private static let vocabulary = 5

    /// Models whose parts are shared in different ways, three tasks each.
    static func all() throws -> [TaskProgram] {
        let towers = TowerSettings(units: [4], activation: .tanh)
        let kinds: [(String, Architecture)] = [
            ("shared bottom", .sharedBottom(units: [7, 6])),
            ("mmoe", .mmoe(experts: 3, expertUnits: [6, 5])),
            ("cgc", .cgc(sharedExperts: 2, taskExperts: 1, expertUnits: [5])),
            ("ple", .ple(levels: 2, sharedExperts: 1, taskExperts: 2, expertUnits: [5])),
        ]
        return try kinds.map { try TaskProgram($0.0, $0.1, towers) }
            + [try trunkAndExperts(towers), try nested(), try gatesWithATrunk(), try tied()]
            + [try oneTable()]
    }

    init(name: String) { self.name = name }

    private init(_ name: String, _ architecture: Architecture, _ towers: TowerSettings) throws {
        let features = (0..<2).map {
            FeatureInput(
                name: "field_\($0)",
                vocabularySize: TaskProgram.vocabulary,
                dimension: 3
            )
        }
        let model = try architecture.model(
            features: FeatureInputs(features: features, numericWidth: 3),
            tasks: ["a", "b", "c"].map { TaskHead(name: $0) },
            towers: towers
        )
        try self.init(name, model)
    }

    private init(_ name: String, _ model: Model) throws {
        self.name = name
        let traced = try model.trace(.training)
        graph = traced.graph
        let states = Dictionary(
            uniqueKeysWithValues: graph.graph.states.map { ($0.name, $0.value) }
        )
        for parameter in traced.parameters {
            guard let value = states[parameter.name] else { continue }
            parameters.append(
                Parameter(
                    name: parameter.name,
                    value: value,
                    shape: parameter.shape,
                    isTable: parameter.role == .table
                )
            )
        }
        for output in traced.outputs { try addLoss(output.value) }
    }

    /// `sum (y - 0.3)^2`, or with cosines of its own for each task: what matters is that it is not linear.
    private mutating func addLoss(_ output: Value) throws {
        let target = graph.constant(
            Tensor([Float(0.3) - 0.5 * Float(losses.count)], shape: [1])
        )
        let difference = try graph.apply(Arithmetic(.subtract), output, target)
        let square = try graph.apply(Arithmetic(.multiply), difference, difference)
        losses.append(try graph.apply(SumToShape(.scalar), square))
    }

    private mutating func parameter(_ name: String, _ shape: [Int]) throws -> Value {
        let value = try graph.state(name, TensorType(Shape(fixed: shape)))
        parameters.append(Parameter(name: name, value: value, shape: shape, isTable: false))
        return value
    }

    /// Experts above a shared layer that the gates read too.
    private static func trunkAndExperts(_ towers: TowerSettings) throws -> TaskProgram {
        let x = try Input("numeric", shape: [3])
        let trunk = try Dense(6, activation: .tanh, name: "trunk")(x)
        let experts = MMoE(
            tasks: ["a", "b", "c"].map { TaskHead(name: $0) },
            experts: 2,
            expertUnits: [5],
            towers: towers
        )
        return try TaskProgram(
            "experts over a trunk",
            try Model(inputs: [x], outputs: experts(trunk))
        )
    }

    /// Two tasks share a layer the third does not, above one all share; one task also reads below.
    private static func nested() throws -> TaskProgram {
        let x = try Input("numeric", shape: [3])
        let trunk = try Dense(6, activation: .tanh, name: "trunk")(x)
        let pair = try Dense(5, activation: .tanh, name: "pair")(trunk)
        let own = try Dense(4, activation: .tanh, name: "own")(trunk)
        let outputs: [(name: String, tensor: SymbolicTensor)] = [
            ("a", try Dense(1, name: "a")(pair)), ("b", try Dense(1, name: "b")(pair)),
            ("c", try Dense(1, name: "c")(own)),
        ]
        return try TaskProgram("nested", try Model(inputs: [x], outputs: outputs))
    }

    /// Gates that read a shared layer the experts do not.
    private static func gatesWithATrunk() throws -> TaskProgram {
        var program = TaskProgram(name: "gates with a trunk")
        let x = try program.graph.input("numeric", TensorType([.batch, 3]))
        let weight = try program.parameter("experts", [2, 3, 5])
        let linear = try program.graph.apply(StackedMatMul(sources: [0, 0]), x, weight)
        let experts = try program.graph.apply(Activation(.tanh), linear)
        let trunk = try program.parameter("trunk", [3, 4])
        let product = try program.graph.apply(MatMul(), x, trunk)
        let hidden = try program.graph.apply(Activation(.tanh), product)
        let gateWeight = try program.parameter("gates", [3, 4, 2])
        let logits = try program.graph.apply(
            StackedMatMul(sources: [0, 0, 0]),
            hidden,
            gateWeight
        )
        let gates = try program.graph.apply(MotetGraph.Softmax(), logits)
        let mixed = try program.graph.apply(
            Mixture(selections: [[0, 1], [1, 0], [0, 1]]),
            gates,
            experts
        )
        for (task, slice) in try program.graph.add(Split(axis: 0, sizes: [1, 1, 1]), [mixed])
            .enumerated()
        {
            let row = try program.graph.apply(Reshape([.batch, 5]), slice)
            let head = try program.parameter("head_\(task)", [5, 1])
            try program.addLoss(try program.graph.apply(MatMul(), row, head))
        }
        return program
    }

    /// A weight two heads share that nothing else reads.
    private static func tied() throws -> TaskProgram {
        var program = TaskProgram(name: "tied weights")
        let x = try program.graph.input("numeric", TensorType([.batch, 3]))
        let trunk = try program.parameter("trunk", [3, 4])
        let product = try program.graph.apply(MatMul(), x, trunk)
        let hidden = try program.graph.apply(Activation(.tanh), product)
        let tied = try program.parameter("tied", [4, 1])
        let own = try program.parameter("own", [4, 4])
        let turned = try program.graph.apply(MatMul(), hidden, own)
        try program.addLoss(try program.graph.apply(MatMul(), hidden, tied))
        try program.addLoss(try program.graph.apply(MatMul(), turned, tied))
        let other = try program.parameter("other", [4, 1])
        try program.addLoss(try program.graph.apply(MatMul(), hidden, other))
        return program
    }

    /// A table looked up in two places, of which one task reads both and the others one each, below a shared layer.
    private static func oneTable() throws -> TaskProgram {
        let ids = try ["first", "second"].map { try Input($0, shape: [1], dtype: .int32) }
        let table = Embedding(vocabularySize: vocabulary, dimension: 3, name: "table")
        let rows = try ids.map { try Flatten()(table($0)) }
        let shared = Dense(4, activation: .tanh, name: "shared")
        let read = try rows.map { try shared($0) }
        let outputs: [(name: String, tensor: SymbolicTensor)] = [
            ("a", try Dense(1, name: "a")(Concatenate()(read))),
            ("b", try Dense(1, name: "b")(read[0])), ("c", try Dense(1, name: "c")(read[1])),
        ]
        return try TaskProgram("one table", try Model(inputs: ids, outputs: outputs))
    }

    /// The results of a graph made from the program, by name.
    func run(_ graph: Graph) throws -> [String: [Float]] {
        let states = StateStore()
        var generator = RandomKey(seed: 7).generator()
        for parameter in parameters {
            let count = parameter.shape.reduce(1, *)
            let values = (0..<count).map { _ in Float(generator.nextNormal()) * 0.7 }
            states.set(parameter.name, Tensor(values, shape: parameter.shape))
        }
        let runner = try CaseRunner(
            graph,
            states,
            capacity: [.batch: Self.rows],
            on: ReferenceBackend()
        )
        for input in graph.inputs {
            let shape = graph.type(of: input.value).shape
            let width = shape.rank > 1 ? shape.last.fixedSize ?? 1 : 1
            if graph.type(of: input.value).dtype == .int32 {
                // Some ids twice, and others in each input.
                let turn = input.name == "second" ? 2 : 1
                let ids = (0..<Self.rows).map { Int32(($0 * 3 * turn + turn) % Self.vocabulary) }
                runner.set(
                    input.name,
                    Tensor(ids, shape: shape.rank > 1 ? [Self.rows, 1] : [Self.rows])
                )
            } else {
                let values = (0..<(Self.rows * width)).map { _ in Float(generator.nextNormal()) }
                runner.set(input.name, Tensor(values, shape: [Self.rows, width]))
            }
        }
        runner.run([.batch: Self.rows])
        var results: [String: [Float]] = [:]
        for output in graph.outputs {
            results[output.name] = runner.executable.tensor(output.name)?.floats
        }
        return results
    }

    /// Every task's gradient of every parameter and border value, each differentiated alone.
    func plain(of extra: [Value] = []) throws -> [String: [Float]] {
        var graph = graph
        for (task, loss) in losses.enumerated() {
            let values = parameters.map(\.value) + extra
            let names = parameters.map(\.name) + extra.indices.map { "border \($0)" }
            let made = try graph.gradients(of: loss, withRespectTo: values)
            for (index, gradient) in made.enumerated() {
                guard let gradient else { continue }
                let dense = try graph.accumulated([gradient], like: values[index])
                if let dense { graph.output("\(names[index]) of \(task)", dense) }
            }
        }
        return try run(graph.graph)
    }
}
