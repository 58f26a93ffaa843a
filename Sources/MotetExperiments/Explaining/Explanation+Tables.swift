import MotetMetrics
import MotetTraining

extension Explanation {
    /// The pairs that oppose each other most first, all shared parameters before any.
    func conflictSection(_ conflicts: Conflicts, _ limit: Int) -> Section {
        let isOverTime = conflicts.source == .training
        var table = TextTable(
            ["shared block", "tasks"] + (isOverTime ? ["first", "last"] : []) + [
                "mean cosine", "opposed", "steps",
            ],
            alignments: [.left, .left]
        )
        func add(_ name: String, _ pair: Conflicts.Pair) {
            let ends =
                isOverTime
                ? [pair.epochs.first, pair.epochs.last].map { Self.signed($0?.cosine, 2) } : []
            table.addRow(
                [name, "\(pair.first), \(pair.second)"] + ends + [
                    Self.signed(pair.cosine, 2), RecommendationRules.percent(pair.opposed),
                    "\(pair.steps)",
                ]
            )
        }
        for pair in conflicts.whole.pairs { add("(all)", pair) }
        let all = conflicts.blocks.flatMap { block in block.pairs.map { (block.name, $0) } }
        let sorted = all.sorted {
            ($1.1.opposed, $0.1.cosine) < ($0.1.opposed, $1.1.cosine)
        }
        if !sorted.isEmpty, !conflicts.whole.pairs.isEmpty { table.addRule() }
        for (name, pair) in sorted.prefix(limit) { add(name, pair) }
        let what =
            isOverTime
            ? "Cosines between the tasks' gradients, over \(conflicts.steps) steps of the training; the "
                + "first and the last epoch beside the mean."
            : "Cosines between the tasks' gradients with the final parameters, over \(conflicts.steps) batches."
        let hidden = sorted.count - min(sorted.count, limit)
        return Section(
            title: "Where tasks conflict",
            lines: [what] + (hidden > 0 ? ["\(hidden) more in explanation.md."] : []),
            table: table
        )
    }

    /// The first metric of each task; all of them on a page.
    func transferSection(_ transfer: Transfer, _ limit: Int) -> Section {
        var table = TextTable(
            ["task", "scenario", "metric", "run", "other", "difference", "95 % interval", ""],
            alignments: [.left, .left, .left, .right, .right, .right, .right, .left]
        )
        var seen: [String: String] = [:]
        for entry in transfer.entries {
            let first = seen[entry.task] ?? entry.metric
            seen[entry.task] = first
            guard limit == .max || entry.metric == first else { continue }
            table.addRow([
                entry.task, entry.scenario ?? "(all)",
                Metric(name: entry.metric)?.title ?? entry.metric, Self.text(entry.value.value, 4),
                Self.text(entry.other.value, 4), Self.signed(entry.difference.value.value, 4),
                entry.difference.interval?.text(digits: 4) ?? "-",
                entry.verdict == .unclear ? "not clear" : entry.verdict.rawValue,
            ])
        }
        let worse = transfer.entries.filter { $0.verdict == .worse }.count
        return Section(
            title: "Transfer between tasks, against \(transfer.run) (\(transfer.architecture))",
            lines: [
                "The run less the other on the same rows; clearly worse in \(worse) of "
                    + "\(transfer.entries.count) figures."
            ],
            table: table
        )
    }

