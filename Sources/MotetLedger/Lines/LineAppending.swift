import Synchronization

/// Lines that were handed to a journal, and are being written.
public final class LineAppending: Sendable {
    private enum State {
        case running
        /// Somebody waits for the end.
        case awaited(CheckedContinuation<Void, any Error>)
        case ended(LedgerError?)
    }

    private let state = Mutex(State.running)

    /// Waits until the lines are kept; one may wait, once.
    ///
    /// - Throws: ``LedgerError`` where they cannot be written: none of them is there then, but where the disk failed after
    ///   the writing.
    public func wait() async throws {
        try await withCheckedThrowingContinuation { reply in
            let end = state.withLock { state -> LedgerError?? in
                switch state {
                case .ended(let failure): return .some(failure)
                case .running:
                    state = .awaited(reply)
                    return nil
                case .awaited: preconditionFailure("one waits for lines to be written, not two")
                }
            }
            guard let end else { return }
            if let failure = end { reply.resume(throwing: failure) } else { reply.resume() }
        }
    }

    /// Tells that it has ended.
    func end(_ failure: LedgerError?) {
        let reply = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            defer { state = .ended(failure) }
            if case .awaited(let reply) = state { return reply }
            return nil
        }
        guard let reply else { return }
        if let failure { reply.resume(throwing: failure) } else { reply.resume() }
    }
}
