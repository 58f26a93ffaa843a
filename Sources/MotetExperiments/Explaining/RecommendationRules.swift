import MotetMetrics
import MotetTraining

/// Makes recommendations of the figures of an explanation: rules with fixed thresholds, in a fixed order.
///
/// What a rule would change is tried on the run's configuration first, and dropped where it is not accepted.
struct RecommendationRules {
    let experiment: Experiment
    /// Whether a changed experiment has a model.
    let isBuildable: (Experiment) -> Bool

    /// All recommendations, conflicts first.
    func recommendations(for found: Explanation) -> [Recommendation] {
        conflicts(found.conflicts) + transfer(found.transfer) + experts(found.experts)
            + balance(found.balance) + calibration(found.calibration) + features(found.importance)
    }

    /// A recommendation with the options that are accepted; nil where none is.
    func made(
        _ rule: String,
        _ evidence: String,
        _ options: [[Recommendation.Change]]
    ) -> Recommendation? {
        let accepted = options.filter { !$0.isEmpty && accepts($0) }
        guard !accepted.isEmpty else { return nil }
        return Recommendation(
            rule: rule,
            evidence: evidence,
            options: accepted.map(Recommendation.Option.init)
        )
    }

    /// Whether the configuration takes changes, and means something else with them.
    func accepts(_ changes: [Recommendation.Change]) -> Bool {
        guard let changed = try? experiment.applying(changes) else { return false }
        return changed != experiment && isBuildable(changed)
    }

    // MARK: Gradients

    private func conflicts(_ conflicts: Conflicts?) -> [Recommendation] {
        guard let conflicts else { return [] }
        typealias Found = (block: String, pair: Conflicts.Pair)
        let opposed = conflicts.blocks.flatMap { block in
            block.pairs.map { (block: block.name, pair: $0) }
        }.filter { found in
            found.pair.opposed >= ExplanationThresholds.opposed
                && found.pair.cosine <= ExplanationThresholds.cosine
                && found.pair.steps >= ExplanationThresholds.steps
        }
        // The worst block of each pair of tasks; the others are counted.
        var worst: [(found: Found, others: Int)] = []
        for found in opposed.sorted(by: {
            ($1.pair.opposed, $0.pair.cosine) < ($0.pair.opposed, $1.pair.cosine)
        }) {
            let place = worst.firstIndex {
                $0.found.pair.first == found.pair.first && $0.found.pair.second == found.pair.second
            }
            if let place { worst[place].others += 1 } else { worst.append((found, 0)) }
        }
        return worst.prefix(ExplanationThresholds.perRule).compactMap { worst in
            let (found, others) = worst
            let more =
                others > 0 ? ", and in \(others) more \(others == 1 ? "block" : "blocks")" : ""
            let steps = conflicts.source == .training ? "steps" : "batches"
            return made(
                "conflict",
                "\(found.pair.second)'s gradient opposes \(found.pair.first)'s in \(found.block) in "
                    + "\(Self.percent(found.pair.opposed)) of \(steps) (mean cosine "
                    + "\(NumberText.fixed(found.pair.cosine, digits: 2)))\(more)",
                sharingLess() + aggregating("upgrad")
            )
        }
    }

    private func balance(_ tasks: [TaskBalance]) -> [Recommendation] {
        var made: [Recommendation?] = []
        let measured = tasks.filter { $0.normRatio != nil }
        if let longest = measured.max(by: { ($0.normRatio ?? 0) < ($1.normRatio ?? 0) }),
            let shortest = measured.min(by: { ($0.normRatio ?? 0) < ($1.normRatio ?? 0) }),
            let ratio = longest.normRatio, ratio >= ExplanationThresholds.normRatio
        {
            let gradnorm =
                experiment.training.aggregation == nil
                && experiment.training.weighting.name == "fixed"
            made.append(
                self.made(
                    "gradient_balance",
                    "\(longest.task)'s gradient is \(NumberText.fixed(ratio, digits: 0)) times as long as "
                        + "\(shortest.task)'s in what they share",
                    (gradnorm ? [[Recommendation.Change("training.weighting", "gradnorm")]] : [])
                        + aggregating("imtl_g")
                )
            )
        }
        if tasks.count > 1, let most = tasks.max(by: { ($0.lossShare ?? 0) < ($1.lossShare ?? 0) }),
            let share = most.lossShare, share >= ExplanationThresholds.lossShare,
            experiment.training.weighting.name == "fixed"
        {
            made.append(
                self.made(
                    "loss_balance",
                    "\(most.task)'s loss is \(Self.percent(share)) of the weighted sum",
                    [[Recommendation.Change("training.weighting", "uncertainty")]]
                )
            )
        }
        return made.compactMap { $0 }
    }

