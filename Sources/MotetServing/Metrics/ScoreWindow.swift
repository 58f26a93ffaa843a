import MotetExperiments

/// The scores of a model within the last hour, minute by minute.
struct ScoreWindow: Sendable {
    /// The seconds of a piece.
    static let pieceSeconds = 60
    /// The pieces of the window.
    static let pieces = 60

    /// Counts and sum of one task and scenario.
    struct Cell: Sendable {
        /// How many scores fell into each bin.
        var counts = [Int](repeating: 0, count: ScoreBins.count)
        /// The sum of the scores.
        var sum = 0.0

        /// How many scores there are.
        var count: Int { counts.reduce(0, +) }
        /// Their mean; nil without any.
        var mean: Double? { count > 0 ? sum / Double(count) : nil }

        mutating func add(_ other: Cell) {
            for bin in counts.indices { counts[bin] += other.counts[bin] }
            sum += other.sum
        }
    }

    private struct Piece {
        var number = -1
        /// By scenario; the last one is of rows that are in none.
        var counts: [[Int]] = []
        var sums: [[Double]] = []
    }

    /// How scores are counted: the layout of the run as it was read last.
    private(set) var layout: ScoreLayout
    private var ring = [Piece](repeating: Piece(), count: ScoreWindow.pieces)

    init(_ layout: ScoreLayout) { self.layout = layout }

    /// Goes on with a layout of the same version: with that of the run as it was read last, and the samples of both.
    ///
    /// - Parameter other: a layout that scores were counted by.
    /// - Returns: whether its scores may be added: not those of an old layout that counts otherwise.
    mutating func follow(_ other: ScoreLayout) -> Bool {
        guard other !== layout else { return true }
        let isNewer = other.samples.made > layout.samples.made
        guard other.counts(as: layout) else {
            // The run's reference was made anew: what was counted by the old one cannot be told by the new one.
            if isNewer { self = ScoreWindow(other) }
            return isNewer
        }
        guard isNewer else { return true }
        other.samples.goOn(from: layout.samples)
        layout = other
        return true
    }

    /// Counts scores.
    ///
    /// - Parameters:
    ///   - tally: the scores, counted by the window's layout.
    ///   - seconds: when, since some moment.
    mutating func add(_ tally: ScoreTally, at seconds: Double) {
        let number = Int(seconds) / Self.pieceSeconds
        let place = number % Self.pieces
        if ring[place].number != number {
            let scenarios = layout.scenarios.count + 1
            ring[place] = Piece(
                number: number,
                counts: [[Int]](repeating: [], count: scenarios),
                sums: [[Double]](repeating: [], count: scenarios)
            )
        }
        for (index, scenario) in tally.scenarios.enumerated() {
            let row = scenario ?? layout.scenarios.count
            if ring[place].counts[row].isEmpty {
                ring[place].counts[row] = tally.counts[index].map { Int($0) }
                ring[place].sums[row] = tally.sums[index]
                continue
            }
            for bin in tally.counts[index].indices {
                ring[place].counts[row][bin] += Int(tally.counts[index][bin])
            }
            for task in tally.sums[index].indices {
                ring[place].sums[row][task] += tally.sums[index][task]
            }
        }
    }

    /// The scores of a task by scenario, in the layout's order; the last is of rows that are in none.
    func cells(of task: Int, at seconds: Double) -> [Cell] {
        let now = Int(seconds) / Self.pieceSeconds
        let first = task * ScoreBins.count
        var cells = [Cell](repeating: Cell(), count: layout.scenarios.count + 1)
        // A piece that was never filled has no number.
        let oldest = max(0, now - Self.pieces + 1)
        for piece in ring where piece.number >= oldest && piece.number <= now {
            for row in cells.indices where !piece.counts[row].isEmpty {
                for bin in 0..<ScoreBins.count {
                    cells[row].counts[bin] += piece.counts[row][first + bin]
                }
                cells[row].sum += piece.sums[row][task]
            }
        }
        return cells
    }
}
