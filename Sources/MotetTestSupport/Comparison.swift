public import MotetCore
import Foundation

/// How far two numbers may lie apart: `absolute + relative * |expected|`.
public struct Tolerance: Sendable, Hashable {
    /// The part that grows with the expected number.
    public let relative: Double
    /// The part that does not.
    public let absolute: Double

    /// Creates a tolerance.
    public init(relative: Double, absolute: Double) {
        self.relative = relative
        self.absolute = absolute
    }

    /// Nothing but equal numbers.
    public static let exact = Tolerance(relative: 0, absolute: 0)

    /// Float32 results of sums over a few hundred products, in any order of summation.
    public static let float32 = Tolerance(relative: 2e-5, absolute: 1e-5)

    /// The distance in units of what is allowed: at most 1 when the numbers are close enough.
    ///
    /// - Parameters:
    ///   - received: the number to judge; NaN matches NaN and an infinity itself.
    ///   - expected: the number it should be.
    /// - Returns: 0 for equal numbers, infinity where only one is finite.
    public func excess(_ received: Double, _ expected: Double) -> Double {
        if received == expected || (received.isNaN && expected.isNaN) { return 0 }
        guard received.isFinite, expected.isFinite else { return .infinity }
        let allowed = absolute + relative * abs(expected)
        return allowed > 0 ? abs(received - expected) / allowed : .infinity
    }
}

extension BinaryFloatingPoint {
    /// Whether the number is within a tolerance of another.
    public func isClose(to expected: Self, relative: Double = 0, absolute: Double = 0) -> Bool {
        Tolerance(relative: relative, absolute: absolute).excess(Double(self), Double(expected))
            <= 1
    }
}

/// The measured difference between two tensors, ready to print.
public struct Comparison: Sendable, CustomStringConvertible {
    /// What was compared.
    public let what: String
    /// The greatest distance between two elements, in units of what is allowed.
    public let excess: Double
    /// The greatest absolute distance between two elements.
    public let largestError: Double
    /// The place and the two numbers where the excess is greatest, or why the tensors do not compare.
    public let detail: String

    /// Whether every element is close enough.
    public var isClose: Bool { excess <= 1 }

    /// The measured error and where it lies.
    public var description: String {
        let text = String(format: "largest error %.3g, %.3g of the tolerance", largestError, excess)
        return "\(what): \(text) (\(detail))"
    }

    /// Compares two tensors, integers exactly.
    ///
    /// - Parameters:
    ///   - what: what is compared, for messages.
    ///   - received: the tensor to judge.
    ///   - expected: the tensor it should be.
    ///   - tolerance: how far elements may lie apart.
    public init(
        _ what: String,
        received: Tensor,
        expected: Tensor,
        tolerance: Tolerance = .float32
    ) {
        self.what = what
        guard received.count == expected.count, received.dtype == expected.dtype else {
            (excess, largestError) = (.infinity, .infinity)
            detail =
                "expected \(expected.dtype) \(expected.shape); received \(received.dtype) \(received.shape)"
            return
        }
        let limit = expected.dtype == .int32 ? Tolerance.exact : tolerance
        let (left, right) = (received.numbers, expected.numbers)
        var (worst, largest, place) = (0.0, 0.0, 0)
        for index in left.indices {
            let found = limit.excess(left[index], right[index])
            if found > worst { (worst, place) = (found, index) }
            let error = abs(left[index] - right[index])
            if error.isFinite { largest = max(largest, error) }
        }
        (excess, largestError) = (worst, largest)
        detail =
            left.isEmpty
            ? "no elements"
            : "element \(place): received \(left[place]), expected \(right[place])"
    }
}

extension Tensor {
    /// The elements in double precision, whatever the type.
    public var numbers: [Double] {
        dtype == .int32 ? integers.map(Double.init) : floats.map(Double.init)
    }
}
