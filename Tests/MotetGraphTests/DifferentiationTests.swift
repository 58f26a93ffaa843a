import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

@Suite("Differentiation") struct DifferentiationTests {
    @Test func aTableReadByIdHasAGradientOfRows() throws {
        var builder = GraphBuilder()
        let table = try builder.state("table", TensorType([9, 4]))
        let ids = try builder.input("ids", TensorType([.batch, 2], .int32))
        let made = try builder.apply(EmbeddingLookup(), table, ids)
        let gradient = try builder.gradients(of: [(made, made)], withRespectTo: [table])[0]
        guard case .rows(let rows)? = gradient, let only = rows.first else {
            Issue.record("expected rows; received \(String(describing: gradient))")
            return
        }
        #expect(rows.count == 1)
        #expect(builder.shape(of: only.ids) == [.symbol(.batch, scale: 2)])
        #expect(builder.shape(of: only.rows) == [.symbol(.batch, scale: 2), 4])
    }

    @Test func aTableReadTwiceHasTwoListsOfRows() throws {
        var builder = GraphBuilder()
        let table = try builder.state("table", TensorType([9, 4]))
        let sum = try ["a", "b"].map { name in
            let ids = try builder.input(name, TensorType([.batch], .int32))
            return try builder.apply(EmbeddingLookup(), table, ids)
        }
        let made = try builder.add(AddN(), sum)[0]
        guard
            case .rows(let rows)? = try builder.gradients(
                of: [(made, made)],
                withRespectTo: [table]
            )[0]
        else {
            Issue.record("expected rows")
            return
        }
        #expect(rows.count == 2)
        let combined = try builder.combined(rows, like: table)
        #expect(builder.shape(of: combined[0]) == [.symbol(.batch, scale: 2)])
    }

    @Test func aTableReadDenselyTooHasADenseGradient() throws {
        var builder = GraphBuilder()
        let table = try builder.state("table", TensorType([9, 4]))
        let ids = try builder.input("ids", TensorType([.batch], .int32))
        let row = try builder.apply(EmbeddingLookup(), table, ids)
        let scores = try builder.apply(MatMul(transposeRight: true), row, table)
        guard
            case .dense(let value)? = try builder.gradients(
                of: [(scores, scores)],
                withRespectTo: [table]
            )[0]
        else {
            Issue.record("expected a dense gradient")
            return
        }
        #expect(builder.shape(of: value) == [9, 4])
    }

    @Test func whatTheLossDoesNotReachHasNoGradient() throws {
        var builder = GraphBuilder()
        let used = try builder.state("used", TensorType([3]))
        let unused = try builder.state("unused", TensorType([3]))
        _ = try builder.apply(Scale(2), unused)
        let made = try builder.apply(Scale(2), used)
        let gradients = try builder.gradients(of: [(made, made)], withRespectTo: [used, unused])
        #expect(gradients[0] != nil)
        #expect(gradients[1] == nil)
    }

    /// Only the branch that leads to a target is differentiated: `Clip` has no gradient rule.
    @Test func operationsOffTheWayAreNotAsked() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([3]))
        let w = try builder.state("w", TensorType([3]))
        let clipped = try builder.apply(Clip(minimum: 0, maximum: 1), x)
        let made = try builder.apply(Arithmetic(.multiply), clipped, w)
        #expect(try builder.gradients(of: [(made, made)], withRespectTo: [w])[0] != nil)
        let error = #expect(throws: GraphError.self) {
            try builder.gradients(of: [(made, made)], withRespectTo: [x])
        }
        #expect(error?.code == .notDifferentiable)
        #expect(error?.message == "Clip has no gradient")
    }

    @Test func aLossThatIsItsOwnTargetHasGradientOne() throws {
        var builder = GraphBuilder()
        let w = try builder.state("w", TensorType(.scalar))
        guard case .dense(let value)? = try builder.gradients(of: w, withRespectTo: [w])[0] else {
            Issue.record("expected a dense gradient")
            return
        }
        builder.output("gradient", value)
        let states = StateStore()
        states.set("w", Tensor([5] as [Float], shape: []))
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: states,
            capacity: [:]
        )
        executable.run()
        #expect(executable.scalar(0) == 1)
    }

    /// `d/dx (x + x * x + x * x * x)` at 2: `1 + 2 x + 3 x^2 = 17`.
    @Test func gradientsOfSharedValuesAddUp() throws {
        var builder = GraphBuilder()
        let x = try builder.state("x", TensorType(.scalar))
        let square = try builder.apply(Arithmetic(.multiply), x, x)
        let cube = try builder.apply(Arithmetic(.multiply), square, x)
        let sum = try builder.add(AddN(), [x, square, cube])[0]
        guard case .dense(let value)? = try builder.gradients(of: sum, withRespectTo: [x])[0] else {
            Issue.record("expected a dense gradient")
            return
        }
        builder.output("gradient", value)
        let states = StateStore()
        states.set("x", Tensor([2] as [Float], shape: []))
        let executable = try ReferenceBackend().compile(
            builder.graph,
            states: states,
            capacity: [:]
        )
        executable.run()
        #expect(executable.scalar(0) == 17)
    }

    @Test func fusedProductsAreNotDifferentiated() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 3]))
        let w = try builder.state("w", TensorType([3, 2]))
        let made = try builder.apply(MatMul(activation: .relu), x, w)
        let error = #expect(throws: GraphError.self) {
            try builder.gradients(of: [(made, made)], withRespectTo: [w])
        }
        #expect(error?.message == "MatMul: differentiate before fusion.")
    }

    /// The statistics of the batch have no gradient rule, and a loss over them says so.
    @Test func aLossOverBatchStatisticsIsRefused() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 3]))
        let gamma = try builder.state("gamma", TensorType([3]))
        let made = try builder.add(BatchNormalization(epsilon: 0.1), [x, gamma, gamma])
        let error = #expect(throws: GraphError.self) {
            try builder.gradients(of: [(made[1], made[1])], withRespectTo: [x])
        }
        #expect(error?.code == .notDifferentiable)
    }
}
