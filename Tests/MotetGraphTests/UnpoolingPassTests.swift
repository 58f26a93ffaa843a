import MotetCore
import MotetGraph
import Testing

@Suite("Activations around pooling") struct UnpoolingPassTests {
    /// The shape on which the derivative is taken once passes have run: an activation, then pooling.
    private func shapeOfDerivative(_ kind: ActivationKind) throws -> Shape? {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 4, 6, 3]))
        let active = try builder.apply(Activation(kind), x)
        let window = PoolingWindow(Size2D(2, 2))
        let pooled = try builder.add(MaxPooling2D(window), [active])[0]
        let seed = try builder.input("dy", builder.type(of: pooled))
        let made = try builder.gradients(of: [(value: pooled, gradient: seed)], withRespectTo: [x])
        guard case .dense(let gradient)? = made[0] else { return nil }
        builder.output("dx", gradient)
        let graph = try PassPipeline.standard.run(on: builder.graph)
        let node = try #require(graph.nodes.first { $0.operation is ActivationGradient })
        return graph.type(of: node.outputs[0]).shape
    }

    @Test(arguments: [ActivationKind.relu, .leakyReLU(slope: 0.1), .sigmoid, .tanh])
    func derivativesThatFollowFromTheResultAreTakenOfPooledImages(kind: ActivationKind) throws {
        #expect(try shapeOfDerivative(kind) == [.batch, 2, 3, 3])
    }

    /// These need the argument of each element, which pooling does not keep.
    @Test(arguments: [ActivationKind.gelu, .swish, .leakyReLU(slope: -0.1)])
    func otherDerivativesAreTakenOfWholeImages(kind: ActivationKind) throws {
        #expect(try shapeOfDerivative(kind) == [.batch, 4, 6, 3])
    }
}
