import MotetCore
import MotetMetrics
import Testing

@Suite("Bootstrap") struct BootstrapTests {
    private let bootstrap = Bootstrap(resamples: 200, key: RandomKey(seed: 3))

    @Test(arguments: Metric.ofNumbers)
    func sameKeySameIntervalBitForBit(metric: Metric) throws {
        let rows = try LabeledScores.random(
            rows: 301,
            weighted: true,
            groups: 9,
            key: RandomKey(seed: 1)
        )
        let estimate = bootstrap.estimate(metric, on: rows)
        #expect(estimate == bootstrap.estimate(metric, on: rows))
        #expect(estimate.value == metric.evaluate(rows))
        let interval = try #require(estimate.interval)
        #expect(interval.lower < interval.upper)
        let other = Bootstrap(resamples: 200, key: RandomKey(seed: 4)).estimate(metric, on: rows)
        #expect(other.interval != estimate.interval)
    }

    @Test func intervalsOfSeveralMetricsEqualThoseOfEachAlone() throws {
        let rows = try LabeledScores.random(rows: 200, groups: 5, key: RandomKey(seed: 2))
        let together = bootstrap.estimates(Metric.all, on: rows)
        let alone = Metric.all.map { bootstrap.estimate($0, on: rows) }
        #expect(together == alone)
    }

    @Test func intervalsHoldTheTruthAboutAsOftenAsTheySay() throws {
        // Scores of the two classes are normal, one apart: AUC is Φ(1/√2).
        let truth = 0.5 * (1 + errorFunction(0.5))
        var covered = 0
        let trials = 300
        for trial in 0..<trials {
            let key = RandomKey(seed: 11).split(trial)
            let rows = try LabeledScores.random(rows: 250, positives: 0.4, key: key)
            let resampling = Bootstrap(resamples: 200, key: key.split("intervals"))
            if try #require(resampling.estimate(.auc, on: rows).interval).contains(truth) {
                covered += 1
            }
        }
        // 95 % of 300 with a standard deviation of 1.3 %; the percentile interval of 250 rows is
        // known to fall short by up to 2 %.
        let share = Double(covered) / Double(trials)
        #expect(share > 0.89 && share < 0.985, "covered \(share)")
    }

    @Test func aModelDoesNotDifferFromItself() throws {
        let rows = try LabeledScores.random(rows: 200, key: RandomKey(seed: 5))
        let paired = try bootstrap.difference(.auc, rows, minus: rows)
        #expect(paired.difference.value.value == 0)
        let interval = try #require(paired.difference.interval)
        #expect(interval.lower == 0 && interval.upper == 0)
        #expect(paired.shareAbove == 0.5)
    }

    @Test func pairingNarrowsTheIntervalOfSimilarModels() throws {
        let rows = try LabeledScores.random(rows: 800, key: RandomKey(seed: 6))
        var noise = RandomKey(seed: 7).generator()
        let other = try rows.mapScores { $0 + Float(0.02 * noise.nextNormal()) }
        let paired = try bootstrap.difference(.auc, rows, minus: other).difference
        let pairedInterval = try #require(paired.interval)
        let alone = try #require(bootstrap.estimate(.auc, on: rows).interval)
        #expect(pairedInterval.upper - pairedInterval.lower < 0.3 * (alone.upper - alone.lower))
        #expect(pairedInterval.contains(try #require(paired.value.value)))
    }

    @Test func aBetterModelIsFoundBetter() throws {
        let rows = try LabeledScores.random(rows: 800, separation: 1.5, key: RandomKey(seed: 8))
        var noise = RandomKey(seed: 9).generator()
        let worse = try rows.mapScores { $0 + Float(0.5 * noise.nextNormal()) }
        let paired = try bootstrap.difference(.auc, rows, minus: worse)
        #expect(try #require(paired.difference.interval).lower > 0)
        #expect(paired.shareAbove == 1)
        let reversed = try bootstrap.difference(.auc, worse, minus: rows)
        #expect(reversed.shareAbove == 0)
    }

    @Test func pairingRefusesOtherRows() throws {
        let rows = try LabeledScores.random(rows: 50, key: RandomKey(seed: 8))
        let others = try LabeledScores.random(rows: 50, key: RandomKey(seed: 9))
        #expect(throws: MetricError.self) { try bootstrap.difference(.auc, rows, minus: others) }
    }

    @Test func rowsOfAGroupAreDrawnTogether() throws {
        // Twenty copies of each of 40 rows: as rows they look like 800, as groups they are 40.
        let few = try LabeledScores.random(rows: 40, key: RandomKey(seed: 10))
        let copies = (0..<800).map { $0 % 40 }
        let rows = try Observations(
            labels: copies.map { few.labels[$0] },
            predictions: copies.map { few.predictions[$0] },
            groups: copies.map { Int32($0) }
        )
        let byGroup = Bootstrap(resamples: 400, unit: .groups, key: RandomKey(seed: 3))
        let grouped = try #require(byGroup.estimate(.auc, on: rows).interval)
        let single = try #require(bootstrap.estimate(.auc, on: rows).interval)
        let ratio = (grouped.upper - grouped.lower) / (single.upper - single.lower)
        // The root of 20 is 4.5.
        #expect(ratio > 3.2 && ratio < 6.2, "\(ratio)")
        let missing = byGroup.estimate(.auc, on: few)
        #expect(missing.interval == nil)
        #expect(missing.intervalReason?.contains("group column") == true)
    }

    @Test func fewPositivesLeaveNoIntervalButSayWhy() throws {
        let labels = (0..<50).map { Float($0 == 0 ? 1 : 0) }
        let rows = try Observations(labels: labels, predictions: labels.indices.map { Float($0) })
        let estimate = bootstrap.estimate(.auc, on: rows)
        #expect(estimate.value.value == 0)
        #expect(estimate.interval == nil)
        #expect(estimate.intervalReason?.contains("of 200 resamples") == true)
        let undefined = bootstrap.estimate(.auc, on: rows.subset([1, 2, 3]))
        #expect(undefined.value.reason != nil)
        #expect(undefined.interval == nil)
    }
}
