import MotetCore
import MotetGraph
import MotetReference
import Testing

/// Programs that compute the user's part of a request once, against the same programs that compute it in every row.
@Suite("Work of a request") struct RequestFactoringTests {
    /// Embeds ids of users and items with four numbers each.
    private struct Parts {
        var builder = GraphBuilder()
        var items: [Value] = []
        var users: [Value] = []

        init() throws {
            for index in 0..<2 {
                users.append(try lookup("user_\(index)"))
                items.append(try lookup("item_\(index)"))
            }
        }

        private mutating func lookup(_ name: String) throws -> Value {
            let ids = try builder.input(name, TensorType([.batch], .int32))
            let table = try builder.state("\(name)/table", TensorType([9, 4]))
            return try builder.apply(EmbeddingLookup(), table, ids)
        }

        /// A layer with a bias and an activation.
        mutating func dense(_ input: Value, _ units: Int, _ name: String) throws -> Value {
            let width = builder.shape(of: input).last
            let weight = try builder.state("\(name)/weight", TensorType([width, .fixed(units)]))
            let bias = try builder.state("\(name)/bias", TensorType([.fixed(units)]))
            let product = try builder.apply(MatMul(), input, weight)
            let sum = try builder.apply(AddBias(), product, bias)
            return try builder.apply(Activation(.tanh), sum)
        }
    }

    private static let userInputs: Set<String> = ["user_0", "user_1"]

    /// A mixture of experts over columns of users and items, a factor for the items, and an output of the user alone.
    private static func graph() throws -> Graph {
        var parts = try Parts()
        let (users, items) = (parts.users, parts.items)
        let joined = try parts.builder.add(
            Concatenate(axis: 1),
            [users[0], items[0], users[1], items[1]]
        )[0]
        let weight = try parts.builder.state("experts/weight", TensorType([3, 16, 5]))
        let bias = try parts.builder.state("experts/bias", TensorType([3, 5]))
        let stacked = StackedMatMul(sources: [0, 0, 0])
        let product = try parts.builder.apply(stacked, joined, weight)
        let biased = try parts.builder.apply(AddBias(), product, bias)
        let experts = try parts.builder.apply(Activation(.relu), biased)
        let gateWeight = try parts.builder.state("gates/weight", TensorType([2, 16, 3]))
        let logits = try parts.builder.apply(StackedMatMul(sources: [0, 0]), joined, gateWeight)
        let gates = try parts.builder.apply(Softmax(), logits)
        let mixture = Mixture(selections: [[0, 1, 2], [0, 1, 2]])
        parts.builder.output("mixed", try parts.builder.apply(mixture, gates, experts))
        let prior = try parts.dense(users[0], 4, "prior")
        let scaled = try parts.builder.apply(Arithmetic(.multiply), prior, items[1])
        parts.builder.output("scaled", scaled)
        parts.builder.output("tower", try parts.dense(joined, 3, "tower"))
        parts.builder.output("user", try parts.dense(users[1], 2, "user"))
        return parts.builder.graph
    }

    private static func states(_ graph: Graph) -> StateStore {
        let states = StateStore()
        for state in graph.states {
            let key = RandomKey(seed: 3).split(state.name)
            let shape = graph.type(of: state.value).shape.dimensions.map { $0.fixedSize ?? 0 }
            let values = (0..<shape.reduce(1, *)).map { Float(key.bits($0) >> 40) * 0x1p-23 - 1 }
            states.set(state.name, Tensor(values, shape: shape))
        }
        return states
    }

