import MotetCore

extension TwoTower.Settings {
    /// Says what of an experiment two towers have no place for.
    public func problems(_ experiment: ArchitectureExperiment) -> [String] {
        problemsOfTasks(experiment) + problemsOfFeatures(experiment) + problemsOfParts(experiment)
    }

    private func problemsOfTasks(_ experiment: ArchitectureExperiment) -> [String] {
        guard experiment.tasks.count == 1, let task = experiment.tasks.first else {
            return [
                "`two_tower` learns which items go with a user; expected one task; received "
                    + "\(experiment.tasks.map(\.name))."
            ]
        }
        var problems: [String] = []
        if !task.isBinary || !task.isCrossEntropy {
            problems.append(
                "`two_tower` has a softmax over the items of a batch for a loss; expected task "
                    + "\"\(task.name)\" to have the loss `binary_cross_entropy`, whose labels of 1 are the "
                    + "rows it learns from; received another."
            )
        }
        if task.hasDemand {
            problems.append(
                "`two_tower` answers with the product of two vectors; expected task \"\(task.name)\" "
                    + "to have no `demand`, which bends the output of a tower; received it."
            )
        }
        return problems
    }

    private func problemsOfFeatures(_ experiment: ArchitectureExperiment) -> [String] {
        let known = experiment.features + experiment.numericFeatures
        guard !itemFeatures.isEmpty else {
            return [
                "`two_tower` keeps items apart from users; expected `item_features`, some of \(known); "
                    + "received none."
            ]
        }
        var problems = itemFeatures.filter { !known.contains($0) }.map { name in
            "`item_features` names a feature there is not; expected some of \(known); received "
                + "`\(name)`." + Suggestion.sentence(for: name, in: known)
        }
        if Set(itemFeatures).count < itemFeatures.count {
            problems.append(
                "`item_features` names a feature twice; expected each once; received \(itemFeatures)."
            )
        }
        if problems.isEmpty, known.allSatisfy(itemFeatures.contains) {
            problems.append(
                "`two_tower` needs features of users; expected some that are not among "
                    + "`item_features`; received none."
            )
        }
        let identifiers = itemFeatures.filter(experiment.identifiers.contains)
        if let item = itemFeature, known.contains(item), !identifiers.contains(item) {
            problems.append(
                "`item` tells items apart; expected a feature of one id among `item_features`, one of "
                    + "\(identifiers); received `\(item)`."
            )
        } else if let item = itemFeature, !known.contains(item), !self.item.isEmpty {
            problems.append(
                "`item` names a feature there is not; expected one of \(identifiers); received "
                    + "`\(item)`." + Suggestion.sentence(for: item, in: identifiers)
            )
        }
        return problems
    }

    private func problemsOfParts(_ experiment: ArchitectureExperiment) -> [String] {
        var problems: [String] = []
        if !experiment.interactions.isEmpty {
            problems.append(
                "`two_tower` keeps the vectors of users and items apart, for items are indexed before "
                    + "there is a user; expected no `interactions`; received "
                    + "\(experiment.interactions)."
            )
        }
        for key in experiment.scenarioParts {
            problems.append(
                "`two_tower` has one space of vectors for all scenarios; expected no `\(key)`; received "
                    + "one. A feature may read the column of the scenario."
            )
        }
        return problems
    }
}
