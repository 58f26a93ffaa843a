import MotetCore
import MotetGraph

/// The scores of every row with every item of the batch.
private struct BatchScores {
    let users: [Double]
    let items: [Double]
    let ids: [Int32]
    let logProbabilities: [Double]
    let weights: [Double]
    let width: Int
    let scale: Double
    let masksRepeats: Bool

    init(_ inputs: [Tensor], scale: Float, masksRepeats: Bool) {
        users = inputs[0].doubles
        items = inputs[1].doubles
        ids = inputs[2].integers
        logProbabilities = inputs[3].doubles
        weights = inputs[4].doubles
        width = inputs[0].units
        self.scale = Double(scale)
        self.masksRepeats = masksRepeats
    }

    /// The items that a row is compared with, its own among them.
    func candidates(_ row: Int) -> [Int] {
        ids.indices.filter { $0 == row || !masksRepeats || ids[$0] != ids[row] }
    }

    func score(_ row: Int, _ item: Int) -> Double {
        let product = (0..<width)
            .map { users[row * width + $0] * items[item * width + $0] }.reduce(0, +)
        return scale * product - logProbabilities[item]
    }

    /// `log sum exp` of a row's scores.
    func normaliser(_ row: Int) -> Double {
        let scores = candidates(row).map { score(row, $0) }
        let greatest = scores.max() ?? 0
        return greatest + logarithm(scores.map { exponential($0 - greatest) }.reduce(0, +))
    }
}

extension InBatchSoftmax: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let batch = BatchScores(inputs, scale: scale, masksRepeats: masksRepeats)
        var normalisers = batch.weights.map { _ in 0.0 }
        var (loss, sum) = (0.0, 0.0)
        for row in batch.weights.indices where batch.weights[row] > 0 {
            normalisers[row] = batch.normaliser(row)
            loss += batch.weights[row] * (normalisers[row] - batch.score(row, row))
            sum += batch.weights[row]
        }
        return [
            Tensor(scalar: sum > 0 ? loss / sum : 0), Tensor(scalar: sum),
            Tensor(rounding: normalisers, shape: inputs[4].shape),
        ]
    }
}

extension InBatchSoftmaxGradient: ReferenceKernel {
    /// Normalisers are made anew, so that a wrong one of the fast kernel shows.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let batch = BatchScores(inputs, scale: scale, masksRepeats: masksRepeats)
        let (sum, upstream) = (inputs[5].scalar, inputs[7].scalar)
        var users = batch.users.map { _ in 0.0 }
        var items = users
        for row in batch.weights.indices where batch.weights[row] > 0 {
            let normaliser = batch.normaliser(row)
            let factor = batch.scale * upstream * batch.weights[row] / sum
            for item in batch.candidates(row) {
                let probability = exponential(batch.score(row, item) - normaliser)
                let slope = factor * (probability - (item == row ? 1 : 0))
                for unit in 0..<batch.width {
                    let (own, other) = (row * batch.width + unit, item * batch.width + unit)
                    users[own] += slope * batch.items[other]
                    items[other] += slope * batch.users[own]
                }
            }
        }
        return [
            Tensor(rounding: users, shape: inputs[0].shape),
            Tensor(rounding: items, shape: inputs[1].shape),
        ]
    }
}
