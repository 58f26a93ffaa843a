import MotetCore
import MotetGraph

/// An operation the interpreter can evaluate.
///
/// Kernels follow the operation's formula as it is written, in Double, and round once when they
/// store. They trust the shape rule: types were checked when the graph was verified.
protocol ReferenceKernel: Operation {
    /// Computes the outputs.
    ///
    /// - Parameters:
    ///   - inputs: the elements of the inputs.
    ///   - sizes: the value of every symbol.
    /// - Returns: the elements of the outputs, in the shapes the shape rule gives.
    func evaluate(_ inputs: [Tensor], sizes: [SizeSymbol: Int]) -> [Tensor]
}

extension Tensor {
    /// A float tensor of numbers rounded to single precision.
    init(rounding values: [Double], shape: [Int]) {
        self.init(values.map { Float($0) }, shape: shape)
    }

    /// A single number.
    init(scalar value: Double) { self.init([Float(value)], shape: []) }

    /// The elements in double precision.
    var doubles: [Double] { floats.map { Double($0) } }

    /// The only element.
    var scalar: Double { withFloats { Double($0[0]) } }

    /// The only element of an integer tensor.
    var integer: Int { withIntegers { Int($0[0]) } }

    /// The elements as 32-bit patterns, for operations that only move data.
    var words: [UInt32] { withBytes { Array($0.bindMemory(to: UInt32.self)) } }

    /// A tensor of the elements `words` holds.
    init(words: [UInt32], shape: [Int], dtype: DType) {
        self.init(zeros: shape, dtype: dtype)
        words.withUnsafeBytes { source in
            withMutableBytes { $0.copyMemory(from: source) }
        }
    }

    /// The size of the last axis, 1 for a scalar.
    var units: Int { shape.last ?? 1 }

    /// The number of vectors along the last axis.
    var rows: Int { shape.dropLast().reduce(1, *) }
}

/// For every element of a tensor of shape `target`, the position of the element of a tensor of shape
/// `source` that is broadcast to it.
func broadcastPositions(from source: [Int], to target: [Int]) -> [Int] {
    let missing = target.count - source.count
    var strides = [Int](repeating: 0, count: target.count)
    var stride = 1
    for axis in source.indices.reversed() {
        if source[axis] != 1 { strides[axis + missing] = stride }
        stride *= source[axis]
    }
    var positions: [Int] = []
    let count = target.reduce(1, *)
    positions.reserveCapacity(count)
    for element in 0..<count {
        var (rest, position) = (element, 0)
        for axis in target.indices.reversed() {
            position += rest % target[axis] * strides[axis]
            rest /= target[axis]
        }
        positions.append(position)
    }
    return positions
}
