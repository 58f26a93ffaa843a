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

    /// Lets idle threads sleep soon rather than spin; to be called first in a program's `main`.
    ///
    /// A training step runs some hundred short parallel loops. By default a thread that waits for the
    /// others spins for milliseconds, and so keeps the core from the very thread it waits for when other
    /// programs run too. libgomp reads how long it spins when it is loaded, so the program is replaced
    /// by itself with `GOMP_SPINCOUNT=1000` in its environment; where that variable or
    /// `OMP_WAIT_POLICY` is set, and on other systems than Linux, nothing happens.
    public static func sleepWhenIdle() {
        motet_wait_briefly(CommandLine.unsafeArgv)
    }
}
