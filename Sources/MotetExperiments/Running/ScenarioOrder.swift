import MotetData

/// The rows of a request in the order of their scenarios, in memory that is kept.
///
/// Rows of one scenario keep their order. It has one owner, which may move between threads but not be used by two.
final class ScenarioOrder {
    /// The number of each row's scenario, in the order of the request.
    var scenarios: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(start: numbers, count: count) }
    /// For each row of the batch its row in the request; empty where both are the same.
    private(set) var rows: [Int] = []
    /// Where each scenario's rows start in the batch, and where the last one's end: `[S + 1]`.
    let offsets: UnsafeMutablePointer<Int32>
    private let scenarioCount: Int
    private let encoder: RowEncoder
    private let numbers: UnsafeMutablePointer<Int32>
    private var count = 0
    private var sorted: [Int] = []
    private let naming: Naming

    /// How a row of the batch is called in error sentences.
    let place: (Int) -> String

    /// How rows of the request are called, and which they are.
    private final class Naming {
        var place: (Int) -> String = { "row \($0)" }
        var rows: [Int] = []
    }

    /// Makes the memory.
    ///
    /// - Parameters:
    ///   - count: the number of scenarios.
    ///   - capacity: the most rows.
    ///   - encoder: what tells the scenario of a row.
    init(scenarios count: Int, capacity: Int, _ encoder: RowEncoder) {
        scenarioCount = count
        self.encoder = encoder
        offsets = .allocate(capacity: count + 1)
        offsets.initialize(repeating: 0, count: count + 1)
        numbers = .allocate(capacity: capacity)
        numbers.initialize(repeating: 0, count: capacity)
        let naming = Naming()
        self.naming = naming
        place = { row in
            naming.place(naming.rows.isEmpty ? row : naming.rows[row])
        }
    }

    deinit {
        offsets.deallocate()
        numbers.deallocate()
    }

    /// Sorts the rows of a request, in place of those before.
    ///
    /// - Parameters:
    ///   - count: the number of rows.
    ///   - values: the values of the scenario's column.
    ///   - place: how a row of the request is called in error sentences.
    /// - Throws: `PreparationError` for a value that the schema refuses.
    func sort(_ count: Int, _ values: RowValues, _ place: @escaping (Int) -> String) throws {
        naming.place = place
        naming.rows = []
        rows.removeAll(keepingCapacity: true)
        self.count = count
        if case .same(let value) = values {
            let scenario = try encoder.scenario(value, row: 0, place: place)
            numbers.update(repeating: scenario, count: count)
        } else {
            for row in 0..<count {
                numbers[row] = try encoder.scenario(values[row], row: row, place: place)
            }
        }
        offsets.update(repeating: 0, count: scenarioCount + 1)
        var isSorted = true
        for row in 0..<count {
            offsets[Int(numbers[row]) + 1] += 1
            if row > 0, numbers[row] < numbers[row - 1] { isSorted = false }
        }
        for scenario in 0..<scenarioCount { offsets[scenario + 1] += offsets[scenario] }
        guard !isSorted else { return }
        for _ in 0..<count { rows.append(0) }
        for row in 0..<count {
            let scenario = Int(numbers[row])
            rows[Int(offsets[scenario])] = row
            offsets[scenario] += 1
        }
        // Each start was moved to its end, which is the start of the next.
        for scenario in stride(from: scenarioCount, to: 0, by: -1) {
            offsets[scenario] = offsets[scenario - 1]
        }
        offsets[0] = 0
        naming.rows = rows
    }

    /// Forgets how rows are called: what names the rows of a request may hold much of it.
    func forgetPlaces() { naming.place = { "row \($0)" } }

    /// The row of the request that stands in a row of the batch.
    func row(_ position: Int) -> Int { rows.isEmpty ? position : rows[position] }

    /// Rows of a table in the order of the batch.
    func sorted(_ table: [Int]) -> [Int] {
        guard !rows.isEmpty, !table.isEmpty else { return table }
        sorted.removeAll(keepingCapacity: true)
        for row in rows { sorted.append(table[row]) }
        return sorted
    }

    /// Values of rows in the order of the batch.
    func sorted(_ values: RowValues) -> RowValues {
        guard !rows.isEmpty else { return values }
        switch values {
        case .same: return values
        case .each(let each): return .picked(each, rows)
        case .picked: preconditionFailure("ScenarioOrder: rows of a table are sorted first.")
        }
    }

    /// Adds outputs of the batch to a list in the order of the request.
    func append(_ values: UnsafeBufferPointer<Float>, to list: inout [Float]) {
        guard !rows.isEmpty else { return list.append(contentsOf: values) }
        let width = values.count / rows.count
        for _ in values { list.append(0) }
        for (position, row) in rows.enumerated() {
            for column in 0..<width {
                list[row * width + column] = values[position * width + column]
            }
        }
    }
}
