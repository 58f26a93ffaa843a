import Foundation
import Synchronization

/// The connections to one Redis, and whether it answers.
///
/// While it does, a thread asks once a second; when it does not, everybody is told so at once, and the thread
/// connects again, first after 50 milliseconds, then after twice as long each time, up to two seconds.
final class RedisLink: Sendable {
    private struct State {
        var idle: [RedisConnection] = []
        var failure: RedisFailure? = .away("not connected yet")
        var isClosed = false
    }

    private let options: RedisFeatureStore.Options
    private let state = Mutex(State())
    private let places: DispatchSemaphore
    private let wake = DispatchSemaphore(value: 0)
    private let prepare: @Sendable (RedisConnection) throws(RedisFailure) -> Void
    private let beat: @Sendable (RedisConnection) throws(RedisFailure) -> Void
    private let tell: @Sendable (RedisFailure?) -> Void

    /// Describes a link; ``start()`` begins it.
    ///
    /// - Parameters:
    ///   - options: where to, and how patiently.
    ///   - prepare: what is done with the first connection, and with the first after each absence.
    ///   - beat: what is asked once a second.
    ///   - tell: told each absence, and nil for each end of one.
    init(
        _ options: RedisFeatureStore.Options,
        prepare: @escaping @Sendable (RedisConnection) throws(RedisFailure) -> Void,
        beat: @escaping @Sendable (RedisConnection) throws(RedisFailure) -> Void,
        tell: @escaping @Sendable (RedisFailure?) -> Void
    ) {
        self.options = options
        self.prepare = prepare
        self.beat = beat
        self.tell = tell
        places = DispatchSemaphore(value: options.connections)
    }

    /// Why nobody answers; nil while somebody does.
    var failure: RedisFailure? { state.withLock { $0.failure } }

    /// Connects for the first time, and watches from then on.
    ///
    /// - Throws: ``RedisFailure`` where Redis answers and refuses; one that does not answer is tried again.
    func start() throws(RedisFailure) {
        do {
            try connect()
        } catch {
            if case .refused = error { throw error }
            state.withLock { $0.failure = error }
            tell(error)
        }
        let thread = Thread { self.watch() }
        thread.name = "motet-redis"
        thread.start()
    }

    /// Closes all connections.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.idle = []
            state.failure = .away("the store is closed")
        }
        wake.signal()
    }

    /// Does something with a connection.
    ///
    /// - Parameters:
    ///   - repeats: whether it may be done again, when the connection turns out to be closed since its last use.
    ///   - body: what is done.
    /// - Returns: what `body` returns.
    /// - Throws: ``RedisFailure``.
    func use<Result>(
        repeats: Bool = true,
        _ body: (RedisConnection) throws(RedisFailure) -> Result
    ) throws(RedisFailure) -> Result {
        if let failure { throw failure }
        let limit = DispatchTime.now() + .milliseconds(options.timeoutMilliseconds)
        guard places.wait(timeout: limit) == .success else {
            throw .crowded("all connections are in use; raise their number")
        }
        defer { places.signal() }
        if let connection = state.withLock({ $0.idle.popLast() }) {
            do {
                return try attempt(connection, body)
            } catch {
                switch error {
                case .closed where repeats: state.withLock { $0.idle = [] }
                case .closed:
                    state.withLock { $0.idle = [] }
                    throw error
                case .away:
                    lost(error)
                    throw error
                case .refused, .crowded: throw error
                }
            }
        }
        do {
            return try attempt(try RedisConnection(options), body)
        } catch {
            switch error {
            case .refused, .crowded: break
            case .away, .closed: lost(error)
            }
            throw error
        }
    }

    private func attempt<Result>(
        _ connection: RedisConnection,
        _ body: (RedisConnection) throws(RedisFailure) -> Result
    ) throws(RedisFailure) -> Result {
        do {
            let result = try body(connection)
            giveBack(connection)
            return result
        } catch {
            switch error {
            case .refused, .crowded: giveBack(connection)
            case .away, .closed: break
            }
            throw error
        }
    }

    private func giveBack(_ connection: RedisConnection) {
        state.withLock { if !$0.isClosed, $0.failure == nil { $0.idle.append(connection) } }
    }

    /// Notes that nobody answers.
    private func lost(_ failure: RedisFailure) {
        let isNew = state.withLock { state in
            guard state.failure == nil, !state.isClosed else { return false }
            state.failure = failure
            state.idle = []
            return true
        }
        guard isNew else { return }
        tell(failure)
        wake.signal()
    }

    private func connect() throws(RedisFailure) {
        let connection = try RedisConnection(options)
        try prepare(connection)
        state.withLock { state in
            guard !state.isClosed else { return }
            state.failure = nil
            state.idle.append(connection)
        }
    }

    private func watch() {
        var wait = 0.05
        while !state.withLock({ $0.isClosed }) {
            let isAway = failure != nil
            let seconds = isAway ? wait * Double.random(in: 0.5...1) : 1
            _ = wake.wait(timeout: .now() + seconds)
            if state.withLock({ $0.isClosed }) { return }
            guard failure != nil else {
                try? use(beat)
                continue
            }
            guard isAway else { continue }
            do {
                try connect()
                wait = 0.05
                tell(nil)
            } catch {
                wait = min(2, 2 * wait)
                state.withLock { if !$0.isClosed { $0.failure = error } }
            }
        }
    }
}
