import MotetCore
import MotetGraph

/// A row-major matrix, read as it is or transposed.
struct MatrixView {
    let elements: [Double]
    let start: Int
    let rows: Int
    let columns: Int
    let isTransposed: Bool

    /// - Parameters:
    ///   - elements: where the matrix lies.
    ///   - start: the position of its first element.
    ///   - shape: rows and columns as stored.
    ///   - transposed: whether it is read with the two exchanged.
    init(_ elements: [Double], start: Int = 0, shape: (Int, Int), transposed: Bool = false) {
        self.elements = elements
        self.start = start
        rows = transposed ? shape.1 : shape.0
        columns = transposed ? shape.0 : shape.1
        isTransposed = transposed
    }

    subscript(row: Int, column: Int) -> Double {
        elements[start + (isTransposed ? column * rows + row : row * columns + column)]
    }
}

/// Adds `left * right` to the row-major matrix at `start`.
func accumulate(
    _ left: MatrixView,
    _ right: MatrixView,
    into result: inout [Double],
    start: Int = 0
) {
    for row in 0..<left.rows {
        let first = start + row * right.columns
        for inner in 0..<left.columns {
            let factor = left[row, inner]
            for column in 0..<right.columns {
                result[first + column] += factor * right[inner, column]
            }
        }
    }
}

extension MatMul: ReferenceKernel {
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor] {
        let left = MatrixView(
            inputs[0].doubles,
            shape: (inputs[0].shape[0], inputs[0].shape[1]),
            transposed: transposeLeft
        )
        let right = MatrixView(
            inputs[1].doubles,
            shape: (inputs[1].shape[0], inputs[1].shape[1]),
            transposed: transposeRight
        )
        var result = [Double](repeating: 0, count: left.rows * right.columns)
        accumulate(left, right, into: &result)
        if inputs.count == 3 {
            let bias = inputs[2].doubles
            for index in result.indices { result[index] += bias[index % bias.count] }
        }
        if let activation { result = result.map(activation.value) }
        return [Tensor(rounding: result, shape: [left.rows, right.columns])]
    }
}
