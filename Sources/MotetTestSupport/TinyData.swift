public import MotetCore

/// Small tensors of random numbers, the same for the same key.
public enum TinyData {
    /// Numbers of the standard normal distribution.
    public static func normal(_ shape: [Int], _ key: RandomKey, scale: Double = 1) -> Tensor {
        var generator = key.generator()
        let values = (0..<shape.reduce(1, *)).map { _ in Float(scale * generator.nextNormal()) }
        return Tensor(values, shape: shape)
    }

    /// Normal numbers pushed outwards so that none lies within `margin` of 0, where some functions
    /// have a kink.
    public static func awayFromZero(
        _ shape: [Int],
        _ key: RandomKey,
        margin: Float = 0.125
    ) -> Tensor {
        let values = normal(shape, key).floats.map { $0 < 0 ? $0 - margin : $0 + margin }
        return Tensor(values, shape: shape)
    }

    /// Numbers uniform in a range.
    public static func uniform(
        _ shape: [Int],
        _ key: RandomKey,
        in range: ClosedRange<Double>
    ) -> Tensor {
        var generator = key.generator()
        let values = (0..<shape.reduce(1, *)).map { _ in
            Float(
                range.lowerBound + (range.upperBound - range.lowerBound) * generator.nextUniform()
            )
        }
        return Tensor(values, shape: shape)
    }

    /// Whole numbers uniform in a range.
    public static func integers(_ shape: [Int], _ key: RandomKey, in range: Range<Int>) -> Tensor {
        var generator = key.generator()
        let values = (0..<shape.reduce(1, *)).map { _ in
            Int32(Int.random(in: range, using: &generator))
        }
        return Tensor(values, shape: shape)
    }

    /// Offsets that cut `total` elements into `lists` lists, of which about a third are empty.
    public static func offsets(lists: Int, total: Int, _ key: RandomKey) -> Tensor {
        var generator = key.generator()
        var cuts = (0..<max(lists - 1, 0)).map { _ in Int.random(in: 0...total, using: &generator) }
        for index in cuts.indices.dropFirst() where index.isMultiple(of: 3) {
            cuts[index] = cuts[index - 1]
        }
        let bounds = [0] + cuts.sorted() + (lists > 0 ? [total] : [])
        return Tensor(bounds.map { Int32($0) })
    }
}
