public import MotetCore

/// A state made of some rows of another: the rows of a weight that meet some columns of what it multiplies.
public struct StateSlice: Hashable, Sendable {
    /// Its name in the program that reads it.
    public let name: String
    /// The state whose rows it has.
    public let source: String
    /// The axis of the rows: 0, or 1 in a stack of weights `[E, I, U]`.
    public let axis: Int
    /// The rows, one range after the other.
    public let ranges: [Range<Int>]

    init(of source: String, axis: Int, ranges: [Range<Int>]) {
        // Neighbouring ranges are one.
        var joined: [Range<Int>] = []
        for range in ranges {
            if let last = joined.last, last.upperBound == range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<range.upperBound
            } else {
                joined.append(range)
            }
        }
        let rows = joined.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: "+")
        name = "\(source)/rows/\(rows)"
        self.source = source
        self.axis = axis
        self.ranges = joined
    }

    /// Cuts the rows out of the state they are part of.
    ///
    /// - Parameter tensor: the value of `source`.
    /// - Returns: a copy of the rows.
    public func cut(_ tensor: Tensor) -> Tensor {
        var shape = tensor.shape
        let count = shape[axis]
        let inner = shape[(axis + 1)...].reduce(1, *)
        let values = tensor.floats
        var taken: [Float] = []
        for outer in 0..<shape[..<axis].reduce(1, *) {
            for range in ranges {
                let first = (outer * count + range.lowerBound) * inner
                taken += values[first..<(first + range.count * inner)]
            }
        }
        shape[axis] = ranges.reduce(0) { $0 + $1.count }
        return Tensor(taken, shape: shape)
    }
}
