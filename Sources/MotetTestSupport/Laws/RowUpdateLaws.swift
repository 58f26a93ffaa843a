public import MotetCore
import MotetGraph

/// What must hold of a rule that updates the touched rows of a table.
public struct RowUpdateLaws {
    private let update: UpdateUnderTest
    private let table: Tensor
    private let key: RandomKey
    private let rounding = Tolerance(relative: 2e-6, absolute: 1e-7)

    /// Tries laws on a table of 8 rows.
    ///
    /// - Parameters:
    ///   - update: what is judged.
    ///   - key: the seed of table and gradients.
    public init(_ update: UpdateUnderTest, key: RandomKey) {
        self.update = update
        self.key = key
        table = TinyData.normal([8, 19], key.split("table"))
    }

    /// Tries all laws.
    ///
    /// - Returns: the results.
    /// - Throws: what the update throws.
    public func check() throws -> [LawResult] {
        var results = try untouchedRows()
        results += try allRowsTouched(l2: 0)
        results += try allRowsTouched(l2: 0.1)
        results.append(try anyOrder())
        results.append(try onlyCounted())
        if case .rowWiseAdagrad = update.rule { results += try oneNumberARow() }
        return results
    }

    private func law(_ name: String) -> String { "\(update.name): \(name)" }

    /// Steps over the rows of some ids, with other gradients each time.
    private func steps(
        _ ids: [Int32],
        l2: Float = 0,
        gradient: (Int) -> Tensor
    ) throws -> [Tensor] {
        var values = update.start(table)
        for number in 1...3 {
            var step = UpdateUnderTest.Step(
                values: values,
                gradient: gradient(number),
                ids: ids,
                count: ids.count
            )
            step.number = Int32(number)
            step.l2 = l2
            values = try update.apply(step)
        }
        return values
    }

    private func gradient(_ number: Int, rows: Int) -> Tensor {
        TinyData.normal([rows, 19], key.split(number))
    }

    /// Rows without an id, and their states, keep every bit; L2 does not reach them.
    private func untouchedRows() throws -> [LawResult] {
        let others = [0, 2, 3, 5, 7]
        let before = update.start(table)
        let after = try steps([6, 1, 4], l2: 0.1) { gradient($0, rows: 3) }
        return zip(before, after).enumerated().map { index, pair in
            LawResult(
                law("untouched rows of value \(index) keep every bit"),
                received: pair.1.rows(others),
                expected: pair.0.rows(others)
            )
        }
    }

    /// With every row touched, lazy is dense.
    private func allRowsTouched(l2: Float) throws -> [LawResult] {
        let order = [3, 7, 0, 5, 1, 6, 2, 4]
        let lazy = try steps(order.map(Int32.init), l2: l2) { number in
            gradient(number, rows: 8).rows(order)
        }
        let dense = try update.steps(
            (1...3).map { gradient($0, rows: 8) },
            from: update.start(table)
        ) { $0.l2 = l2 }
        return zip(lazy, dense).enumerated().map { index, pair in
            LawResult(
                law("with all rows touched, value \(index) is that of the dense rule, l2 \(l2)"),
                received: pair.0,
                expected: pair.1,
                tolerance: rounding
            )
        }
    }

    /// The order of ids does not matter.
    private func anyOrder() throws -> LawResult {
        let forward = try steps([6, 1, 4]) { gradient($0, rows: 3) }
        let backward = try steps([4, 1, 6]) { gradient($0, rows: 3).rows([2, 1, 0]) }
        return LawResult(
            law("ids in another order give the same table"),
            received: backward[0],
            expected: forward[0]
        )
    }

    /// Ids beyond the count have no effect, whatever their gradient.
    private func onlyCounted() throws -> LawResult {
        let whole = gradient(1, rows: 3)
        func result(_ ids: [Int32], _ gradient: Tensor) throws -> Tensor {
            try update.apply(
                UpdateUnderTest.Step(
                    values: update.start(table),
                    gradient: gradient,
                    ids: ids,
                    count: 2
                )
            )[0]
        }
        return LawResult(
            law("ids beyond the count have no effect"),
            received: try result([6, 1, 4], whole),
            expected: try result([6, 1], whole.rows([0, 1]))
        )
    }

    /// Row-wise Adagrad divides all of a row by the root of one mean of squares.
    private func oneNumberARow() throws -> [LawResult] {
        let gradient = TinyData.awayFromZero([1, 19], key.split("row"))
        let step = UpdateUnderTest.Step(
            values: update.start(table),
            gradient: gradient,
            ids: [5],
            count: 1
        )
        let after = try update.apply(step)
        let mean = gradient.numbers.map { $0 * $0 }.reduce(0, +) / 19
        let way = zip(after[0].rows([5]).floats, table.rows([5]).floats).map { $0 - $1 }
        return [
            LawResult(
                law("the state of a row is the mean of squares"),
                received: Tensor([after[1].floats[5]]),
                expected: Tensor([Float(mean)]),
                tolerance: rounding
            ),
            LawResult(
                law("a row moves along its gradient"),
                received: Tensor(way, shape: gradient.shape),
                expected: gradient.mapped { -0.05 * $0 / Float(mean.squareRoot()) },
                // The way is the difference of parameters near 1, rounded to 6e-8 of them.
                tolerance: Tolerance(relative: 1e-5, absolute: 5e-7)
            ),
        ]
    }
}
