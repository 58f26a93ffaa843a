/// The greatest difference between scores of the same rows; infinite where numbers are missing.
func worstDifference(_ left: [String: [Float]], _ right: [String: [Float]]) -> Float {
    guard Set(left.keys) == Set(right.keys) else { return .infinity }
    return left.map { task, values in
        let other = right[task] ?? []
        guard other.count == values.count else { return .infinity }
        return zip(values, other).map { abs($0 - $1) }.max() ?? .infinity
    }.max() ?? .infinity
}
