public import MotetCore

/// Whether something under test keeps a law, and what was measured.
public struct LawResult: Sendable, CustomStringConvertible {
    /// The law, and the case it was tried on.
    public let law: String
    /// Whether it held.
    public let holds: Bool
    /// The measured numbers.
    public let detail: String

    /// Records a law that is not an equality.
    public init(_ law: String, holds: Bool, _ detail: String) {
        self.law = law
        self.holds = holds
        self.detail = detail
    }

    /// Records a law that two tensors are equal, within a tolerance.
    ///
    /// - Parameters:
    ///   - law: the law.
    ///   - received: one side.
    ///   - expected: the other.
    ///   - tolerance: how far they may lie apart; nothing unless given.
    public init(
        _ law: String,
        received: Tensor,
        expected: Tensor,
        tolerance: Tolerance = .exact
    ) {
        let comparison = Comparison(
            law,
            received: received,
            expected: expected,
            tolerance: tolerance
        )
        self.init(law, holds: comparison.isClose, "\(comparison)")
    }

    /// The law and what was measured.
    public var description: String { "\(law): \(holds ? "holds" : "broken") (\(detail))" }
}

extension Tensor {
    /// The tensor with each element changed.
    func mapped(_ change: (Float) -> Float) -> Tensor { Tensor(floats.map(change), shape: shape) }

    /// Some rows of the first axis, in the order given.
    func rows(_ rows: [Int]) -> Tensor {
        let width = shape.dropFirst().reduce(1, *)
        let values = rows.flatMap { Array(floats[$0 * width..<($0 + 1) * width]) }
        return Tensor(values, shape: [rows.count] + shape.dropFirst())
    }
}
