import MotetCore
import MotetGraph

/// One row of a linear chain: the scores of the steps that take part.
private struct Chain {
    let tags: Int
    /// Emissions of each step that takes part, in order.
    let emissions: [[Double]]
    let transitions: [Double]
    let start: [Double]
    let end: [Double]

    var steps: Int { emissions.count }

    /// For each step and tag, `log sum exp` of the scores of all ways to arrive there.
    func forwards() -> [[Double]] {
        var rows = [zip(start, emissions[0]).map(+)]
        for step in 1..<max(steps, 1) {
            rows.append(
                (0..<tags).map { tag in
                    let terms = (0..<tags).map { rows[step - 1][$0] + transitions[$0 * tags + tag] }
                    return logSumExp(terms) + emissions[step][tag]
                }
            )
        }
        return rows
    }

    /// For each step and tag, `log sum exp` of the scores of all ways to go on from there.
    func backwards() -> [[Double]] {
        var rows = [[Double]](repeating: end, count: steps)
        for step in (0..<steps - 1).reversed() {
            rows[step] = (0..<tags).map { tag in
                logSumExp(
                    (0..<tags).map {
                        transitions[tag * tags + $0] + emissions[step + 1][$0] + rows[step + 1][$0]
                    }
                )
            }
        }
        return rows
    }

    func score(_ labels: [Int]) -> Double {
        var score = start[labels[0]] + end[labels[steps - 1]]
        for step in 0..<steps { score += emissions[step][labels[step]] }
        for step in 1..<max(steps, 1) {
            score += transitions[labels[step - 1] * tags + labels[step]]
        }
        return score
    }

    /// The tags of the greatest score.
    func best() -> [Int] {
        var scores = zip(start, emissions[0]).map(+)
        var origins: [[Int]] = []
        for step in 1..<max(steps, 1) {
            var (next, origin) = ([Double](), [Int]())
            for tag in 0..<tags {
                var from = 0
                for other in 1..<max(tags, 1)
                where scores[other] + transitions[other * tags + tag]
                    > scores[from] + transitions[from * tags + tag]
                {
                    from = other
                }
                next.append(scores[from] + transitions[from * tags + tag] + emissions[step][tag])
                origin.append(from)
            }
            scores = next
            origins.append(origin)
        }
        var last = 0
        for tag in 1..<max(tags, 1) where scores[tag] + end[tag] > scores[last] + end[last] {
            last = tag
        }
        var path = [last]
        for origin in origins.reversed() { path.append(origin[path[path.count - 1]]) }
        return path.reversed()
    }
}

private func logSumExp(_ values: [Double]) -> Double {
    let top = values.max() ?? 0
    return top + logarithm(values.reduce(0) { $0 + exponential($1 - top) })
}

/// The steps of each row that take part, and their chain.
private func chains(
    _ inputs: [Tensor],
    _ takesPart: (Int) -> Bool
) -> [(steps: [Int], chain: Chain)] {
    let (rows, steps, tags) = (inputs[0].shape[0], inputs[0].shape[1], inputs[0].shape[2])
    let emissions = inputs[0].doubles
    return (0..<rows).map { row in
        let valid = (0..<steps).filter { takesPart(row * steps + $0) }
        let chain = Chain(
            tags: tags,
            emissions: valid.map {
                let first = (row * steps + $0) * tags
                return Array(emissions[first..<first + tags])
            },
            transitions: inputs[1].doubles,
            start: inputs[2].doubles,
            end: inputs[3].doubles
        )
        return (valid, chain)
    }
}

extension CRFLogLikelihood: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (labels, weights) = (inputs[4].floats, inputs[5].doubles)
        let steps = inputs[0].shape[1]
        var (loss, sum) = (0.0, 0.0)
        let parts = chains(inputs) { weights[$0] > 0 }
        for (row, part) in parts.enumerated() where !part.steps.isEmpty {
            let weight = weights[row * steps + part.steps[0]]
            let tags = part.steps.map { Int(labels[row * steps + $0]) }
            let last = part.chain.forwards()[part.steps.count - 1]
            let all = logSumExp(zip(last, part.chain.end).map(+))
            loss += weight * (all - part.chain.score(tags))
            sum += weight
        }
        return [Tensor(scalar: sum > 0 ? loss / sum : 0), Tensor(scalar: sum)]
    }
}

extension CRFLogLikelihoodGradient: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (labels, weights) = (inputs[4].floats, inputs[5].doubles)
        let (steps, tags) = (inputs[0].shape[1], inputs[0].units)
        let factor = inputs[6].scalar > 0 ? inputs[7].scalar / inputs[6].scalar : 0
        var made = inputs[..<4].map { [Double](repeating: 0, count: $0.count) }
        let parts = chains(inputs) { weights[$0] > 0 }
        for (row, part) in parts.enumerated() where !part.steps.isEmpty {
            let chain = part.chain
            let scale = factor * weights[row * steps + part.steps[0]]
            let (before, after) = (chain.forwards(), chain.backwards())
            let all = logSumExp(zip(before[part.steps.count - 1], chain.end).map(+))
            let chosen = part.steps.map { Int(labels[row * steps + $0]) }
            for (step, place) in part.steps.enumerated() {
                for tag in 0..<tags {
                    let expected = exponential(before[step][tag] + after[step][tag] - all)
                    let difference = scale * (expected - (chosen[step] == tag ? 1 : 0))
                    made[0][(row * steps + place) * tags + tag] = difference
                    if step == 0 { made[2][tag] += difference }
                    if step == part.steps.count - 1 { made[3][tag] += difference }
                    guard step > 0 else { continue }
                    for from in 0..<tags {
                        let pair = exponential(
                            before[step - 1][from] + chain.transitions[from * tags + tag]
                                + chain.emissions[step][tag] + after[step][tag] - all
                        )
                        let isChosen = chosen[step] == tag && chosen[step - 1] == from
                        made[1][from * tags + tag] += scale * (pair - (isChosen ? 1 : 0))
                    }
                }
            }
        }
        return zip(made, inputs).map { Tensor(rounding: $0, shape: $1.shape) }
    }
}

extension CRFDecoding: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let (steps, tags) = (inputs[0].shape[1], inputs[0].units)
        let mask = isMasked ? inputs[4].floats : []
        var chosen = [Int32](repeating: -1, count: inputs[0].shape[0] * steps)
        var path = [Float](repeating: 0, count: inputs[0].count)
        let parts = chains(inputs) { mask.isEmpty || mask[$0] > 0 }
        for (row, part) in parts.enumerated() where !part.steps.isEmpty {
            for (step, tag) in zip(part.steps, part.chain.best()) {
                chosen[row * steps + step] = Int32(tag)
                path[(row * steps + step) * tags + tag] = 1
            }
        }
        return [
            Tensor(chosen, shape: Array(inputs[0].shape.dropLast())),
            Tensor(path, shape: inputs[0].shape),
        ]
    }
}
