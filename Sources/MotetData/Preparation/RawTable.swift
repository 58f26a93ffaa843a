/// The columns of one source as they were read, numbers as doubles and values as codes, before
/// anything is learnt from them.
final class RawTable {
    /// A kept column.
    enum Column {
        case doubles(ScratchArray<Double>)
        case codes(ScratchArray<Int32>)
        case lists(RawLists)
    }

    /// Lists of codes, end to end.
    final class RawLists {
        /// Where each row's list begins.
        let starts: ScratchArray<Int64>
        /// How long it is; -1 for a missing list.
        let lengths: ScratchArray<Int32>
        let values: ScratchArray<Int32>

        init(directory: String, memoryBytes: Int = 4 << 20, expected: Int = 8_192) {
            func array<Element: BitwiseCopyable>() -> ScratchArray<Element> {
                ScratchArray(directory: directory, memoryBytes: memoryBytes, expected: expected)
            }
            (starts, lengths, values) = (array(), array(), array())
        }

        func finish() throws {
            try starts.finish()
            try lengths.finish()
            try values.finish()
        }

        /// Empties lists that have no file; their memory is kept.
        func removeAll() {
            starts.removeAll()
            lengths.removeAll()
            values.removeAll()
        }
    }

    /// Where rows came from.
    struct Segment {
        /// The first row of the table.
        var firstRow: Int
        /// The file, as a number in order of the source's files.
        var file: Int
        /// Its row in that file, from 0.
        var fileRow: Int
    }

    /// The number of rows.
    var rows = 0
    var columns: [ColumnPlan.Role: Column] = [:]
    var segments: [Segment] = []
    /// Describes a row of a file for people: `train.csv:17`.
    let describe: (_ file: Int, _ row: Int) -> String

    init(describe: @escaping (_ file: Int, _ row: Int) -> String) { self.describe = describe }

    /// Where a row stands, for people.
    func place(_ row: Int) -> String {
        var segment = Segment(firstRow: 0, file: 0, fileRow: 0)
        for candidate in segments where candidate.firstRow <= row { segment = candidate }
        return describe(segment.file, segment.fileRow + row - segment.firstRow)
    }

    func doubles(_ role: ColumnPlan.Role) -> UnsafeMutableBufferPointer<Double>? {
        guard case .doubles(let array)? = columns[role] else { return nil }
        return array.elements
    }

    func codes(_ role: ColumnPlan.Role) -> UnsafeMutableBufferPointer<Int32>? {
        guard case .codes(let array)? = columns[role] else { return nil }
        return array.elements
    }

    func lists(_ role: ColumnPlan.Role) -> RawLists? {
        guard case .lists(let lists)? = columns[role] else { return nil }
        return lists
    }

    func finish() throws {
        for column in columns.values {
            switch column {
            case .doubles(let array): try array.finish()
            case .codes(let array): try array.finish()
            case .lists(let lists): try lists.finish()
            }
        }
    }
}
