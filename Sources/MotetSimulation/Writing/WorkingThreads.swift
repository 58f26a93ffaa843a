import Dispatch

/// Threads that work together until there is nothing more to do.
enum WorkingThreads {
    /// Lets threads work, and waits for all of them.
    ///
    /// - Parameters:
    ///   - count: how many threads; at least one works.
    ///   - label: what they are called.
    ///   - work: what each of them does.
    ///   - progress: called by the calling thread, ten times a second.
    static func run(
        _ count: Int,
        label: String,
        _ work: @escaping @Sendable () -> Void,
        progress: () -> Void
    ) {
        let group = DispatchGroup()
        for thread in 0..<max(1, count) {
            DispatchQueue(label: "\(label).\(thread)").async(group: group, execute: work)
        }
        while group.wait(timeout: .now() + .milliseconds(100)) == .timedOut { progress() }
    }
}
