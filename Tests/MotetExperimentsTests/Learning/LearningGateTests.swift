import MotetCore
import MotetMetrics
import Testing

@testable import MotetExperiments

@Suite("Gate of learning") struct LearningGateTests {
    private static func cell(
        _ task: String = "click",
        _ scenario: String? = nil,
        rows: Int = 1000,
        live: Double = 0.3,
        candidate: Double = 0.29,
        ratios: (Double, Double) = (1, 1)
    ) -> LearningGate.Cell {
        var old = LearningGate.Measure(predictions: [0.5], labels: [1])
        var new = old
        (old.logLoss, new.logLoss) = (live, candidate)
        (old.calibration, new.calibration) = ratios
        return LearningGate.Cell(
            task: task,
            scenario: scenario,
            rows: rows,
            positives: rows / 10,
            live: old,
            candidate: new
        )
    }

    private static func decide(_ cells: LearningGate.Cell...) -> LearningGate.Decision {
        var cells = cells
        return LearningGate().decide(&cells)
    }

    @Test func aCandidateThatIsBetterAndNowhereMuchWorseIsPromoted() {
        #expect(Self.decide(Self.cell()) == .promote)
        #expect(Self.decide(Self.cell(), Self.cell("click", "home", candidate: 0.3019)) == .promote)
        #expect(Self.decide(Self.cell(), Self.cell("buy", live: 0.1, candidate: 0.101)) == .promote)
    }

    @Test func oneThatIsWorseInATaskOrAScenarioIsNot() {
        #expect(
            Self.decide(Self.cell(), Self.cell("click", "home", candidate: 0.3021))
                == .discard("click, home: the log loss is higher by 0.0021, more than 0.002")
        )
        #expect(
            Self.decide(Self.cell(candidate: 0.3))
                == .discard("over all tasks the log loss is not lower")
        )
        #expect(
            Self.decide(Self.cell(candidate: .nan))
                == .discard("click: the log loss is higher by nan, more than 0.002")
        )
        // Tasks with small losses count as much as others.
        #expect(
            Self.decide(Self.cell(), Self.cell("buy", live: 0.01, candidate: 0.011))
                == .discard("over all tasks the log loss is not lower")
        )
    }

    /// A little worse at each step is much worse after many.
    @Test func oneThatIsWorseThanTheFirstRunIsNot() {
        var cell = Self.cell("buy", candidate: 0.3019)
        cell.origin = cell.live
        #expect(Self.decide(Self.cell(), cell) == .promote)
        cell.origin?.logLoss = 0.2995
        #expect(
            Self.decide(Self.cell(), cell)
                == .discard(
                    "buy: the log loss is higher than that of the run learning began from by 0.0024, more than 0.002"
                )
        )
    }

    @Test func oneThatIsBadlyCalibratedWhereTheLiveModelIsNotIsNot() {
        #expect(
            Self.decide(Self.cell(ratios: (1.1, 1.3)))
                == .discard(
                    "click: predictions are 1.3000 times the rate, the live model's 1.1000 times"
                )
        )
        #expect(Self.decide(Self.cell(ratios: (1.5, 1.3))) == .promote)
    }

    @Test func fewRowsSayNothing() {
        #expect(
            Self.decide(Self.cell(), Self.cell("buy", "home", rows: 90, candidate: 9)) == .promote
        )
        #expect(
            Self.decide(Self.cell(rows: 90))
                == .discard("no task has 500 rows with 20 positives to measure on")
        )
    }

    /// Log loss and calibration are those of the metrics.
    @Test func measuresAreThoseOfTheMetrics() throws {
        let key = RandomKey(seed: 4)
        let predictions = (0..<500).map { Float(key.bits($0) >> 40) * 0x1p-24 }
        let labels = (0..<500).map { Float(key.split("y").bits($0) & 1) }
        let measure = LearningGate.Measure(predictions: predictions, labels: labels)
        let rows = try Observations(labels: labels, predictions: predictions)
        for (metric, value) in [
            (Metric.logLoss, measure.logLoss), (.calibration, measure.calibration ?? .nan),
        ] {
            guard case .value(let expected) = metric.evaluate(rows).outcome else {
                Issue.record("no value")
                continue
            }
            #expect(abs(expected - value) < 1e-6, "\(metric.name)")
        }
    }
}
