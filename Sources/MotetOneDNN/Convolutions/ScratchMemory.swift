/// Memory that the kernels of one program use in turn, as large as the greatest of them needs.
///
/// It grows when kernels are made, never in a run.
final class ScratchMemory {
    private(set) var address: UnsafeMutableRawPointer
    private var byteCount: Int

    init() {
        byteCount = 64
        address = .allocate(byteCount: byteCount, alignment: 64)
    }

    deinit { address.deallocate() }

    /// Makes room; what was in it is lost.
    func reserve(_ wanted: Int) {
        guard wanted > byteCount else { return }
        address.deallocate()
        byteCount = wanted
        address = .allocate(byteCount: wanted, alignment: 64)
    }
}

/// A few things of different batch sizes; the one for the greatest size stays, of the others those
/// used last.
struct SizedCache<Kernel> {
    /// How many sizes besides the greatest are kept: a short last batch of training, one of validation,
    /// and two more.
    private static var spareCount: Int { 4 }

    private let greatest: Int
    private var kept: [(size: Int, kernel: Kernel)] = []

    init(greatest: Int) { self.greatest = greatest }

    /// The thing for a size, made when there is none.
    mutating func kernel<Failure: Error>(
        _ size: Int,
        make: () throws(Failure) -> Kernel
    ) throws(Failure) -> Kernel {
        if let index = kept.firstIndex(where: { $0.size == size }) {
            let found = kept.remove(at: index)
            kept.append(found)
            return found.kernel
        }
        let made = try make()
        kept.append((size, made))
        if kept.count > Self.spareCount + 1,
            let oldest = kept.firstIndex(where: { $0.size != greatest })
        {
            kept.remove(at: oldest)
        }
        return made
    }
}
