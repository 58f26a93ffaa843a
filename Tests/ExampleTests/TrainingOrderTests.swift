import ExampleSupport
import Motet
import Testing

@testable import TrainingOrder

@Suite("TrainingOrder") struct TrainingOrderTests {
    private func program() throws -> TrainingOrder {
        var program = try TrainingOrder(
            ShapeCollection.make(120),
            isCutOut: true,
            counts: (train: 192, other: 100)
        )
        (program.model.filters, program.epochs, program.batchSize) = (2, 3, 16)
        return program
    }

    @Test func everyOrderTakesTheSameNumberOfSteps() throws {
        let program = try program()
        for (name, schedule) in program.orders {
            let trainer = try program.trainer(TrainingOrder.tasks, seed: 0)
            var options = FitOptions(epochs: 1, batchSize: 16, validation: program.validation)
            options.schedule = schedule
            let history = try trainer.fit(program.train, options: options)
            #expect(history.epochs.last?.step == 36, "\(name)")
        }
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
