import ExampleSupport
import Motet

/// Rows of files as a request would spell them.
struct ShopRows {
    let rows: RawRows
    private let scenarios: [RawValue]

    /// Reads the columns that an experiment's model reads, of its test rows; rows without a price are left out.
    ///
    /// - Parameters:
    ///   - experiment: the experiment, whose test rows are in files of their own.
    ///   - most: the most rows; of more than that every second, third and so on is taken. Nil for all.
    /// - Throws: `ExampleError` without test files, `TableError` where they cannot be read.
    init(_ experiment: Experiment, most: Int? = nil) throws {
        guard !experiment.data.test.isEmpty else {
            throw ExampleError("experiment \"\(experiment.name)\": expected `data.test`.")
        }
        var columns = Set(experiment.features.map(\.column))
        let prices = Set(experiment.tasks.compactMap { $0.demand?.price })
        columns.formUnion(prices)
        let place = experiment.data.scenario?.column
        if let place { columns.insert(place) }
        let source = experiment.data.source(experiment.data.test)
        let all = try RawRows(reading: source, columns: columns.sorted())
        let step = most.map { max(1, (all.count + $0 - 1) / max($0, 1)) } ?? 1
        let places = stride(from: 0, to: all.count, by: step).filter { row in
            prices.allSatisfy { all.isAbove(0, $0, row) }
        }
        rows = all.picked(places)
        if let place, case .each(let values)? = rows.columns[place] {
            scenarios = values
        } else {
            scenarios = []
        }
    }

    /// The numbers of the rows of a scenario; all of them for `all`.
    func places(_ scenario: String) -> [Int] {
        scenario == ShopTruth.Measure.allRows
            ? Array(0..<rows.count)
            : scenarios.indices.filter { scenarios[$0] == .text(scenario) }
    }
}

extension RawRows {
    /// Whether a row has a number above another.
    fileprivate func isAbove(_ least: Double, _ column: String, _ row: Int) -> Bool {
        guard case .each(let values)? = columns[column] else { return false }
        return switch values[row] {
        case .number(let number): number > least
        case .integer(let number): Double(number) > least
        default: false
        }
    }

    /// Some of the rows.
    func picked(_ rows: [Int]) -> RawRows {
        RawRows(
            count: rows.count,
            columns: columns.mapValues { column in
                switch column {
                case .same(let value): .same(value)
                case .each(let values): .each(rows.map { values[$0] })
                }
            }
        )
    }
}
