import MotetCore

/// Finds rows that are equal in every column, among the first rows of a table.
struct RowTally {
    /// The most different rows kept; after that no row is looked at any more.
    let bound: Int
    /// How many rows were looked at.
    private(set) var rows = 0
    /// How many of them are equal to one before.
    private(set) var duplicates = 0
    /// A hash with 0 standing for a free slot; at most half full.
    private var slots = [UInt64](repeating: 0, count: 1_024)

    init(bound: Int) { self.bound = bound }

    /// Whether rows are still looked at.
    var isOpen: Bool { rows - duplicates < bound }

    /// Looks at rows by the hashes of all their values.
    mutating func add(_ hashes: [UInt64]) {
        for hash in hashes { add(hash) }
    }

    private mutating func add(_ hash: UInt64) {
        guard isOpen else { return }
        rows += 1
        let hash = hash == 0 ? 1 : hash
        if (rows - duplicates) * 2 > slots.count { grow() }
        if !insert(hash) { duplicates += 1 }
    }

    private mutating func insert(_ hash: UInt64) -> Bool {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if slots[slot] == hash { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = hash
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        for hash in old where hash != 0 { _ = insert(hash) }
    }
}
