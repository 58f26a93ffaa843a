extension ServerMetrics {
    /// Counts the events of a request.
    func applied(_ counts: EventCounts) { withStore { $0.applied(counts) } }

    /// Counts a failure of the store.
    func storeFailed() { withStore { $0.failed() } }

    /// Does what the store is asked to do, and times it.
    func timed<Result>(
        _ operation: StoreMetrics.Operation,
        _ body: () throws -> Result
    ) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        withStore { $0.took(operation, (ContinuousClock.now - start) / .seconds(1)) }
        return result
    }

    /// Does what the store is asked to do, and times it.
    func timed<Result: Sendable>(
        _ operation: StoreMetrics.Operation,
        _ body: @Sendable () async throws -> Result
    ) async rethrows -> Result {
        let start = ContinuousClock.now
        let result = try await body()
        withStore { $0.took(operation, (ContinuousClock.now - start) / .seconds(1)) }
        return result
    }
}
