import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

@Suite("Passes on the reference") struct PassTests {
    @Test(arguments: OperationCase.all)
    func standardPassesKeepResults(operationCase: OperationCase) throws {
        let built = ReferenceBackend()
        let rewritten = ReferenceBackend(passes: .standard)
        for comparison in try compareBackends(operationCase, built, rewritten) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test(arguments: OperationCase.all)
    func mergingAndDroppingNodesKeepsEveryBit(operationCase: OperationCase) throws {
        let passes = PassPipeline([DeadCode(), CommonSubexpressions(), DeadCode()])
        let expected = try operationCase.results(on: ReferenceBackend())
        let received = try operationCase.results(on: ReferenceBackend(passes: passes))
        for comparison in compareResults(
            operationCase,
            expected: expected,
            received: received,
            tolerance: .exact
        ) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test func biasAndActivationAreFoldedIntoProducts() throws {
        let name = "a tower for each of three scenarios"
        let operationCase = try #require(OperationCase.all.first { $0.name == name })
        let graph = try PassPipeline.standard.run(on: operationCase.graph(withGradients: false))
        #expect(graph.nodes.map { type(of: $0.operation).name } == ["MatMul", "GroupedMatMul"])
        let grouped = try #require(graph.nodes[1].operation as? GroupedMatMul)
        #expect(grouped.activation == .gelu)
        #expect(graph.nodes[1].inputs.count == 4)
    }

    @Test func equalNodesAreComputedOnce() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 3]))
        let first = try builder.apply(Activation(.tanh), x)
        let second = try builder.apply(Activation(.tanh), x)
        builder.output("sum", try builder.apply(Arithmetic(.add), first, second))
        _ = try builder.apply(Activation(.gelu), x)
        let graph = try PassPipeline.standard.run(on: builder.graph)
        #expect(graph.nodes.map { type(of: $0.operation).name } == ["Activation", "Arithmetic"])
    }

    @Test func stagesAreNotMerged() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([4]))
        let first = try builder.apply(Scale(2), x)
        builder.stage = .update
        let second = try builder.apply(Scale(2), x)
        builder.output("a", first)
        builder.output("b", second)
        #expect(try PassPipeline.standard.run(on: builder.graph).nodes.count == 2)
    }

    @Test func aSharedProductIsNotFused() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 3]))
        let w = try builder.state("w", TensorType([3, 2]))
        let product = try builder.apply(MatMul(), x, w)
        builder.output("product", product)
        builder.output("active", try builder.apply(Activation(.relu), product))
        #expect(try PassPipeline.standard.run(on: builder.graph).nodes.count == 2)
    }
}