    /// The results for seven rows; inputs with one row are given the user's.
    private static func results(_ graph: Graph, _ states: StateStore) throws -> [String: [Float]] {
        let executable = try ReferenceBackend(passes: .standard).compile(
            graph,
            states: states,
            capacity: [.batch: 7]
        )
        executable.setSizes([.batch: 7])
        var buffers: [UnsafeMutableBufferPointer<Int32>] = []
        defer { for buffer in buffers { buffer.deallocate() } }
        for (index, input) in executable.graph.inputs.enumerated() {
            let ids: [Int32] =
                input.name.hasPrefix("user")
                ? [Int32](repeating: 5, count: 7) : [0, 1, 2, 3, 4, 8, 7]
            let buffer = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 7)
            _ = buffer.initialize(from: ids)
            buffers.append(buffer)
            if let start = buffer.baseAddress { executable.bind(index, to: start) }
        }
        executable.run(.gradients)
        var results: [String: [Float]] = [:]
        for output in executable.graph.outputs {
            results[output.name] = executable.tensor(output.name)?.floats
        }
        return results
    }

    private static func check(_ graph: Graph, _ factored: RequestFactoring) throws {
        let states = states(graph)
        let expected = try results(graph, states)
        for slice in factored.slices {
            let source = try #require(states.tensor(slice.source))
            states.set(slice.name, slice.cut(source))
        }
        let found = try results(factored.graph, states)
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, values) in expected {
            let received = try #require(found[name])
            #expect(received.count == values.count)
            // Products are sums of two, each rounded to a Float.
            #expect(zip(values, received).allSatisfy { abs($0 - $1) < 2e-6 }, "\(name)")
        }
    }

    @Test func resultsAreThoseOfTheWholeProgram() throws {
        let graph = try Self.graph()
        let factored = try RequestFactoring(graph, inputs: Self.userInputs)
        #expect(factored.inputs == ["user_0", "user_1"])
        try Self.check(graph, factored)
    }

    @Test func theUsersPartHasOneRow() throws {
        let factored = try RequestFactoring(Self.graph(), inputs: Self.userInputs)
        let made = factored.graph
        for input in made.inputs {
            let rows: Dimension = input.name.hasPrefix("user") ? 1 : .batch
            #expect(made.type(of: input.value) == TensorType([rows], .int32))
        }
        let products = made.nodes.filter { $0.operation is StackedMatMul || $0.operation is MatMul }
        let shapes = products.map { made.type(of: $0.inputs[0]).shape }
        // Experts, gates and tower in two parts, and two layers of the user alone.
        #expect(shapes.count { $0 == [1, 8] } == 3)
        #expect(shapes.count { $0 == [.batch, 8] } == 3)
        #expect(shapes.count { $0 == [1, 4] } == 2)
        #expect(shapes.count == 8)
    }

    /// No program keeps a weight twice.
    @Test func weightsAreCutWhereTheirColumnsAre() throws {
        let factored = try RequestFactoring(Self.graph(), inputs: Self.userInputs)
        #expect(
            factored.slices.map(\.name).sorted() == [
                "experts/weight/rows/0-4+8-12", "experts/weight/rows/4-8+12-16",
                "gates/weight/rows/0-4+8-12", "gates/weight/rows/4-8+12-16",
                "tower/weight/rows/0-4+8-12", "tower/weight/rows/4-8+12-16",
            ]
        )
        let names = factored.graph.states.map(\.name)
        #expect(!names.contains("experts/weight") && !names.contains("tower/weight"))
    }

    @Test func slicesAreTheRowsNamed() throws {
        let factored = try RequestFactoring(Self.graph(), inputs: ["user_0", "item_0"])
        let slice = try #require(factored.slices.first { $0.name == "experts/weight/rows/0-8" })
        #expect(slice.ranges == [0..<8])
        let weight = Tensor((0..<240).map(Float.init), shape: [3, 16, 5])
        let cut = slice.cut(weight)
        #expect(cut.shape == [3, 8, 5])
        #expect(cut.floats == (0..<3).flatMap { e in (0..<40).map { Float(e * 80 + $0) } })
    }

    /// A sum over all rows is no row's own.
    @Test func whatMixesRowsReadsAllOfThem() throws {
        var parts = try Parts()
        let sum = try parts.builder.apply(SumRows(stacked: false), parts.users[0])
        parts.builder.output("y", try parts.builder.apply(AddBias(), parts.items[0], sum))
        let graph = parts.builder.graph
        let factored = try RequestFactoring(graph, inputs: Self.userInputs)
        try Self.check(graph, factored)
    }

    /// Ids joined with ids of rows have no form for one row.
    @Test func inputsThatCannotBeGivenOnceKeepTheirRows() throws {
        var parts = try Parts()
        let ids = try ["user_0", "item_0"].map { name in
            let input = try parts.builder.input(name, TensorType([.batch], .int32))
            return try parts.builder.apply(Reshape([.batch, 1]), input)
        }
        let pairs = try parts.builder.add(Concatenate(axis: 1), ids)[0]
        let table = try parts.builder.state("pairs/table", TensorType([9, 2]))
        parts.builder.output("pairs", try parts.builder.apply(EmbeddingLookup(), table, pairs))
        parts.builder.output("layer", try parts.dense(parts.users[1], 2, "layer"))
        let graph = parts.builder.graph
        let factored = try RequestFactoring(graph, inputs: Self.userInputs)
        #expect(factored.inputs == ["user_1"])
        try Self.check(graph, factored)
    }

    @Test func withoutRowsOfItsOwnAProgramStaysWhole() throws {
        var parts = try Parts()
        parts.builder.output("y", try parts.dense(parts.users[0], 3, "layer"))
        let graph = parts.builder.graph
        let all = Set(graph.inputs.map(\.name))
        let factored = try RequestFactoring(graph, inputs: all)
        #expect(!factored.inputs.contains("user_0"))
        try Self.check(graph, factored)
    }

    @Test func programsThatLearnAreRefused() throws {
        var parts = try Parts()
        let table = try parts.builder.state("user_0/table", TensorType([9, 4]))
        parts.builder.stage = .update
        parts.builder.update("user_0/table", try parts.builder.apply(Scale(0.5), table))
        let graph = parts.builder.graph
        let error = #expect(throws: GraphError.self) {
            try RequestFactoring(graph, inputs: Self.userInputs)
        }
        #expect(
            error?.message
                == "request inputs: the program updates states; expected one that only answers."
        )
    }
}
