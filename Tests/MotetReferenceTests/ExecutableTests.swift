import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

@Suite("Reference executable") struct ExecutableTests {
    private static func bind(
        _ executable: any Executable,
        _ index: Int,
        _ values: [Float]
    ) -> () -> Void {
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(values.count, 1))
        _ = buffer.initialize(from: values)
        if let address = buffer.baseAddress { executable.bind(index, to: address) }
        return { buffer.deallocate() }
    }

    @Test func theFirstNodeThatIsNotFiniteIsFound() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([2]))
        builder.scope = "first"
        let doubled = try builder.apply(Scale(2), x)
        builder.scope = "second"
        let ratio = try builder.apply(Arithmetic(.divide), doubled, x)
        builder.scope = "third"
        builder.output("y", try builder.apply(Scale(3), ratio))
        let states = StateStore()
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: states,
            capacity: [:]
        )
        let release = Self.bind(executable, 0, [1, 0])
        defer { release() }
        executable.setSizes([:])
        #expect(executable.firstNonFiniteNode()?.scope == "second")
        let healthy = Self.bind(executable, 0, [1, 3])
        defer { healthy() }
        #expect(executable.firstNonFiniteNode() == nil)
    }

    /// Every update is computed from the states before the run.
    @Test func statesExchangeTheirElements() throws {
        var builder = GraphBuilder()
        let a = try builder.state("a", TensorType([2]))
        let b = try builder.state("b", TensorType([2]))
        builder.stage = .update
        builder.update("a", b)
        builder.update("b", a)
        let states = StateStore()
        states.set("a", Tensor([1, 2] as [Float]))
        states.set("b", Tensor([3, 4] as [Float]))
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: states,
            capacity: [:]
        )
        executable.run()
        #expect(states.tensor("a")?.floats == [3, 4])
        #expect(states.tensor("b")?.floats == [1, 2])
    }

    @Test func updatesOfTheLaterStageWaitForIt() throws {
        var builder = GraphBuilder()
        let average = try builder.state("average", TensorType([1]))
        let weight = try builder.state("weight", TensorType([1]))
        builder.update("average", try builder.apply(Scale(0.5), average))
        builder.stage = .update
        builder.update("weight", try builder.apply(Scale(0.5), weight))
        let states = StateStore()
        states.set("average", Tensor([8] as [Float]))
        states.set("weight", Tensor([8] as [Float]))
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: states,
            capacity: [:]
        )
        executable.run(.gradients)
        #expect(states.tensor("average")?.floats == [4])
        #expect(states.tensor("weight")?.floats == [8])
        executable.run(.update)
        #expect(states.tensor("average")?.floats == [4])
        #expect(states.tensor("weight")?.floats == [4])
    }

    @Test func aMissingStateIsASentence() throws {
        var builder = GraphBuilder()
        builder.output("w", try builder.state("weight", TensorType([3, 2])))
        let states = StateStore()
        states.set("weigth", Tensor(zeros: [3, 2]))
        let error = #expect(throws: GraphError.self) {
            try ReferenceBackend().compile(builder.graph, states: states, capacity: [:])
        }
        #expect(
            error?.message
                == "state \"weight\": not in the store; expected float32 [3, 2]. Did you mean `weigth`?"
        )
        states.set("weight", Tensor(zeros: [2, 3]))
        let mismatch = #expect(throws: GraphError.self) {
            try ReferenceBackend().compile(builder.graph, states: states, capacity: [:])
        }
        #expect(
            mismatch?.message
                == "state \"weight\": the store holds another type; expected float32 [3, 2]; received float32 [2, 3]."
        )
    }

    @Test func aSymbolWithoutCapacityIsASentence() throws {
        var builder = GraphBuilder()
        builder.output("x", try builder.input("x", TensorType([.batch, 2])))
        let error = #expect(throws: GraphError.self) {
            try ReferenceBackend().compile(builder.graph, states: StateStore(), capacity: [:])
        }
        #expect(
            error?.message
                == "input \"x\": the size B has no capacity; expected one for each symbol of float32 [B, 2]."
        )
    }
}
