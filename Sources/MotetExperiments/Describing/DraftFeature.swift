import MotetData

/// A feature of a draft.
struct DraftFeature {
    /// Its line.
    let line: String

    init(_ column: ColumnProfile, _ profile: TableProfile, _ roles: DraftRoles) {
        var keys: [String] = []
        let name = Self.name(of: column, in: profile)
        keys.append("name: \(DraftText.scalar(name))")
        if name != column.name { keys.append("column: \(DraftText.scalar(column.name))") }
        var why = column.guess.reason
        switch column.guess.meaning {
        case .numeric:
            keys.append("type: numeric")
            keys += Self.numberKeys(column, isPartial: profile.isPartial)
            if let spread = column.spread {
                why +=
                    "; from \(column.spelled(spread.minimum)) to \(column.spelled(spread.maximum)), "
                    + "half below \(column.spelled(spread.quantiles[2]))"
            }
            if column.missing + column.notANumber > 0 { why += "; some are missing" }
        case .sequence:
            keys.append("type: sequence")
            keys += Self.sequenceKeys(column, profile, roles)
        default:
            keys.append("type: categorical")
            keys += Self.categoryKeys(column)
            let isSaid = why.contains("different") || column.guess.detail == "yes/no"
            why += isSaid ? "" : ", \(column.distinctText) different"
        }
        if column.guess.label != nil { why += "; could be a task instead" }
        if roles.tasks.contains(where: { $0.name == column.name }) {
            why = "THE TASK ITSELF: no other column could be an input"
        }
        line = DraftText.line("  - { \(keys.joined(separator: ", ")) }", why)
    }

    /// A name that no other prepared column has.
    static func name(of column: ColumnProfile, in profile: TableProfile) -> String {
        let taken: Set<String> = ["numeric", "weight", "scenario", "group", "row"]
        var name = String(column.name.map { $0 == "/" ? "_" : $0 })
        if name.isEmpty { name = "unnamed" }
        if taken.contains(name) { name += "_column" }
        while name != column.name, profile.column(name) != nil { name += "_" }
        return name
    }

    private static func numberKeys(_ column: ColumnProfile, isPartial: Bool) -> [String] {
        var keys = ["transform: \(transform(column))"]
        // Rows that were not looked at may lack what those that were have.
        let isRepaired = column.guess.repairs.contains { repair in
            if case .missing = repair { true } else { false }
        }
        let mayLack = column.missing + column.notANumber + column.infinite > 0 || isRepaired
        if mayLack || column.guess.sentinel != nil || isPartial {
            keys.append("missing: own_bucket")
        }
        if column.infinite > 0 { keys.append("infinity: missing") }
        return keys
    }

    /// Numbers of which a few are many times larger than most get a logarithm or a limit.
    private static func transform(_ column: ColumnProfile) -> String {
        guard let spread = column.spread else { return "standardise" }
        let isPositive = spread.minimum >= 0 || column.guess.sentinel != nil
        let bulk = max(abs(spread.quantiles[0]), abs(spread.quantiles[4]), 1e-9)
        if isPositive, spread.maximum > 10,
            spread.maximum > 20 * max(spread.quantiles[2], 1e-9)
                || spread.quantiles[4] > 8 * max(spread.quantiles[2], 1e-9)
        {
            return "[log1p, standardise]"
        }
        let isWide = max(abs(spread.minimum), abs(spread.maximum)) > 20 * bulk
        return isWide ? "[{ clip: [0.001, 0.999] }, standardise]" : "standardise"
    }

    private static func categoryKeys(_ column: ColumnProfile) -> [String] {
        let distinct = column.distinct.value
        if !column.distinct.isExact {
            var buckets = 1
            while buckets < distinct { buckets *= 2 }
            return ["hash_buckets: \(buckets)", "dimension: 16"]
        }
        let rare = distinct > 10_000 ? ["minimum_frequency: 2"] : []
        return rare + ["dimension: \(distinct <= 30 ? 4 : distinct <= 1_000 ? 8 : 16)"]
    }

    private static func sequenceKeys(
        _ column: ColumnProfile,
        _ profile: TableProfile,
        _ roles: DraftRoles
    ) -> [String] {
        var keys: [String] = []
        if let separator = column.guess.separator {
            keys.append("delimiter: \(DraftText.scalar(separator))")
        }
        if let owner = column.guess.shares.flatMap({ profile.column($0) }),
            roles.features.contains(where: { $0.name == owner.name }),
            owner.guess.meaning == .categorical
        {
            keys.append("shares: \(DraftText.scalar(name(of: owner, in: profile)))")
        } else {
            keys.append("dimension: 16")
        }
        if (column.lengths?.maximum ?? 0) > 20 { keys.append("maximum_length: 50") }
        return keys
    }
}