    /// One row a gate: its tasks, the share of each expert, the entropy.
    func expertSection(_ layer: Experts) -> Section {
        let use = layer.use
        var table = TextTable(
            ["gate of", "scenario"] + use.experts.indices.map { "\($0)" } + ["entropy"],
            alignments: [.left, .left]
        )
        for gate in use.gates {
            func add(_ name: String, _ scenario: String, _ shares: [Double], _ entropy: String) {
                table.addRow(
                    [name, scenario]
                        + use.experts.indices.map { expert in
                            gate.selection.contains(expert) ? Self.text(shares[expert], 2) : "-"
                        } + [entropy]
                )
            }
            let name = gate.tasks.joined(separator: ", ")
            add(name, "(all)", gate.shares, gate.entropy.map { Self.text($0, 2) } ?? "-")
            for (scenario, shares) in zip(scenarios, gate.scenarios) {
                if let shares { add(name, scenario, shares, "") }
            }
        }
        var lines = ["Mean weights of the experts, on \(sampledRows) rows."]
        if let expert = layer.collapsed {
            lines.append("Collapsed: expert \(expert) takes nearly all.")
        }
        if !layer.dead.isEmpty {
            let numbers = layer.dead.map { "\($0)" }.joined(separator: ", ")
            lines.append(
                "Dead: nobody uses \(layer.dead.count == 1 ? "expert" : "experts") \(numbers)."
            )
        }
        return Section(title: "Experts of \(use.layer)", lines: lines, table: table)
    }

    func balanceSection() -> Section {
        var table = TextTable(
            ["task", "weight", "first loss", "last loss", "share", "gradient", "ratio"],
            alignments: [.left]
        )
        for task in balance {
            table.addRow([
                task.task, Self.text(task.weight, 3), task.firstLoss.map(NumberText.loss) ?? "-",
                task.lastLoss.map(NumberText.loss) ?? "-",
                task.lossShare.map(RecommendationRules.percent) ?? "-",
                task.norm.map(NumberText.loss) ?? "-", Self.text(task.normRatio, 1),
            ])
        }
        return Section(
            title: "Losses and gradients",
            lines: [
                "Training losses, their weighted share at the end, and the mean length of each task's "
                    + "gradient in what is shared."
            ],
            table: table
        )
    }

    func calibrationSection(_ limit: Int) -> Section {
        var table = TextTable(
            [
                "task", "scenario", "predicted/observed", "95 % interval", "ECE", "95 % interval",
                "rows",
            ],
            alignments: [.left, .left]
        )
        for entry in calibration {
            table.addRow([
                entry.task, entry.scenario ?? "(all)", Self.text(entry.ratio.value.value, 3),
                entry.ratio.interval?.text(digits: 3) ?? "-",
                Self.text(entry.error?.value.value, 4),
                entry.error?.interval?.text(digits: 4) ?? "-", "\(entry.ratio.value.rows)",
            ])
        }
        return Section(
            title: "Calibration",
            lines: ["The sum of predictions over that of labels; the expected calibration error."],
            table: table
        )
    }

    /// One row a feature: the mean drop of each task's first metric with its deviation.
    func importanceSection(_ limit: Int) -> Section {
        var titles: [String] = []
        var names: [String] = []
        for task in importance.flatMap(\.tasks) where !names.contains(task.task) {
            names.append(task.task)
            titles.append("\(task.task) \(Metric(name: task.metric)?.title ?? task.metric)")
        }
        var table = TextTable(["feature"] + titles, alignments: [.left])
        for feature in importance.prefix(limit) {
            let cells = names.map { name -> String in
                guard let task = feature.tasks.first(where: { $0.task == name }) else { return "-" }
                return "\(Self.signed(task.mean, 4)) ± \(Self.text(task.deviation, 4))"
            }
            table.addRow([feature.feature] + cells)
        }
        let repeats = importance.flatMap(\.tasks).map(\.drops.count).max() ?? 0
        let hidden = importance.count - min(importance.count, limit)
        return Section(
            title: "What features count for",
            lines: [
                "How much worse each task's metric gets when the feature's values go to other rows: mean "
                    + "and deviation of \(repeats) permutations, on \(sampledRows) rows."
            ] + (hidden > 0 ? ["\(hidden) more in explanation.md."] : []),
            table: table
        )
    }

    private static func text(_ value: Double?, _ digits: Int) -> String {
        value.map { NumberText.fixed($0, digits: digits) } ?? "-"
    }

    private static func signed(_ value: Double?, _ digits: Int) -> String {
        value.map { ($0 < 0 ? "" : "+") + NumberText.fixed($0, digits: digits) } ?? "-"
    }
}
