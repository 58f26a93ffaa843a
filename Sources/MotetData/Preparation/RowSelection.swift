/// Which rows of a table make up a part, in order.
struct RowSelection {
    /// The rows; nil stands for all `count` rows of the table.
    let rows: UnsafeMutablePointer<Int32>?
    /// How many rows there are.
    let count: Int
    /// Keeps the rows alive.
    private let storage: ScratchArray<Int32>?

    /// All rows of a table.
    init(all count: Int) {
        rows = nil
        self.count = count
        storage = nil
    }

    /// The rows whose mark is `part`.
    init(_ marks: [UInt8], part: UInt8, directory: String) throws {
        let count = marks.count { $0 == part }
        guard count < marks.count else {
            self.init(all: count)
            return
        }
        let storage = ScratchArray<Int32>(directory: directory)
        try marks.withUnsafeBufferPointer { marks in
            var start = 0
            while start < marks.count {
                let end = min(start + 65_536, marks.count)
                try storage.append(end - start) { out in
                    var size = 0
                    for row in start..<end {
                        out[size] = Int32(truncatingIfNeeded: row)
                        size += marks[row] == part ? 1 : 0
                    }
                    return size
                }
                start = end
            }
        }
        try storage.finish()
        self.init(rows: storage.elements.baseAddress, count: count, storage: storage)
    }

    private init(rows: UnsafeMutablePointer<Int32>?, count: Int, storage: ScratchArray<Int32>) {
        self.rows = rows
        self.count = count
        self.storage = storage
    }

    /// The table's row of a row of the selection.
    subscript(index: Int) -> Int { rows.map { Int($0[index]) } ?? index }

    /// The rows from `start`, as the kernels take them together with the column's pointer.
    func pointer(from start: Int) -> UnsafePointer<Int32>? {
        rows.map { UnsafePointer($0 + start) }
    }
}

extension UInt8 {
    /// The mark of a row that was dropped.
    static var droppedRow: UInt8 { 255 }
}

extension DataPart {
    /// The mark of a row of this part.
    var mark: UInt8 {
        switch self {
        case .training: 0
        case .validation: 1
        case .test: 2
        }
    }

    /// The part of a mark; nil for a dropped row.
    init?(mark: UInt8) {
        switch mark {
        case 0: self = .training
        case 1: self = .validation
        case 2: self = .test
        default: return nil
        }
    }
}