    // MARK: Metrics

    private func transfer(_ transfers: [Transfer]) -> [Recommendation] {
        var made: [Recommendation] = []
        for transfer in transfers {
            for task in experiment.tasks {
                guard let metric = task.metrics.first else { continue }
                let entries = transfer.entries.filter {
                    $0.task == task.name && $0.metric == metric.name && $0.verdict == .worse
                }
                guard let entry = entries.first(where: Self.matters),
                    let loss = entry.difference.value.value
                else { continue }
                let place = entry.scenario.map { " in \($0)" } ?? ""
                let interval = entry.difference.interval.map { " \($0.text(digits: 4))" } ?? ""
                let weight = Recommendation.Change(
                    "tasks.\(task.name).weight",
                    "\(2 * task.weight)"
                )
                let options =
                    entry.scenario == nil
                    ? sharingLess()
                        + (experiment.training.weighting.name == "fixed" ? [[weight]] : [])
                    : ofScenarios()
                let recommendation = self.made(
                    "negative_transfer",
                    "\(task.name)\(place) is worse than in \(transfer.run) by "
                        + "\(NumberText.fixed(abs(loss), digits: 4))\(interval) \(metric.title)",
                    options
                )
                if let recommendation { made.append(recommendation) }
            }
        }
        return Array(made.prefix(ExplanationThresholds.perRule))
    }

    private func calibration(_ entries: [CalibrationEntry]) -> [Recommendation] {
        func isOff(_ entry: CalibrationEntry) -> Bool {
            guard let ratio = entry.ratio.value.value, let interval = entry.ratio.interval else {
                return false
            }
            return abs(ratio - 1) >= ExplanationThresholds.calibration && !interval.contains(1)
        }
        var made: [Recommendation] = []
        for task in experiment.tasks where task.loss.isBinary {
            let own = entries.filter { $0.task == task.name }
            let off = own.filter(isOff)
            guard let first = off.first, let ratio = first.ratio.value.value else { continue }
            let text = NumberText.fixed(ratio, digits: 2)
            let interval = first.ratio.interval.map { " \($0.text(digits: 2))" } ?? ""
            let recommendation: Recommendation?
            if first.scenario == nil {
                recommendation = self.made(
                    "calibration",
                    "\(task.name)'s predictions sum to \(text)\(interval) times its labels",
                    recalibrating(task)
                )
            } else {
                let names = off.compactMap(\.scenario).joined(separator: ", ")
                recommendation = self.made(
                    "scenario_calibration",
                    "\(task.name)'s predictions are off in \(names) (\(text)\(interval) times the labels "
                        + "in \(first.scenario ?? "")), but not over all rows",
                    ofScenarios()
                )
            }
            if let recommendation { made.append(recommendation) }
        }
        return Array(made.prefix(ExplanationThresholds.perRule))
    }

    private func features(_ importance: [FeatureImportance]) -> [Recommendation] {
        let idle = importance.filter { feature in
            !feature.tasks.isEmpty
                && feature.tasks.allSatisfy {
                    $0.drops.count > 1
                        && $0.mean <= ExplanationThresholds.deviations * $0.deviation
                }
        }
        var changes: [Recommendation.Change] = []
        var names: [String] = []
        for feature in idle {
            let more = changes + [Recommendation.Change("features.\(feature.feature)", nil)]
            guard accepts(more) else { continue }
            changes = more
            names.append(feature.feature)
        }
        guard !names.isEmpty else { return [] }
        let verb = names.count == 1 ? "counts" : "count"
        return [
            made(
                "idle_features",
                "\(names.joined(separator: ", ")) \(verb) for no task: permuted, no metric gets clearly worse",
                [changes]
            )
        ].compactMap { $0 }
    }

    /// Whether a difference is more than the least that is worth a word.
    private static func matters(_ entry: Transfer.Entry) -> Bool {
        guard let difference = entry.difference.value.value, let other = entry.other.value else {
            return false
        }
        return abs(difference) >= ExplanationThresholds.transfer * abs(other)
    }

    static func percent(_ share: Double) -> String {
        "\(NumberText.fixed(100 * share, digits: 0)) %"
    }
}
