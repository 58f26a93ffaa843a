/// Memory for intermediate results that several programs use in turn.
///
/// Programs of one model at several lengths run one after the other, so they need the memory of the greatest
/// only. Whoever runs one of them ends the results of the one before.
public final class WorkingMemory {
    /// Where it begins, aligned to 64 bytes; another place after it grew.
    public private(set) var start: UnsafeMutableRawPointer
    /// Its size.
    public private(set) var byteCount: Int

    /// Creates memory that has no room yet.
    public init() {
        byteCount = 64
        start = .allocate(byteCount: 64, alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    }

    deinit { start.deallocate() }

    /// Makes room; what was in it is lost when it grows.
    ///
    /// - Parameter byteCount: the room a program needs.
    public func reserve(_ byteCount: Int) {
        guard byteCount > self.byteCount else { return }
        start.deallocate()
        start = .allocate(byteCount: byteCount, alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        self.byteCount = byteCount
    }
}
