import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import Testing

@testable import MotetTraining

@Suite("Training schedules") struct ScheduleTests {
    private static func fit(
        _ schedule: TrainingSchedule,
        optimizer: Optimizer = .adam(learningRate: 0.01),
        rows: Int = 600,
        batchSize: Int = 100,
        architecture: Architecture = .mmoe(experts: 3, expertUnits: [8])
    ) throws -> (before: ParameterStore, after: ParameterStore, history: History) {
        let train = try TinyMarket.data(rows: rows, seed: 1)
        let trainer = try TinyMarket.trainer(TinyMarket.model(architecture), optimizer: optimizer)
        let before = trainer.parameters
        let history = try trainer.fit(train, schedule: schedule, batchSize: batchSize)
        return (before, trainer.parameters, history)
    }

    /// The parameters that changed.
    private static func changed(_ before: ParameterStore, _ after: ParameterStore) -> Set<String> {
        Set(before.names.filter { before[$0] != after[$0] })
    }

    @Test func oneJointPhaseIsPlainTraining() throws {
        let train = try TinyMarket.data(rows: 600, seed: 1)
        let plain = try TinyMarket.trainer(TinyMarket.model(dropout: 0.2))
        let first = try plain.fit(train, epochs: 2, batchSize: 100)
        let scheduled = try TinyMarket.trainer(TinyMarket.model(dropout: 0.2))
        let second = try scheduled.fit(train, schedule: [.joint(epochs: 2)], batchSize: 100)
        #expect(plain.parameters == scheduled.parameters)
        #expect(first.epochs.map(\.losses) == second.epochs.map(\.losses))
    }

    @Test func aSingleTaskLeavesTheOtherTowerAlone() throws {
        let (before, after, history) = try Self.fit([.single("click", epochs: 2)])
        let changed = Self.changed(before, after)
        #expect(changed.contains { $0.contains("click") })
        #expect(!changed.contains { $0.contains("buy") })
        #expect(history.epochs.allSatisfy { $0.losses[1].value == nil })
        #expect(history.epochs.allSatisfy { $0.losses[0].value != nil })
    }

    @Test func frozenPartsStayAsTheyAre() throws {
        let (before, after, _) = try Self.fit([.joint(epochs: 1).freezing("embeddings")])
        let changed = Self.changed(before, after)
        #expect(!changed.contains { $0.hasPrefix("embeddings/") } && !changed.isEmpty)
        let (_, _, free) = try Self.fit([.joint(epochs: 1)])
        #expect(free.epochs.count == 1)
    }

    @Test func frozenPartsAreFreeInTheNextPhase() throws {
        let (before, after, history) = try Self.fit([
            .joint(epochs: 1).freezing("embeddings"), .joint(epochs: 1),
        ])
        #expect(Self.changed(before, after).contains { $0.hasPrefix("embeddings/") })
        #expect(history.epochs.map(\.phase) == [1, 2])
    }

    @Test func aPhaseHasItsOwnLearningRate() throws {
        let (before, after, history) = try Self.fit([.joint(epochs: 1).learningRate(0)])
        #expect(before == after)
        #expect(history.epochs[0].learningRate == 0)
    }

    /// Adam corrects its moments by the number of updates a parameter had.
    ///
    /// By plain step numbers the first step of a tower that is trained late would be three times too long.
    @Test func adamCountsTheUpdatesOfEachParameter() throws {
        let rate: Float = 1e-3
        let train = try TinyMarket.data(rows: 600, seed: 1)
        let trainer = try TinyMarket.trainer(
            TinyMarket.model(),
            optimizer: .adam(learningRate: rate)
        )
        let before = trainer.parameters
        _ = try trainer.fit(
            train,
            schedule: [
                .single("click", epochs: 3),
                .alternating(["buy"], switchingEvery: .steps(1), rounds: 1),
            ],
            batchSize: 100
        )
        let after = trainer.parameters
        var largest: Float = 0
        for name in before.names where name.contains("buy") {
            let pairs = zip(before[name]?.floats ?? [], after[name]?.floats ?? [])
            largest = max(largest, pairs.map { abs($0 - $1) }.max() ?? 0)
        }
        // The first step of Adam is the learning rate times the sign of the gradient.
        #expect(abs(largest - rate) < 0.02 * rate, "step \(largest)")
    }

    @Test func domainNegotiationKeepsAPartOfTheWay() throws {
        func after(_ rate: Float) throws -> (ParameterStore, ParameterStore) {
            let (before, after, _) = try Self.fit(
                [.domainNegotiation(.scenarios, stepsPerDomain: 2, rounds: 1, rate: rate)],
                optimizer: .sgd(learningRate: 0.1)
            )
            return (before, after)
        }
        let (start, whole) = try after(1)
        let (_, part) = try after(0.25)
        var worst: Float = 0
        var moved: Float = 0
        for name in start.names {
            let (s, w, p) = (
                start[name]?.floats ?? [], whole[name]?.floats ?? [], part[name]?.floats ?? []
            )
            for index in s.indices {
                worst = max(worst, abs(p[index] - (s[index] + 0.25 * (w[index] - s[index]))))
                moved = max(moved, abs(w[index] - s[index]))
            }
        }
        #expect(moved > 1e-3)
        #expect(worst < 1e-6, "off by \(worst)")
    }

    @Test func everyKindOfPhaseLearns() throws {
        let phases: [TrainingPhase] = [
            .alternating(["click", "buy"], switchingEvery: .steps(3), rounds: 12),
            .alternating(["click", "buy"], switchingEvery: .epochs(1), rounds: 3),
            .sequential(.given(["buy", "click"]), epochsEach: 4),
            .mixed(.fixed(["click": 3, "buy": 1]), epochs: 6),
            .mixed(.lossProportional, epochs: 6), .mixed(.temperature(2), epochs: 6),
            .domainNegotiation(.tasks, stepsPerDomain: 5, rounds: 8, rate: 0.8),
            .domainNegotiation(.scenarios, stepsPerDomain: 5, rounds: 8, rate: 0.8),
        ]
        let train = try TinyMarket.data(rows: 1500, seed: 1)
        let valid = try TinyMarket.data(rows: 1500, seed: 2)
        for phase in phases {
            let trainer = try TinyMarket.trainer(TinyMarket.model())
            let history = try trainer.fit(
                train,
                schedule: [phase],
                batchSize: 100,
                validation: valid
            )
            let auc = try #require(history.epochs.last?.validation)
                .value(MetricSelector(.auc, task: "click")).value
            #expect((auc ?? 0) > 0.65, "\(phase.kind): \(auc ?? 0)")
        }
    }
}
