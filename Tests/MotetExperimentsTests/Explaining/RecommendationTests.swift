import Foundation
import Motet
import Testing

@testable import MotetExperiments
@testable import MotetMetrics
@testable import MotetTraining

/// Figures that cross the thresholds of docs/explain.md, or stay just below.
private enum Figures {
    static func explanation(
        _ experiment: Experiment,
        _ change: (inout Explanation) throws -> Void
    ) rethrows -> Explanation {
        var explanation = Explanation(
            run: "runs/x",
            architecture: experiment.model.architecture.name,
            tasks: experiment.tasks.map(\.name),
            scenarios: ["home", "search", "mail"],
            part: "test",
            rows: 100,
            sampledRows: 100,
            conflicts: nil,
            transfer: [],
            experts: [],
            balance: [],
            calibration: [],
            importance: [],
            recommendations: [],
            notes: []
        )
        try change(&explanation)
        return explanation
    }

    /// Probes of two tasks in one block: `opposed` of `steps` with the cosine -0.5, the others with 0.2.
    static func conflicts(opposed: Int, of steps: Int, cosine: Double = -0.5) -> Conflicts {
        var record = SharedGradientRecord(["click", "purchase"])
        for step in 0..<steps {
            let product = step < opposed ? cosine : 0.2
            record.add([("mmoe_1/experts/0", [1, product, product, 1])], of: [0, 1])
        }
        return Conflicts(final: record)
    }

    static func estimate(_ value: Double, _ lower: Double, _ upper: Double) -> Estimate {
        Estimate(
            MetricValue(.value(value), rows: 100),
            interval: ConfidenceInterval(values: [lower, upper], undefined: 0, level: 0.999_999)
        )
    }

    static func transfer(_ verdict: Transfer.Verdict, scenario: String? = nil) throws -> Transfer {
        var transfer = Transfer(
            run: "runs/single",
            architecture: "single_task",
            try MetricComparison(
                of: [],
                with: [],
                bootstrap: Bootstrap(resamples: 2, key: RandomKey(seed: 1))
            )
        )
        transfer.entries = [
            Transfer.Entry(
                task: "purchase",
                scenario: scenario,
                metric: "auc",
                value: MetricValue(.value(0.70), rows: 100),
                other: MetricValue(.value(0.72), rows: 100),
                difference: estimate(-0.02, -0.03, -0.01),
                verdict: verdict
            )
        ]
        return transfer
    }

    static func experts(_ shares: [[Double]], scenario: [Double]? = nil) -> Experts {
        Experts(
            ExpertUse(
                layer: "mmoe_1/gates",
                experts: shares[0].map { _ in ExpertUse.Expert(tasks: ["click", "purchase"]) },
                gates: zip(["click", "purchase"], shares).map { task, shares in
                    ExpertUse.Gate(
                        tasks: [task],
                        selection: Array(shares.indices),
                        rows: 100,
                        shares: shares,
                        scenarios: [scenario, nil],
                        entropy: 0.5
                    )
                }
            )
        )
    }

    static func calibration(_ ratio: Double, scenario: String? = nil) -> CalibrationEntry {
        CalibrationEntry(
            task: "click",
            scenario: scenario,
            ratio: estimate(ratio, ratio - 0.05, ratio + 0.05),
            error: nil,
            bins: []
        )
    }

    static func importance(_ name: String, _ drops: [Double]) -> FeatureImportance {
        FeatureImportance(
            feature: name,
            tasks: [.init(task: "click", metric: "auc", value: 0.7, drops: drops)]
        )
    }
}

@Suite("Recommendations") struct RecommendationTests {
    private static func experiment(_ change: (String) -> String = { $0 }) throws -> Experiment {
        try Experiment(
            ConfigurationDocument(parsing: change(Workplace.experiment), name: "tiny.yaml"),
            folder: "/data"
        )
    }

    private static func model(_ text: String) throws -> Experiment {
        try experiment {
            $0.replacing("architecture: mmoe, experts: 2, expert_units: [8]", with: text)
        }
    }

    private static func recommend(
        _ experiment: Experiment,
        _ change: (inout Explanation) throws -> Void
    ) throws -> [Recommendation] {
        let found = try Figures.explanation(experiment, change)
        let made = RecommendationRules(experiment: experiment, isBuildable: { _ in true })
            .recommendations(for: found)
        // Whatever is recommended is accepted, and changes something.
        for option in made.flatMap(\.options) {
            #expect(try experiment.applying(option.changes) != experiment, "\(option.text)")
        }
        return made
    }

