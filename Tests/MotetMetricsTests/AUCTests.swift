import MotetCore
import MotetMetrics
import Testing

@Suite("AUC") struct AUCTests {
    @Test func perfectRankingScoresOne() throws {
        let auc = try AUC.value(labels: [0, 0, 1, 1], scores: [0.1, 0.2, 0.8, 0.9])
        #expect(auc == 1)
    }

    @Test func tiedScoresCountHalf() throws {
        let auc = try AUC.value(labels: [0, 1], scores: [0.5, 0.5])
        #expect(auc == 0.5)
    }

    @Test func bothZerosAreOneScore() throws {
        let auc = try AUC.value(labels: [0, 1], scores: [0, -0.0])
        #expect(auc == 0.5)
    }

    @Test func oneClassOnlyIsAnError() {
        #expect(throws: MetricError.undefined("AUC needs both classes; received 2 positives")) {
            try AUC.value(labels: [1, 1], scores: [0.2, 0.3])
        }
        #expect(throws: MetricError.undefined("AUC needs both classes; received 1 negative")) {
            try AUC.value(labels: [0, .nan], scores: [0.2, 0.3])
        }
    }

    @Test func negativeScoresRankBelowPositiveOnes() throws {
        let subnormal = Float.leastNonzeroMagnitude * 71
        let scores: [Float] = [-3e38, -2, -subnormal, 0, subnormal, 7, 3e38]
        for cut in 1..<scores.count {
            let labels = scores.indices.map { Float($0 >= cut ? 1 : 0) }
            #expect(try AUC.value(labels: labels, scores: scores) == 1)
        }
    }

    @Test(arguments: RandomKey.seeds(4))
    func equalsTheShareOfPairsRankedRightly(key: RandomKey) throws {
        let sample = try LabeledScores.random(rows: 173, weighted: true, key: key)
        let weights = try #require(sample.weights)
        var (right, pairs) = (0.0, 0.0)
        for i in weights.indices where sample.labels[i] == 1 {
            for j in weights.indices where sample.labels[j] == 0 {
                let weight = Double(weights[i]) * Double(weights[j])
                let (above, below) = (sample.predictions[i], sample.predictions[j])
                right += above > below ? weight : above == below ? weight / 2 : 0
                pairs += weight
            }
        }
        // Only the order of summation differs.
        #expect(near(try AUC.value(sample), right / pairs, relative: 1e-13))
    }

    @Test(arguments: RandomKey.seeds(8))
    func anyIncreasingMapLeavesItUnchanged(key: RandomKey) throws {
        // Scores are multiples of 0.001, which the map keeps apart and equal ones equal.
        let sample = try LabeledScores.random(rows: 257, key: key)
        let mapped = try sample.mapScores { 3 * $0 - 7 }
        #expect(try AUC.value(sample) == AUC.value(mapped))
    }

    @Test(arguments: RandomKey.seeds(4))
    func swappingTheClassesMirrorsIt(key: RandomKey) throws {
        let sample = try LabeledScores.random(rows: 120, key: key)
        let swapped = try sample.mapped(labels: { 1 - $0 })
        #expect(try near(AUC.value(sample), 1 - AUC.value(swapped), relative: 1e-14))
    }

    @Test(arguments: RandomKey.seeds(4))
    func orderOfRowsDoesNotChangeABitWithoutWeights(key: RandomKey) throws {
        let sample = try LabeledScores.random(rows: 999, key: key)
        let shuffled = sample.shuffled(key: key.split("order"))
        #expect(try AUC.value(sample) == AUC.value(shuffled))
    }
}
