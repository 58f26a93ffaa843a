import MotetCore
import MotetGraph

/// The sizes and the mask of a recurrence, and the order of its steps.
struct ScanSteps {
    let rows: Int
    let steps: Int
    let units: Int
    let mask: [Double]?
    let isReversed: Bool

    /// Reads the sizes of a sequence `[B, T, U]`.
    init(_ shape: [Int], units: Int, mask: Tensor?, isReversed: Bool) {
        rows = shape[0]
        steps = shape[1]
        self.units = units
        if let mask { self.mask = mask.doubles } else { self.mask = nil }
        self.isReversed = isReversed
    }

    /// The steps in the order the recurrence takes them.
    var order: [Int] { isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) }

    /// Whether a step counts.
    func isValid(_ row: Int, _ step: Int) -> Bool {
        guard let mask else { return true }
        return mask[row * steps + step] > 0
    }

    /// Where a step's vector starts in `[B, T, width]`.
    func start(_ row: Int, _ step: Int, _ width: Int) -> Int { (row * steps + step) * width }
}

/// `vector * matrix`, or `vector * transposed matrix`, for a matrix of `columns` columns.
func vectorProduct(
    _ vector: ArraySlice<Double>,
    _ matrix: [Double],
    columns: Int,
    transposed: Bool = false
) -> [Double] {
    let rows = matrix.count / columns
    let first = vector.startIndex
    if transposed {
        return (0..<rows).map { row in
            (0..<columns).reduce(0) { $0 + vector[first + $1] * matrix[row * columns + $1] }
        }
    }
    return (0..<columns).map { column in
        (0..<rows).reduce(0) { $0 + vector[first + $1] * matrix[$1 * columns + column] }
    }
}
