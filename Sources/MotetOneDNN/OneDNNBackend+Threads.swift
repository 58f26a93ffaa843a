import CKernels

extension OneDNNBackend {
    /// How many threads compute.
    public static var threadCount: Int { Int(motet_thread_count()) }

    /// Sets how many threads compute, for the whole process; programs compiled before keep theirs.
    ///
    /// - Parameter count: at least 1.
    public static func useThreads(_ count: Int) {
        precondition(count >= 1, "a computation needs at least 1 thread; received \(count)")
        motet_set_thread_count(Int32(clamping: count))
    }
}
