import Synchronization

/// The model that answers, and the one before it.
final class ModelStore: Sendable {
    private struct State {
        var current: ServedModel?
        var previous: ServedModel?
    }

    private let state = Mutex(State())

    /// The model that answers; nil before the first is warm.
    ///
    /// Who took it keeps it to the end of its request.
    var current: ServedModel? { state.withLock { $0.current } }

    /// The model before, kept warm for a rollback.
    var previous: ServedModel? { state.withLock { $0.previous } }

    /// Lets a warm model answer from the next request on.
    func replace(_ model: ServedModel) {
        state.withLock { state in
            state.previous = state.current
            state.current = model
        }
    }

    /// Lets the model before answer again.
    ///
    /// - Returns: that model; nil where there is none, and nothing changes.
    func rollBack() -> ServedModel? {
        state.withLock { state in
            guard let model = state.previous else { return nil }
            state.previous = state.current
            state.current = model
            return model
        }
    }
}
