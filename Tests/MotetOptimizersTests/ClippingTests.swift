import MotetCore
import MotetGraph
import MotetOneDNN
import MotetOptimizers
import MotetReference
import MotetTestSupport
import Testing

@Suite("Clipping") struct ClippingTests {
    static let backends: [any Backend] = [ReferenceBackend(), OneDNNBackend()]

    /// What an optimizer's updates make of gradients: SGD of rate 1 moves a parameter of 0 to their negative.
    private static func applied(
        _ optimizer: Optimizer,
        _ gradients: [Tensor],
        on backend: any Backend
    ) throws -> [Tensor] {
        let parameters = gradients.map {
            AppliedOptimizer.Parameter(value: Tensor(zeros: $0.shape), gradient: $0)
        }
        return try AppliedOptimizer(optimizer, parameters, on: backend).values.map { moved in
            Tensor(moved.floats.map { 0 - $0 }, shape: moved.shape)
        }
    }

    private static func byValue(_ backend: any Backend) -> ClippingLaws {
        ClippingLaws("by value on \(backend.name)", key: RandomKey(seed: 1)) { gradients, limit in
            let optimizer = Optimizer.sgd(learningRate: 1).with { $0.clipsValue = limit }
            return try applied(optimizer, gradients, on: backend)
        }
    }

    private static func byNorm(_ backend: any Backend) -> ClippingLaws {
        ClippingLaws("by norm on \(backend.name)", key: RandomKey(seed: 2)) { gradients, limit in
            let optimizer = Optimizer.sgd(learningRate: 1).with { $0.clipsNorm = limit }
            return try applied(optimizer, gradients, on: backend)
        }
    }

    @Test(arguments: [0, 1])
    func clippingKeepsItsLaws(backend: Int) throws {
        let backend = Self.backends[backend]
        let results =
            try Self.byValue(backend).checkByValue() + Self.byNorm(backend).checkByNorm()
        for result in results { #expect(result.holds, "\(result)") }
    }

    @Test func valuesAreClippedBeforeTheNorm() throws {
        let gradients = [Tensor([3, -4] as [Float])]
        let optimizer = Optimizer.sgd(learningRate: 1).with {
            $0.clipsValue = 1
            $0.clipsNorm = 0.5
        }
        // Cut to (1, -1), whose norm is the root of 2.
        let half = Float(0.5) / Float(2).squareRoot()
        for backend in Self.backends {
            let clipped = try Self.applied(optimizer, gradients, on: backend)[0].floats
            #expect(abs(clipped[0] - half) < 1e-6 && abs(clipped[1] + half) < 1e-6, "\(clipped)")
        }
    }

    /// Norms taken one by one, a limit that is missed, and a cut that scales.
    @Test func aPlantedFaultIsFound() throws {
        let faults: [(law: String, byNorm: Bool, clip: ClippingLaws.Clip)] = [
            (
                "the norm of all together", true,
                { gradients, limit in
                    gradients.map { Self.scaled($0, limit / Self.norm($0)) }
                }
            ),
            (
                "a norm below the limit", true,
                { gradients, limit in
                    let norm = gradients.map { Self.norm($0) * Self.norm($0) }.reduce(0, +)
                    return gradients.map { Self.scaled($0, limit / max(norm.squareRoot(), 1e-9)) }
                }
            ),
            (
                "elements are cut", false,
                { gradients, limit in
                    gradients.map {
                        Self.scaled($0, min(1, limit / ($0.floats.map(abs).max() ?? 1)))
                    }
                }
            ),
            (
                "a limit that no element reaches", false,
                { gradients, limit in
                    gradients.map {
                        Tensor($0.floats.map { min(max($0, -0.5), 0.5) }, shape: $0.shape)
                    }
                }
            ),
        ]
        for fault in faults {
            let laws = ClippingLaws("planted", key: RandomKey(seed: 1), clip: fault.clip)
            let results = try fault.byNorm ? laws.checkByNorm() : laws.checkByValue()
            #expect(results.contains { !$0.holds && $0.law.contains(fault.law) }, "\(fault.law)")
        }
    }

    private static func norm(_ tensor: Tensor) -> Float {
        tensor.floats.map { $0 * $0 }.reduce(0, +).squareRoot()
    }

    private static func scaled(_ tensor: Tensor, _ factor: Float) -> Tensor {
        Tensor(tensor.floats.map { $0 * factor }, shape: tensor.shape)
    }
}
