import MotetCore
import MotetGraph
import MotetReference
import Testing

@testable import MotetOneDNN

/// Chains of stacked products, computed slice after slice.
@Suite("Chains of stacked products") struct StackedChainTests {
    /// What of experts of two layers a program computes.
    enum Part: CaseIterable {
        /// The experts' results.
        case results
        /// A gradient of their weights, from one at their results.
        case weights
        /// That and the gradient of their input.
        case weightsAndInput
        /// The results, and those of the hidden layer.
        case hidden
    }

    private static let hidden = Shape([3, .batch, 70])
    private static let capacity = [SizeSymbol.batch: 16]

    /// Three experts of two layers over one input.
    private static func graph(_ part: Part) throws -> Graph {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 5]))
        var parameters: [Value] = []
        func layer(
            _ input: Value,
            _ shape: Shape,
            _ kind: ActivationKind,
            _ product: StackedMatMul
        ) throws -> Value {
            let name = "layer_\(parameters.count / 2)"
            let weight = try builder.state("\(name)/weight", TensorType(shape))
            let bias = try builder.state("\(name)/bias", TensorType([shape[0], shape.last]))
            parameters += [weight, bias]
            let made = try builder.apply(product, input, weight)
            return try builder.apply(Activation(kind), builder.apply(AddBias(), made, bias))
        }
        let first = try layer(x, [3, 5, 70], .relu, StackedMatMul(sources: [0, 0, 0]))
        let second = try layer(first, [3, 70, 4], .tanh, StackedMatMul(sources: [0, 1, 2]))
        switch part {
        case .results: builder.output("experts", second)
        case .hidden:
            builder.output("experts", second)
            builder.output("hidden", first)
        case .weights, .weightsAndInput:
            // A loss of all experts together: its gradient waits for every expert's result.
            let factor = try builder.input("dy", builder.type(of: second))
            let arriving = try builder.apply(Arithmetic(.multiply), second, factor)
            let targets = parameters + (part == .weights ? [] : [x])
            let made = try builder.gradients(of: [(second, arriving)], withRespectTo: targets)
            for (index, gradient) in made.enumerated() {
                guard case .dense(let value)? = gradient else { continue }
                builder.output("gradient \(index)", value)
            }
        }
        return builder.graph
    }

    /// The passes of a backend with and without the one that cuts chains.
    private static func passed(_ graph: Graph, cuts: Bool) throws -> Graph {
        let passes = PassPipeline.standard.passes.filter { cuts || !($0 is SliceStackedChains) }
        return try PassPipeline(passes).run(on: graph)
    }

    private static func numbers(_ name: String, _ count: Int) -> [Float] {
        let key = RandomKey(seed: 7).split(name)
        return (0..<count).map { Float(key.bits($0) >> 40) * 0x1p-24 - 0.5 }
    }

    private static func states(_ graph: Graph) -> StateStore {
        let states = StateStore()
        for state in graph.states {
            let shape = graph.type(of: state.value).shape.dimensions.map { $0.fixedSize ?? 0 }
            let count = shape.reduce(1, *)
            states.set(state.name, Tensor(numbers(state.name, count), shape: shape))
        }
        return states
    }

    /// The bits of all results for some rows.
    private static func results(_ executable: any Executable, rows: Int) -> [[UInt32]] {
        executable.setSizes([.batch: rows])
        var buffers: [UnsafeMutableBufferPointer<Float>] = []
        defer { for buffer in buffers { buffer.deallocate() } }
        for (index, input) in executable.graph.inputs.enumerated() {
            let shape = executable.graph.type(of: input.value).shape
            let count = shape.resolved([.batch: rows])?.reduce(1, *) ?? 0
            let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
            _ = buffer.initialize(from: numbers(input.name, count))
            buffers.append(buffer)
            if let start = buffer.baseAddress { executable.bind(index, to: start) }
        }
        executable.run(.gradients)
        return executable.graph.outputs.indices.map { index in
            executable.output(index).bindMemory(to: UInt32.self).map { $0 }
        }
    }

    private static func shapesMade(_ graph: Graph) -> [Shape] {
        graph.nodes.flatMap(\.outputs).map { graph.type(of: $0).shape }
    }

    @Test(arguments: Part.allCases)
    func everyBitIsThatOfWholeStacks(_ part: Part) throws {
        let graph = try Self.graph(part)
        let states = Self.states(graph)
        let executables = try [false, true].map { cuts in
            try OneDNNExecutable(
                Scheduling.grouped(Self.passed(graph, cuts: cuts)),
                states: states,
                capacity: Self.capacity,
                choices: KernelChoices(measures: false),
                memory: WorkingMemory()
            )
        }
        let references = try [false, true].map { cuts in
            try ReferenceBackend().compile(
                Self.passed(graph, cuts: cuts),
                states: states,
                capacity: Self.capacity
            )
        }
        for rows in [16, 5, 1] {
            let whole = Self.results(executables[0], rows: rows)
            #expect(!whole.isEmpty && whole.allSatisfy { $0.contains { $0 != 0 } })
            #expect(Self.results(executables[1], rows: rows) == whole)
            #expect(
                Self.results(references[1], rows: rows) == Self.results(references[0], rows: rows)
            )
        }
    }

    @Test func hiddenLayersThatNothingElseReadsAreNeverWhole() throws {
        let graph = try Self.passed(Self.graph(.results), cuts: true)
        let shapes = Self.shapesMade(graph)
        #expect(!shapes.contains(Self.hidden))
        #expect(shapes.count { $0 == [1, .batch, 70] } == 3)
        let products = graph.nodes.compactMap { $0.operation as? StackedMatMul }
        #expect(products.map(\.activation) == [.relu, .tanh, .relu, .tanh, .relu, .tanh])
    }

    /// The backward pass reads the hidden layer; a gradient of the hidden layer is read by its weight's and bias's only.
    @Test func gradientsThatNothingElseReadsAreNeverWhole() throws {
        let shapes = Self.shapesMade(try Self.passed(Self.graph(.weights), cuts: true))
        #expect(shapes.count { $0 == Self.hidden } == 1)
        #expect(shapes.contains([1, .batch, 70]))
    }

    @Test(arguments: [Part.hidden, .weightsAndInput])
    func whatIsReadAsAWholeStaysWhole(_ part: Part) throws {
        let graph = try Self.graph(part)
        let shapes = Self.shapesMade(try Self.passed(graph, cuts: true))
        #expect(shapes.contains(Self.hidden))
        #expect(!shapes.contains([1, .batch, 70]))
    }

    /// Of a hidden layer, or of its gradient, one expert's share is kept; gradients of the layer's weight and bias are
    /// there while it is computed.
    @Test(arguments: [(Part.results, 0), (Part.weights, 3 * 5 * 70 + 3 * 70)])
    func memoryForOneSliceIsEnough(_ part: Part, _ gradients: Int) throws {
        let graph = try Self.graph(part)
        let bytes = try [false, true].map { cuts in
            try StoragePlan(
                Scheduling.grouped(Self.passed(graph, cuts: cuts)),
                capacity: Self.capacity,
                traits: OneDNNTraits()
            ).arenaByteCount
        }
        // Buffers are multiples of 64 bytes.
        #expect(bytes[0] - bytes[1] >= 4 * (2 * 16 * 70 - gradients) - 2 * 64)
    }
}
