import MotetMetrics
import MotetReports
import MotetTraining

/// The sections of the page about gradients, transfer and experts, and what they draw.
extension Explanation {
    func onPage(_ conflicts: Conflicts) -> ReportSection {
        var plots: [any Plot] = []
        if conflicts.source == .training {
            plots.append(
                LinePlot(
                    "All shared parameters over time",
                    x: "epoch",
                    y: "mean cosine",
                    conflicts.whole.pairs.map { pair in
                        LinePlot.Series(
                            "\(pair.first), \(pair.second)",
                            pair.epochs.map { LinePlot.Point(Double($0.epoch), $0.cosine) }
                        )
                    }
                )
            )
        }
        let pairs = conflicts.whole.pairs.map { ($0.first, $0.second) }
        let cells = conflicts.blocks.enumerated().map { number, block in
            pairs.map { pair -> HeatMap.Cell in
                guard
                    let place = block.pairs.firstIndex(where: {
                        $0.first == pair.0 && $0.second == pair.1
                    })
                else { return .missing }
                let cosine = block.pairs[place].cosine
                return HeatMap.Cell(
                    ReportNumber.fixed(cosine, digits: 2),
                    shade: cosine,
                    value: cosine,
                    from: "/conflicts/blocks/\(number)/pairs/\(place)/cosine"
                )
            }
        }
        plots.append(
            HeatMap(
                "Mean cosine by shared block",
                rows: conflicts.blocks.map { Self.tail($0.name) },
                columns: pairs.map { "\($0.0), \($0.1)" },
                cells: cells,
                ramp: HeatMap.Ramp(low: "-1, opposed", middle: "0", high: "1, alike"),
                source: Self.source
            )
        )
        let rows = conflicts.blocks.enumerated().flatMap { number, block in
            block.pairs.enumerated().map { place, pair in
                ReportTable.Row(
                    [
                        .name(block.name), .text("\(pair.first), \(pair.second)"),
                        .number(pair.cosine, digits: 2, isSigned: true, from: "cosine"),
                        .percent(pair.opposed, digits: 0, from: "opposed"),
                        .count(pair.steps, from: "steps"),
                    ],
                    at: "/conflicts/blocks/\(number)/pairs/\(place)",
                    beginsGroup: place == 0 && number > 0
                )
            }
        }
        let what =
            conflicts.source == .training ? "steps of the training" : "batches, final parameters"
        let table = ReportTable(
            "Cosines between the tasks' gradients over \(conflicts.steps) \(what)",
            source: Self.source,
            columns: [
                .text("shared block"), .text("tasks"), .init("mean cosine"), .init("opposed"),
                .init("steps"),
            ],
            rows: rows
        )
        return ReportSection("Where tasks conflict", [.plots(plots), .table(table)])
    }

    /// The end of a name, which tells blocks apart where there is little room.
    private static func tail(_ name: String) -> String {
        name.count > 15 ? "\u{2026}" + name.suffix(14) : name
    }

