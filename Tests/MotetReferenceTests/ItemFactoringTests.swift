import MotetCore
import MotetGraph
import MotetReference
import Testing

/// Programs that read what depends on items alone from tables, against the same programs that compute it.
@Suite("Work of items") struct ItemFactoringTests {
    private static let rows = 5
    private static let catalogue = 9
    private static let items: Set<String> = ["item_0", "item_1"]

    /// Experts, gates and a tower over columns of a user, of items, and of each pair, and a vector of the item.
    private static func graph() throws -> Graph {
        var builder = GraphBuilder()
        func lookup(_ name: String) throws -> Value {
            let ids = try builder.input(name, TensorType([.batch], .int32))
            let table = try builder.state("\(name)/table", TensorType([9, 4]))
            return try builder.apply(EmbeddingLookup(), table, ids)
        }
        let (user, first) = (try lookup("user"), try lookup("item_0"))
        let (pair, second) = (try lookup("pair"), try lookup("item_1"))
        let joined = try builder.add(Concatenate(axis: 1), [user, first, pair, second])[0]
        let weight = try builder.state("experts/weight", TensorType([3, 16, 5]))
        let bias = try builder.state("experts/bias", TensorType([3, 5]))
        let product = try builder.apply(StackedMatMul(sources: [0, 0, 0]), joined, weight)
        let biased = try builder.apply(AddBias(), product, bias)
        let experts = try builder.apply(Activation(.relu), biased)
        let gateWeight = try builder.state("gates/weight", TensorType([2, 16, 3]))
        let logits = try builder.apply(StackedMatMul(sources: [0, 0]), joined, gateWeight)
        let mixture = Mixture(selections: [[0, 1, 2], [0, 1, 2]])
        let gates = try builder.apply(Softmax(), logits)
        builder.output("mixed", try builder.apply(mixture, gates, experts))
        let own = try builder.add(Concatenate(axis: 1), [first, second])[0]
        let tower = try builder.state("tower/weight", TensorType([8, 6]))
        let vector = try builder.apply(Activation(.tanh), try builder.apply(MatMul(), own, tower))
        builder.output("vector", vector)
        let userTower = try builder.state("user/weight", TensorType([4, 6]))
        let userVector = try builder.apply(MatMul(), user, userTower)
        builder.output("match", try builder.apply(Arithmetic(.multiply), userVector, vector))
        return builder.graph
    }

    private static func fill(_ states: StateStore, _ graph: Graph) {
        for state in graph.states where states.type(of: state.name) == nil {
            let key = RandomKey(seed: 3).split(state.name)
            let shape = graph.type(of: state.value).shape.dimensions.map { $0.fixedSize ?? 0 }
            let values = (0..<shape.reduce(1, *)).map { Float(key.bits($0) >> 40) * 0x1p-23 - 1 }
            states.set(state.name, Tensor(values, shape: shape))
        }
    }

