import Synchronization

/// Memory that one request uses after the other.
///
/// A request holds it as long as it needs what stands there. Memory that nobody holds goes to the next.
final class MemoryPool<Memory: AnyObject & Sendable>: Sendable {
    private let kept = Mutex<[Memory]>([])
    private let make: @Sendable () -> Memory

    /// Creates an empty pool.
    init(_ make: @escaping @Sendable () -> Memory) { self.make = make }

    /// Memory that nobody else holds.
    func take() -> Memory {
        kept.withLock { kept in
            for index in kept.indices where isKnownUniquelyReferenced(&kept[index]) {
                return kept[index]
            }
            let memory = make()
            if kept.count < Self.mostKept { kept.append(memory) }
            return memory
        }
    }

    /// More requests at once than these have memory of their own.
    private static var mostKept: Int { 64 }
}
