import MotetCore
import Testing

@testable import MotetMultiTask

@Suite("One step of an aggregation") struct AggregationStepTests {
    /// What the step makes of the products of two tasks' gradients.
    private func step(_ aggregation: GradientAggregation, _ products: [Float]) -> [Tensor] {
        let operation = AggregationStep(
            aggregation: aggregation,
            rows: [[0, 1]],
            trained: [0, 1],
            taskCount: 2,
            key: RandomKey(seed: 1)
        )
        let scalars = [Float](repeating: 1, count: 4).map { Tensor([$0], shape: []) }
        return operation.evaluate(
            [Tensor(products, shape: [2, 2])] + scalars
                + [Tensor([Int32(1)], shape: []), Tensor(zeros: [operation.stateSize])]
        )
    }

    private static let programs: [GradientAggregation] = [.upgrad, .mgda, .cagrad()]

    /// No two vectors of length 1 have the product 2.
    @Test(arguments: programs)
    func aProgramWithoutASolutionTakesTheMean(aggregation: GradientAggregation) {
        let made = step(aggregation, [1, 2, 2, 1])
        #expect(made[0].floats == [0.5, 0.5, 1, 1, 0.5, 0.5])
        #expect(made[3].floats == [1])
        let solved = step(aggregation, [4, -1, -1, 1])
        #expect(solved[3].floats == [0])
        #expect(solved[0].floats[0] < solved[0].floats[1])
    }

    /// The factors of what is left are those of a step of one task.
    @Test(arguments: programs)
    func aTaskWithoutAFiniteGradientIsLeftOut(aggregation: GradientAggregation) {
        for bad in [Float.nan, .infinity] {
            let made = step(aggregation, [bad, bad, bad, 9])
            #expect(made[0].floats[0] == 0 && made[0].floats[1] > 0)
            #expect(Array(made[0].floats[2..<4]) == [0, 1])
            #expect(made[2].floats == [0, 0, 0, 9])
            #expect(made[3].floats == [0])
        }
    }
}
