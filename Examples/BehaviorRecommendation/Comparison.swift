import ExampleSupport
import Motet

/// Multi-task and single-task models with every seed: the form of the markets and the weight of `love`
/// are chosen on validation rows, figures are of test rows.
struct Comparison {
    typealias Variant = BehaviorRecommendation.Variant
    static let tasks = ["like", "love"]
    /// So wide that a model of both tasks has the parameters of two single-task models, and no more.
    static let sharedWidth = 91

    /// What a model reached with a seed.
    private struct Run {
        let variant: Variant
        let seed: UInt64
        let validation, test: MetricReport
        let parameters: Int
        let seconds: Double

        func values(
            _ report: MetricReport,
            _ metric: Metric,
            _ scenario: String? = nil
        )
            -> [String: Double]
        {
            var values: [String: Double] = [:]
            for task in variant.tasks {
                let estimate = report.estimate(task: task, scenario: scenario, metric: metric)
                values[task] = estimate?.value.value
            }
            return values
        }
    }

    private var runs: [Run] = []
    /// Models of both tasks.
    let multi: [Variant]

    /// Trains everything.
    ///
    /// - Parameters:
    ///   - data: the rows.
    ///   - seeds: what to repeat with.
    ///   - weights: the weights of `love` that are tried.
    ///   - epochs: the most epochs of a fit.
    /// - Throws: `TrainingError` when the rows do not fit.
    init(
        _ data: BehaviorData,
        seeds: [UInt64],
        weights: [Float] = [0.5, 1, 2],
        epochs: Int = 20
    ) throws {
        multi = [false, true].flatMap { hasTowers in
            weights.map {
                Variant(hasTowers: hasTowers, loveWeight: $0, width: Self.sharedWidth)
            }
        }
        let single = [false, true].flatMap { hasTowers in
            Self.tasks.map { Variant(tasks: [$0], hasTowers: hasTowers) }
        }
        for variant in multi + single {
            for seed in seeds {
                let trainer = try BehaviorRecommendation.makeTrainer(variant, seed: seed)
                let seconds = try Stopwatch.seconds {
                    _ = try BehaviorRecommendation.fit(trainer, data, epochs: epochs)
                }
                func report(_ rows: PreparedDataset) throws -> MetricReport {
                    let observations = try trainer.evaluate(rows)
                    return MetricReport(evaluating: observations, scenarios: RatingFile.markets)
                }
                runs.append(
                    Run(
                        variant: variant,
                        seed: seed,
                        validation: try report(data.validation),
                        test: try report(data.test),
                        parameters: trainer.parameters.elementCount,
                        seconds: seconds
                    )
                )
            }
        }
    }

    /// Single-task models of a form of the markets are one row of a table.
    static func name(_ variant: Variant) -> String {
        let market = variant.hasTowers ? "towers by market" : "market as input"
        let weight = NumberText.fixed(Double(variant.loveWeight), digits: 1)
        return variant.tasks.count == 1
            ? "single-task, \(market)" : "multi-task, \(market), love x \(weight)"
    }

    /// A table of the runs of some variants.
    private func table(
        _ names: [String]? = nil,
        _ columns: KeyValuePairs<String, MetricGoal>,
        _ values: (Run) -> [String: Double]
    ) -> SeedTable {
        var table = SeedTable(columns)
        for run in runs where names?.contains(Self.name(run.variant)) != false {
            table.add(
                Self.name(run.variant),
                seed: run.seed,
                values(run),
                parameters: run.parameters,
                seconds: run.seconds
            )
        }
        return table
    }

    /// The AUC of both tasks on validation rows.
    var validation: SeedTable {
        table(nil, ["like": .higher, "love": .higher]) { $0.values($0.validation, .auc) }
    }

    /// AUC and log loss of both tasks on test rows.
    var test: SeedTable {
        table(
            nil,
            ["like": .higher, "love": .higher, "like log loss": .lower, "love log loss": .lower]
        ) { run in
            var values = run.values(run.test, .auc)
            for (task, value) in run.values(run.test, .logLoss) {
                values["\(task) log loss"] = value
            }
            return values
        }
    }

    /// The name with the greatest mean of both AUCs on validation rows.
    private func best(_ variants: [Variant]) -> String {
        let table = validation
        func score(_ name: String) -> Double {
            let values = Self.tasks.flatMap { table.values($0, of: name) }
            return values.reduce(0, +) / Double(max(values.count, 1))
        }
        return variants.map(Self.name).max { score($0) < score($1) } ?? ""
    }

    /// The tables and what they say.
    var text: String {
        let chosen = best(multi)
        let single = best([false, true].map { Variant(tasks: ["like"], hasTowers: $0) })
        var parts = [
            "AUC on validation rows:", validation.plain(),
            "the best on validation rows: \(chosen); \(single)", "",
            "AUC and log loss on test rows:", test.plain(),
            "\(chosen) against \(single):", test.verdict(chosen, against: single), "",
        ]
        for task in Self.tasks {
            let markets = table(
                [chosen, single],
                ["s2": .higher, "s3": .higher, "t1": .higher, "t2": .higher]
            ) { run in
                var values: [String: Double] = [:]
                for market in RatingFile.markets {
                    values[market] = run.values(run.test, .auc, market)[task]
                }
                return values
            }
            parts += [
                "AUC of \(task) by market, test rows:", markets.plain(),
                markets.verdict(chosen, against: single), "",
            ]
        }
        return parts.joined(separator: "\n")
    }
}
