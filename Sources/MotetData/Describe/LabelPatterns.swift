import MotetCore

/// Counts which values of columns named like answers stand together in rows: a purchase only where
/// there was a click.
struct LabelPatterns {
    /// One combination of values.
    private struct Pattern {
        var count: Int
        let hashes: [UInt64]
    }

    /// The columns looked at, by their place in the table.
    private var columns: [Int]
    private var patterns: [UInt64: Pattern] = [:]

    /// Columns of more values than this hold no answer of yes or no, a missing one included.
    private static let values = 3
    private static let mostColumns = 8

    init(_ names: [String]) {
        let named = names.indices.filter { index in
            !NameWords.label.isDisjoint(with: NameWords.split(names[index]))
        }
        columns = (2...Self.mostColumns).contains(named.count) ? named : []
    }

    /// Takes in the rows of a batch.
    ///
    /// - Parameters:
    ///   - hashes: for each column of the table a hash for each row.
    ///   - distinct: for each column how many different values it has so far.
    ///   - rows: the rows of the batch.
    mutating func add(hashes: [[UInt64]], distinct: [Int], rows: Int) {
        drop { distinct[$0] > Self.values }
        guard columns.count > 1 else { return }
        for row in 0..<rows {
            var key: UInt64 = 0
            for column in columns { key = RandomKey.mix(key ^ hashes[column][row]) }
            if patterns[key] == nil {
                patterns[key] = Pattern(
                    count: 0,
                    hashes: columns.map { hashes[$0][row] }
                )
            }
            patterns[key]?.count += 1
        }
    }

    /// Leaves out columns that turned out to have many values.
    private mutating func drop(where hasMany: (Int) -> Bool) {
        let kept = columns.indices.filter { !hasMany(columns[$0]) }
        guard kept.count < columns.count else { return }
        var merged: [UInt64: Pattern] = [:]
        for pattern in patterns.values {
            let hashes = kept.map { pattern.hashes[$0] }
            let key = hashes.reduce(0) { RandomKey.mix($0 ^ $1) }
            merged[key, default: Pattern(count: 0, hashes: hashes)].count += pattern.count
        }
        columns = kept.map { columns[$0] }
        patterns = merged
    }

    /// The place of the smallest column that is positive wherever another one is, for each that has
    /// such.
    ///
    /// - Parameter positives: the hashes of the positive values of each column, by its place.
    /// - Returns: by a column's place that of the other.
    func parents(_ positives: [Int: Set<UInt64>]) -> [Int: Int] {
        var parents: [Int: Int] = [:]
        let known = columns.indices.filter { positives[columns[$0]] != nil }
        func isPositive(_ pattern: Pattern, _ column: Int) -> Bool {
            positives[columns[column]]?.contains(pattern.hashes[column]) ?? false
        }
        func count(_ column: Int) -> Int {
            patterns.values.reduce(0) { $0 + (isPositive($1, column) ? $1.count : 0) }
        }
        for inner in known where count(inner) > 0 {
            let outer = known.filter { outer in
                outer != inner && count(outer) > count(inner)
                    && patterns.values.allSatisfy {
                        !isPositive($0, inner) || isPositive($0, outer)
                    }
            }
            guard let least = outer.min(by: { count($0) < count($1) }) else { continue }
            parents[columns[inner]] = columns[least]
        }
        return parents
    }
}

extension ColumnProfiler {
    /// The hashes of the values that are a positive label by a rule; of 1 and true without one.
    func positiveHashes(_ rule: String?) -> Set<UInt64> {
        let parsed = rule.flatMap { try? LabelRule(parsing: $0) }
        guard rule == nil || parsed != nil else { return [] }
        return table.hashes(where: { entry in
            guard let parsed else { return entry.number == 1 }
            return parsed.isPositive(entry.number) ?? parsed.isPositive(entry.text) ?? false
        })
    }
}

extension [ColumnProfile] {
    /// Notes for each answer the one without which it never is.
    mutating func findParents(_ profilers: [ColumnProfiler], _ patterns: LabelPatterns) {
        var positives: [Int: Set<UInt64>] = [:]
        var places: [Int: Int] = [:]
        for (index, column) in enumerated() {
            guard column.guess.meaning == .label, let label = column.guess.label,
                label.kind == .binary,
                let place = profilers.firstIndex(where: { $0.name == column.name })
            else { continue }
            positives[place] = profilers[place].positiveHashes(label.positive)
            places[place] = index
        }
        for (inner, outer) in patterns.parents(positives) {
            guard let innerIndex = places[inner], let outerIndex = places[outer] else { continue }
            let name = self[outerIndex].name
            self[innerIndex].guess.label?.within = name
            self[innerIndex].guess.reason += "; only where \(name) is"
        }
    }
}
