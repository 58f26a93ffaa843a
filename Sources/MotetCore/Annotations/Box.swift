/// A rectangle with sides along the axes, in one unit throughout: pixels, or shares of a picture.
///
/// `x` grows to the right and `y` downwards. The borders are lines between pixels, so a box over the
/// first pixel alone is `(0, 0, 1, 1)` and the area is width times height.
public struct Box: Hashable, Sendable, Codable {
    /// The smallest x.
    public var left: Float
    /// The smallest y.
    public var top: Float
    /// The largest x.
    public var right: Float
    /// The largest y.
    public var bottom: Float

    /// Creates a box from its borders.
    public init(left: Float, top: Float, right: Float, bottom: Float) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    /// Creates a box from its borders in the order left, top, right, bottom.
    public init(borders: [Float]) {
        precondition(borders.count == 4, "Box: 4 borders, not \(borders.count).")
        self.init(left: borders[0], top: borders[1], right: borders[2], bottom: borders[3])
    }

    /// The width; negative where the borders are in the wrong order.
    public var width: Float { right - left }
    /// The height; negative where the borders are in the wrong order.
    public var height: Float { bottom - top }
    /// Whether the box has no area, because a side is not positive or a border is not a number.
    public var isEmpty: Bool { !(width > 0 && height > 0) }

    /// The area; 0 where the borders are in the wrong order.
    public var area: Double {
        isEmpty ? 0 : (Double(right) - Double(left)) * (Double(bottom) - Double(top))
    }

    /// What two boxes have in common; empty where that is nothing.
    public func intersection(_ other: Box) -> Box {
        Box(
            left: max(left, other.left),
            top: max(top, other.top),
            right: min(right, other.right),
            bottom: min(bottom, other.bottom)
        )
    }

    /// Intersection over union: the area two boxes share over the area they cover together.
    ///
    /// - Parameter other: a box in the same unit.
    /// - Returns: from 0 to 1; 0 where either box is empty.
    public func intersectionOverUnion(_ other: Box) -> Double {
        guard !isEmpty, !other.isEmpty else { return 0 }
        let shared = intersection(other).area
        let covered = area + other.area - shared
        return covered > 0 ? shared / covered : 0
    }

    /// The borders in the order left, top, right, bottom.
    public var borders: [Float] { [left, top, right, bottom] }
}
