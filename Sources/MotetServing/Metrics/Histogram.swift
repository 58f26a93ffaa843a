/// How often values fell below bounds, and their sum.
struct Histogram: Sendable {
    /// Bounds of times in seconds.
    static let seconds = [
        0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Bounds of numbers of items.
    static let items = [1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
    /// Bounds of scores, close where probabilities are small.
    static let scores = [
        0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ]

    /// The bounds, ascending; a value belongs to the first that is not below it.
    let bounds: [Double]
    /// How many values belong to each bound, then to none.
    private(set) var counts: [Int]
    /// The sum of all values.
    private(set) var sum = 0.0

    /// An empty histogram.
    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    /// How many values there are.
    var count: Int { counts.reduce(0, +) }

    /// Takes a value.
    mutating func add(_ value: Double) {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        counts[low] += 1
        sum += value
    }

    /// Takes the values of another with the same bounds.
    mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
