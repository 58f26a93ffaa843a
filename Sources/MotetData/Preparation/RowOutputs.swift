import CKernels

/// The sample weight of a row.
final class WeightOutput: OutputColumn {
    let name = "weight"
    let kind = PreparedKind.float32(width: 1)
    private let context: PartContext
    private let column: String
    private let numbers: UnsafeMutableBufferPointer<Double>
    private let memory = ReusedMemory<Float>()
    let tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init?(_ context: PartContext) {
        guard let column = context.schema.sampleWeight,
            let numbers = context.table.doubles(.number(column: column))
        else { return nil }
        self.context = context
        self.column = column
        self.numbers = numbers
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        for (place, index) in range.enumerated() {
            let value = numbers[context.rows[index]]
            guard value >= 0, value <= Double(Float.greatestFiniteMagnitude) else {
                throw context.invalid(
                    "invalid_weight",
                    index,
                    column,
                    "not a weight; expected a finite number of at least 0; received "
                        + "\(value.isNaN ? "nothing" : shortNumber(value))."
                )
            }
            out[place] = Float(value)
        }
        block = .floats(out)
    }
}

/// The index of a row's scenario.
final class ScenarioOutput: OutputColumn {
    let name = "scenario"
    let kind: PreparedKind = .int32
    private let context: PartContext
    private let scenarios: ScenarioIndex
    private let codes: UnsafeMutableBufferPointer<Int32>
    /// The scenario of each code, after that of a missing value; -1 for none.
    private let table: [Int32]
    /// Whether the value of each code, after that of a missing value, is no scenario.
    private let isUnknown: [Bool]
    private let memory = ReusedMemory<Int32>()
    private(set) var tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init?(_ context: PartContext) {
        guard let scenarios = ScenarioIndex(context.fitted),
            let codes = context.table.codes(.codes(column: scenarios.column))
        else { return nil }
        self.context = context
        self.scenarios = scenarios
        self.codes = codes
        let dictionary = context.data.dictionary(of: scenarios.column)
        let found = (0..<dictionary.count).map { scenarios.known(dictionary.text(Int32($0))) }
        table = [scenarios.other] + found.map { $0 ?? scenarios.other }
        isUnknown = [true] + found.map { $0 == nil }
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        for (place, index) in range.enumerated() {
            let code = codes[context.rows[index]]
            let scenario = table[Int(code) + 1]
            guard scenario >= 0 else { throw undeclared(index, code) }
            out[place] = scenario
            guard isUnknown[Int(code) + 1] else { continue }
            if code < 0 { tally.missing += 1 } else { tally.unknown += 1 }
        }
        block = .integers(out)
    }

    private func undeclared(_ index: Int, _ code: Int32) -> PreparationError {
        let text =
            code < 0 ? nil : context.data.dictionary(of: scenarios.column).text(code)
        return context.invalid(
            "unknown_scenario",
            index,
            scenarios.column,
            scenarios.problem(text)
        )
    }
}

/// Codes of a column numbered anew in order of appearance, -1 for a missing value.
final class NumberedOutput: OutputColumn {
    let name: String
    let kind: PreparedKind = .int32
    private let column: String
    private let context: PartContext
    private let codes: UnsafeMutableBufferPointer<Int32>
    private var numbers: [Int32]
    /// The codes in order of their numbers.
    private var order: [Int32] = []
    private let memory = ReusedMemory<Int32>()
    let tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init?(_ name: String, column: String, _ context: PartContext) {
        guard let codes = context.table.codes(.codes(column: column)) else { return nil }
        self.name = name
        self.column = column
        self.context = context
        self.codes = codes
        numbers = Array(repeating: -1, count: context.data.dictionary(of: column).count)
    }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        for (place, index) in range.enumerated() {
            let code = codes[context.rows[index]]
            guard code >= 0 else {
                out[place] = -1
                continue
            }
            if numbers[Int(code)] < 0 {
                numbers[Int(code)] = Int32(order.count)
                order.append(code)
            }
            out[place] = numbers[Int(code)]
        }
        block = .integers(out)
    }

    /// The values by number; the value of number 0 has id 1.
    func values() -> Vocabulary { context.data.dictionary(of: column).vocabulary(order) }
}

/// The row of the source each row came from, from 0.
final class RowOutput: OutputColumn {
    let name = "row"
    let kind: PreparedKind = .int32
    private let rows: RowSelection
    private let memory = ReusedMemory<Int32>()
    let tally = motet_code_tally()
    private(set) var block = OutputBlock.integers(.init(start: nil, count: 0))

    init(_ context: PartContext) { rows = context.rows }

    func encode(_ range: Range<Int>) throws {
        let out = memory.room(range.count)
        for (place, index) in range.enumerated() { out[place] = Int32(rows[index]) }
        block = .integers(out)
    }
}
