import Foundation
import MotetCore
import MotetData
import MotetMetrics
import MotetNN
import MotetOptimizers
import Testing

@testable import MotetTraining

@Suite("Resumed schedules") struct ScheduleResumeTests {
    private static let schedule: TrainingSchedule = [
        .alternating(["click", "buy"], switchingEvery: .steps(3), rounds: 2),
        .mixed(.lossProportional, epochs: 1),
        .domainNegotiation(.scenarios, stepsPerDomain: 2, rounds: 2, rate: 0.5),
        .sequential(.easyToHard, epochsEach: 1).freezing("embeddings"),
        .joint(epochs: 1),
    ]

    private static func options(_ folder: CheckpointFolder) throws -> FitOptions {
        var options = FitOptions(
            epochs: 1,
            batchSize: 140,
            validation: try TinyMarket.data(rows: 300, seed: 2)
        )
        options.schedule = schedule
        options.checkpoints = folder
        return options
    }

    private static func folder() -> CheckpointFolder {
        CheckpointFolder(
            path: FileManager.default.temporaryDirectory
                .appendingPathComponent("motet-\(UUID().uuidString)").path
        )
    }

    @Test(arguments: [1, 4, 10, 13, 19, 23, 27, 33])
    func aResumedScheduleEqualsTheUninterruptedOne(stopAfter: Int) throws {
        let train = try TinyMarket.data(rows: 700, seed: 1)
        let model = try TinyMarket.model(dropout: 0.2)
        let folders = (0..<2).map { _ in Self.folder() }
        defer { for folder in folders { try? FileManager.default.removeItem(atPath: folder.path) } }
        let whole = try TinyMarket.trainer(model)
        let wholeHistory = try whole.fit(train, options: Self.options(folders[0]))

        var interrupted = try Self.options(folders[1])
        var steps = 0
        interrupted.shouldStop = {
            steps += 1
            return steps == stopAfter
        }
        let first = try TinyMarket.trainer(model)
        #expect(try first.fit(train, options: interrupted).isInterrupted)
        #expect(steps == stopAfter)
        var resumed = try Self.options(folders[1])
        resumed.resumes = true
        let second = try TinyMarket.trainer(model)
        let history = try second.fit(train, options: resumed)
        #expect(second.parameters == whole.parameters)
        #expect(history.epochs.map(\.losses) == wholeHistory.epochs.map(\.losses))
        #expect(history.epochs.map(\.step) == wholeHistory.epochs.map(\.step))
    }
}
