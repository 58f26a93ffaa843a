/// Requests and their times within the last half hour, ten seconds by ten seconds.
struct TrafficHistory: Sendable {
    /// The seconds of a piece.
    static let pieceSeconds = 10
    /// The pieces there are.
    static let pieces = 180

    /// Bounds of times in seconds, close enough for percentiles: each is 2^(1/4) times the one before.
    static let bounds: [Double] = {
        var bounds = [0.000_1]
        let factor = 2.0.squareRoot().squareRoot()
        while let last = bounds.last, last < 60 { bounds.append(last * factor) }
        return bounds
    }()

    /// The requests of a route within a piece.
    struct Entry: Sendable {
        /// How many there were.
        var requests = 0
        /// Answers with a status of 500 or above.
        var failures = 0
        /// Their seconds.
        var seconds = Histogram(TrafficHistory.bounds)

        mutating func add(_ other: Entry) {
            requests += other.requests
            failures += other.failures
            seconds.add(other.seconds)
        }
    }

    private struct Piece {
        var number = -1
        var routes: [String: Entry] = [:]
    }

    private var ring = [Piece](repeating: Piece(), count: TrafficHistory.pieces)

    /// Counts a request.
    ///
    /// - Parameters:
    ///   - route: the name of its route.
    ///   - status: the status of its answer.
    ///   - taken: how long it took, in seconds.
    ///   - time: when it was answered, in seconds since some moment.
    mutating func add(_ route: String, status: Int, taken: Double, at time: Double) {
        let number = Int(time) / Self.pieceSeconds
        let place = number % Self.pieces
        if ring[place].number != number { ring[place] = Piece(number: number) }
        ring[place].routes[route, default: Entry()].requests += 1
        if status >= 500 { ring[place].routes[route]?.failures += 1 }
        ring[place].routes[route]?.seconds.add(taken)
    }

    /// The pieces up to a moment, the oldest first, and how long ago each began.
    ///
    /// - Parameter time: in seconds since the same moment.
    /// - Returns: each piece's age in seconds at its beginning, and its routes; the last one goes on.
    func pieces(at time: Double) -> [(age: Double, routes: [String: Entry])] {
        let now = Int(time) / Self.pieceSeconds
        return (0..<Self.pieces).map { index in
            let number = now - Self.pieces + 1 + index
            let age = time - Double(number * Self.pieceSeconds)
            guard number >= 0 else { return (age, [:]) }
            let piece = ring[number % Self.pieces]
            return (age, piece.number == number ? piece.routes : [:])
        }
    }
}

extension Histogram {
    /// The value that a share of the values is not above, as far as the bounds tell: between two of them
    /// values are taken as spread evenly, above the last as equal to it.
    ///
    /// - Parameter share: from 0 to 1.
    /// - Returns: the value; nil without values.
    func percentile(_ share: Double) -> Double? {
        let count = count
        guard count > 0 else { return nil }
        let wanted = share * Double(count)
        var below = 0.0
        for (index, own) in counts.enumerated() where own > 0 {
            guard below + Double(own) >= wanted else {
                below += Double(own)
                continue
            }
            guard index < bounds.count else { break }
            let lower = index == 0 ? 0 : bounds[index - 1]
            return lower + (bounds[index] - lower) * (wanted - below) / Double(own)
        }
        return bounds.last
    }
}
