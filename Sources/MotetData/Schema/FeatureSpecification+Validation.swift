import MotetCore

extension FeatureSpecification {
    func problems(in schema: Schema) -> [String] {
        var problems: [String] = []
        func check(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition { problems.append("feature \"\(name)\": " + problem()) }
        }
        if let dimension {
            check(
                dimension >= 1,
                "'dimension' is out of range; expected at least 1; received \(dimension)."
            )
        }
        if let maximumLength {
            check(
                maximumLength >= 1,
                "'maximum_length' is out of range; expected at least 1; received \(maximumLength)."
            )
            check(
                kind == .sequence,
                "'maximum_length' is for sequences; expected a feature of type sequence; received "
                    + "\(kind.rawValue)."
            )
        }
        if let delimiter {
            check(
                delimiter.utf8.count == 1,
                "'delimiter' is no single character; expected one ASCII character; received "
                    + "`\(delimiter)`."
            )
        }
        check(
            kind == .numeric || transforms.isEmpty,
            "'transform' is for numbers; expected a feature of type numeric; received "
                + "\(kind.rawValue)."
        )
        check(
            name != "numeric" || isFloat,
            "the name is taken by the column of all numbers; expected another name; received "
                + "`numeric`."
        )
        check(
            !["weight", "scenario", "group", "row"].contains(name) && !name.contains("/"),
            "the name is taken by another prepared column; expected a name without `/` other than "
                + "weight, scenario, group, row; received `\(name)`."
        )
        problems += transformProblems() + vocabularyProblems(in: schema) + missingProblems()
        return problems
    }

    private func transformProblems() -> [String] {
        var problems: [String] = []
        for (index, transform) in transforms.enumerated() {
            switch transform {
            case .quantileBins(let bins):
                if bins < 2 {
                    problems.append("too few quantile bins; expected at least 2; received \(bins).")
                }
                if index != transforms.count - 1 {
                    problems.append(
                        "a transform follows quantile bins; expected them last, as they make ids; "
                            + "received \(transforms.count - 1 - index) more."
                    )
                }
            case .clip(let lower, let upper):
                if !(0 <= lower && lower < upper && upper <= 1) {
                    problems.append(
                        "the clip quantiles are out of order; expected 0 <= lower < upper <= 1; "
                            + "received \(shortNumber(lower)) and \(shortNumber(upper))."
                    )
                }
            case .logRatio(let reference?):
                if !(reference > 0 && reference.isFinite) {
                    problems.append(
                        "the reference of a log ratio is out of range; expected a finite number above "
                            + "0; received \(shortNumber(reference))."
                    )
                }
            case .standardise, .minMax, .log1p, .logRatio(nil): break
            }
        }
        return problems.map { "feature \"\(name)\": " + $0 }
    }

    private func vocabularyProblems(in schema: Schema) -> [String] {
        guard kind != .numeric else { return [] }
        var problem: String?
        switch vocabulary {
        case .learned(let limit, let minimumFrequency):
            if let limit, limit < 1 {
                problem = "'vocabulary' is out of range; expected at least 1; received \(limit)."
            } else if minimumFrequency < 1 {
                problem =
                    "'minimum_frequency' is out of range; expected at least 1; received "
                    + "\(minimumFrequency)."
            }
        case .values(let values):
            if values.isEmpty {
                problem = "no vocabulary values; expected at least one; received an empty list."
            } else if Set(values).count < values.count {
                problem =
                    "a vocabulary value is given twice; expected values that differ; received "
                    + "\(values.count - Set(values).count) repeated."
            }
        case .hashed(let buckets):
            if buckets < 1 || buckets > Int(Int32.max) - 2 {
                problem =
                    "'hash_buckets' is out of range; expected 1 ... 2147483645; received "
                    + "\(buckets)."
            }
        case .shared(let other):
            problem = sharingProblem(other, in: schema)
        }
        return problem.map { ["feature \"\(name)\": " + $0] } ?? []
    }

    private func sharingProblem(_ other: String, in schema: Schema) -> String? {
        guard let owner = schema.feature(other) else {
            let names = schema.features.map(\.name).filter { $0 != name }
            return "it shares the table of a feature there is not; expected another feature; "
                + "received `\(other)`." + Suggestion.sentence(for: other, in: names)
        }
        if owner.name == name {
            return "it shares its own table; expected another feature; received `\(other)`."
        }
        if owner.kind == .numeric {
            return "it shares the table of a number; expected a categorical or sequence feature; "
                + "received `\(other)`."
        }
        if case .shared(let third) = owner.vocabulary {
            return "it shares a table that is itself shared; expected the feature that owns it; "
                + "received `\(other)`. Write `shares: \(third)`."
        }
        return nil
    }

    private func missingProblems() -> [String] {
        var problem: String?
        switch (kind, missing) {
        case (.numeric, .fill(.text)):
            problem =
                "a text fills a missing number; expected a number, mean, median or most_frequent"
        case (.numeric, .fill(.number(let value))) where !value.isFinite:
            problem = "the fill is not finite; expected a finite number"
        case (.categorical, .fill(.mean)), (.categorical, .fill(.median)):
            problem = "categories have no mean or median; expected a value or most_frequent"
        case (.sequence, .fill):
            problem = "a missing sequence is not filled; expected own_bucket (empty), drop or error"
        default: break
        }
        return problem.map { ["feature \"\(name)\": \($0); received \(missing.title)."] } ?? []
    }
}

extension MissingPolicy {
    /// The policy as a configuration spells it.
    var title: String {
        switch self {
        case .fill(.number(let value)): "fill \(shortNumber(value))"
        case .fill(.text(let value)): "fill \(value)"
        case .fill(.mean): "mean"
        case .fill(.median): "median"
        case .fill(.mostFrequent): "most_frequent"
        case .ownBucket: "own_bucket"
        case .drop: "drop"
        case .error: "error"
        }
    }
}
