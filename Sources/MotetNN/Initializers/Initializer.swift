public import MotetCore

/// The values of a parameter before training.
public enum Initializer: Hashable, Sendable {
    /// All zeros.
    case zeros
    /// All ones.
    case ones
    /// One value everywhere.
    case constant(Float)
    /// Uniform in `[-limit, limit)`.
    case uniform(limit: Float)
    /// Normal with mean 0.
    case normal(deviation: Float)
    /// Uniform with `limit = sqrt(6 / (fanIn + fanOut))`: Glorot and Bengio, AISTATS 2010.
    case glorotUniform
    /// Uniform with `limit = sqrt(6 / fanIn)`: He et al., ICCV 2015; for ReLU.
    case heUniform
    /// A matrix of orthonormal rows or columns, whichever are fewer: Saxe, McClelland and Ganguli, ICLR 2014.
    case orthogonal
    /// Zeros, and ones in the second quarter: the bias of an LSTM, whose forget gate starts open.
    case lstmBias
    /// Numbers that were learnt elsewhere.
    case given(GivenValues)

    /// Draws the values of one parameter.
    ///
    /// - Parameters:
    ///   - shape: the sizes; the last two are fan-in and fan-out, earlier ones a stack.
    ///   - key: the parameter's own seed.
    /// - Returns: a tensor of that shape.
    public func tensor(shape: [Int], key: RandomKey) -> Tensor {
        if case .given(let values) = self {
            precondition(
                values.tensor.shape == shape,
                "Initializer: expected values of shape \(shape); received \(values.tensor.shape)."
            )
            return values.tensor
        }
        var tensor = Tensor(zeros: shape)
        let fanOut = shape.last ?? 1
        let fanIn = shape.count > 1 ? shape[shape.count - 2] : 1
        tensor.withMutableFloats { values in
            switch self {
            case .zeros, .given: break
            case .ones: values.update(repeating: 1)
            case .constant(let value): values.update(repeating: value)
            case .uniform(let limit): fillUniform(values, limit, key)
            case .glorotUniform:
                fillUniform(values, Float((6 / Double(fanIn + fanOut)).squareRoot()), key)
            case .heUniform: fillUniform(values, Float((6 / Double(fanIn)).squareRoot()), key)
            case .orthogonal: Orthogonal.fill(values, columns: fanOut, key)
            case .lstmBias:
                let quarter = values.count / 4
                for index in quarter..<2 * quarter { values[index] = 1 }
            case .normal(let deviation):
                var generator = key.generator()
                for index in values.indices {
                    values[index] = deviation * Float(generator.nextNormal())
                }
            }
        }
        return tensor
    }

    private func fillUniform(
        _ values: UnsafeMutableBufferPointer<Float>,
        _ limit: Float,
        _ key: RandomKey
    ) {
        for index in values.indices {
            let uniform = Float(key.bits(index) >> 40) * 0x1p-24
            values[index] = limit * (2 * uniform - 1)
        }
    }
}

/// A tensor that parameters start from, held once by all descriptions that name it.
public final class GivenValues: Hashable, Sendable {
    /// The numbers.
    public let tensor: Tensor

    /// Holds a tensor.
    public init(_ tensor: Tensor) { self.tensor = tensor }

    /// Whether two are the same object.
    public static func == (left: GivenValues, right: GivenValues) -> Bool { left === right }

    /// Hashes the identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
