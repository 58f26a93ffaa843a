import CKernels
import MotetCore

/// Looks at the values of one column, batch by batch, in memory that does not grow with the rows.
///
/// A value, so that adding a batch is one access to it and not one for every row.
struct ColumnProfiler {
    let name: String
    /// The type the batches have.
    let type: ColumnType
    /// Whether the type is that of a text file, so that texts may be numbers, times or booleans.
    let isUntyped: Bool

    private(set) var rows = 0
    private(set) var missing = 0
    /// The different values; of a list column, the elements of the lists.
    private(set) var table: ValueTable
    /// Numbers, times and booleans for quantiles, should the table not hold all values.
    private(set) var sample: NumberSample
    /// What the values are that the table has no room for.
    private(set) var beyond = ValueKinds()
    private(set) var notANumber = 0
    /// The numbers that the table has no room for.
    private(set) var numbersBeyond = NumberRange()
    /// How many lists there are of each length.
    private(set) var listLengths: [Int: Int] = [:]
    /// The first different texts in full, for a look at how they are built.
    private(set) var texts: [String] = []
    /// A hash for each row of the last batch.
    private(set) var hashes: [UInt64] = []

    private let integers = ReusedMemory<Int64>()
    private let doubles = ReusedMemory<Double>()

    /// How many texts are kept in full, and how long they may be.
    static let keptTexts = (count: 2_000, bytes: 4_096)
    /// The hash that stands for a missing value in a row.
    private static let missingHash: UInt64 = 0x51_7CC1_B727_220A_95

    init(
        _ column: ColumnDescription,
        isUntyped: Bool,
        limits: TableProfile.Limits,
        key: RandomKey
    ) {
        name = column.name
        type = column.type
        self.isUntyped = isUntyped
        table = ValueTable(bound: limits.distinct)
        sample = NumberSample(size: limits.sample, key: key.split(column.name))
    }

    /// Takes in the first rows of a batch's column; leaves a hash for each row in `hashes`.
    mutating func add(_ column: ArrowColumn, rows count: Int) {
        rows += count
        hashes.removeAll(keepingCapacity: true)
        hashes.reserveCapacity(count)
        switch type {
        case .string: addTexts(column, count)
        case .dictionary: addDictionary(column, count)
        case .list: addLists(column, count)
        case .float32, .float64:
            let numbers = doubles.room(column.count)
            column.copyDoubles(into: numbers)
            for row in 0..<count { addNumber(numbers[row], isThere: column.isValid(row)) }
        case .boolean:
            for row in 0..<count {
                let value = column.isValid(row) ? Int64(column.boolean(at: row) ? 1 : 0) : nil
                addInteger(value, kind: .boolean)
            }
        case .timestamp:
            let whole = integers.room(column.count)
            column.copyIntegers(into: whole)
            for row in 0..<count {
                addTime(column.isValid(row) ? whole[row] : nil)
            }
        default: addIntegers(column, 0..<count)
        }
    }
}

// MARK: Numbers, booleans and times

extension ColumnProfiler {
    /// Whole numbers of any type, missing ones among them.
    private mutating func addIntegers(_ column: ArrowColumn, _ rows: Range<Int>) {
        guard column.type == .uint64 else {
            let whole = integers.room(column.count)
            column.copyIntegers(into: whole)
            for row in rows { addInteger(column.isValid(row) ? whole[row] : nil, kind: .integer) }
            return
        }
        column.withValues(of: UInt64.self) { values in
            for row in rows {
                guard column.isValid(row) else {
                    addMissing()
                    continue
                }
                let value = values[row]
                let hash = motet_hash_integer(Int64(bitPattern: value))
                addValue(hash, Double(value), .integer) { String(value) }
            }
        }
    }

    private mutating func addInteger(_ value: Int64?, kind: TextScan.Kind) {
        guard let value else { return addMissing() }
        let number = Double(value)
        addValue(motet_hash_integer(value), number, kind) { kind == .boolean ? "" : String(value) }
    }

    private mutating func addNumber(_ value: Double, isThere: Bool) {
        guard isThere else { return addMissing() }
        guard !value.isNaN else {
            notANumber += 1
            hashes.append(1)
            return
        }
        let kind: TextScan.Kind = value.isInfinite ? .infinity : .decimal
        addValue(Self.hash(value), value, kind) { "" }
    }

    private mutating func addTime(_ microseconds: Int64?) {
        guard let microseconds else { return addMissing() }
        addValue(motet_hash_integer(microseconds), Double(microseconds) / 1e6, .time) { "" }
    }

    private mutating func addMissing() {
        missing += 1
        hashes.append(Self.missingHash)
    }

    @inline(__always)
    private mutating func addValue(
        _ hash: UInt64,
        _ number: Double,
        _ kind: TextScan.Kind,
        _ text: () -> String
    ) {
        hashes.append(hash)
        if number.isFinite { sample.add(number) }
        if table.count(hash) != nil { return }
        if table.hasRoom {
            table.insert(hash, .init(count: 1, number: number, kind: kind, text: text()))
        } else {
            table.overflow(hash)
            addBeyond(number, kind, isPadded: false)
        }
    }

    private mutating func addBeyond(_ number: Double, _ kind: TextScan.Kind, isPadded: Bool) {
        beyond.add(kind, isPadded: isPadded)
        if number.isFinite { numbersBeyond.add(number) }
    }

    /// Whole numbers hash as their decimal spelling does, in whatever type they are stored.
    static func hash(_ value: Double) -> UInt64 {
        if let whole = Int64(exactly: value) { return motet_hash_integer(whole) }
        return RandomKey.mix(value.bitPattern)
    }
}

// MARK: Texts

