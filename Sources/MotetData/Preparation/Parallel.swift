import Dispatch

/// Runs independent pieces of work, on as many threads as there are cores.
///
/// - Parameters:
///   - count: how many pieces there are.
///   - body: does one; pieces share no state that changes.
/// - Throws: the error of the first piece, in order, that failed.
func inParallel(_ count: Int, _ body: (Int) throws -> Void) throws {
    guard count > 1 else {
        if count == 1 { try body(0) }
        return
    }
    let errors = UnsafeMutablePointer<(any Error)?>.allocate(capacity: count)
    errors.initialize(repeating: nil, count: count)
    defer {
        errors.deinitialize(count: count)
        errors.deallocate()
    }
    withoutActuallyEscaping(body) { body in
        let work = IndependentPieces(body: body, errors: errors)
        DispatchQueue.concurrentPerform(iterations: count) { work.run($0) }
    }
    for index in 0..<count {
        if let error = errors[index] { throw error }
    }
}

/// The pieces, to be handed to several threads.
///
/// `@unchecked Sendable`: `concurrentPerform` returns only when every piece has run, each index is
/// run once and writes its own error, and callers of `inParallel` give pieces that share nothing.
private struct IndependentPieces: @unchecked Sendable {
    let body: (Int) throws -> Void
    let errors: UnsafeMutablePointer<(any Error)?>

    func run(_ index: Int) {
        do { try body(index) } catch { errors[index] = error }
    }
}
