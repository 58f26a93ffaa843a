import MotetData
import MotetExperiments
import Synchronization

/// A few rows of the last hour, as a model read and scored them: what drift of inputs and scores is told by.
///
/// One row of at most one request a second is kept, so that it costs next to nothing, whatever the traffic; the row is a random one of
/// the request's.
final class DriftSamples: Sendable {
    /// The seconds of a piece, and the pieces of the window.
    static let pieceSeconds = 60
    static let pieces = 60

    private struct State {
        /// What seconds are counted from.
        var start: ContinuousClock.Instant
        var second = -1
        var ring = [(number: Int, rows: [[Float]])](repeating: (-1, []), count: DriftSamples.pieces)
    }

    /// How inputs are spread over the rows of training; nil where the run does not tell.
    let reference: FeatureReference?
    /// When the samples were made.
    let made: ContinuousClock.Instant
    private let state: Mutex<State>

    /// No samples yet.
    ///
    /// - Parameters:
    ///   - reference: how inputs are spread over the rows of training; nil where the run does not tell.
    ///   - made: now.
    init(_ reference: FeatureReference?, made: ContinuousClock.Instant = .now) {
        self.reference = reference
        self.made = made
        state = Mutex(State(start: made))
    }

    /// Seconds since the samples were made, or those they go on from.
    var now: Double { (ContinuousClock.now - state.withLock { $0.start }) / .seconds(1) }

    /// Whether a row is wanted now; who is told so brings one.
    var isDue: Bool {
        let second = Int(now)
        return state.withLock { state in
            guard state.second < second else { return false }
            state.second = second
            return true
        }
    }

    /// Keeps a row.
    ///
    /// - Parameters:
    ///   - values: the inputs in the order of the reference, then the score of each task.
    ///   - seconds: when, since the samples were made; nil for now.
    func add(_ values: [Float], at seconds: Double? = nil) {
        let number = Int(seconds ?? now) / Self.pieceSeconds
        state.withLock { state in
            let place = number % Self.pieces
            if state.ring[place].number != number { state.ring[place] = (number, []) }
            state.ring[place].rows.append(values)
        }
    }

    /// Goes on from the samples of the same run as it was read before; those of other inputs are left.
    ///
    /// - Parameter old: the samples that were made before, of a run with the same tasks.
    func goOn(from old: DriftSamples) {
        guard reference?.features.map(\.name) == old.reference?.features.map(\.name) else { return }
        let before = old.state.withLock { ($0.start, $0.second, $0.ring) }
        state.withLock { state in
            let ahead = Int((state.start - before.0) / .seconds(1))
            let own = state.ring
            state.ring = before.2
            for piece in own where piece.number >= 0 {
                // A piece of a minute begins within one of the old ones: its rows are told up to a minute too early.
                let number = (piece.number * Self.pieceSeconds + ahead) / Self.pieceSeconds
                let place = number % Self.pieces
                if state.ring[place].number != number { state.ring[place] = (number, []) }
                state.ring[place].rows += piece.rows
            }
            state.second = max(before.1, state.second < 0 ? -1 : state.second + ahead)
            state.start = before.0
        }
    }

    /// The values of the last hour, column by column, ascending; what is no number is left out.
    func columns(at seconds: Double? = nil) -> [[Float]] {
        let last = Int(seconds ?? now) / Self.pieceSeconds
        let rows = state.withLock { state in
            state.ring.filter {
                $0.number > last - Self.pieces && $0.number >= 0 && $0.number <= last
            }
            .flatMap(\.rows)
        }
        guard let width = rows.first?.count else { return [] }
        return (0..<width).map { column in
            rows.compactMap { $0[column].isNaN ? nil : $0[column] }.sorted()
        }
    }
}

extension ServedModel {
    /// Keeps a random row of a request as a sample, if one is wanted now.
    ///
    /// - Parameters:
    ///   - scores: for each task a score for each row.
    ///   - rows: the rows as the request, the shop's table and the store tell them.
    func sample(_ scores: [[Score]], _ rows: () -> RawRows) {
        guard layout.samples.isDue, let count = scores.first?.count, count > 0 else { return }
        let row = Int.random(in: 0..<count)
        var inputs: [Float] = []
        if let reference = layout.samples.reference {
            var one = rows()
            one.count = 1
            one.columns = one.columns.mapValues { .same($0[row]) }
            // What the request could be answered by can be encoded.
            guard
                let encoded = try? encoder.encode(
                    one,
                    into: Set(reference.features.map(\.column)),
                    place: { "row \($0)" }
                )
            else { return }
            inputs = reference.values(of: encoded, row: 0)
        }
        layout.samples.add(inputs + scores.map { $0[row].value })
    }
}