extension ColumnProfiler {
    private mutating func addTexts(_ column: ArrowColumn, _ count: Int) {
        column.withTexts { texts in
            for row in 0..<count {
                let bytes = texts[row]
                guard column.isValid(row), !bytes.isEmpty else {
                    addMissing()
                    continue
                }
                let hash = addText(bytes)
                hashes.append(hash)
            }
        }
    }

    /// Counts a text and returns its hash.
    @discardableResult
    private mutating func addText(_ bytes: UnsafeBufferPointer<UInt8>, count: Int = 1) -> UInt64 {
        guard let base = bytes.baseAddress else { return Self.missingHash }
        let hash = motet_hash_text(base, Int64(bytes.count))
        if let index = table.count(hash, by: count) {
            let number = table.entries[index].number
            if number.isFinite { sample.add(number, count: count) }
            return hash
        }
        let scan = isUntyped ? TextScan(bytes) : nil
        let number = scan?.number ?? .nan
        if number.isFinite { sample.add(number, count: count) }
        let kind = scan?.kind ?? .text
        let isPadded = scan?.isPadded ?? false
        if table.hasRoom {
            keep(bytes)
            let marks = TextShape.marks(in: bytes)
            let text = Self.shortened(bytes)
            table.insert(
                hash,
                .init(
                    count: count,
                    number: number,
                    kind: kind,
                    isPadded: isPadded,
                    marks: marks,
                    text: text
                )
            )
        } else {
            table.overflow(hash)
            for _ in 0..<count { addBeyond(number, kind, isPadded: isPadded) }
        }
        return hash
    }

    private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard texts.count < Self.keptTexts.count, bytes.count <= Self.keptTexts.bytes else {
            return
        }
        texts.append(String(decoding: bytes, as: UTF8.self))
    }

    /// The text, or its beginning and `…`.
    private static func shortened(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count > 80 else { return String(decoding: bytes, as: UTF8.self) }
        var end = 77
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }

    private mutating func addDictionary(_ column: ArrowColumn, _ count: Int) {
        let dictionary = column.dictionary
        var counts = [Int](repeating: 0, count: dictionary.count)
        column.withValues(of: Int32.self) { indices in
            for row in 0..<count where column.isValid(row) { counts[Int(indices[row])] += 1 }
        }
        var textHashes = [UInt64](repeating: Self.missingHash, count: dictionary.count)
        dictionary.withTexts { texts in
            for index in counts.indices where counts[index] > 0 {
                if dictionary.isValid(index), !texts[index].isEmpty {
                    textHashes[index] = addText(texts[index], count: counts[index])
                } else {
                    missing += counts[index]
                }
            }
        }
        column.withValues(of: Int32.self) { indices in
            for row in 0..<count {
                if column.isValid(row) {
                    hashes.append(textHashes[Int(indices[row])])
                } else {
                    addMissing()
                }
            }
        }
    }
}

// MARK: Lists

extension ColumnProfiler {
    private mutating func addLists(_ column: ArrowColumn, _ count: Int) {
        let elements = column.elements
        let first = column.withListOffsets { $0.first.map(Int.init) ?? 0 }
        let end = column.withListOffsets { $0.isEmpty ? 0 : Int($0[count]) }
        let known = hashes(of: elements, first..<max(first, end))
        column.withListOffsets { offsets in
            for row in 0..<count {
                guard column.isValid(row), !offsets.isEmpty else {
                    addMissing()
                    continue
                }
                var hash: UInt64 = 7
                for index in Int(offsets[row])..<Int(offsets[row + 1]) {
                    hash = RandomKey.mix(hash ^ known[index - first])
                }
                hashes.append(hash)
                listLengths[Int(offsets[row + 1] - offsets[row]), default: 0] += 1
            }
        }
    }

    /// Counts the elements of lists and returns a hash for each.
    private mutating func hashes(of elements: ArrowColumn, _ range: Range<Int>) -> [UInt64] {
        let saved = hashes
        let savedMissing = missing
        defer {
            hashes = saved
            missing = savedMissing
        }
        hashes = []
        if elements.type.isInteger {
            addIntegers(elements, range)
            return hashes
        }
        for index in range {
            if !elements.isValid(index) {
                addMissing()
            } else if elements.type.isText {
                var text = elements.text(at: index) ?? ""
                let hash = text.withUTF8 { addText($0) }
                hashes.append(hash)
            } else {
                addNumber(elements.number(at: index) ?? .nan, isThere: true)
            }
        }
        return hashes
    }
}

/// How many values of each kind there are.
struct ValueKinds: Hashable {
    private(set) var counts = [Int](repeating: 0, count: TextScan.Kind.allCases.count)
    /// How many have blanks around them.
    private(set) var padded = 0

    /// The number of values of a kind.
    subscript(kind: TextScan.Kind) -> Int { counts[Int(kind.rawValue)] }

    /// The number of values of several kinds.
    subscript(kinds: TextScan.Kind...) -> Int { kinds.reduce(0) { $0 + self[$1] } }

    mutating func add(_ kind: TextScan.Kind, isPadded: Bool, count: Int = 1) {
        counts[Int(kind.rawValue)] += count
        if isPadded { padded += count }
    }
}

/// The ends and the mean of numbers.
struct NumberRange: Hashable {
    private(set) var count = 0
    private(set) var minimum = Double.infinity
    private(set) var maximum = -Double.infinity
    private(set) var sum = 0.0

    mutating func add(_ number: Double, count: Int = 1) {
        self.count += count
        minimum = min(minimum, number)
        maximum = max(maximum, number)
        sum += number * Double(count)
    }

    var mean: Double { sum / Double(count) }
}
