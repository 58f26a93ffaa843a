/// Finds pictures that show the same, so that they can stay in one part of a split.
///
/// Each picture is made grey and 17 x 16 pixels, and becomes 256 bits: whether a pixel is brighter than
/// its right neighbour. Pictures whose bits differ in few places are the same photograph scaled,
/// brightened, or compressed again.
public struct NearDuplicates: Sendable {
    /// The bits of each picture.
    private let prints: [SIMD4<UInt64>]

    /// Describes pictures by their bits.
    public init(_ stack: ImageStack) {
        prints = (0..<stack.count).map { NearDuplicates.bits(of: stack[$0]) }
    }

    /// The pairs of pictures whose bits differ in at most some places.
    ///
    /// - Parameter distance: of the 256 bits, how many may differ.
    /// - Returns: pairs of numbers, the smaller first, in order.
    /// - Cost: `N * N / 2` comparisons of 256 bits.
    public func pairs(within distance: Int) -> [(first: Int, second: Int)] {
        var pairs: [(first: Int, second: Int)] = []
        for first in prints.indices {
            for second in (first + 1)..<prints.count
            where NearDuplicates.distance(prints[first], prints[second]) <= distance {
                pairs.append((first, second))
            }
        }
        return pairs
    }

    private static func distance(_ left: SIMD4<UInt64>, _ right: SIMD4<UInt64>) -> Int {
        let bits = left ^ right
        return bits[0].nonzeroBitCount + bits[1].nonzeroBitCount + bits[2].nonzeroBitCount
            + bits[3].nonzeroBitCount
    }

    private static func bits(of image: Image) -> SIMD4<UInt64> {
        let small = image.grey.resized(height: 16, width: 17)
        var bits = SIMD4<UInt64>()
        for row in 0..<16 {
            for column in 0..<16 where small[row, column, 0] > small[row, column + 1, 0] {
                let place = row * 16 + column
                bits[place / 64] |= 1 << UInt64(place % 64)
            }
        }
        return bits
    }
}
