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
        var isPadded = false
        /// How often each of `TextShape.marks` stands in it.
        var marks = SIMD4<UInt16>()
        /// Its first bytes, where the column is text.
        var text: String
    }

    /// The most values that are counted one by one.
    let bound: Int
    private(set) var entries: [Entry] = []
    /// The hash in each slot, 0 where it is free; at most half full.
    private var slotHashes = [UInt64](repeating: 0, count: 256)
    /// The index of the entry of a slot that is not free.
    private var slotEntries = [Int32](repeating: 0, count: 256)
    /// The sketch of all values, once there are more than the bound.
    private(set) var sketch: DistinctSketch?

    init(bound: Int) { self.bound = bound }

    /// Whether every value is in the table.
    var isExact: Bool { sketch == nil }

    /// How many different values there are.
    var distinct: Int { sketch?.estimate ?? entries.count }

    /// Whether a new value has a place.
    var hasRoom: Bool { entries.count < bound }

    /// Counts a value that is in the table.
    ///
    /// - Parameters:
    ///   - hash: the value's hash.
    ///   - count: how often it appears.
    /// - Returns: its index, or nil where the table does not hold it.
    @inline(__always)
    mutating func count(_ hash: UInt64, by count: Int = 1) -> Int? {
        let slot = slot(of: hash)
        guard slotHashes[slot] != 0 else { return nil }
        let index = Int(slotEntries[slot])
        entries[index].count += count
        return index
    }

    /// Takes in a value that is not in the table, which has room.
    mutating func insert(_ hash: UInt64, _ entry: Entry) {
        if (entries.count + 1) * 2 > slotHashes.count { grow() }
        let slot = slot(of: hash)
        slotHashes[slot] = Self.marked(hash)
        slotEntries[slot] = Int32(entries.count)
        entries.append(entry)
    }

    /// Takes in a value that the table has no room for.
    mutating func overflow(_ hash: UInt64) {
        if sketch == nil {
            var sketch = DistinctSketch()
            for hash in slotHashes where hash != 0 { sketch.add(hash) }
            self.sketch = sketch
        }
        sketch?.add(hash)
    }

    /// Whether a value is in the table.
    func contains(_ hash: UInt64) -> Bool { slotHashes[slot(of: hash)] != 0 }

    /// The hashes of the values that fit a condition.
    func hashes(where fits: (Entry) -> Bool) -> Set<UInt64> {
        let slots = slotHashes.indices.filter {
            slotHashes[$0] != 0 && fits(entries[Int(slotEntries[$0])])
        }
        return Set(slots.map { slotHashes[$0] })
    }

    /// A hash that is not the mark of a free slot.
    @inline(__always)
    private static func marked(_ hash: UInt64) -> UInt64 { hash == 0 ? 1 : hash }

    /// The slot that holds a hash, or the free one where it would go.
    @inline(__always)
    private func slot(of hash: UInt64) -> Int {
        let hash = Self.marked(hash)
        let mask = slotHashes.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slotHashes[slot] != 0, slotHashes[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let (oldHashes, oldEntries) = (slotHashes, slotEntries)
        slotHashes = [UInt64](repeating: 0, count: oldHashes.count * 2)
        slotEntries = [Int32](repeating: 0, count: oldHashes.count * 2)
        for (hash, entry) in zip(oldHashes, oldEntries) where hash != 0 {
            let slot = slot(of: hash)
            slotHashes[slot] = hash
            slotEntries[slot] = entry
        }
    }
}
