import Dispatch

/// Runs independent pieces of work, on as many threads as there are cores.
///
/// - Parameters:
///   - count: how many pieces there are.
///   - body: does one; pieces share no state that changes.
/// - Throws: the error of the first piece, in order, that failed.
func inParallel(_ count: Int, _ body: (Int) throws -> Void) throws {
    try run(count, body) { work in
        DispatchQueue.concurrentPerform(iterations: count) { work.run($0) }
    }
}

/// Runs independent pieces of work that mostly wait for the disk, on more threads than there are
/// cores; the first piece runs on the caller's own.
///
/// - Parameters:
///   - count: how many pieces there are.
///   - body: does one; pieces share no state that changes.
/// - Throws: the error of the first piece, in order, that failed.
func waitingInParallel(_ count: Int, _ body: (Int) throws -> Void) throws {
    try run(count, body) { work in
        let lanes = min(count, 16)
        let group = DispatchGroup()
        @Sendable func run(_ lane: Int) {
            for index in stride(from: lane, to: count, by: lanes) { work.run(index) }
        }
        for lane in 1..<lanes {
            // A queue of its own has a thread of its own.
            DispatchQueue(label: "motet.disk.\(lane)").async(group: group) { run(lane) }
        }
        run(0)
        group.wait()
    }
}

private func run(
    _ count: Int,
    _ body: (Int) throws -> Void,
    _ perform: (IndependentPieces) -> Void
) throws {
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
        perform(IndependentPieces(body: body, errors: errors))
    }
    for index in 0..<count {
        if let error = errors[index] { throw error }
    }
}

/// The pieces, to be handed to several threads.
///
/// `@unchecked Sendable`: `run` returns only when every piece has run, each index is run once and
/// writes its own error, and callers give pieces that share nothing.
private struct IndependentPieces: @unchecked Sendable {
    let body: (Int) throws -> Void
    let errors: UnsafeMutablePointer<(any Error)?>

    func run(_ index: Int) {
        do { try body(index) } catch { errors[index] = error }
    }
}
