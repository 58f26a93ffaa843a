import MotetCore
import MotetGraph
import Testing

@Suite("Derivatives of experts") struct ExpertDerivativePassTests {
    /// The operations left by the passes, of activated experts and two gates.
    private func operations(
        _ kind: ActivationKind,
        readsExpertsElsewhere: Bool = false
    ) throws -> [any MotetGraph.Operation] {
        var builder = GraphBuilder()
        let arguments = try builder.input("x", TensorType([3, .batch, 5]))
        let gates = try builder.input("gates", TensorType([2, .batch, 3]))
        let experts = try builder.apply(Activation(kind), arguments)
        let mixture = Mixture(selections: [[0, 1, 2], [2, 0, 1]])
        let mixed = try builder.apply(mixture, gates, experts)
        let seed = try builder.input("dy", builder.type(of: mixed))
        var seeds = [(value: mixed, gradient: seed)]
        if readsExpertsElsewhere {
            seeds.append((experts, try builder.input("de", builder.type(of: experts))))
        }
        let made = try builder.gradients(of: seeds, withRespectTo: [arguments, gates])
        for (name, gradient) in zip(["dx", "dgates"], made) {
            guard case .dense(let value)? = gradient else { continue }
            builder.output(name, value)
        }
        return try PassPipeline.standard.run(on: builder.graph).nodes.map(\.operation)
    }

    /// The activations folded into gradients of mixtures.
    private func folded(_ operations: [any MotetGraph.Operation]) -> [ActivationKind] {
        operations.compactMap { operation in (operation as? MixtureGradient)?.activation }
    }

    @Test(arguments: [ActivationKind.relu, .leakyReLU(slope: 0.1), .sigmoid, .tanh, .softplus])
    func derivativesThatFollowFromTheExpertsAreFolded(kind: ActivationKind) throws {
        let operations = try operations(kind)
        #expect(!operations.contains { $0 is ActivationGradient })
        #expect(folded(operations) == [kind])
    }

    /// These need the arguments of the activation, which the mixture does not read.
    @Test(arguments: [ActivationKind.gelu, .swish, .leakyReLU(slope: -0.1)])
    func otherDerivativesStay(kind: ActivationKind) throws {
        let operations = try operations(kind)
        #expect(operations.contains { $0 is ActivationGradient })
        #expect(folded(operations) == [])
    }

    /// Where another gradient of the experts is added, the derivative is that of the sum.
    @Test func sumsOfGradientsStay() throws {
        let operations = try operations(.relu, readsExpertsElsewhere: true)
        #expect(operations.contains { $0 is ActivationGradient })
        #expect(folded(operations) == [])
    }
}
