import NIOCore
import ServiceLifecycle

/// Runs the tasks of a port on its event loop.
///
/// Reading a request, finding its route and writing its answer take microseconds, and a thread that sleeps takes tens of
/// them to wake: on the loop a request changes threads twice, to be computed and back, instead of six times. Nothing
/// that takes long may run here; routes compute on the `WorkerPool`, and stores and loaders have threads of their own.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// An executor on a loop.
    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The closure keeps the executor for as long as its jobs need it.
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// A service whose tasks run on an event loop.
struct EventLoopService<Base: Service>: Service {
    let base: Base
    let executor: EventLoopExecutor

    func run() async throws {
        try await withTaskExecutorPreference(executor) { try await base.run() }
    }
}
