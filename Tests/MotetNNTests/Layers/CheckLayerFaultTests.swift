import MotetCore
import MotetGraph
import MotetNN
@testable import MotetReference
import MotetTestSupport
import Testing

/// `3 x` with a gradient of 1, or of 3.
private struct PlantedTriple: Operation, ReferenceKernel {
    let slope: Float

    func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }

    func gradients(
        _ node: Graph.Node,
        _ outputGradients: [Value?],
        in graph: inout GraphBuilder
    ) throws(GraphError) -> [Gradient?] {
        guard let upstream = outputGradients[0] else { return [nil] }
        return [.dense(try graph.apply(Scale(slope), upstream))]
    }

    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        [Tensor(inputs[0].floats.map { 3 * $0 }, shape: inputs[0].shape)]
    }
}

/// A layer of one weight that does what a closure says.
private final class PlantedLayer: UnaryLayer {
    static let kind = "planted"
    typealias Body =
        @Sendable ([Value], Value, inout ForwardContext) throws(GraphError) -> Value

    let name: String? = nil
    let body: Body

    init(body: @escaping Body) { self.body = body }

    func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let weight = try context.parameter("weight", shape: [4], initializer: .ones, role: .bias)
        return [try body(inputs, weight, &context)]
    }
}

/// The harness finds each fault planted in a layer.
@Suite("Planted faults of layers") struct CheckLayerFaultTests {
    private static func right(
        _ inputs: [Value],
        _ weight: Value,
        _ context: inout ForwardContext
    ) throws(GraphError) -> Value {
        try context.graph.apply(AddBias(), inputs[0], weight)
    }

    private func broken(
        _ layer: any Layer,
        output: Shape = [.batch, 4],
        parameters: KeyValuePairs<String, [Int]> = ["weight": [4]],
        expected: LayerExpectations = LayerExpectations(),
        on backend: any Backend = ReferenceBackend()
    ) throws -> [String] {
        try checkLayer(
            layer,
            input: [.features("x", [.batch, 4])],
            output: output,
            parameters: parameters,
            expected: expected,
            on: backend
        ).filter { !$0.holds }.map(\.law)
    }

    @Test func aRightLayerPasses() throws {
        #expect(try broken(PlantedLayer(body: Self.right)) == [])
    }

