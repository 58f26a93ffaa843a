import MotetCore

/// A seeded sample of the numbers of a column, each as likely as any other to be in it.
///
/// - Source: "Algorithm R" of J. S. Vitter, "Random sampling with a reservoir", ACM TOMS 11 (1985),
///   <https://doi.org/10.1145/3147.3165>.
struct NumberSample {
    /// The most numbers kept: a quantile is off by 0.16 points of rank or less in two cases of three.
    let size: Int
    private let key: RandomKey
    private(set) var values: [Double] = []
    /// How many numbers were offered.
    private(set) var seen = 0

    init(size: Int, key: RandomKey) {
        self.size = size
        self.key = key
    }

    /// Offers a number, `count` times.
    @inline(__always)
    mutating func add(_ number: Double, count: Int = 1) {
        for _ in 0..<count {
            if values.count < size {
                values.append(number)
            } else {
                let place = key.bits(seen).multipliedFullWidth(by: UInt64(seen + 1)).high
                if place < UInt64(size) { values[Int(place)] = number }
            }
            seen += 1
        }
    }
}
