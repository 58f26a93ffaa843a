import MotetCore
import MotetGraph
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

/// A small chain, of which every sequence of tags can be looked at.
struct SmallChain: Sendable, CustomStringConvertible {
    let steps: Int
    let tags: Int
    let seed: UInt64
    let isMasked: Bool

    var description: String {
        "\(steps) steps of \(tags) tags, seed \(seed)\(isMasked ? ", masked" : "")"
    }

    private func key(_ name: String) -> RandomKey { RandomKey(seed: seed).split(name) }

    var emissions: Tensor { TinyData.normal([1, steps, tags], key("emissions")) }
    var transitions: Tensor { TinyData.normal([tags, tags], key("transitions")) }
    var start: Tensor { TinyData.normal([tags], key("start")) }
    var end: Tensor { TinyData.normal([tags], key("end")) }
    var labels: Tensor {
        let drawn = TinyData.integers([1, steps], key("labels"), in: 0..<tags).integers
        return Tensor(drawn.map { Float($0) }, shape: [1, steps])
    }
    var mask: Tensor {
        let drawn = TinyData.uniform([1, steps], key("mask"), in: 0...1).floats
        return Tensor(drawn.map { isMasked && $0 < 0.4 ? Float(0) : 1 }, shape: [1, steps])
    }

    /// The steps that take part.
    var valid: [Int] { (0..<steps).filter { mask.floats[$0] > 0 } }

    /// Every sequence of tags over the steps that take part, in lexical order.
    var sequences: [[Int]] {
        valid.reduce([[]]) { known, _ in known.flatMap { path in (0..<tags).map { path + [$0] } } }
    }

    func score(_ path: [Int]) -> Double {
        guard let first = path.first, let last = path.last else { return 0 }
        let (pairs, steps) = (transitions.numbers, emissions.numbers)
        var sum = start.numbers[first] + end.numbers[last]
        for (step, tag) in zip(valid, path) { sum += steps[step * tags + tag] }
        for (from, to) in zip(path, path.dropFirst()) { sum += pairs[from * tags + to] }
        return sum
    }

    private static let sizes = [(1, 1), (1, 4), (2, 3), (3, 4), (4, 2), (5, 3), (5, 4)]

    static let all: [SmallChain] = sizes.flatMap { steps, tags in
        [false, true].flatMap { isMasked in
            (1...3).map {
                SmallChain(steps: steps, tags: tags, seed: $0, isMasked: isMasked)
            }
        }
    }
}

@Suite("Chains against enumeration") struct ChainEnumerationTests {
    private static let backends: [any Backend] = [ReferenceBackend(), OneDNNBackend()]

    private func run(
        _ chain: SmallChain,
        _ backend: any Backend,
        _ build: (inout GraphBuilder, [Value]) throws -> [Value]
    ) throws -> [Tensor] {
        var graph = GraphBuilder()
        let given = [
            chain.emissions, chain.transitions, chain.start, chain.end, chain.labels, chain.mask,
        ]
        var values: [Value] = []
        for (index, tensor) in given.enumerated() {
            values.append(
                try graph.input("input.\(index)", TensorType(Shape(fixed: tensor.shape)))
            )
        }
        for (index, value) in try build(&graph, values).enumerated() {
            graph.output("output.\(index)", value)
        }
        let runner = try CaseRunner(graph.graph, StateStore(), capacity: [:], on: backend)
        for (index, tensor) in given.enumerated() { runner.set("input.\(index)", tensor) }
        runner.run([:])
        return runner.outputs.map(\.tensor)
    }

    @Test(arguments: SmallChain.all)
    func likelihoodAndMarginals(chain: SmallChain) throws {
        let scores = chain.sequences.map(chain.score)
        let top = scores.max() ?? 0
        let all = top + logarithm(scores.reduce(0) { $0 + exponential($1 - top) })
        let chosen = chain.valid.map { Int(chain.labels.floats[$0]) }
        let loss = chain.valid.isEmpty ? 0 : all - chain.score(chosen)
        var expected = (
            emissions: [Double](repeating: 0, count: chain.steps * chain.tags),
            transitions: [Double](repeating: 0, count: chain.tags * chain.tags),
            start: [Double](repeating: 0, count: chain.tags),
            end: [Double](repeating: 0, count: chain.tags)
        )
        func count(_ path: [Int], _ share: Double) {
            guard let first = path.first, let last = path.last else { return }
            for (step, tag) in zip(chain.valid, path) {
                expected.emissions[step * chain.tags + tag] += share
            }
            for (from, to) in zip(path, path.dropFirst()) {
                expected.transitions[from * chain.tags + to] += share
            }
            expected.start[first] += share
            expected.end[last] += share
        }
        for (path, score) in zip(chain.sequences, scores) { count(path, exponential(score - all)) }
        count(chosen, -1)
        let wanted = [
            [loss], expected.emissions, expected.transitions, expected.start, expected.end,
        ]
        for backend in Self.backends {
            let made = try run(chain, backend) { graph, values in
                let loss = try graph.add(CRFLogLikelihood(), values)[0]
                let gradients = try graph.gradients(
                    of: loss,
                    withRespectTo: Array(values[..<4])
                )
                return [loss]
                    + gradients.compactMap {
                        if case .dense(let value)? = $0 { value } else { nil }
                    }
            }
            #expect(made.count == wanted.count)
            for (received, numbers) in zip(made, wanted) {
                let comparison = Comparison(
                    "\(backend.name)",
                    received: received,
                    expected: Tensor(numbers.map { Float($0) }),
                    tolerance: Tolerance(relative: 1e-5, absolute: 1e-6)
                )
                #expect(comparison.isClose, "\(comparison)")
            }
        }
    }

    @Test(arguments: SmallChain.all)
    func bestSequence(chain: SmallChain) throws {
        let scores = chain.sequences.map(chain.score)
        let best = chain.sequences[scores.firstIndex(of: scores.max() ?? 0) ?? 0]
        var tags = [Int32](repeating: -1, count: chain.steps)
        var path = [Float](repeating: 0, count: chain.steps * chain.tags)
        for (step, tag) in zip(chain.valid, best) {
            tags[step] = Int32(tag)
            path[step * chain.tags + tag] = 1
        }
        for backend in Self.backends {
            let made = try run(chain, backend) { graph, values in
                try graph.add(
                    CRFDecoding(isMasked: true),
                    Array(values[..<4]) + [values[5]]
                )
            }
            #expect(made[0].integers == tags, "\(backend.name)")
            #expect(made[1].floats == path, "\(backend.name)")
        }
    }

    /// A label that is no tag makes the loss NaN, so that training stops and says so.
    @Test(arguments: [Float(3), -1, .nan])
    func aLabelThatIsNoTag(label: Float) throws {
        var graph = GraphBuilder()
        let given = [
            Tensor(zeros: [2, 2, 3]), Tensor(zeros: [3, 3]), Tensor(zeros: [3]), Tensor(zeros: [3]),
            Tensor([0, 1, 2, label], shape: [2, 2]), Tensor([Float](repeating: 1, count: 4)),
        ]
        var values = given[..<5].map { graph.constant($0) }
        values.append(graph.constant(Tensor(given[5].floats, shape: [2, 2])))
        graph.output("loss", try graph.add(CRFLogLikelihood(), values)[0])
        let runner = try CaseRunner(
            graph.graph,
            StateStore(),
            capacity: [:],
            on: OneDNNBackend()
        )
        runner.run([:])
        #expect(runner.outputs[0].tensor.floats[0].isNaN)
    }
}