    @Test func anotherShapeIsFound() throws {
        let layer = PlantedLayer(body: Self.right)
        #expect(
            try broken(layer, output: [.batch, 5]) == ["planted_1: shape and element type"]
        )
    }

    @Test(arguments: [["scale": [4]], ["weight": [5]], [:]] as [[String: [Int]]])
    func otherParametersAreFound(wanted: [String: [Int]]) throws {
        let pairs: KeyValuePairs<String, [Int]> =
            wanted["scale"] != nil
            ? ["scale": [4]] : wanted["weight"] != nil ? ["weight": [5]] : [:]
        let found = try broken(PlantedLayer(body: Self.right), parameters: pairs)
        #expect(found.contains("planted_1: names and shapes of parameters"))
    }

    /// Tracing calls a layer several times; the names follow the number of calls in the trace.
    @Test func parametersOfEachCallAreFound() throws {
        let layer = PlantedLayer { inputs, weight, context throws(GraphError) in
            let known = context.parameters.count
            let own = try context.parameter(
                "weight_\(known)",
                shape: [4],
                initializer: .ones,
                role: .bias
            )
            let sum = try context.graph.apply(AddBias(), inputs[0], weight)
            return try context.graph.apply(AddBias(), sum, own)
        }
        let found = try broken(layer, parameters: ["weight": [4], "weight_1": [4]])
        #expect(found == ["planted_1: two calls share parameters"])
    }

    @Test(arguments: [(3, false), (1, true)] as [(slope: Float, isFound: Bool)])
    func aWrongGradientIsFound(slope: Float, isFound: Bool) throws {
        let layer = PlantedLayer { inputs, weight, context throws(GraphError) in
            let sum = try context.graph.apply(AddBias(), inputs[0], weight)
            return try context.graph.apply(PlantedTriple(slope: slope), sum)
        }
        let found = try broken(layer)
        #expect(found.contains { $0.contains("gradient of \"x\"") } == isFound, "\(found)")
    }

    @Test func aParameterWithoutGradientIsFound() throws {
        let layer = PlantedLayer { inputs, weight, context throws(GraphError) in
            let none = try context.graph.apply(Scale(0), weight)
            return try context.graph.apply(AddBias(), inputs[0], none)
        }
        #expect(try broken(layer) == ["planted_1: a gradient reaches planted_1/weight"])
    }

    @Test func aDifferenceOfModesIsFound() throws {
        let layer = PlantedLayer { inputs, weight, context throws(GraphError) in
            let sum = try context.graph.apply(AddBias(), inputs[0], weight)
            return context.mode == .training ? try context.graph.apply(Scale(2), sum) : sum
        }
        #expect(try broken(layer) == ["planted_1: training does not differ"])
        let differing = LayerExpectations().with { $0.trainingDiffers = true }
        #expect(try broken(layer, expected: differing) == [])
        let same = PlantedLayer(body: Self.right)
        #expect(try broken(same, expected: differing) == ["planted_1: training differs"])
    }

    @Test(arguments: [ForwardMode.training, .inference])
    func aWeightThatChangesIsFound(mode: ForwardMode) throws {
        let layer = PlantedLayer { inputs, weight, context throws(GraphError) in
            if context.mode == mode {
                context.graph.stage = .update
                context.update("weight", try context.graph.apply(Scale(2), weight))
                context.graph.stage = .gradients
            }
            return try context.graph.apply(AddBias(), inputs[0], weight)
        }
        let found = try broken(layer)
        let law = mode == .training ? "if it is a statistic" : "answering leaves"
        #expect(found.contains { $0.contains(law) }, "\(found)")
    }

    @Test func rowsThatDependOnOthersAreFound() throws {
        let layer = PlantedLayer { inputs, weight, context throws(GraphError) in
            let made = try context.graph.add(
                MotetGraph.BatchNormalization(epsilon: 0.1),
                [inputs[0], weight, weight]
            )
            return made[0]
        }
        let expected = LayerExpectations().with { $0.isSmooth = false }
        let found = try broken(layer, expected: expected)
        #expect(found == ["planted_1: a row gets what it gets alone"])
    }

    @Test func parametersThatAreNotKeptAreFound() throws {
        let layer = PlantedLayer(body: Self.right)
        let rounding = LayerExpectations().with {
            $0.roundTrip = { file in
                var copy = file
                for (name, tensor) in file.tensors {
                    copy.tensors[name] = Tensor(
                        tensor.floats.map { $0 * 1.001 },
                        shape: tensor.shape
                    )
                }
                return copy
            }
        }
        #expect(
            try broken(layer, expected: rounding)
                == ["planted_1: parameters survive writing and reading"]
        )
        let losing = LayerExpectations().with { $0.roundTrip = { _ in SafetensorsFile() } }
        let found = try broken(layer, expected: losing)
        #expect(found.contains("planted_1: names survive writing and reading"))
    }

    /// A backend whose passes double every result.
    @Test func aBackendThatDiffersIsFound() throws {
        struct Doubling: GraphPass {
            func run(on graph: inout Graph) {
                var builder = GraphBuilder()
                var values: [Value: Value] = [:]
                do {
                    for (name, value) in graph.inputs {
                        values[value] = try builder.input(name, graph.type(of: value))
                    }
                    for (name, value) in graph.states {
                        values[value] = try builder.state(name, graph.type(of: value))
                    }
                    for node in graph.nodes {
                        let inputs = node.inputs.compactMap { values[$0] }
                        let made = try Self.add(node.operation, inputs, to: &builder)
                        for (old, new) in zip(node.outputs, made) { values[old] = new }
                    }
                    for output in graph.outputs {
                        let value = values[output.value] ?? output.value
                        builder.output(output.name, try builder.apply(Scale(2), value))
                    }
                    graph = builder.graph
                } catch { return }
            }

            private static func add(
                _ operation: some Operation,
                _ inputs: [Value],
                to builder: inout GraphBuilder
            ) throws -> [Value] { try builder.add(operation, inputs) }
        }
        let found = try broken(
            PlantedLayer(body: Self.right),
            on: ReferenceBackend(passes: PassPipeline([Doubling()]))
        )
        #expect(found.contains { $0.contains("output.0") }, "\(found)")
    }
}
