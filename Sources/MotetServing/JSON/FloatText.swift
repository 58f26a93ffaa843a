/// Writes probabilities in the fewest digits that read back to the same number, as `Float.description` does but
/// without a text in between: an answer has a thousand of them.
enum FloatText {
    /// Writes a number from 0.0001 to less than 1.
    ///
    /// The fewest digits are found by counting down: a decimal reads back to the number where it is nearer to it than
    /// half the distance to the next. Numbers of 24 bits times powers of ten are exact enough in `Double` to tell,
    /// but for decimals as good as half way, which are left to `description`, as are powers of two, whose neighbours
    /// are not equally far.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - bytes: what is added to.
    /// - Returns: whether it was written; nothing was where not.
    static func write(_ value: Float, to bytes: inout [UInt8]) -> Bool {
        guard value >= 0.0001, value < 1, value.significandBitPattern != 0 else { return false }
        let zeros = value >= 0.1 ? 0 : value >= 0.01 ? 1 : value >= 0.001 ? 2 : 3
        let half = Double(value.ulp) / 2
        var chosen: (digits: Int, decimal: Double)?
        var digits = 8
        while digits >= 1, digits <= 9 {
            let scale = powers[digits + zeros]
            let scaled = Double(value) * scale
            // The nearest whole number, ties to even, without a call into the library of mathematics.
            let whole = Int64(scaled)
            let rest = scaled - Double(whole)
            let decimal = Double(rest > 0.5 || (rest == 0.5 && whole % 2 == 1) ? whole + 1 : whole)
            let (distance, reach) = (abs(decimal - scaled), half * scale)
            if abs(distance - reach) <= 1e-7 * reach { return false }
            if distance < reach {
                chosen = (digits, decimal)
                // Nine digits are asked for only where eight were too few.
                if digits == 9 { break }
                digits -= 1
            } else {
                if chosen != nil { break }
                digits += 1
            }
        }
        guard let (digits, decimal) = chosen, decimal < powers[digits] else { return false }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { text in
            text.initialize(repeating: UInt8(ascii: "0"))
            text[1] = UInt8(ascii: ".")
            let count = 2 + zeros + digits
            var rest = UInt32(decimal)
            for place in ((2 + zeros)..<count).reversed() {
                text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
        }
        return true
    }

    private static let powers: [Double] = [
        1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
    ]
}
