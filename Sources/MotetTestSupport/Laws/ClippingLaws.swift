public import MotetCore

/// What must hold of the clipping of gradients, by value or by the norm of all of them together.
public struct ClippingLaws {
    /// Clips gradients by a limit.
    public typealias Clip = (_ gradients: [Tensor], _ limit: Float) throws -> [Tensor]

    private let name: String
    private let clip: Clip
    private let gradients: [Tensor]
    private let rounding = Tolerance(relative: 2e-6, absolute: 1e-7)

    /// Tries laws on two gradients.
    ///
    /// - Parameters:
    ///   - name: the name in messages.
    ///   - key: the seed of gradients.
    ///   - clip: what is judged.
    public init(_ name: String, key: RandomKey, clip: @escaping Clip) {
        self.name = name
        self.clip = clip
        gradients = [
            TinyData.normal([5, 7], key.split("first")), TinyData.normal([3], key.split("second")),
        ]
    }

    private static func norm(_ tensors: [Tensor]) -> Double {
        tensors.flatMap(\.numbers).map { $0 * $0 }.reduce(0, +).squareRoot()
    }

    private static func joined(_ tensors: [Tensor]) -> Tensor { Tensor(tensors.flatMap(\.floats)) }

    /// Laws of clipping by value.
    ///
    /// - Returns: one result for each.
    /// - Throws: what the clipping throws.
    public func checkByValue() throws -> [LawResult] {
        let clipped = try clip(gradients, 0.5)
        return [
            LawResult(
                "\(name): elements are cut to the limit, others stay",
                received: Self.joined(clipped),
                expected: Self.joined(gradients).mapped { min(max($0, -0.5), 0.5) }
            ),
            LawResult(
                "\(name): a limit that no element reaches changes nothing",
                received: Self.joined(try clip(gradients, 100)),
                expected: Self.joined(gradients)
            ),
            LawResult(
                "\(name): clipping twice is clipping once",
                received: Self.joined(try clip(clipped, 0.5)),
                expected: Self.joined(clipped)
            ),
        ]
    }

    /// Laws of clipping by the global norm.
    ///
    /// - Returns: one result for each.
    /// - Throws: what the clipping throws.
    public func checkByNorm() throws -> [LawResult] {
        let clipped = try clip(gradients, 1.5)
        let factor = Float(1.5 / Self.norm(gradients))
        let zeros = gradients.map { Tensor(zeros: $0.shape) }
        return [
            LawResult(
                "\(name): the norm of all together comes down to the limit",
                holds: abs(Self.norm(clipped) - 1.5) < 1e-5,
                "\(Self.norm(gradients)) -> \(Self.norm(clipped))"
            ),
            LawResult(
                "\(name): the direction stays",
                received: Self.joined(clipped),
                expected: Self.joined(gradients).mapped { $0 * factor },
                tolerance: rounding
            ),
            LawResult(
                "\(name): a norm below the limit changes nothing",
                received: Self.joined(try clip(gradients, 1000)),
                expected: Self.joined(gradients)
            ),
            LawResult(
                "\(name): gradients of 0 stay",
                received: Self.joined(try clip(zeros, 1.5)),
                expected: Self.joined(zeros)
            ),
        ]
    }
}
