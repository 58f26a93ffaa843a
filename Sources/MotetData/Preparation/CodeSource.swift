import CKernels

/// Numbers the values of a batch's column, of whatever type, or spreads them over hash buckets.
final class CodeSource {
    /// Where values get their numbers.
    enum Target {
        case dictionary(Interner)
        case buckets(Int32)
    }

    private let target: Target
    private let integers = ReusedMemory<Int64>()
    private let doubles = ReusedMemory<Double>()
    private let flags = ReusedMemory<Bool>()
    private let dictionaryCodes = ReusedMemory<Int32>()

    init(_ target: Target) { self.target = target }

    /// Writes a code for each row of a column without lists, -1 where it has no value.
    func encode(_ column: ArrowColumn, into codes: UnsafeMutablePointer<Int32>) throws {
        switch column.type {
        case .string: try encodeTexts(column, into: codes)
        case .dictionary: try encodeDictionary(column, into: codes)
        case .int64:
            try column.withValues(of: Int64.self) { values in
                try check(encode(values, column.presence(flags), into: codes))
            }
        case .int8, .int16, .int32, .uint8, .uint16, .uint32, .uint64:
            let whole = integers.room(column.count)
            if column.copyIntegers(into: whole) == nil {
                try check(
                    encode(UnsafeBufferPointer(whole), column.presence(flags), into: codes)
                )
            } else {
                try encodeSlowly(column, into: codes)
            }
        case .float32, .float64:
            let numbers = doubles.room(column.count)
            column.copyDoubles(into: numbers)
            switch target {
            case .dictionary(let interner):
                try check(
                    motet_intern_doubles(
                        interner.pointer,
                        numbers.baseAddress,
                        Int64(column.count),
                        codes
                    )
                )
            case .buckets(let buckets):
                motet_hash_doubles(numbers.baseAddress, Int64(column.count), buckets, codes)
            }
        case .boolean, .timestamp, .list: try encodeSlowly(column, into: codes)
        }
    }

    private func encode(
        _ whole: UnsafeBufferPointer<Int64>,
        _ present: UnsafePointer<UInt8>?,
        into codes: UnsafeMutablePointer<Int32>
    ) -> Int32 {
        let count = Int64(whole.count)
        switch target {
        case .dictionary(let interner):
            return motet_intern_integers(interner.pointer, whole.baseAddress, present, count, codes)
        case .buckets(let buckets):
            motet_hash_integers(whole.baseAddress, present, count, buckets, codes)
            return 0
        }
    }

    private func encodeTexts(_ column: ArrowColumn, into codes: UnsafeMutablePointer<Int32>) throws
    {
        let present = column.presence(flags)
        let status: Int32 = column.withTexts { texts in
            guard let offsets = texts.offsets else {
                codes.update(repeating: -1, count: column.count)
                return 0
            }
            let bytes = texts.bytes ?? UnsafePointer(bitPattern: 1)
            switch target {
            case .dictionary(let interner):
                return motet_intern_texts(
                    interner.pointer,
                    offsets,
                    0,
                    bytes,
                    present,
                    Int64(texts.count),
                    codes
                )
            case .buckets(let buckets):
                motet_hash_texts(offsets, 0, bytes, present, Int64(texts.count), buckets, codes)
                return 0
            }
        }
        try check(status)
    }

    private func encodeDictionary(
        _ column: ArrowColumn,
        into codes: UnsafeMutablePointer<Int32>
    ) throws {
        let dictionary = column.dictionary
        let table = dictionaryCodes.room(dictionary.count + 1)
        guard let base = table.baseAddress else { return }
        try encodeTexts(dictionary, into: base)
        let present = column.presence(flags)
        column.withValues(of: Int32.self) { indices in
            guard let present else {
                for row in 0..<column.count { codes[row] = base[Int(indices[row])] }
                return
            }
            // The index of a missing value may be anything.
            for row in 0..<column.count {
                codes[row] = present[row] == 0 ? -1 : base[Int(indices[row])]
            }
        }
    }

    /// One value at a time, for types that seldom are categories.
    private func encodeSlowly(
        _ column: ArrowColumn,
        into codes: UnsafeMutablePointer<Int32>
    ) throws {
        for row in 0..<column.count {
            guard let text = spelling(column, row) else {
                codes[row] = -1
                continue
            }
            switch target {
            case .dictionary(let interner): codes[row] = try interner.code(of: text)
            case .buckets(let buckets):
                codes[row] = Int32(ValueHash.bucket(of: text, buckets: Int(buckets)) - 1)
            }
        }
    }

    private func spelling(_ column: ArrowColumn, _ row: Int) -> String? {
        guard column.isValid(row) else { return nil }
        switch column.type {
        case .boolean: return column.boolean(at: row) ? "true" : "false"
        case .uint64: return column.withValues(of: UInt64.self) { String($0[row]) }
        case .timestamp:
            return column.withValues(of: Int64.self) { TimeValue.spelled(microseconds: $0[row]) }
        default: return column.number(at: row).map { shortNumber($0) }
        }
    }

    private func check(_ status: Int32) throws {
        if status != 0 { throw PreparationError.tooManyValues }
    }
}
