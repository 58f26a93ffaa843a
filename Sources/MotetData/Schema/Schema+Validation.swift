import MotetCore

extension Schema {
    /// Checks the schema alone.
    ///
    /// - Throws: ``SchemaError`` with every problem.
    public func validate() throws(SchemaError) {
        let problems = self.problems()
        if !problems.isEmpty { throw SchemaError(problems) }
    }

    /// Checks the schema against the columns of the files.
    ///
    /// - Parameter columns: the names of the columns there are.
    /// - Throws: ``SchemaError`` with every problem.
    public func validate(columns: [String]) throws(SchemaError) {
        let problems = self.problems() + columnProblems(columns, labelsRequired: true)
        if !problems.isEmpty { throw SchemaError(problems) }
    }

    /// Everything wrong with the schema alone, one sentence each.
    public func problems() -> [String] {
        var problems: [String] = []
        if features.isEmpty {
            problems.append("features: none given; expected at least one; received an empty list.")
        }
        problems += repeatedNames(features.map(\.name), "feature")
        problems += repeatedNames(labels.map(\.name), "label")
        for feature in features { problems += feature.problems(in: self) }
        for label in labels { problems += label.problems() }
        if let values = scenario?.values {
            if values.isEmpty {
                problems.append(
                    "scenario \"\(scenario?.column ?? "")\": no values; expected at least one, or "
                        + "leave `values` out; received an empty list."
                )
            }
            problems += repeatedNames(values, "scenario value")
        }
        problems += scenario?.nearestProblems ?? []
        for rule in cleaning { problems += rule.problems() }
        problems += split.problems()
        return problems
    }

    /// Columns the schema names that the files do not have.
    ///
    /// - Parameters:
    ///   - columns: the names of the columns there are.
    ///   - labelsRequired: whether labels, weights and groups must be there, as in training.
    /// - Returns: one sentence a column.
    func columnProblems(_ columns: [String], labelsRequired: Bool) -> [String] {
        let known = Set(columns)
        var problems: [String] = []
        func require(_ column: String, _ who: String) {
            guard !known.contains(column) else { return }
            problems.append(
                "\(who): there is no column `\(column)`; expected one of the files' "
                    + "\(columns.count) columns; received `\(column)`."
                    + Suggestion.sentence(for: column, in: columns)
            )
        }
        for feature in features { require(feature.column, "feature \"\(feature.name)\"") }
        if let scenario { require(scenario.column, "scenario") }
        for column in keep { require(column, "keep") }
        guard labelsRequired else { return problems }
        for label in labels { require(label.column, "label \"\(label.name)\"") }
        if let sampleWeight { require(sampleWeight, "sample weight") }
        if let group { require(group, "group") }
        for rule in cleaning {
            for column in rule.columns { require(column, "cleaning rule \"\(rule.title)\"") }
        }
        if let column = split.column { require(column, "split") }
        return problems
    }

    private func repeatedNames(_ names: [String], _ who: String) -> [String] {
        var seen: Set<String> = []
        var problems: [String] = []
        for name in names {
            if name.isEmpty {
                problems.append("\(who): a name is empty; expected a name; received \"\".")
            } else if !seen.insert(name).inserted {
                problems.append(
                    "\(who) \"\(name)\": given twice; expected names that differ; received "
                        + "`\(name)` again."
                )
            }
        }
        return problems
    }
}

extension LabelSpecification {
    func problems() -> [String] {
        let who = "label \"\(name)\""
        switch kind {
        case .binary: return []
        case .numeric:
            guard rule != nil else { return [] }
            return ["\(who): a rule makes 0 and 1; expected a binary label; received numeric."]
        case .multiclass(let classes):
            var problems: [String] = []
            if rule != nil {
                problems.append(
                    "\(who): a rule makes 0 and 1; expected a binary label; received multiclass."
                )
            }
            if let classes, classes.count < 2 {
                problems.append(
                    "\(who): too few classes; expected at least 2; received \(classes.count)."
                )
            }
            if let classes, Set(classes).count < classes.count {
                problems.append(
                    "\(who): a class is given twice; expected classes that differ; received "
                        + "\(classes)."
                )
            }
            return problems
        }
    }
}

extension CleaningRule {
    func problems() -> [String] {
        let who = "cleaning rule \"\(title)\""
        switch self {
        case .duplicates(let key, _):
            return key.isEmpty
                ? ["\(who): no key; expected at least one column; received an empty list."] : []
        case .range(_, nil, nil, _):
            return ["\(who): no end; expected a minimum, a maximum or both; received neither."]
        case .range(_, let minimum?, let maximum?, _) where minimum > maximum:
            return [
                "\(who): the range is empty; expected minimum <= maximum; received "
                    + "\(shortNumber(minimum)) > \(shortNumber(maximum))."
            ]
        case .repair(_, let repairs) where repairs.isEmpty:
            return ["\(who): nothing to do; expected at least one repair; received none."]
        case .outliers(_, .quantiles(let lower, let upper), _)
        where !(0 <= lower && lower < upper && upper <= 1):
            return [
                "\(who): the quantiles are out of order; expected 0 <= lower < upper <= 1; "
                    + "received \(shortNumber(lower)) and \(shortNumber(upper))."
            ]
        case .outliers(_, .interquartile(let factor), _) where !(factor >= 0):
            return [
                "\(who): the factor is out of range; expected at least 0; received "
                    + "\(shortNumber(factor))."
            ]
        case .range, .repair, .outliers: return []
        }
    }
}

extension SplitSpecification {
    func problems() -> [String] {
        switch self {
        case .given: return []
        case .fraction(let validation, let test, _),
            .timeFraction(_, let validation, let test),
            .key(_, let validation, let test, _):
            let whole =
                validation >= 0 && test >= 0 && validation + test > 0
                && validation + test < 1
            return whole
                ? []
                : [
                    "split: the fractions leave nothing to train on, or set nothing apart; "
                        + "expected 0 < validation + test < 1, neither negative; received "
                        + "validation \(shortNumber(validation)) and test \(shortNumber(test))."
                ]
        case .time(_, let validation, let test):
            var problems: [String] = []
            if validation == nil, test == nil {
                problems.append(
                    "split: no cut; expected `validation`, `test` or both; received neither."
                )
            }
            for cut in [validation, test].compactMap({ $0 }) where TimeValue.parse(cut) == nil {
                problems.append(
                    "split: a cut is no time; expected a number or a date such as 2011-10-01 or "
                        + "2011-10-01 12:00:00; received `\(cut)`."
                )
            }
            if let validation, let test, let first = TimeValue.parse(validation),
                let second = TimeValue.parse(test), first >= second
            {
                problems.append(
                    "split: the cuts are out of order; expected validation before test; received "
                        + "`\(validation)` and `\(test)`."
                )
            }
            return problems
        }
    }
}

extension ScenarioSpecification {
    /// What is wrong with the scenario that other values are taken for.
    fileprivate var nearestProblems: [String] {
        let place = "scenario \"\(column)\": "
        switch (unknown, nearest) {
        case (.nearest, nil):
            return [
                place + "`unknown: nearest` needs a scenario; expected `nearest`; received none."
            ]
        case (.nearest, let name?):
            guard let values, !values.contains(name) else { return [] }
            return [
                place + "`nearest` names no scenario; expected one of \(values); received "
                    + "`\(name)`."
                    + Suggestion.sentence(for: name, in: values)
            ]
        case (_, let name?):
            return [
                place + "`nearest` has no effect; expected `unknown: nearest` beside it; received "
                    + "`\(unknown.rawValue)` and `\(name)`."
            ]
        default: return []
        }
    }
}
