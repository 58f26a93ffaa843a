import MotetCore
import MotetGraph
@testable import MotetReference
import MotetTestSupport
import Testing

/// `sin(x)` whose gradient rule is wrong by a factor, or right.
private struct PlantedSine: Operation, ReferenceKernel {
    let factor: Float

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        let slope = try graph.apply(PlantedCosine(), node.inputs[0])
        let scaled = try graph.apply(Scale(factor), slope)
        return [.dense(try graph.apply(Arithmetic(.multiply), upstream, scaled))]
    }

    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(rounding: inputs[0].doubles.map(sine), shape: inputs[0].shape)]
    }
}

private struct PlantedCosine: Operation, ReferenceKernel {
    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }

    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(rounding: inputs[0].doubles.map(cosine), shape: inputs[0].shape)]
    }
}

/// An operation no backend knows.
private struct UnknownOperation: Operation {
    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }
}

/// The reference with `matmul` done with its right side transposed by mistake, where shapes allow it.
private struct FaultyBackend: Backend {
    private struct Fault: GraphPass {
        func run(on graph: inout Graph) {
            var builder = GraphBuilder()
            guard let faulty = try? Self.copy(graph, into: &builder) else { return }
            graph = faulty
        }

        private static func copy(
            _ graph: Graph,
            into builder: inout GraphBuilder
        ) throws -> Graph {
            var values: [Value: Value] = [:]
            for (name, value) in graph.inputs {
                values[value] = try builder.input(name, graph.type(of: value))
            }
            for (name, value) in graph.states {
                values[value] = try builder.state(name, graph.type(of: value))
            }
            for node in graph.nodes {
                let inputs = node.inputs.compactMap { values[$0] }
                let isPlanted = node.operation is MatMul
                let made =
                    isPlanted
                    ? try builder.add(MatMul(transposeRight: true), inputs)
                    : try add(node.operation, inputs, to: &builder)
                for (old, new) in zip(node.outputs, made) { values[old] = new }
            }
            for output in graph.outputs {
                builder.output(output.name, values[output.value] ?? output.value)
            }
            return builder.graph
        }

        private static func add(
            _ operation: some Operation,
            _ inputs: [Value],
            to builder: inout GraphBuilder
        ) throws -> [Value] { try builder.add(operation, inputs) }
    }

    var name: String { "faulty" }

    func compile(
        _ graph: Graph,
        states: StateStore,
        capacity: [SizeSymbol: Int]
    ) throws -> any Executable {
        try ReferenceBackend(passes: PassPipeline([Fault()])).compile(
            graph,
            states: states,
            capacity: capacity
        )
    }
}

@Suite("Planted faults") struct PlantedFaultTests {
    private static func sineCase(_ factor: Float) -> OperationCase {
        OperationCase("planted sine", [.features("x", [.batch, 20])], runs: [[.batch: 5]]) {
            graph,
            values in [try graph.apply(PlantedSine(factor: factor), values[0])]
        }
    }

    @Test func theCheckerPassesARightGradient() throws {
        for comparison in try GradientChecker().check(Self.sineCase(1)) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test(arguments: [1.002, 0.998, -1, 0] as [Float])
    func theCheckerFindsAWrongGradient(factor: Float) throws {
        let comparisons = try GradientChecker().check(Self.sineCase(factor))
        #expect(comparisons.contains { !$0.isClose })
    }

    /// The loss depends on its labels and weights, but its rule gives a gradient of x alone.
    @Test func theCheckerFindsAMissingGradient() throws {
        let checker = GradientChecker()
        let wrong = OperationCase(
            "weights are not differentiated",
            [
                .features("x", [4]), .features("y", [4]),
                .features("weights", [4]) { key, sizes, _ in
                    TinyData.uniform(sizes, key, in: 1...2)
                },
            ]
        ) { graph, values in try graph.add(PointwiseLoss(.squaredError), values) }
        let found = try checker.check(wrong).filter { !$0.isClose }
        #expect(found.contains { $0.what.contains("\"weights\"") })
        #expect(found.allSatisfy { !$0.what.contains("\"x\"") })
    }

    @Test func comparisonFindsAFaultyBackend() throws {
        let square = OperationCase(
            "a square product",
            [.features("x", [.batch, 6]), .weight("w", [6, 6])],
            runs: [[.batch: 5]],
            differentiatedOutputs: []
        ) { graph, values in [try graph.apply(MatMul(), values[0], values[1])] }
        let right = try compareBackends(square, ReferenceBackend(), ReferenceBackend())
        #expect(right.allSatisfy { $0.isClose })
        let wrong = try compareBackends(square, ReferenceBackend(), FaultyBackend())
        #expect(wrong.contains { !$0.isClose })
    }

    @Test func comparisonMeasuresAndExplains() {
        let comparison = Comparison(
            "x",
            received: Tensor([1, 2.5] as [Float]),
            expected: Tensor([1, 2] as [Float]),
            tolerance: Tolerance(relative: 0, absolute: 0.25)
        )
        #expect(!comparison.isClose)
        #expect(
            comparison.description
                == "x: largest error 0.5, 2 of the tolerance (element 1: received 2.5, expected 2.0)"
        )
    }

    private static let incomparable: [(received: [Float], expected: [Float])] = [
        ([.nan], [1]), ([1], [.nan]), ([.infinity], [1]), ([.infinity], [-.infinity]),
        ([1], [1, 1]),
    ]

    @Test(arguments: incomparable)
    func comparisonRefusesWhatIsNotComparable(received: [Float], expected: [Float]) {
        let comparison = Comparison(
            "x",
            received: Tensor(received),
            expected: Tensor(expected),
            tolerance: Tolerance(relative: 1, absolute: 1000)
        )
        #expect(!comparison.isClose)
    }

    @Test func anUnknownOperationIsRefusedByName() throws {
        var builder = GraphBuilder()
        builder.scope = "tower"
        let x = try builder.input("x", TensorType([4]))
        builder.output("y", try builder.apply(UnknownOperation(), x))
        let error = #expect(throws: GraphError.self) {
            try ReferenceBackend().compile(builder.graph, states: StateStore(), capacity: [:])
        }
        #expect(
            error?.message
                == "reference backend: no kernel for the operation UnknownOperation of \"tower\"."
        )
    }
}
