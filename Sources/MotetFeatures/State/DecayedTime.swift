import Foundation

/// Sums in which every part is halved with each half-life that goes by, kept so that they are exact.
///
/// Time is cut into blocks of 32 half-lives. A part `w` at time `u` in the block that begins at `b` is kept
/// as the whole number nearest to `w * 2^((u - b) / halfLife) * 2^20`, and whole numbers are added. The sum
/// at time `t` is that of the block of `t` and the one before,
/// `S * 2^-20 * 2^-((t - b) / halfLife)` each. What is left out is at least 32 half-lives old: less than
/// `2^-32` of each part.
enum DecayedTime {
    /// How many blocks are kept.
    static let blocks: Int64 = 2

    /// The length of a block.
    static func blockLength(halfLife: Int64) -> Int64 { 32 * halfLife }

    /// A part as it is kept.
    static func stored(_ part: Double, at time: Int64, halfLife: Int64) -> Int128 {
        let age = time % blockLength(halfLife: halfLife)
        let scaled = part * exp2(Double(age) / Double(halfLife) + 20)
        return Int128(scaled.rounded())
    }

    /// The sum at a time.
    static func sum(_ sums: TileSums<Int128>, at time: Int64, halfLife: Int64) -> Double {
        let length = blockLength(halfLife: halfLife)
        let block = time / length
        var total = 0.0
        for tile in sums.tiles where tile.index == block || tile.index == block - 1 {
            let age = Double(time - tile.index * length) / Double(halfLife)
            total += Double(tile.sum) * exp2(-age - 20)
        }
        return total
    }
}
