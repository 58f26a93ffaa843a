import Foundation

/// The ring of buffers between the thread that makes batches and the one that uses them.
///
/// `@unchecked Sendable`: all mutable state is read and written with `mutex` held, except that the
/// producer fills a buffer and uses the assembler without it. That buffer is not the consumer's, which
/// sees it only after the count of made batches was raised under the lock; and the assembler is used by
/// the producer's thread alone.
final class BatchProducer: @unchecked Sendable {
    private static let bufferCount = 3

    private enum Command {
        case none
        case start(epoch: Int, step: Int)
        case stop
    }

    private let assembler: BatchAssembler
    private let buffers: [BatchBuffer]
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var command = Command.none
    /// Batches made and batches given back, since the last start.
    private var made = 0
    private var released = 0
    private var isHeld = false
    private var isRunning = false
    private var failure: TableError?

    init(_ assembler: BatchAssembler) {
        self.assembler = assembler
        buffers = (0..<BatchProducer.bufferCount).map { _ in assembler.makeBuffer() }
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    // MARK: The consumer's side

    func start(epoch: Int, step: Int) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isHeld = false
        command = .start(epoch: epoch, step: step)
        pthread_cond_broadcast(changed)
        while case .start = command { pthread_cond_wait(changed, mutex) }
    }

    func next() throws(TableError) -> BatchBuffer? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isHeld {
            released += 1
            isHeld = false
            pthread_cond_broadcast(changed)
        }
        while made == released, isRunning { pthread_cond_wait(changed, mutex) }
        guard made > released else {
            if let failure { throw failure }
            return nil
        }
        isHeld = true
        return buffers[released % BatchProducer.bufferCount]
    }

    func stop() {
        pthread_mutex_lock(mutex)
        command = .stop
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    // MARK: The producer's side

    func run() {
        while let buffer = waitForWork() {
            do throws(TableError) {
                finish(filled: try assembler.fill(buffer), nil)
            } catch {
                finish(filled: false, error)
            }
        }
    }

    /// The buffer to fill next, or nil when the loader goes away.
    private func waitForWork() -> BatchBuffer? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch command {
            case .stop: return nil
            case .start(let epoch, let step):
                assembler.start(epoch: epoch, step: step)
                (made, released, failure, isRunning) = (0, 0, nil, true)
                command = .none
                pthread_cond_broadcast(changed)
            case .none:
                if isRunning, made - released < BatchProducer.bufferCount {
                    return buffers[made % BatchProducer.bufferCount]
                }
                pthread_cond_wait(changed, mutex)
            }
        }
    }

    private func finish(filled: Bool, _ error: TableError?) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if filled {
            made += 1
        } else {
            isRunning = false
            failure = error
        }
        pthread_cond_broadcast(changed)
    }
}

/// A thread that runs a producer until it stops.
///
/// A bare POSIX thread, because Foundation's cannot be joined: the buffers must not go away before it
/// has ended.
struct ProducerThread {
    private let thread: pthread_t

    init(_ producer: BatchProducer) throws(TableError) {
        var thread = pthread_t()
        let reference = Unmanaged.passRetained(producer)
        let status = pthread_create(
            &thread,
            nil,
            { reference in
                guard let reference else { return nil }
                Unmanaged<BatchProducer>.fromOpaque(reference).takeRetainedValue().run()
                return nil
            },
            reference.toOpaque()
        )
        guard status == 0 else {
            reference.release()
            throw TableError(
                .inputOutput,
                "batch loader: thread cannot be started; received \"\(String(cString: strerror(status)))\"."
            )
        }
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}
