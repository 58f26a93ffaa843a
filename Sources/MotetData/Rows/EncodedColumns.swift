import CKernels
package import MotetCore

/// Prepared columns that rows in memory are encoded into, kept from request to request.
///
/// What encodes a column, and its memory, is made once, for a number of rows. Encoding as many or fewer again takes no
/// memory, but for lists longer than those before and for texts that must be repaired first.
///
/// It has one owner, which may move between threads but not be used by two.
package final class EncodedColumns {
    /// An input of a model that stands here.
    private enum Place {
        case block(Int)
        case offsets(Int)
        case scenario
    }

    /// The most rows.
    package let capacity: Int
    /// The rows that are encoded now.
    package private(set) var rowCount = 0
    /// The names of the inputs that models read, as those of a `BatchBuffer` are called.
    package let inputs: [String]
    /// The sizes of ragged columns, by the numbers of `valueCount(_:)`.
    package let symbols: [SizeSymbol]

    let outputs: [any OutputColumn]
    private let encoder: RowEncoder
    private let columns: [(role: ColumnPlan.Role, kept: RawTable.Column)]
    private let table: RawTable
    private let source: RawData.Source
    private let data: RawData
    private let places: [Place]
    private let ragged: [Int]
    private let hasScenario: Bool
    private let scenarioMemory = ReusedMemory<Int32>()
    private let naming: RowNaming
    private let nothing = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

    /// How rows are called in error sentences.
    private final class RowNaming {
        static let plain: @Sendable (Int) -> String = { "row \($0)" }
        var place: (Int) -> String = RowNaming.plain
    }

    /// Makes the columns.
    ///
    /// - Parameters:
    ///   - names: the prepared columns: names of features, `numeric`, `scenario`.
    ///   - capacity: the most rows, at least one.
    ///   - encoder: what encodes them as the training rows were.
    /// - Throws: ``PreparationError`` where memory runs out.
    package init(_ names: Set<String>, capacity: Int, _ encoder: RowEncoder) throws {
        let fitted = encoder.fitted
        self.encoder = encoder
        self.capacity = capacity
        let naming = RowNaming()
        self.naming = naming
        let table = RawTable { _, row in naming.place(row) }
        table.rows = capacity
        var columns: [(role: ColumnPlan.Role, kept: RawTable.Column)] = []
        let read = Set(
            fitted.schema.features.filter { names.contains($0.isFloat ? "numeric" : $0.name) }
                .map(\.column)
        )
        for role in encoder.plan.roles where read.contains(role.column) {
            let kept = try RawTable.Column(role, rows: capacity)
            table.columns[role] = kept
            columns.append((role, kept))
        }
        self.columns = columns
        self.table = table
        source = RawData.Source(table: table, part: .test)
        data = RawData(
            schema: fitted.schema,
            plan: encoder.plan,
            sources: [source],
            dictionaries: encoder.dictionaries,
            directory: "",
            dropsRows: false,
            keepsReport: false
        )
        data.knownIDs = encoder.knownIDs
        let context = PartContext(
            part: .test,
            table: table,
            rows: RowSelection(all: capacity),
            data: data,
            fitted: fitted
        )
        outputs = try PartEncoding(context).outputs.filter { names.contains($0.name) }
        hasScenario = encoder.scenarios != nil && names.contains("scenario")
        var inputs: [String] = []
        var places: [Place] = []
        var ragged: [Int] = []
        for (index, output) in outputs.enumerated() {
            inputs.append(output.kind.isRagged ? output.name + ".values" : output.name)
            places.append(.block(index))
            guard output.kind.isRagged else { continue }
            inputs.append(output.name + ".offsets")
            places.append(.offsets(index))
            ragged.append(index)
        }
        symbols = ragged.map { [outputs] in BatchInput.valueCount(ofColumn: outputs[$0].name) }
        if hasScenario {
            inputs.append("scenario")
            places.append(.scenario)
        }
        self.inputs = inputs
        self.places = places
        self.ragged = ragged
    }

    deinit { nothing.deallocate() }

    /// Encodes rows in place of those before.
    ///
    /// - Parameters:
    ///   - count: the number of rows, at most `capacity`.
    ///   - values: the values of a column that rows may have.
    ///   - place: how a row is called in error sentences.
    /// - Throws: ``PreparationError`` with the row and the column of the first value that cannot be encoded.
    package func encode(
        _ count: Int,
        _ values: (String) -> RowValues,
        place: @escaping (Int) -> String
    ) throws {
        precondition((0...capacity).contains(count), "EncodedColumns: \(count) rows do not fit.")
        naming.place = place
        // What names the rows of a request may hold much of it.
        defer { naming.place = RowNaming.plain }
        table.rows = count
        rowCount = count
        source.markAnew()
        for column in columns {
            try encoder.fill(column.kept, column.role, values(column.role.column), count, place)
        }
        try data.clean(like: encoder.fitted)
        for output in outputs { try output.encode(0..<count) }
        guard hasScenario, let scenarios = encoder.scenarios else { return }
        let indices = scenarioMemory.room(count)
        let own = values(scenarios.column)
        if case .same(let value) = own {
            indices.update(repeating: try encoder.scenario(scenarios, value, 0, place))
        } else {
            for row in 0..<count {
                indices[row] = try encoder.scenario(scenarios, own[row], row, place)
            }
        }
    }

    /// Where the elements of an input begin, by its place in `inputs`; aligned to 64 bytes, and valid until rows are
    /// encoded anew.
    package func elements(_ input: Int) -> UnsafeRawPointer {
        let elements: UnsafeRawPointer? =
            switch places[input] {
            case .scenario: UnsafeRawPointer(scenarioMemory.room(rowCount).baseAddress)
            case .block(let output):
                switch outputs[output].block {
                case .floats(let floats): UnsafeRawPointer(floats.baseAddress)
                case .integers(let integers): UnsafeRawPointer(integers.baseAddress)
                case .lists(let values, _): UnsafeRawPointer(values.baseAddress)
                }
            case .offsets(let output):
                if case .lists(_, let offsets) = outputs[output].block {
                    UnsafeRawPointer(offsets.baseAddress)
                } else {
                    nil
                }
            }
        // Lists without any value have no memory; nothing is read there.
        return elements ?? UnsafeRawPointer(nothing)
    }

    /// The number of values of all lists of a ragged column, by its place in `symbols`.
    package func valueCount(_ symbol: Int) -> Int {
        guard case .lists(let values, _) = outputs[ragged[symbol]].block else { return 0 }
        return values.count
    }

    /// The number of each row's scenario; nil where it is not among the columns.
    package var scenarios: UnsafeBufferPointer<Int32>? {
        hasScenario ? UnsafeBufferPointer(scenarioMemory.room(rowCount)) : nil
    }
}

extension RawTable.Column {
    /// An empty column with room for rows of a role.
    init(_ role: ColumnPlan.Role, rows: Int) throws {
        func array<Element>() -> ScratchArray<Element> {
            ScratchArray(directory: "", memoryBytes: .max, expected: rows)
        }
        switch role {
        case .number, .time: self = .doubles(array())
        case .codes, .buckets: self = .codes(array())
        case .list, .bucketList:
            self = .lists(RawTable.RawLists(directory: "", memoryBytes: .max, expected: rows))
        }
        // What encodes a column notes where its elements are, and how many.
        switch self {
        case .doubles(let array): try array.append(0, count: rows)
        case .codes(let array): try array.append(-1, count: rows)
        case .lists: break
        }
    }
}

extension ScratchArray {
    fileprivate func append(_ element: Element, count: Int) throws {
        try append(count) { out in
            out.update(repeating: element, count: count)
            return count
        }
    }
}
