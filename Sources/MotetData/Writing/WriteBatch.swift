import CArrow

/// The memory of a batch in the form of the C interface.
final class WriteBatch {
    private(set) var columns: [MotetWriteColumn] = []
    private var memory: [UnsafeMutableRawPointer] = []

    init(_ values: [TableValues]) {
        columns = values.map { values in
            var column = MotetWriteColumn()
            switch values {
            case .int32(let values): column.values = copied(values)
            case .int64(let values): column.values = copied(values)
            case .float32(let values): column.values = copied(values)
            case .float64(let values): column.values = copied(values)
            case .boolean(let values): column.values = copied(values)
            case .list(let lists):
                column.values = copied(lists.flatMap { $0 })
                column.offsets = offsets(lists.map(\.count))
            case .string(let texts): setTexts(texts, &column)
            case .category(let codes, of: let texts): setTexts(codes, texts, &column)
            }
            return column
        }
    }

    deinit { for memory in memory { memory.deallocate() } }

    private func copied<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafeRawPointer {
        let size = values.count * MemoryLayout<Element>.stride
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 64)
        values.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { copy.copyMemory(from: start, byteCount: size) }
        }
        memory.append(copy)
        return UnsafeRawPointer(copy)
    }

    private func offsets(_ lengths: [Int]) -> UnsafePointer<Int32> {
        var ends: [Int32] = [0]
        ends.reserveCapacity(lengths.count + 1)
        var end: Int32 = 0
        for length in lengths {
            end += Int32(length)
            ends.append(end)
        }
        return copied(ends).assumingMemoryBound(to: Int32.self)
    }

    private func setTexts(
        _ codes: [Int32],
        _ texts: [String],
        _ column: inout MotetWriteColumn
    ) {
        let encoded = texts.map { Array($0.utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(codes.reduce(0) { $0 + encoded[Int($1)].count })
        for code in codes { bytes.append(contentsOf: encoded[Int(code)]) }
        column.values = copied(bytes)
        column.offsets = offsets(codes.map { encoded[Int($0)].count })
    }

    private func setTexts(_ texts: [String?], _ column: inout MotetWriteColumn) {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        lengths.reserveCapacity(texts.count)
        for text in texts {
            let before = bytes.count
            if let text { bytes.append(contentsOf: text.utf8) }
            lengths.append(bytes.count - before)
        }
        column.values = copied(bytes)
        column.offsets = offsets(lengths)
        guard texts.contains(where: { $0 == nil }) else { return }
        column.validity = copied(texts.map { UInt8($0 == nil ? 0 : 1) })
            .assumingMemoryBound(to: UInt8.self)
    }
}