    /// The results of a program that is given ids.
    private static func results(
        _ graph: Graph,
        _ states: StateStore,
        rows: Int,
        _ ids: (String) -> [Int32]
    ) throws -> [String: [Float]] {
        let executable = try ReferenceBackend(passes: .standard).compile(
            graph,
            states: states,
            capacity: [.batch: rows]
        )
        executable.setSizes([.batch: rows])
        var buffers: [UnsafeMutableBufferPointer<Int32>] = []
        defer { for buffer in buffers { buffer.deallocate() } }
        for (index, input) in executable.graph.inputs.enumerated() {
            let given = ids(input.name)
            let buffer = UnsafeMutableBufferPointer<Int32>.allocate(capacity: given.count)
            _ = buffer.initialize(from: given)
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

    /// What the catalogue says of an item in a column.
    private static func column(_ name: String, _ item: Int) -> Int32 {
        Int32(name == "item_0" ? item : (item * 5 + 2) % 9)
    }

    private static let chosen = [4, 0, 8, 4, 7]

    private static func ids(_ name: String) -> [Int32] {
        switch name {
        case "user": [3]
        case "pair": [0, 1, 2, 3, 4]
        case ItemFactoring.rowInput: chosen.map(Int32.init)
        default: chosen.map { column(name, $0) }
        }
    }

    private static func factored(
        once: Set<String> = ["user"],
        leastOperations: Int = 1
    ) throws -> (RequestFactoring, ItemFactoring?) {
        let apart = try RequestFactoring(graph(), inputs: once, items: items)
        let factoring = try ItemFactoring(
            apart.graph,
            items: items,
            count: catalogue,
            leastOperations: leastOperations
        )
        return (apart, factoring)
    }

    @Test func resultsAreThoseOfTheWholeProgram() throws {
        let whole = try Self.graph()
        let states = StateStore()
        Self.fill(states, whole)
        let expected = try Self.results(whole, states, rows: Self.rows) { name in
            name == "user" ? [3, 3, 3, 3, 3] : Self.ids(name)
        }
        let (apart, found) = try Self.factored()
        let factoring = try #require(found)
        for slice in apart.slices {
            let source = try #require(states.tensor(slice.source))
            states.set(slice.name, slice.cut(source))
        }
        let made = try Self.results(factoring.table, states, rows: Self.catalogue) { name in
            (0..<Self.catalogue).map { Self.column(name, $0) }
        }
        for stored in factoring.stored {
            // A row of a table has the slices of its item one after the other.
            let results = try #require(made[stored.name])
            let (slices, units) = (stored.slices ?? 1, stored.width / (stored.slices ?? 1))
            let rows = (0..<Self.catalogue).flatMap { item in
                (0..<slices).flatMap { slice in
                    results[((slice * Self.catalogue + item) * units)...].prefix(units)
                }
            }
            states.set(stored.name, Tensor(rows, shape: [Self.catalogue, stored.width]))
        }
        let answered = try Self.results(factoring.graph, states, rows: Self.rows, Self.ids)
        #expect(answered.keys.sorted() == expected.keys.sorted())
        for (name, values) in expected {
            let received = try #require(answered[name])
            #expect(received.count == values.count)
            // Products are sums of three, each rounded to a Float.
            #expect(zip(values, received).allSatisfy { abs($0 - $1) < 4e-6 }, "\(name)")
        }
    }

    @Test func nothingOfItemsAloneIsComputedForARequest() throws {
        let factoring = try #require(try Self.factored().1)
        let inputs = factoring.graph.inputs.map(\.name)
        #expect(inputs.sorted() == [ItemFactoring.rowInput, "pair", "user"])
        #expect(factoring.table.inputs.map(\.name).sorted() == ["item_0", "item_1"])
        // Experts and gates as stacks, the vector as a matrix.
        let widths = factoring.stored.map(\.width).sorted()
        #expect(widths == [6, 6, 15])
        #expect(factoring.stored.compactMap(\.slices).sorted() == [2, 3])
        let names = factoring.graph.states.map(\.name)
        #expect(!names.contains("item_0/table") && !names.contains("tower/weight"))
    }

    /// Programs for other inputs given once share the tables of what they compute alike.
    @Test func equalWorkHasEqualNames() throws {
        let one = try #require(try Self.factored().1)
        let other = try #require(try Self.factored(once: []).1)
        #expect(Set(one.stored) == Set(other.stored))
        #expect(Set(one.stored.map(\.name)).count == 3)
    }

    /// Work by another constant of the same sizes is other work: its rows must not be taken from the same table.
    @Test func otherConstantsHaveOtherNames() throws {
        func name(_ constant: Tensor) throws -> String {
            var builder = GraphBuilder()
            let ids = try builder.input("item_0", TensorType([.batch], .int32))
            let table = try builder.state("table", TensorType([9, 4]))
            let rows = try builder.apply(EmbeddingLookup(), table, ids)
            let sum = try builder.apply(AddBias(), rows, builder.constant(constant))
            let weight = try builder.state("weight", TensorType([4, 6]))
            let user = try builder.input("user", TensorType([.batch, 6]))
            let vector = try builder.apply(MatMul(), sum, weight)
            builder.output("match", try builder.apply(Arithmetic(.multiply), user, vector))
            let factoring = try ItemFactoring(
                builder.graph,
                items: ["item_0"],
                count: 9,
                leastOperations: 0
            )
            return try #require(factoring?.stored.first?.name)
        }
        let one = try name(Tensor([1, 2, 3, 4] as [Float]))
        #expect(try name(Tensor([1, 2, 3, 4] as [Float])) == one)
        #expect(try name(Tensor([1, 2, 3, 4.000001] as [Float])) != one)
    }

    @Test func littleWorkIsDoneForEachRequest() throws {
        let enough = try Self.factored(leastOperations: 8).1
        let tooLittle = try Self.factored(leastOperations: 1000).1
        #expect(enough != nil && tooLittle == nil)
        let without = try ItemFactoring(Self.graph(), items: [], count: 9, leastOperations: 0)
        #expect(without == nil)
    }

    /// What mixes rows is no item's own.
    @Test func sumsOverRowsAreNotStored() throws {
        var builder = GraphBuilder()
        let ids = try builder.input("item_0", TensorType([.batch], .int32))
        let table = try builder.state("table", TensorType([9, 4]))
        let rows = try builder.apply(EmbeddingLookup(), table, ids)
        let weight = try builder.state("weight", TensorType([4, 4]))
        let product = try builder.apply(MatMul(), rows, weight)
        builder.output("y", try builder.apply(SumRows(stacked: false), product))
        let made = try ItemFactoring(
            builder.graph,
            items: ["item_0"],
            count: 9,
            leastOperations: 1
        )
        let factoring = try #require(made)
        #expect(factoring.graph.nodes.contains { $0.operation is SumRows })
        #expect(!factoring.table.nodes.contains { $0.operation is SumRows })
    }
}
