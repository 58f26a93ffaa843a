import Testing

@testable import MotetMultiTask

@Suite("QuadraticProgram") struct QuadraticProgramTests {
    @Test(arguments: try AggregationGolden.read().programs)
    func equalsQuadprog(program: AggregationGolden.Program) throws {
        let solved = try QuadraticProgram(
            hessian: program.hessian,
            linear: program.linear,
            constraints: program.constraints,
            bounds: program.bounds,
            equalities: program.equalities
        ).solution()
        // Both are exact up to rounding; matrices have conditions up to about 1e5.
        let error = distance(solved, program.solution, scale: 1)
        #expect(error < 1e-9, "\(solved) against \(program.solution): \(error)")
    }

    @Test func withoutActiveConstraintsItIsTheFreeMinimum() throws {
        let program = QuadraticProgram(
            hessian: [2, 0, 0, 4],
            linear: [2, 4],
            constraints: [[1, 0]],
            bounds: [-10]
        )
        #expect(distance(try program.solution(), [1, 1]) < 1e-15)
    }

    @Test func contradictionsAreNoticed() {
        let program = QuadraticProgram(
            hessian: [1],
            linear: [0],
            constraints: [[1], [-1]],
            bounds: [1, 1]
        )
        #expect(throws: QuadraticProgram.Failure.infeasible) { try program.solution() }
    }

    @Test func anIndefiniteMatrixIsNoticed() {
        let program = QuadraticProgram(
            hessian: [1, 2, 2, 1],
            linear: [0, 0],
            constraints: [],
            bounds: []
        )
        #expect(throws: QuadraticProgram.Failure.indefinite) { try program.solution() }
    }

    private static let points: [[[Double]]] = [
        [[0.2, 0.8], [0.2, 0.8]], [[5, 0], [1, 0]], [[-1, 0.5, 0.4], [0, 0.55, 0.45]],
        [[1, 1, 1, 1], [0.25, 0.25, 0.25, 0.25]],
    ]

    @Test(arguments: points)
    func theSimplexIsProjectedOnto(pair: [[Double]]) {
        #expect(distance(SimplexProgram.projection(pair[0]), pair[1]) < 1e-15)
    }
}