    func onPage(_ number: Int, _ transfer: Transfer) -> ReportSection {
        func first(_ task: String) -> String? {
            transfer.entries.first { $0.task == task }?.metric
        }
        let named = tasks.filter { first($0) != nil }
        let places = [String?.none] + scenarios.map(Optional.some)
        let values = named.map { task in
            places.map { scenario in
                transfer.entries.firstIndex {
                    $0.task == task && $0.scenario == scenario && $0.metric == first(task)
                }
            }
        }
        let cells = values.map { row -> [HeatMap.Cell] in
            let found = row.map { $0.flatMap { transfer.entries[$0].difference.value.value } }
            let reach = found.compactMap { $0.map(abs) }.max() ?? 0
            return zip(row, found).map { place, value in
                guard let place, let value else { return .missing }
                let entry = transfer.entries[place]
                let isGood = Metric(name: entry.metric)?.goal != .lower
                return HeatMap.Cell(
                    ReportNumber.fixed(value, digits: 4),
                    shade: reach > 0 ? (isGood ? value : -value) / reach : 0,
                    value: value,
                    from: "/transfer/\(number)/entries/\(place)/difference/value/value"
                )
            }
        }
        let map = HeatMap(
            "First metric of each task, the run less the other",
            rows: named.map { "\($0), \(Metric(name: first($0) ?? "")?.title ?? "")" },
            columns: places.map { $0 ?? "(all)" },
            cells: cells,
            ramp: HeatMap.Ramp(low: "worse", middle: "alike", high: "better"),
            source: Self.source,
            remark: "Shades are of each task; the table tells which differences are clear."
        )
        let rows = transfer.entries.enumerated().map { place, entry in
            ReportTable.Row(
                [
                    .name(entry.task), .scenario(entry.scenario),
                    .text(Metric(name: entry.metric)?.title ?? entry.metric),
                    .number(entry.value.value, digits: 4, from: "value/value"),
                    .number(entry.other.value, digits: 4, from: "other/value"),
                    .number(
                        entry.difference.value.value,
                        digits: 4,
                        isSigned: true,
                        from: "difference/value/value"
                    ),
                    .interval(entry.difference.interval, digits: 4, from: "difference/interval"),
                    Self.cell(entry.verdict),
                ],
                at: "/transfer/\(number)/entries/\(place)",
                beginsGroup: place > 0 && transfer.entries[place - 1].task != entry.task
            )
        }
        let table = ReportTable(
            "Every metric of the run beside that of the other",
            source: Self.source,
            columns: [
                .text("task"), .text("scenario"), .text("metric"), .init("run"), .init("other"),
                .init("difference"), .init("95 % interval"), .text("verdict"),
            ],
            rows: rows
        )
        return ReportSection(
            "Transfer between tasks" + (self.transfer.count > 1 ? " (\(number + 1))" : ""),
            [
                .paragraph("Against \(transfer.run), \(transfer.architecture), on the same rows."),
                .plots([map]), .table(table),
            ]
        )
    }

    private static func cell(_ verdict: Transfer.Verdict) -> ReportCell {
        switch verdict {
        case .better: .text("better", .good)
        case .worse: .text("worse", .bad)
        case .unclear: .text("not clear", .muted)
        case .undefined: .text("undefined", .muted)
        }
    }

    func onPage(_ number: Int, _ layer: Experts) -> ReportSection {
        let use = layer.use
        var rows: [String] = []
        var cells: [[HeatMap.Cell]] = []
        for (place, gate) in use.gates.enumerated() {
            func add(_ name: String, _ shares: [Double], _ pointer: String) {
                rows.append(name)
                cells.append(
                    use.experts.indices.map { expert in
                        gate.selection.contains(expert)
                            ? HeatMap.Cell(
                                ReportNumber.fixed(shares[expert], digits: 2),
                                shade: shares[expert],
                                value: shares[expert],
                                from: "/experts/\(number)/use/gates/\(place)/\(pointer)/\(expert)"
                            ) : .missing
                    }
                )
            }
            let name = gate.tasks.joined(separator: ", ")
            add(name, gate.shares, "shares")
            for (index, scenario) in scenarios.enumerated() where index < gate.scenarios.count {
                if let shares = gate.scenarios[index] {
                    add("\(name) in \(scenario)", shares, "scenarios/\(index)")
                }
            }
        }
        let map = HeatMap(
            "Mean weights of the experts",
            rows: rows,
            columns: use.experts.indices.map { "\($0)" },
            cells: cells,
            ramp: HeatMap.Ramp(middle: "0", high: "1"),
            source: Self.source
        )
        var blocks: [ReportBlock] = [.plots([map])]
        if let expert = layer.collapsed {
            blocks.append(.note("Collapsed: expert \(expert) takes nearly all.", isWarning: true))
        }
        if !layer.dead.isEmpty {
            let numbers = layer.dead.map { "\($0)" }.joined(separator: ", ")
            blocks.append(.note("Dead: nobody uses \(numbers).", isWarning: true))
        }
        return ReportSection("Experts of \(use.layer)", blocks)
    }
}
