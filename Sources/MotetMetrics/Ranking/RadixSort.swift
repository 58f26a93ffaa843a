/// Sorts row numbers by 32-bit keys in linear time.
///
/// A least-significant-digit radix sort, 11 bits a pass: stable, so rows with equal keys keep the
/// order they came in, and the result depends on nothing but the keys.
enum RadixSort {
    private static let digitBits: UInt64 = 11
    private static let buckets = 1 << 11

    /// Rows in ascending order of score; rows of equal score keep their order.
    static func order(byScore scores: [Float]) -> [UInt32] {
        precondition(scores.count <= Int(UInt32.max), "a metric takes at most 2^32 - 1 rows")
        var items = scores.indices.map { item(key: key(scores[$0]), row: UInt32($0)) }
        sort(&items)
        return items.map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The rows of an order, sorted anew by group; rows of one group keep their order.
    static func order(_ rows: [UInt32], byGroup groups: [Int32]) -> [UInt32] {
        var items = rows.map { row in
            item(key: UInt32(bitPattern: groups[Int(row)]), row: row)
        }
        sort(&items)
        return items.map { UInt32(truncatingIfNeeded: $0) }
    }

    /// An integer that orders as the number does; both zeros share one.
    static func key(_ score: Float) -> UInt32 {
        let bits = score == 0 ? 0 : score.bitPattern
        return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
    }

    private static func item(key: UInt32, row: UInt32) -> UInt64 {
        UInt64(key) << 32 | UInt64(row)
    }

    /// Sorts items by their upper 32 bits.
    private static func sort(_ items: inout [UInt64]) {
        var other = [UInt64](repeating: 0, count: items.count)
        for pass in 0..<3 {
            let shift = 32 + UInt64(pass) * digitBits
            var starts = histogram(items, shift: shift)
            // All keys share this digit: the pass would copy the items in their order.
            guard !starts.contains(items.count) else { continue }
            exclusiveSum(&starts)
            for item in items {
                let digit = Int((item >> shift) & UInt64(buckets - 1))
                other[starts[digit]] = item
                starts[digit] &+= 1
            }
            swap(&items, &other)
        }
    }

    private static func histogram(_ items: [UInt64], shift: UInt64) -> [Int] {
        var counts = [Int](repeating: 0, count: buckets)
        for item in items { counts[Int((item >> shift) & UInt64(buckets - 1))] &+= 1 }
        return counts
    }

    private static func exclusiveSum(_ counts: inout [Int]) {
        var sum = 0
        for digit in counts.indices {
            let count = counts[digit]
            counts[digit] = sum
            sum += count
        }
    }
}
