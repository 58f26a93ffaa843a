/// Finds the known name a user probably meant.
public enum Suggestion {
    /// The candidate nearest to a misspelt name, if it is near enough to be a slip of the keyboard.
    ///
    /// Nearness is the Damerau-Levenshtein distance (optimal string alignment); at most a third of
    /// the longer name may differ.
    ///
    /// - Parameters:
    ///   - name: what the user wrote.
    ///   - candidates: the names that exist.
    /// - Returns: the nearest candidate, the first of equals.
    public static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(Array(name.lowercased()), Array(candidate.lowercased()))
            let limit = max(1, max(name.count, candidate.count) / 3)
            guard distance <= limit, distance < (best?.distance ?? .max) else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// The sentence `Did you mean ...?` with a space before it, or nothing.
    public static func sentence(for name: String, in candidates: some Sequence<String>) -> String {
        nearest(to: name, in: candidates).map { " Did you mean `\($0)`?" } ?? ""
    }

    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let substitution = previous[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(substitution, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
