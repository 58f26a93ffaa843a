import MotetCore
import MotetGraph

extension CaseInput {
    /// Weights of steps: rows of weights up to 2, steps of weight 0 anywhere, every fourth row but the first
    /// without any step.
    fileprivate static func stepWeights(_ steps: Int) -> CaseInput {
        .data("weights", [.batch, .fixed(steps)]) { key, sizes, _ in
            let drawn = TinyData.uniform(sizes, key, in: 0...1).floats
            let rows = TinyData.uniform([sizes[0]], key.split("row"), in: 0.25...2).floats
            let weights = drawn.indices.map { index -> Float in
                let row = index / steps
                return row % 4 == 3 || drawn[index] < 0.3 ? 0 : rows[row]
            }
            return Tensor(weights, shape: sizes)
        }
    }

    fileprivate static func tags(_ name: String, steps: Int, tags: Int) -> CaseInput {
        .data(name, [.batch, .fixed(steps)]) { key, sizes, _ in
            let drawn = TinyData.integers(sizes, key, in: 0..<tags).integers
            return Tensor(drawn.map { Float($0) }, shape: sizes)
        }
    }
}

extension OperationCase {
    static let chains: [OperationCase] = likelihoods + extremeLikelihoods + decodings

    private static func scores(
        steps: Int,
        tags: Int,
        scale: Double = 1,
        forbidden: Bool = false
    ) -> [CaseInput] {
        let width = Dimension.fixed(tags)
        return [
            .features("emissions", [.batch, .fixed(steps), width]) { key, sizes, _ in
                TinyData.normal(sizes, key, scale: scale)
            },
            .weight("transitions", [width, width]) { key, sizes, _ in
                let drawn = TinyData.normal(sizes, key, scale: scale).floats
                return Tensor(
                    drawn.indices.map { forbidden && $0 % 5 == 2 ? -10_000 : drawn[$0] },
                    shape: sizes
                )
            },
            .weight("start", [width]), .weight("end", [width]),
        ]
    }

    private static let likelihoods = [(1, 1), (1, 3), (4, 3), (5, 9), (3, 17)].map { steps, tags in
        OperationCase(
            "likelihood of \(steps) of \(tags) tags",
            scores(steps: steps, tags: tags)
                + [.tags("labels", steps: steps, tags: tags), .stepWeights(steps)],
            runs: rows,
            differentiatedOutputs: [0]
        ) { graph, values in try graph.add(CRFLogLikelihood(), values) }
    }

    /// Scores whose powers vanish in sums, and transitions that are forbidden.
    private static let extremeLikelihoods = [(1.0, true), (300.0, false), (2000.0, true)].map {
        scale,
        forbidden in
        OperationCase(
            "likelihood of scores of \(scale)\(forbidden ? ", some forbidden" : "")",
            scores(steps: 5, tags: 4, scale: scale, forbidden: forbidden)
                + [.tags("labels", steps: 5, tags: 4), .stepWeights(5)],
            runs: rows,
            // The loss bends where the best sequence changes, within a step of the differences.
            isSmooth: false
        ) { graph, values in try graph.add(CRFLogLikelihood(), values) }
    }

    private static let decodings = [(1, 1), (4, 3), (6, 17)].flatMap { steps, tags in
        [false, true].map { isMasked in
            OperationCase(
                "decoding of \(steps) of \(tags) tags\(isMasked ? ", masked" : "")",
                scores(steps: steps, tags: tags)
                    + (isMasked ? [.stepMask("mask", steps: steps)] : []),
                runs: rows,
                differentiatedOutputs: []
            ) { graph, values in try graph.add(CRFDecoding(isMasked: isMasked), values) }
        }
    }
}
