import MotetCore
import MotetData
import MotetNN

/// The memory of a request: its encoded columns and its outputs, kept for the next one that brings the same columns.
///
/// `@unchecked Sendable`: `RequestProgram` hands it out under a lock, and one request uses it at a time.
final class RequestWorkspace: @unchecked Sendable {
    /// Where the elements of an input of the model stand.
    private enum Place {
        case once(Int)
        case each(Int)
        case items(Int)
        case numbers
        case scenarioOffsets
    }

    /// The most rows.
    let capacity: Int
    /// The value of every size of the rows that are encoded.
    private(set) var sizes: [SizeSymbol: Int] = [:]
    /// The outputs by the predictor's order, row by row.
    var outputs: [[Float]]
    private let once: EncodedColumns?
    private let each: EncodedColumns?
    private let items: PickedRows?
    private let table: EncodedItems?
    private let places: [Place]
    /// The rows in the order of their scenarios; nil where the model has no towers of scenarios.
    private let order: ScenarioOrder?
    private let scenarioColumn: String?
    /// The rows of the table of items.
    private let numbers: UnsafeMutablePointer<Int32>

    /// Makes the memory.
    ///
    /// - Parameters:
    ///   - program: how requests are computed.
    ///   - capacity: the most rows.
    /// - Throws: `PreparationError` and `TableError` where it cannot be made.
    init(_ program: RequestProgram, capacity: Int) throws {
        let encoder = program.shape.encoder
        func columns(_ names: Set<String>, _ rows: Int) throws -> EncodedColumns? {
            names.isEmpty ? nil : try EncodedColumns(names, capacity: rows, encoder)
        }
        let once = try columns(program.once, 1)
        let each = try columns(program.each, capacity)
        self.capacity = capacity
        self.once = once
        self.each = each
        table = program.table
        var items: PickedRows?
        if let table = program.table, !program.items.isEmpty {
            items = try PickedRows(table.encoded, columns: program.items, capacity: capacity)
        }
        self.items = items
        let picked = items?.buffer.inputs.map(\.name) ?? []
        places = program.predictor.inputs.map { input in
            if let index = once?.inputs.firstIndex(of: input.name) { return .once(index) }
            if let index = each?.inputs.firstIndex(of: input.name) { return .each(index) }
            if input.name == BatchInput.scenarioOffsetsName { return .scenarioOffsets }
            if let index = picked.firstIndex(of: input.name) { return .items(index) }
            return .numbers
        }
        scenarioColumn = encoder.scenarioColumn
        order =
            program.scenarioCount > 0
            ? ScenarioOrder(scenarios: program.scenarioCount, capacity: capacity, encoder) : nil
        outputs = program.predictor.outputNames.map { _ in [] }
        numbers = .allocate(capacity: capacity)
        numbers.initialize(repeating: 0, count: capacity)
    }

    deinit { numbers.deallocate() }

    /// Encodes the rows of a request in place of those before.
    ///
    /// - Parameters:
    ///   - count: the number of rows, at most `capacity`.
    ///   - column: the columns that the request brings.
    ///   - rows: their rows in the table of items, for columns that it does not bring.
    ///   - place: how a row is called in error sentences.
    /// - Throws: `PreparationError` for the first value that cannot be encoded.
    func encode(
        _ count: Int,
        _ column: (String) -> RawRows.Column?,
        _ rows: ItemRows?,
        place: @escaping (Int) -> String
    ) throws {
        sizes[.batch] = count
        guard let order else {
            return try encode(count, column, rows?.table, rows?.rows ?? [], { $0 }, place)
        }
        defer { order.forgetPlaces() }
        let scenario = scenarioColumn.map { values($0, column, rows) } ?? .same(.missing)
        try order.sort(count, scenario, place)
        do {
            try encode(
                count,
                column,
                rows?.table,
                order.sorted(rows?.rows ?? []),
                { order.sorted($0) },
                order.place
            )
        } catch let error as PreparationError {
            throw error.row.map { error.inRow(order.row($0)) } ?? error
        }
    }

    /// Encodes rows that stand in their order: `picked` has their rows in the table in that order, and `sorted` brings
    /// the values of a column of the request into it.
    private func encode(
        _ count: Int,
        _ column: (String) -> RawRows.Column?,
        _ table: EncodedItems?,
        _ picked: [Int],
        _ sorted: (RowValues) -> RowValues,
        _ place: @escaping (Int) -> String
    ) throws {
        if let once {
            try once.encode(1, { RowValues(column($0)) }, place: place)
            for (index, symbol) in once.symbols.enumerated() {
                sizes[symbol] = once.valueCount(index)
            }
        }
        if let each {
            try each.encode(
                count,
                { name in
                    if let own = column(name) { return sorted(RowValues(own)) }
                    return table?.raw[name].map { .picked($0, picked) } ?? .same(.missing)
                },
                place: place
            )
            for (index, symbol) in each.symbols.enumerated() {
                sizes[symbol] = each.valueCount(index)
            }
        }
        guard table != nil else { return }
        for (index, row) in picked.enumerated() { numbers[index] = Int32(row) }
        guard let items else { return }
        try items.pick(picked)
        for (index, symbol) in items.buffer.symbols.enumerated() where symbol != .batch {
            sizes[symbol] = items.buffer.size(index)
        }
    }

    /// The values of a column: the request's, else the table's.
    private func values(
        _ name: String,
        _ column: (String) -> RawRows.Column?,
        _ rows: ItemRows?
    ) -> RowValues {
        if let own = column(name) { return RowValues(own) }
        guard let rows, let values = rows.table.raw[name] else { return .same(.missing) }
        return .picked(values, rows.rows)
    }

    /// Where the elements of an input of the model begin.
    func elements(_ input: Int) -> UnsafeRawPointer {
        switch places[input] {
        case .once(let index): once.map { $0.elements(index) } ?? UnsafeRawPointer(numbers)
        case .each(let index): each.map { $0.elements(index) } ?? UnsafeRawPointer(numbers)
        case .items(let index):
            items.map { UnsafeRawPointer($0.buffer.pointer(index)) } ?? UnsafeRawPointer(numbers)
        case .numbers: UnsafeRawPointer(numbers)
        case .scenarioOffsets: UnsafeRawPointer(order?.offsets ?? numbers)
        }
    }

    /// Keeps an output.
    func keep(_ output: Int, _ values: UnsafeBufferPointer<Float>) {
        outputs[output].removeAll(keepingCapacity: true)
        guard let order else { return outputs[output].append(contentsOf: values) }
        order.append(values, to: &outputs[output])
    }

    /// The number of each row's scenario, or one for all; nil where the model does not read it.
    var scenarios: UnsafeBufferPointer<Int32>? {
        order?.scenarios ?? once?.scenarios ?? each?.scenarios
    }
}
