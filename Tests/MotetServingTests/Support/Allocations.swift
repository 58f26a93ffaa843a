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

@Suite("The count of allocations") struct AllocationCountTests {
    @Test func itSeesWhatAsksForMemory() {
        guard allocations({}) != nil else { return }
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
