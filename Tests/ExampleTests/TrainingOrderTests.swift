import ExampleSupport
import Motet
import Testing

@testable import TrainingOrder

@Suite("TrainingOrder") struct TrainingOrderTests {
    private func program() throws -> TrainingOrder {
        var program = try TrainingOrder(
            ShapeCollection.make(120),
            isCutOut: true,
            turn: 4,
            others: 100
        )
        (program.model.filters, program.rounds) = (2, 5)
        return program
    }

    @Test func everyOrderTakesTheSameNumberOfSteps() throws {
        let program = try program()
        for (name, schedule) in program.orders {
            let trainer = try program.trainer(TrainingOrder.tasks, seed: 0)
            var options = FitOptions(epochs: 1, batchSize: 16, validation: program.validation)
            options.schedule = schedule
            let history = try trainer.fit(program.train, options: options)
            // Five rounds of three turns of 4 steps, and an epoch of 12.
            #expect(history.epochs.last?.step == 72, "\(name)")
        }
    }

    /// As the documentation of `TrainingSchedule` has it: turns of 100 steps, 50 rounds, ten epochs.
    @Test func theFullScheduleIsTheDocumentedOne() throws {
        var program = try TrainingOrder(ShapeCollection.make(20), isCutOut: true, others: 2)
        program.rounds = 50
        let turns = TrainingPhase.alternating(
            ["class", "object", "box"],
            switchingEvery: .steps(100),
            rounds: 50
        )
        #expect(program.orders[1].schedule == [turns, .joint(epochs: 10)])
        #expect(program.train.rowCount == 300 * program.batchSize)
    }

    @Test func theTableHoldsFiveOrders() throws {
        let program = try program()
        let table = try program.compare(seeds: [0, 1])
        for order in program.orders.map(\.name) + ["single tasks"] {
            for metric in ["accuracy", "mean IoU", "AP@0.5", "mAP"] {
                #expect(table.values(metric, of: order).count == 2, "\(order) \(metric)")
            }
        }
        #expect(program.orders.count == 4)
        #expect(
            table.values("mean IoU", of: "joint") != table.values("mean IoU", of: "easy to hard")
        )
    }
}
