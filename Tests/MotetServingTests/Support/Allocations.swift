import CAllocationCount
import Testing

/// Counts how often the calling thread asks for memory.
///
/// - Parameter body: what may ask.
/// - Returns: how often it did; nil where the machine does not tell.
func allocations(_ body: () throws -> Void) rethrows -> Int? {
    let before = motet_allocation_count()
    try body()
    let after = motet_allocation_count()
    return before < 0 ? nil : Int(after - before)
}

extension Trait where Self == ConditionTrait {
    /// Skips what counts allocations where the machine does not tell them.
    static var countsAllocations: Self {
        .enabled(
            if: allocations({}) != nil,
            "allocations are counted with glibc alone, and not beside a sanitizer"
        )
    }
}

@Suite("The count of allocations", .countsAllocations) struct AllocationCountTests {
    @Test func itSeesWhatAsksForMemory() {
        #expect(allocations {} == 0)
        var kept: [[Int]] = []
        kept.reserveCapacity(8)
        #expect(allocations { kept.append(Array(repeating: 3, count: 100)) } == 1)
        #expect(allocations { kept.append([]) } == 0)
        let memory = allocations {
            UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 64).deallocate()
        }
        #expect(memory == 1)
        #expect(kept.count == 2)
    }
}
