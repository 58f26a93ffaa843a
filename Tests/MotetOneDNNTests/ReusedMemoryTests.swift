import MotetCore
import MotetGraph
import Testing

@testable import MotetOneDNN

@Suite("Reused memory") struct ReusedMemoryTests {
    private static let steps = 5
    private static let units = 8

    /// A recurrence over a product, and its gradients: the values whose memory is looked at.
    private struct Program {
        var graph: Graph
        var product: Value
        var kept: Value
        var gradient: Value

        init(keepsProduct: Bool = false) throws {
            var builder = GraphBuilder()
            let (steps, width) = (ReusedMemoryTests.steps, 4 * ReusedMemoryTests.units)
            let rows = Dimension.symbol(.batch, scale: steps)
            let input = try builder.input("x", TensorType([rows, 3]))
            let weight = try builder.state("weight", TensorType([3, .fixed(width)]))
            let recurrent = try builder.state(
                "recurrent",
                TensorType([.fixed(width / 4), .fixed(width)])
            )
            product = try builder.apply(MatMul(), input, weight)
            let gates = try builder.apply(Reshape([.batch, .fixed(steps), .fixed(width)]), product)
            let made = try builder.add(LSTMScan(), [gates, recurrent])
            kept = made[4]
            let arriving = try builder.input("arriving", builder.type(of: made[0]))
            let gradients = try builder.gradients(
                of: [(made[0], arriving)],
                withRespectTo: [gates, recurrent]
            )
            guard case .dense(let gradient)? = gradients[0],
                case .dense(let ofRecurrent)? = gradients[1]
            else { throw GraphError(.invalidGraph, "expected dense gradients") }
            self.gradient = gradient
            builder.output("sequence", made[0])
            builder.output("dw", try builder.apply(SumRows(stacked: false), gradient))
            builder.output("dr", ofRecurrent)
            if keepsProduct { builder.output("product", product) }
            graph = builder.graph
        }

        func buffer(_ value: Value) throws -> Int? {
            let plan = try StoragePlan(graph, capacity: [.batch: 4], traits: OneDNNTraits())
            return plan.views[value.id]?.buffer
        }
    }

    @Test func recurrencesWriteOverTheirGates() throws {
        let program = try Program()
        let buffer = try program.buffer(program.product)
        #expect(buffer != nil)
        #expect(try program.buffer(program.kept) == buffer)
        #expect(try program.buffer(program.gradient) == buffer)
    }

    @Test func whatIsReadLaterIsNotWrittenOver() throws {
        let program = try Program(keepsProduct: true)
        let buffer = try program.buffer(program.product)
        #expect(try program.buffer(program.kept) != buffer)
        #expect(try program.buffer(program.gradient) == program.buffer(program.kept))
    }
}
