import MotetCore
import MotetGraph
import MotetOneDNN
import MotetOptimizers
import MotetReference
import MotetTestSupport
import Testing

@Suite("Optimizers") struct OptimizerTests {
    typealias Parameter = AppliedOptimizer.Parameter

    static let backends: [any Backend] = [ReferenceBackend(), OneDNNBackend()]

    private static let ones = Tensor([1, 1, 1, 1] as [Float], shape: [2, 2])
    private static let zeros = Tensor(zeros: [2, 2])

    @Test(arguments: [0, 1])
    func penaltiesReachWeightsOnly(backend: Int) throws {
        let applied = try AppliedOptimizer(
            .sgd(learningRate: 1).with { $0.l2 = 0.25 },
            [
                Parameter(value: Self.ones, gradient: Self.zeros, isDecayed: true),
                Parameter(value: Self.ones, gradient: Self.zeros, isDecayed: false),
            ],
            on: Self.backends[backend]
        )
        #expect(applied.values[0].floats == [0.75, 0.75, 0.75, 0.75])
        #expect(applied.values[1].floats == Self.ones.floats)
    }

    @Test(arguments: [0, 1])
    func decayPassesBiasesAndTables(backend: Int) throws {
        let applied = try AppliedOptimizer(
            .adamW(learningRate: 0.5, weightDecay: 0.5),
            [
                Parameter(value: Self.ones, gradient: Self.zeros, isDecayed: true),
                Parameter(value: Self.ones, gradient: Self.zeros, isDecayed: false),
                Parameter(value: Self.ones, gradient: Self.zeros, ids: [0, 1], isDecayed: true),
            ],
            on: Self.backends[backend]
        )
        #expect(applied.values[0].floats == [0.75, 0.75, 0.75, 0.75])
        #expect(applied.values[1].floats == Self.ones.floats)
        #expect(applied.values[2].floats == Self.ones.floats)
    }

    @Test(arguments: [0, 1])
    func rowsOfOneIdAreAddedUp(backend: Int) throws {
        let gradient = Tensor([1, 2, 10, 20, 100, 200] as [Float], shape: [3, 2])
        for tables in [Optimizer.TableMode.touchedRows, .dense] {
            let applied = try AppliedOptimizer(
                .sgd(learningRate: 1).with { $0.tables = tables },
                [Parameter(value: Tensor(zeros: [3, 2]), gradient: gradient, ids: [2, 0, 2])],
                on: Self.backends[backend]
            )
            #expect(applied.values[0].floats == [-10, -20, 0, 0, -101, -202], "\(tables)")
        }
    }

    /// The norm counts the sum of an id's rows, once.
    @Test(arguments: [0, 1])
    func theNormCountsEachTouchedRowOnce(backend: Int) throws {
        let gradient = Tensor([1, 0, 2, 0] as [Float], shape: [2, 2])
        let applied = try AppliedOptimizer(
            .sgd(learningRate: 1).with { $0.clipsNorm = 1.5 },
            [Parameter(value: Tensor(zeros: [3, 2]), gradient: gradient, ids: [1, 1])],
            on: Self.backends[backend]
        )
        // 1 + 2 = 3, which is cut to 1.5.
        #expect(applied.values[0].floats == [0, 0, -1.5, 0, 0, 0])
    }

    @Test func tablesKeepTheStatesOfTheirMode() throws {
        let table = Parameter(value: Tensor(zeros: [3, 2]), gradient: Self.ones, ids: [0, 1])
        func slots(_ tables: Optimizer.TableMode) throws -> [String] {
            try AppliedOptimizer(
                .adam(learningRate: 1).with { $0.tables = tables },
                [table],
                on: ReferenceBackend()
            ).slots.map { "\($0.name) \($0.shape)" }
        }
        let moments = ["p0#first_moment [3, 2]", "p0#second_moment [3, 2]"]
        #expect(try slots(.touchedRows) == moments)
        #expect(try slots(.dense) == moments)
        #expect(try slots(.rowWiseAdagrad(epsilon: 1e-10)) == ["p0#accumulator [3]"])
    }
}
