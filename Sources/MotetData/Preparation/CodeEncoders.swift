import CKernels

/// Keeps a code, or a hash bucket, a row.
final class CodeEncoder: ColumnEncoder {
    private let source: CodeSource
    private let column: String

    init(_ target: CodeSource.Target, column: String) {
        source = CodeSource(target)
        self.column = column
    }

    func encode(_ batch: ArrowColumn, into column: RawTable.Column) throws -> UnreadableValue? {
        guard case .codes(let codes) = column else { return nil }
        if case .list = batch.type {
            return UnreadableValue(
                row: 0,
                problem: "not a single value; expected one value in a row; received a list. Make "
                    + "the feature a sequence."
            )
        }
        try codes.append(batch.count) { out in
            try source.encode(batch, into: out)
            return batch.count
        }
        return nil
    }
}

/// Keeps a list of codes, or of hash buckets, a row.
final class ListEncoder: ColumnEncoder {
    private let source: CodeSource
    private let target: CodeSource.Target
    private let delimiter: UInt8
    private let flags = ReusedMemory<Bool>()
    private let lengths = ReusedMemory<Int32>()

    init(_ target: CodeSource.Target, delimiter: UInt8) {
        source = CodeSource(target)
        self.target = target
        self.delimiter = delimiter
    }

    func encode(_ batch: ArrowColumn, into column: RawTable.Column) throws -> UnreadableValue? {
        guard case .lists(let lists) = column else { return nil }
        let lengths = lengths.room(batch.count)
        let before = lists.values.count
        switch batch.type {
        case .list: try encodeLists(batch, lengths, lists.values)
        case .string: try encodeTexts(batch, lengths, lists.values)
        case .dictionary: try encodeDictionary(batch, lengths, lists.values)
        default:
            try lists.values.append(batch.count) { out in
                try source.encode(batch, into: out)
                var kept = 0
                for row in 0..<batch.count {
                    lengths[row] = out[row] < 0 ? -1 : 1
                    if out[row] >= 0 {
                        out[kept] = out[row]
                        kept += 1
                    }
                }
                return kept
            }
        }
        try appendRows(lengths, to: lists, from: before)
        return nil
    }

    private func appendRows(
        _ lengths: UnsafeMutableBufferPointer<Int32>,
        to lists: RawTable.RawLists,
        from start: Int
    ) throws {
        try lists.lengths.append(lengths.count) { out in
            if let base = lengths.baseAddress { out.update(from: base, count: lengths.count) }
            return lengths.count
        }
        try lists.starts.append(lengths.count) { out in
            var position = Int64(start)
            for row in lengths.indices {
                out[row] = position
                position += Int64(max(0, lengths[row]))
            }
            return lengths.count
        }
    }

    /// A list column: null elements are left out.
    private func encodeLists(
        _ batch: ArrowColumn,
        _ lengths: UnsafeMutableBufferPointer<Int32>,
        _ values: ScratchArray<Int32>
    ) throws {
        let elements = batch.elements
        try batch.withListOffsets { offsets in
            try values.append(elements.count) { out in
                try source.encode(elements, into: out)
                var kept = 0
                for row in 0..<batch.count {
                    let start = kept
                    for index in Int(offsets[row])..<Int(offsets[row + 1]) where out[index] >= 0 {
                        out[kept] = out[index]
                        kept += 1
                    }
                    lengths[row] = batch.isValid(row) ? Int32(kept - start) : -1
                }
                return kept
            }
        }
    }

    private func encodeTexts(
        _ batch: ArrowColumn,
        _ lengths: UnsafeMutableBufferPointer<Int32>,
        _ values: ScratchArray<Int32>
    ) throws {
        let present = batch.presence(flags)
        try batch.withTexts { texts in
            guard let offsets = texts.offsets else {
                lengths.update(repeating: -1)
                return
            }
            let bytes = Int(offsets[texts.count] - offsets[0])
            try values.append(bytes / 2 + texts.count + 1) { out in
                let count = split(texts, offsets, present, out, lengths)
                guard count >= 0 else { throw PreparationError.tooManyValues }
                return count
            }
        }
    }

    private func split(
        _ texts: ArrowTexts,
        _ offsets: UnsafePointer<Int32>,
        _ present: UnsafePointer<UInt8>?,
        _ out: UnsafeMutablePointer<Int32>,
        _ lengths: UnsafeMutableBufferPointer<Int32>
    ) -> Int {
        let pointer: OpaquePointer?
        let buckets: Int32
        switch target {
        case .dictionary(let interner): (pointer, buckets) = (interner.pointer, 0)
        case .buckets(let count): (pointer, buckets) = (nil, count)
        }
        return Int(
            motet_intern_split(
                pointer,
                buckets,
                offsets,
                0,
                texts.bytes ?? UnsafePointer(bitPattern: 1),
                present,
                Int64(texts.count),
                delimiter,
                out,
                lengths.baseAddress
            )
        )
    }

    /// Splits each distinct text once, and repeats its codes for every row that has it.
    private func encodeDictionary(
        _ batch: ArrowColumn,
        _ lengths: UnsafeMutableBufferPointer<Int32>,
        _ values: ScratchArray<Int32>
    ) throws {
        let distinct = batch.dictionary
        let codes = ScratchArray<Int32>(directory: "", memoryBytes: .max)
        var distinctLengths = [Int32](repeating: 0, count: distinct.count)
        try distinctLengths.withUnsafeMutableBufferPointer {
            try encodeTexts(distinct, $0, codes)
        }
        var starts = [0]
        for length in distinctLengths { starts.append((starts.last ?? 0) + Int(max(0, length))) }
        try batch.withValues(of: Int32.self) { indices in
            for row in 0..<batch.count {
                guard batch.isValid(row) else {
                    lengths[row] = -1
                    continue
                }
                let index = Int(indices[row])
                lengths[row] = distinctLengths[index]
                let size = Int(max(0, distinctLengths[index]))
                try values.append(size) { out in
                    for place in 0..<size { out[place] = codes.elements[starts[index] + place] }
                    return size
                }
            }
        }
    }
}
