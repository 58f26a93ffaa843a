import MotetCore
import MotetData
import Testing

@testable import MotetTraining

@Suite("Plans of phases") struct PhasePlanTests {
    private static func planner(
        _ sources: [(tasks: [Int], steps: Int, rows: [Int])]
    ) -> PhasePlanner {
        PhasePlanner(
            names: ["a", "b", "c"],
            sources: sources.map {
                PhasePlanner.Source(
                    tasks: $0.tasks,
                    stepCount: $0.steps,
                    scenarioSteps: [2, 0, 3],
                    labelledRows: $0.rows
                )
            }
        )
    }

    private static let one = planner([([0, 1, 2], 5, [1000, 100, 10])])

    /// For each step the names of the tasks it trains.
    private static func tasks(
        _ phase: TrainingPhase,
        _ planner: PhasePlanner = one,
        found: [String]? = nil,
        steps: Int? = nil
    ) throws -> [String] {
        let plan = try planner.plan(phase, number: 1, found: found)
        let losses = EpochLosses(planner.names)
        return (0..<(steps ?? plan.stepCount)).map { step in
            let choice = plan.choice(step, key: RandomKey(seed: 3), losses: losses)
            return plan.taskSets[choice.tasks].map { planner.names[$0] }.joined()
        }
    }

    @Test func tasksTakeTurnsBySteps() throws {
        let phase = TrainingPhase.alternating(["b", "a"], switchingEvery: .steps(2), rounds: 2)
        #expect(try Self.tasks(phase) == ["b", "b", "a", "a", "b", "b", "a", "a"])
    }

    @Test func tasksTakeTurnsByEpochs() throws {
        let phase = TrainingPhase.alternating(["a", "c"], switchingEvery: .epochs(1), rounds: 1)
        #expect(try Self.tasks(phase) == ["a", "a", "a", "a", "a", "c", "c", "c", "c", "c"])
    }

    @Test func aSequenceAddsTasksOrReplacesThem() throws {
        let adding = TrainingPhase.sequential(.given(["c", "a"]), epochsEach: 1)
        #expect(
            try Self.tasks(adding) == .init(repeating: "c", count: 5)
                + .init(repeating: "ac", count: 5)
        )
        let replacing = TrainingPhase.sequential(
            .given(["c", "a"]),
            epochsEach: 1,
            accumulates: false
        )
        #expect(try Self.tasks(replacing).last == "a")
    }

    @Test func anOrderThatWasFoundIsFollowed() throws {
        let phase = TrainingPhase.sequential(.easyToHard, epochsEach: 1, accumulates: false)
        let tasks = try Self.tasks(phase, found: ["b", "c", "a"])
        #expect([tasks[0], tasks[5], tasks[10]] == ["b", "c", "a"])
    }

    @Test func tasksAreDrawnAsOftenAsTheirWeights() throws {
        let fixed = try Self.tasks(.mixed(.fixed(["a": 3, "b": 1]), epochs: 1), steps: 8000)
        let share = Double(fixed.count { $0 == "a" }) / 8000
        // Five standard deviations of a share of 0.75 in 8000 draws.
        #expect(abs(share - 0.75) < 0.025, "\(share)")
        #expect(!fixed.contains("c"))
        let bySize = try Self.tasks(.mixed(.temperature(1), epochs: 1), steps: 8000)
        #expect(abs(Double(bySize.count { $0 == "a" }) / 8000 - 1000.0 / 1110) < 0.02)
        let even = try Self.tasks(.mixed(.temperature(1e6), epochs: 1), steps: 8000)
        #expect(abs(Double(even.count { $0 == "c" }) / 8000 - 1.0 / 3) < 0.03)
    }

    @Test func tasksOfGreaterLossAreDrawnMore() throws {
        let plan = try Self.one.plan(.mixed(.lossProportional, epochs: 1), number: 1, found: nil)
        let losses = EpochLosses(["a", "b", "c"])
        losses.add(0, loss: 0.2, weight: 1)
        losses.add(1, loss: 0.8, weight: 1)
        let drawn = (0..<8000).map { step in
            plan.taskSets[plan.choice(step, key: RandomKey(seed: 3), losses: losses).tasks][0]
        }
        // The third task has no loss yet and counts as the mean, 0.5.
        for (task, expected) in [(0, 0.2 / 1.5), (1, 0.8 / 1.5), (2, 0.5 / 1.5)] {
            let share = Double(drawn.count { $0 == task }) / 8000
            #expect(abs(share - expected) < 0.03, "task \(task): \(share)")
        }
    }

    @Test func everyDomainHasItsStepsInEveryRound() throws {
        let plan = try Self.one.plan(
            .domainNegotiation(.tasks, stepsPerDomain: 2, rounds: 30, rate: 0.5),
            number: 1,
            found: nil
        )
        let losses = EpochLosses(["a", "b", "c"])
        var firsts = Set<Int>()
        for round in 0..<30 {
            let tasks = (0..<6).map { step in
                plan.choice(round * 6 + step, key: RandomKey(seed: 3), losses: losses).tasks
            }
            #expect(Set(tasks) == [0, 1, 2])
            #expect(tasks[0] == tasks[1] && tasks[2] == tasks[3] && tasks[4] == tasks[5])
            firsts.insert(tasks[0])
        }
        #expect(firsts == [0, 1, 2])
        #expect(plan.stepsPerReport.isMultiple(of: 6))
    }

    @Test func scenariosWithoutRowsAreNoDomains() throws {
        let plan = try Self.one.plan(
            .domainNegotiation(.scenarios, stepsPerDomain: 1, rounds: 1, rate: 0.5),
            number: 1,
            found: nil
        )
        #expect(plan.streams.map(\.scenario) == [0, 2])
    }

    @Test func sourcesAreSpreadEvenlyOverAnEpoch() throws {
        let two = Self.planner([([0], 2, [9, 0, 0]), ([1, 2], 4, [0, 9, 9])])
        #expect(try Self.tasks(.joint(epochs: 1), two) == ["bc", "a", "bc", "bc", "a", "bc"])
    }

    @Test(arguments: [
        (
            TrainingPhase.single("clik"),
            "schedule, phase 1: there is no task \"clik\"; expected one of [\"a\", \"b\", \"c\"]."
        ),
        (
            .alternating(["a", "a"], switchingEvery: .steps(1)),
            "schedule, phase 1: the task \"a\" is named twice."
        ),
        (
            .alternating(["a"], switchingEvery: .steps(0)),
            "schedule, phase 1: 'switchingEvery: .steps' is out of range; expected at least 1; received 0."
        ),
        (
            .joint(epochs: 0),
            "schedule, phase 1: 'epochs' is out of range; expected at least 1; received 0."
        ),
        (
            .mixed(.fixed(["a": 0]), epochs: 1),
            "schedule, phase 1: probabilities are out of range; expected finite numbers of at least 0, one of them above; received [0.0]."
        ),
        (
            .mixed(.temperature(0), epochs: 1),
            "schedule, phase 1: 'temperature' is out of range; expected above 0; received 0.0."
        ),
        (
            .domainNegotiation(.tasks, stepsPerDomain: 1, rounds: 1, rate: 0),
            "schedule, phase 1: 'rate' is out of range; expected above 0; received 0.0."
        ),
    ])
    func aMistakeIsASentence(phase: TrainingPhase, message: String) {
        let error = #expect(throws: TrainingError.self) {
            _ = try Self.one.plan(phase, number: 1, found: nil)
        }
        #expect(error?.message == message)
    }
}
