import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

@testable import MotetMultiTask

/// Sign dropout against TorchJD's, whose draws the goldens replace, and against its own probability.
@Suite("Sign dropout") struct SignDropoutTests {
    private static let key = RandomKey(seed: 11).split("signs")

    /// What becomes of gradients in a step.
    private static func dropped(
        _ gradients: [[Double]],
        leak: Float,
        steps: Range<Int>
    ) throws -> [[Double]] {
        let (count, width) = (gradients.count, gradients[0].count)
        var graph = GraphBuilder()
        var values: [Value] = []
        for task in 0..<count {
            values.append(try graph.input("\(task)", TensorType([.fixed(width)])))
        }
        values.append(graph.constant(Tensor([Float](repeating: 1, count: count), shape: [count])))
        values.append(try graph.input("step", TensorType(.scalar, .int32)))
        let rule = SignDropout(places: (0..<count).map { [$0] }, leak: leak, key: key)
        graph.output("dropped", try graph.add(rule, values)[0])
        let runner = try CaseRunner(
            graph.graph,
            StateStore(),
            capacity: [:],
            on: ReferenceBackend()
        )
        return try steps.map { step in
            for (task, gradient) in gradients.enumerated() {
                runner.set("\(task)", Tensor(gradient.map { Float($0) }, shape: [width]))
            }
            runner.set("step", Tensor([Int32(step)], shape: []))
            runner.run([:])
            return try #require(runner.executable.tensor("dropped")).floats.map { Double($0) }
        }
    }

    /// Each element is what TorchJD makes of one of the two signs.
    @Test(arguments: try AggregationGolden.read().families)
    func eachElementIsThatOfOneSign(family: AggregationGolden.Family) throws {
        for leak in ["0.0", "0.25"] {
            let positive = try #require(family.signs["positive \(leak)"])
            let negative = try #require(family.signs["negative \(leak)"])
            let made = try Self.dropped(
                family.gradients,
                leak: try #require(Float(leak)),
                steps: 1..<9
            )
            for step in made {
                for (element, value) in step.enumerated() {
                    let near = [positive[element], negative[element]].contains {
                        abs($0 - value) <= 1e-5 * abs($0) + 1e-7
                    }
                    #expect(near, "\(value): \(positive[element]) or \(negative[element])")
                }
            }
        }
    }

    /// How often the positive ones are kept is `(1 + sum / sum of magnitudes) / 2`, within five standard errors.
    @Test func signsAreDrawnByTheirShares() throws {
        let gradients = [[3, 1, -1, 2.0], [-1, 1, -2, -2.0], [0, -0.5, -0.5, 0]]
        let steps = 4000
        let made = try Self.dropped(gradients, leak: 0, steps: 0..<steps)
        for (element, share) in [0.75, 0.8, 0.0, 0.5].enumerated() {
            let kept = made.count { $0[element] > 0 }
            let error = (share * (1 - share) / Double(steps)).squareRoot()
            #expect(abs(Double(kept) / Double(steps) - share) <= 5 * error, "\(kept)")
        }
    }

    @Test func whatLeaksWhollyIsTheSum() throws {
        let gradients = [[3, 1, -1, 2.0], [-1, 1, -2, -2.0]]
        let made = try Self.dropped(gradients, leak: 1, steps: 0..<4)
        #expect(made.allSatisfy { $0 == [2, 2, -3, 0] })
    }
}
