import MotetCore

/// Random orthonormal vectors.
enum Orthogonal {
    /// Fills a row-major matrix so that its rows are orthonormal, or its columns where those are fewer.
    ///
    /// Normal vectors are made orthogonal one after the other, twice over, which keeps the error at that of
    /// rounding (Giraud, Langou and Rozloznik, "The loss of orthogonality in the Gram-Schmidt
    /// orthogonalization process", 2005).
    static func fill(
        _ values: UnsafeMutableBufferPointer<Float>,
        columns: Int,
        _ key: RandomKey
    ) {
        guard columns > 0, values.count >= columns else { return }
        let rows = values.count / columns
        let (count, length) = (min(rows, columns), max(rows, columns))
        var generator = key.generator()
        var vectors: [[Double]] = []
        while vectors.count < count {
            var vector = (0..<length).map { _ in generator.nextNormal() }
            for _ in 0..<2 {
                for other in vectors { subtract(projectionOn: other, from: &vector) }
            }
            let size = dot(vector, vector).squareRoot()
            vectors.append(vector.map { $0 / size })
        }
        for row in 0..<rows {
            for column in 0..<columns {
                values[row * columns + column] = Float(
                    rows <= columns ? vectors[row][column] : vectors[column][row]
                )
            }
        }
    }

    private static func subtract(projectionOn other: [Double], from vector: inout [Double]) {
        let factor = dot(vector, other)
        for index in vector.indices { vector[index] -= factor * other[index] }
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += left[index] * right[index] }
        return sum
    }
}
