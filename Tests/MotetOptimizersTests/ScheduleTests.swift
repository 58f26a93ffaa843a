import MotetOptimizers
import Testing

@Suite("Schedules") struct ScheduleTests {
    private static let all: [LearningRateSchedule] = [
        .constant, .step(every: 3, factor: 0.5), .exponential(every: 5, factor: 0.8),
        .cosine(steps: 12, minimum: 0.1), .reduceOnPlateau(),
    ]

    @Test(arguments: [1, 2, 1_000_000])
    func constantStaysAtOne(step: Int) {
        #expect(LearningRateSchedule.constant.factor(step: step) == 1)
    }

    @Test(arguments: all)
    func theFirstStepHasTheFullRate(schedule: LearningRateSchedule) {
        #expect(schedule.factor(step: 1) == 1)
    }

    @Test(arguments: all)
    func ratesNeverRiseAfterTheWarmUp(schedule: LearningRateSchedule) {
        let factors = (5...60).map { schedule.warmingUp(steps: 5).factor(step: $0) }
        #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test(arguments: all)
    func warmUpRisesInEqualSteps(schedule: LearningRateSchedule) {
        let factors = (1...4).map { schedule.warmingUp(steps: 4).factor(step: $0) }
        #expect(factors == [0.25, 0.5, 0.75, 1])
    }

    @Test func cosineStaysAtItsMinimum() {
        let cosine = LearningRateSchedule.cosine(steps: 10, minimum: 0.25)
        #expect((11...40).allSatisfy { cosine.factor(step: $0) == 0.25 })
    }

    @Test func plateauCountsEpochsThatBringNothing() {
        let schedule = LearningRateSchedule.reduceOnPlateau(factor: 0.5, patience: 1)
        var state = PlateauState()
        var factors: [Float] = []
        for value in [1, 0.9, 0.9, 0.9, 0.8, .nan, .nan, 0.7] {
            schedule.observe(value, &state)
            factors.append(schedule.factor(step: 1, plateau: state))
        }
        #expect(factors == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25])
        #expect(state.best == 0.7)
    }

    @Test func aFirstValueThatIsNoNumberIsNotTheBest() {
        var state = PlateauState()
        LearningRateSchedule.reduceOnPlateau().observe(.nan, &state)
        #expect(state.best == nil)
    }
}