    @Test func conflictsAreNamedWithTheirBlockAndShare() throws {
        let made = try Self.recommend(Self.experiment()) {
            $0.conflicts = Figures.conflicts(opposed: 6, of: 10)
        }
        #expect(
            made.map(\.sentence) == [
                "purchase's gradient opposes click's in mmoe_1/experts/0 in 60 % of batches (mean cosine -0.22): try `model.architecture: cgc, model.shared_experts: 1, model.task_experts: 1` or `training.aggregation: upgrad`."
            ]
        )
    }

    @Test(arguments: [(4, 10, -0.5), (3, 3, -0.5), (6, 10, -0.05)])
    func fewOrWeakConflictsAreNotWorthAWord(opposed: Int, steps: Int, cosine: Double) throws {
        let made = try Self.recommend(Self.experiment()) {
            $0.conflicts = Figures.conflicts(opposed: opposed, of: steps, cosine: cosine)
        }
        #expect(made.isEmpty)
    }

    @Test func whatIsDoneAlreadyIsNotProposed() throws {
        let combined = try Self.experiment {
            $0.replacing("training:\n", with: "training:\n  aggregation: pcgrad\n")
        }
        let made = try Self.recommend(combined) {
            $0.conflicts = Figures.conflicts(opposed: 10, of: 10)
        }
        #expect(made.map { $0.options.count } == [1])
        #expect(made[0].options[0].text.hasPrefix("model.architecture: cgc"))
        let ple = try Self.model("architecture: ple, task_experts: 2, expert_units: [8]")
        let more = try Self.recommend(ple) {
            $0.conflicts = Figures.conflicts(opposed: 10, of: 10)
        }
        #expect(
            more[0].options.map(\.text) == [
                "model.task_experts: 3", "training.aggregation: upgrad",
            ]
        )
    }

    @Test func negativeTransferIsAnsweredWhereItIs() throws {
        let everywhere = try Self.recommend(Self.experiment()) {
            $0.transfer = [try Figures.transfer(.worse)]
        }
        #expect(everywhere.map(\.rule) == ["negative_transfer"])
        #expect(
            everywhere[0].evidence
                == "purchase is worse than in runs/single by 0.0200 [-0.0300, -0.0100] AUC"
        )
        #expect(everywhere[0].options.last?.text == "tasks.purchase.weight: 2.0")
        let somewhere = try Self.recommend(Self.experiment()) {
            $0.transfer = [try Figures.transfer(.worse, scenario: "mail")]
        }
        #expect(
            somewhere[0].options.map(\.text) == [
                "model.scenario_feature: 4", "model.scenario_towers: true",
            ]
        )
        // Certain, but next to nothing.
        let little = try Self.recommend(Self.experiment()) {
            var transfer = try Figures.transfer(.worse)
            transfer.entries[0].difference = Figures.estimate(-0.0007, -0.0009, -0.0005)
            $0.transfer = [transfer]
        }
        #expect(little.isEmpty)
        for verdict in [Transfer.Verdict.better, .unclear, .undefined] {
            #expect(
                try Self.recommend(Self.experiment()) {
                    $0.transfer = [try Figures.transfer(verdict)]
                }.isEmpty
            )
        }
    }

    @Test func collapsedAndDeadExpertsAreFlagged() throws {
        let collapsed = Figures.experts([[0.95, 0.05], [0.91, 0.09]])
        #expect(collapsed.collapsed == 0 && collapsed.dead.isEmpty)
        let made = try Self.recommend(Self.experiment()) { $0.experts = [collapsed] }
        #expect(made.map(\.rule) == ["collapse"])
        #expect(
            made[0].evidence == "expert 0 of mmoe_1/gates takes 91 % of every gate or more"
        )
        #expect(made[0].options.last?.text == "model.experts: 1")
        let dead = Figures.experts([[0.5, 0.49, 0.01], [0.6, 0.385, 0.015]])
        #expect(dead.collapsed == nil && dead.dead == [2])
        let three = try Self.model("architecture: mmoe, experts: 3, expert_units: [8]")
        let fewer = try Self.recommend(three) { $0.experts = [dead] }
        #expect(
            fewer.map(\.sentence) == [
                "expert 2 of mmoe_1/gates gets less than 2 % of every gate, in every scenario: try `model.experts: 2`."
            ]
        )
        // One gate that uses it, or one scenario, is enough to live.
        #expect(Figures.experts([[0.5, 0.49, 0.01], [0.6, 0.37, 0.03]]).dead.isEmpty)
        #expect(
            Figures.experts([[0.5, 0.49, 0.01], [0.6, 0.39, 0.01]], scenario: [0.4, 0.4, 0.2]).dead
                .isEmpty
        )
        // Collapsed for one task alone is a choice.
        #expect(Figures.experts([[0.95, 0.05], [0.3, 0.7]]).collapsed == nil)
    }

    @Test(arguments: [(9.9, 0.89, 0), (10.0, 0.5, 1), (1.0, 0.9, 1), (20.0, 0.95, 2)])
    func imbalanceIsTold(ratio: Double, share: Double, count: Int) throws {
        let made = try Self.recommend(Self.experiment()) {
            $0.balance = [
                TaskBalance(task: "click", weight: 1, lossShare: share, normRatio: ratio),
                TaskBalance(task: "purchase", weight: 1, lossShare: 1 - share, normRatio: 1),
            ]
        }
        #expect(made.count == count)
        if ratio >= 10 {
            #expect(
                made[0].options.map(\.text) == [
                    "training.weighting: gradnorm", "training.aggregation: imtl_g",
                ]
            )
        }
    }

    @Test func calibrationIsTold() throws {
        let off = try Self.recommend(Self.experiment()) {
            $0.calibration = [Figures.calibration(1.2)]
        }
        #expect(off.map(\.rule) == ["calibration"])
        #expect(
            off[0].options.map(\.text) == [
                "tasks.click.metrics: [auc, gauc, log_loss], training.early_stopping: { metric: log_loss, task: click, patience: 2 }"
            ]
        )
        let focal = try Self.experiment {
            $0.replacing("clicked, loss: binary_cross_entropy", with: "clicked, loss: focal")
        }
        let other = try Self.recommend(focal) { $0.calibration = [Figures.calibration(0.8)] }
        #expect(other[0].options.map(\.text) == ["tasks.click.loss: binary_cross_entropy"])
        let scenario = try Self.recommend(Self.experiment()) {
            $0.calibration = [Figures.calibration(1), Figures.calibration(1.3, scenario: "mail")]
        }
        #expect(scenario.map(\.rule) == ["scenario_calibration"])
        #expect(scenario[0].evidence.contains("off in mail (1.30 [1.25, 1.35] times"))
        // Near 1, and far from it without certainty.
        #expect(
            try Self.recommend(Self.experiment()) {
                $0.calibration = [Figures.calibration(1.09)]
            }.isEmpty
        )
        #expect(
            try Self.recommend(Self.experiment()) {
                $0.calibration = [
                    CalibrationEntry(
                        task: "click",
                        ratio: Figures.estimate(1.2, 0.9, 1.5),
                        bins: []
                    )
                ]
            }.isEmpty
        )
    }

    @Test func featuresThatCountForNothingMayGo() throws {
        let made = try Self.recommend(Self.experiment()) {
            $0.importance = [
                Figures.importance("user_id", [0.1, 0.12]),
                Figures.importance("price", [0.001, -0.002]),
                Figures.importance("history", [0, 0]),
                // One permutation says nothing of the spread.
                Figures.importance("item_id", [0]),
            ]
        }
        #expect(
            made.map(\.sentence) == [
                "price, history count for no task: permuted, no metric gets clearly worse: try `without features.price, without features.history`."
            ]
        )
    }

    /// With everything wrong at once, no architecture is told a key or a value it does not take.
    @Test(arguments: Architecture.names)
    func nothingIsRecommendedThatIsNotAccepted(architecture: String) throws {
        let path = #filePath.replacing(
            "/Tests/MotetExperimentsTests/Explaining/RecommendationTests.swift",
            with: ""
        )
        let file = URL(fileURLWithPath: "\(path)/docs/models/tiny/\(architecture).yaml")
        let experiment = try Experiment(contentsOf: file)
        let names = experiment.tasks.map(\.name)
        _ = try Self.recommend(experiment) { found in
            var record = SharedGradientRecord(names)
            for _ in 0..<8 {
                let count = min(names.count, 2)
                record.add(
                    [("block", count == 2 ? [1, -0.5, -0.5, 400] : [1])],
                    of: Array(0..<count)
                )
            }
            found.conflicts = Conflicts(final: record)
            found.transfer = [
                try Figures.transfer(.worse), try Figures.transfer(.worse, scenario: "mail"),
            ]
            found.experts = [
                Figures.experts([[0.95, 0.05], [0.91, 0.09]]),
                Figures.experts([[0.5, 0.49, 0.01], [0.6, 0.385, 0.015]]),
            ]
            found.balance = names.enumerated().map { place, name in
                TaskBalance(
                    task: name,
                    weight: 1,
                    lossShare: place == 0 ? 0.95 : 0.05,
                    normRatio: place == 0 ? 20 : 1
                )
            }
            found.calibration = [
                Figures.calibration(1.3), Figures.calibration(1.3, scenario: "mail"),
            ]
            found.importance = experiment.features.map { Figures.importance($0.name, [0, 0]) }
        }
    }
}
