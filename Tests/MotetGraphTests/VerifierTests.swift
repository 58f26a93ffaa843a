import MotetCore
@testable import MotetGraph
import Testing

/// A pass that breaks a graph in a way the verifier must notice.
private struct Breakage: GraphPass {
    let body: @Sendable (inout Graph) -> Void
    func run(on graph: inout Graph) { body(&graph) }
}

@Suite("Verifier") struct VerifierTests {
    /// `y = relu(x w)`, and a step of gradient descent on `w`.
    private static func program() throws -> Graph {
        var builder = GraphBuilder()
        builder.scope = "tower"
        let x = try builder.input("x", TensorType([.batch, 3]))
        let w = try builder.state("w", TensorType([3, 2]))
        let product = try builder.apply(MatMul(), x, w)
        let made = try builder.apply(Activation(.relu), product)
        builder.output("y", made)
        builder.stage = .update
        builder.update("w", try builder.apply(Scale(0.9), w))
        return builder.graph
    }

    private static let breakages: [(message: String, body: @Sendable (inout Graph) -> Void)] = [
        ("Activation of \"tower\" reads %2 before it is made", { $0.nodes.remove(at: 0) }),
        ("Activation of \"tower\" reads %2 before it is made", { $0.nodes.swapAt(0, 1) }),
        ("%2 is made twice", { $0.nodes.insert($0.nodes[0], at: 1) }),
        (
            "MatMul of \"tower\" has outputs of the wrong type; expected [float32 [B, 2]]",
            { $0.types[2] = TensorType([.batch, 5]) }
        ),
        (
            "MatMul of \"tower\" computes gradients after an update",
            {
                let update = $0.nodes.remove(at: 2)
                $0.nodes.insert(update, at: 0)
            }
        ),
        ("the result \"y\" is never made", { $0.nodes.remove(at: 1) }),
        ("the state \"w\" is updated twice", { $0.updates.append($0.updates[0]) }),
        ("the update of \"v\" has no state or no value", { $0.updates[0].state = "v" }),
        (
            "the update of \"w\" has another type than the state",
            { $0.updates[0].value = Value(id: 0) }
        ),
        (
            "\"tower\" reads \"w\" after its update",
            {
                var late = $0.nodes[2]
                late.outputs = [Value(id: $0.types.count)]
                $0.types.append($0.types[1])
                $0.sources.append(.node)
                $0.nodes.append(late)
            }
        ),
    ]

    @Test(arguments: breakages.indices)
    func aBrokenGraphIsRefusedAfterItsPass(index: Int) throws {
        let (message, body) = Self.breakages[index]
        let pipeline = PassPipeline([DeadCode(), Breakage(body: body)])
        let graph = try Self.program()
        let error = #expect(throws: GraphError.self) { try pipeline.run(on: graph) }
        #expect(error?.message == "graph: after Breakage, \(message).")
        #expect(error?.code == .invalidGraph)
    }

    @Test func aSoundGraphPasses() throws {
        let graph = try PassPipeline.standard.run(on: try Self.program())
        #expect(graph.nodes.count == 2)
        #expect(
            graph.listing == """
                %3: float32 [B, 2] = MatMul(%0, %1)  // tower
                %4: float32 [3, 2] = Scale(%1)  // tower
                """
        )
    }

    @Test func aNameStandsForOneType() throws {
        var builder = GraphBuilder()
        let first = try builder.input("x", TensorType([.batch]))
        #expect(try builder.input("x", TensorType([.batch])) == first)
        let error = #expect(throws: GraphError.self) {
            try builder.input("x", TensorType([.batch], .int32))
        }
        #expect(
            error?.message
                == "input \"x\": declared twice with different types; expected float32 [B]; received int32 [B]."
        )
    }

    @Test func errorsCarryTheLayerAndThePlace() {
        let error = GraphError(.shapeMismatch, "MatMul: inner sizes disagree.")
        let told = error.of("Dense", "tower").at(SourceLocation(fileID: "App/main.swift", line: 14))
        #expect(
            told.description == "Dense \"tower\": MatMul: inner sizes disagree. (main.swift:14)"
        )
        #expect(told.at(SourceLocation(fileID: "x.swift", line: 1)) == told)
    }
}
