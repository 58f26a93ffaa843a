/// Counts of the different values of a column: exact up to a bound, estimated beyond it.
///
/// Values are told apart by a 64-bit hash, so among 262,144 of them two are taken for one with a
/// chance of about 2 in a billion. A value that is in the table was counted from its first
/// appearance on, so its count is exact; values that first appear once the table is full go into a
/// sketch that estimates how many there are.
struct ValueTable {
    /// One value of the table.
    struct Entry {
        /// How often it appeared.
        var count: Int
        /// Its number, time, or 1 and 0 of a boolean; NaN for other text.
        var number: Double
        /// What it is, where the column is text.
        var kind: TextScan.Kind
        /// Whether blanks stand around it.
        var isPadded: Bool
        /// Its first bytes, where the column is text.
        var text: String
    }

    /// The most values that are counted one by one.
    let bound: Int
    private(set) var entries: [Entry] = []
    private var hashes: [UInt64] = []
    /// One more than the index of an entry, or 0; at most half full.
    private var slots: [Int32] = []
    /// The sketch of all values, once there are more than the bound.
    private(set) var sketch: DistinctSketch?

    init(bound: Int) {
        self.bound = bound
        slots = [Int32](repeating: 0, count: 256)
    }

    /// Whether every value is in the table.
    var isExact: Bool { sketch == nil }

    /// How many different values there are.
    var distinct: Int { sketch?.estimate ?? entries.count }

    /// The index of a value that is in the table.
    func index(of hash: UInt64) -> Int? {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[index] == hash { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Counts a value.
    ///
    /// - Parameters:
    ///   - hash: the value's hash.
    ///   - count: how often it appears.
    ///   - make: describes the value where it is new and the table has room.
    /// - Returns: its index, or nil where the table is full.
    @inline(__always)
    mutating func count(_ hash: UInt64, by count: Int = 1, _ make: () -> Entry) -> Int? {
        if let index = index(of: hash) {
            entries[index].count += count
            return index
        }
        guard entries.count < bound else {
            overflow(hash)
            return nil
        }
        var entry = make()
        entry.count = count
        entries.append(entry)
        hashes.append(hash)
        if entries.count * 2 > slots.count {
            grow()
        } else {
            place(hash, entries.count)
        }
        return entries.count - 1
    }

    /// Whether a value is in the table.
    func contains(_ hash: UInt64) -> Bool { index(of: hash) != nil }

    private mutating func overflow(_ hash: UInt64) {
        if sketch == nil {
            var sketch = DistinctSketch()
            for hash in hashes { sketch.add(hash) }
            self.sketch = sketch
        }
        sketch?.add(hash)
    }

    private mutating func place(_ hash: UInt64, _ number: Int) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(number)
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() { place(hash, index + 1) }
    }
}
