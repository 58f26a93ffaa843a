import Foundation
import Motet
import Testing

@testable import MotetExperiments

/// A configuration that differs from a small one in one setting.
struct SettingCase: CustomTestStringConvertible, Sendable {
    let old: String
    let new: String
    var testDescription: String { new }

    init(_ old: String, _ new: String) {
        self.old = old
        self.new = new
    }

    static let yaml = """
        name: settings
        seed: 7
        data:
          files: log.csv
          split: { fraction: { validation: 0.2, test: 0.2, seed: 1 } }
          scenario: { column: market, values: [home, search, mail] }
          group: user_id
        features:
          - { name: user_id, type: categorical, dimension: 4 }
          - { name: price, type: numeric }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
          - { name: stars, loss: mean_squared_error }
        model: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 64
          epochs: 2

        """

    private static let places = "scenario: { column: market, values: [home, search, mail]"
    private static let split = "fraction: { validation: 0.2, test: 0.2, seed: 1 }"
    private static let user = "type: categorical, dimension: 4"
    private static let price = "type: numeric"
    private static let squared = "loss: mean_squared_error"
    private static let adam = "name: adam, learning_rate: 1.0e-2"
    private static let mmoe = "architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4]"

    private static let toTraining = " }\nmodel: { \(mmoe)" + trainingHead
    private static let trainingHead = " }\ntraining:\n"

    private static let online = [
        "{ features: [{ name: a, of: user, type: count, events: click, window: 1h, tiles: 12 }] }",
        "{ lateness: 2h, profile: { half_life: 1d, gap: 1h, actions: 9, weights: { view: 1 } }, features: "
            + "[{ name: a, of: [user, item], type: rate, events: [click], per: view, window: all, prior: 0.1, "
            + "strength: 5 }] }",
        "{ profile: { enabled: false }, features: [{ name: a, of: all, type: sequence, events: view, value: item, "
            + "length: 3, distinct: true }, { name: b, of: user, type: session, measure: seconds, gap: 1h }, "
            + "{ name: c, of: user, type: recency, events: view, default: 1 }, "
            + "{ name: d, of: user, type: distinct, events: view, value: item, window: 1d, limit: 5 }] }",
    ]

    private static func cases(_ old: String, _ new: [String]) -> [SettingCase] {
        new.map { SettingCase(old, $0) }
    }

    static let all: [SettingCase] = [
        cases("name: settings", online.map { "online_features: \($0)\nname: settings" }),
        cases("  group: user_id", data.map { "  group: user_id\n  " + $0 }),
        cases(places, [places + ", unknown: other", places + ", unknown: nearest, nearest: home"]),
        cases(split, splits), cases(user, identifiers), cases(price, numbers),
        cases(squared, losses), cases(adam, optimizers),
        cases(adam, schedules.map { "name: adam, learning_rate: 0.1, schedule: { \($0) }" }),
        cases(
            "metrics: [auc]",
            ["platt", "{ isotonic: { by_scenario: false, minimum_of_each: 30 } }"].map {
                "metrics: [auc], calibration: \($0)"
            }
        ),
        cases(mmoe, models), multiTaskArchitectures, sequences,
        cases("  epochs: 2", (training + aggregations).map { "  " + $0 }),
        cases(
            squared + toTraining,
            ["dtp", "{ dtp: { gamma: 2, smoothing: 0.5 } }"].map {
                "positive: \">= 4\", loss: binary_cross_entropy\(toTraining)  weighting: \($0)\n"
            }
        ),
        cases(
            mmoe + trainingHead,
            ["each_task: true", "each_task: true, metric: rmse, scenario: mean, patience: 1"].map {
                "architecture: single_task" + trainingHead + "  early_stopping: { \($0) }\n"
            }
        ),
    ]
    .flatMap { $0 }

    private static let splits: [String] = [
        "time: { column: day, validation: \"2024-03-01\", test: \"2024-04-01\" }",
        "time_fraction: { column: day, validation: 0.1, test: 0.2 }",
        "key: { column: user_id, validation: 0.1, test: 0.2, seed: 3 }",
    ]

    private static let identifiers: [String] = [
        "type: categorical, vocabulary: 50, minimum_frequency: 3, dimension: 8",
        "type: categorical, vocabulary: [a, b, c], missing: most_frequent",
        "type: categorical, hash_buckets: 100, missing: { fill: nobody }",
        "type: categorical, missing: drop", "type: categorical, missing: error",
        "type: sequence, delimiter: \"|\", maximum_length: 5, pooling: sum, missing: drop",
        "type: sequence, column: users, hash_buckets: 9",
    ]

    /// Lists that interactions read.
    private static let sequences: [SettingCase] = {
        let behind = yaml.split(separator: price, maxSplits: 1).last ?? ""
        let between = behind.split(separator: mmoe, maxSplits: 1).first ?? ""
        let list = "name: seen, type: sequence, shares: user_id, maximum_length: 5, pooling: none"
        return [
            "{ din: { history: seen, candidate: user_id, units: [8, 4], activation: relu } }",
            "{ din: { history: seen, candidate: user_id, activation: prelu } }",
            "{ din: { history: seen, candidate: user_id, activation: dice } }",
            "{ dien: { history: seen, candidate: user_id, auxiliary: 0.5 } }",
            "{ sasrec: { history: seen, layers: 3, heads: 2, dropout: 0.1 } }",
            """
            { name: bst, history: seen, candidate: user_id, layers: 2, heads: 4, dropout: 0.2 }, \
            { din: { history: seen, candidate: user_id } }
            """,
        ]
        .map { read in
            SettingCase(
                "\(price)\(between)\(mmoe)",
                "\(price) }\n  - { \(list)\(between)\(mmoe), interactions: [\(read)]"
            )
        }
    }()

    private static let numbers: [String] = [
        "type: numeric, transform: log1p, missing: mean, infinity: missing",
        "type: numeric, transform: [{ clip: [0.01, 0.99] }, min_max], missing: median",
        "type: numeric, transform: standardise, missing: own_bucket",
        "type: numeric, transform: [log_ratio, standardise]",
        "type: numeric, transform: { log_ratio: 12.5 }",
        "type: numeric, transform: { quantile_bins: 8 }, dimension: 2, missing: { fill: 1.5 }",
    ]

    private static let data: [String] = [
        "sources: [ { tasks: [stars], train: s.csv, validation: v.csv, test: [t.csv, u.csv] } ]",
        "keep: [row, day]", "sample_weight: weight", "cache: /tmp/elsewhere", "format: csv",
        """
        csv: { delimiter: tab, quote: none, decimal: comma, header: false, columns: [a, b], missing: ["?"], \
        trim_spaces: true, skipped_lines: 2, timestamp_formats: ["%d/%m/%Y"] }
        """,
        "cleaning: [ { duplicates: { key: [a, b], keep: last } } ]",
        "cleaning: [ { range: { column: age, minimum: 0, maximum: 120, action: missing } } ]",
        "cleaning: [ { range: { column: age, minimum: 0, action: clip } } ]",
        """
        cleaning: [ { repair: { column: a, repairs: [trim, decimal_comma, uppercase, lowercase, \
        { remove_thousands: "." }, { cut_after: "-" }, { missing: "n/a" }] } } ]
        """,
        "cleaning: [ { outliers: { column: a, quantiles: [0.01, 0.99], action: drop } } ]",
        "cleaning: [ { outliers: { column: a, interquartile: 3, action: clip } } ]",
    ]

    private static let losses: [String] = [
        "loss: { focal: { gamma: 1.5, alpha: 0.25 } }", "loss: mean_absolute_error",
        "loss: fake_negative_weighted",
        "loss: { huber: { delta: 0.5 } }", "loss: poisson", "loss: { quantile: { level: 0.9 } }",
        "loss: categorical_cross_entropy, metrics: [accuracy, top_3_accuracy, macro_f1, micro_f1]",
        """
        loss: { name: categorical_cross_entropy, label_smoothing: 0.1, class_weights: [1, 2, 0.5] }, \
        classes: [low, mid, high]
        """,
        "positive: \">= 4\", loss: binary_cross_entropy, weight: 0.5, within: click",
        """
        loss: binary_cross_entropy, costs: { missed: 50, refused: 8, review: 2, review_catches: 0.9, \
        review_refuses: 0.05 }
        """,
        "loss: focal, costs: { missed: 50, refused: 8 }",
        "positive: 'not in [\"a\", \"b\"]', loss: binary_cross_entropy, metrics: [gauc_by_rows]",
    ]

    private static let optimizers: [String] = [
        "name: adam, learning_rate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1.0e-6, tables: dense",
        "name: adamw, learning_rate: 0.1, weight_decay: 0.1, tables: row_wise_adagrad",
        "name: adagrad, learning_rate: 0.1, epsilon: 1.0e-6, l2: 1.0e-4, clip_norm: 5, clip_value: 1",
        "name: sgd, learning_rate: 0.1, momentum: 0.9, nesterov: true",
    ]

    private static let schedules: [String] = [
        "constant: { warm_up_steps: 10 }", "step: { every: 100, factor: 0.5 }",
        "exponential: { every: 100, factor: 0.5 }", "cosine: { steps: 100, minimum: 0.1 }",
        """
        reduce_on_plateau: { factor: 0.5, patience: 2, threshold: 1.0e-3, minimum: 0.01, cooldown: 1, \
        warm_up_steps: 5 }
        """,
    ]

    private static let models: [String] =
        [
            "architecture: single_task, bottom_units: [8, 4], tower_units: []",
            "architecture: shared_bottom, bottom_units: [8], activation: gelu, dropout: 0.1",
            "architecture: cgc, shared_experts: 2, task_experts: 1, expert_units: [8], activation: none",
            """
            architecture: ple, levels: 3, shared_experts: 2, task_experts: 2, expert_units: [8], \
            activation: leaky_relu, scenario_towers: true
            """,
            "architecture: mmoe, activation: swish", "architecture: mmoe, activation: softplus",
            "architecture: mmoe, activation: tanh", "architecture: mmoe, activation: sigmoid",
        ] + scenarioModels

    private static let scenarioModels: [String] = [
        "architecture: mmoe, scenario_feature: 4",
        "architecture: per_scenario, bottom_units: [8, 4]",
        """
        architecture: star, star_units: [8], normalization: false, auxiliary: true, \
        auxiliary_units: [4], scenario_dimension: 2
        """,
        "architecture: star, auxiliary: false, star_units: []",
        "architecture: pepnet, gates: both, prior_features: [user_id], gate_units: 4",
        "architecture: pepnet, gates: embedding, scenario_dimension: 2",
        "architecture: m3oe, star_units: [8], experts: 2, expert_units: [8]",
        """
        architecture: adasparse, network_units: [8], scenario_dimension: 2, form: scaling, epsilon: 0.5, beta: 3, \
        alpha: 2, alpha_growth: 0.01, alpha_limit: 6, sparsity: 0.1, sparsity_growth: 0, least_sparsity: 0.25, \
        greatest_sparsity: 0.5
        """,
        "architecture: adasparse, form: binary", "architecture: adasparse, form: fusion",
        "architecture: sar_net, shared_experts: 2, scenario_experts: 1, expert_units: [8], bias_features: [user_id]",
        "architecture: mmoe, interactions: [fm, { dcn: { layers: 3 } }, { autoint: { layers: 1 } }]",
        "architecture: mmoe, interactions: [{ dcn_v2: { layers: 1, rank: 4, experts: 2 } }]",
        """
        architecture: mmoe, interactions: [dcn_v2, { lhuc: { features: [user_id], units: 4 } }, \
        { name: autoint, heads: 1, units: 4 }]
        """,
        "architecture: pepnet, gates: parameters",
        "architecture: hmoe, experts: 2, expert_units: [8]",
        """
        architecture: m2m, experts: 2, expert_units: [8], meta_layers: 1, knowledge_units: 4, \
        scenario_dimension: 2
        """,
        "architecture: hamur, bottom_units: [8], adapter_units: 4, rank: 2, hyper_units: [4]",
    ]

    private static let aggregations: [String] =
        AggregationSettings.names.map { "epochs: 2\n  aggregation: \($0)" }
        + [
            "cagrad: { c: 0.4 }", "gradvac: { beta: 0.1 }", "nash_mtl: { interval: 3 }",
            "fairgrad: { alpha: 2 }", "metabalance: { relax: 0.5, beta: 0.8 }",
            "db_mtl: { beta: 0.5, exponent: 0 }", "moco: { beta: 0.2, gamma: 0.3, rho: 0.1 }",
            "upgrad: { at: parameters, parts: [mmoe/experts] }", "graddrop: { leak: 0.2 }",
            "mgda: { at: parameters, include_tables: true }",
        ].map { "epochs: 2\n  aggregation: { \($0) }" }

    private static let training: [String] = [
        "epochs: 2\n  kernels: measured\n  threads: 2\n  weighting: fixed",
        "epochs: 2\n  tensorboard: true",
        "epochs: 2\n  diagnostics: { gradients: 4 }", "epochs: 2\n  diagnostics: { gradients: 0 }",
        "epochs: 2\n  weighting: uncertainty", "epochs: 2\n  weighting: imtl_l",
        "epochs: 2\n  weighting: { famo: { rate: 0.1, decay: 0 } }",
        "epochs: 2\n  weighting: { gradnorm: { alpha: 1, rate: 0.1 } }",
        "epochs: 2\n  weighting: gls", "epochs: 2\n  weighting: rlw",
        "epochs: 2\n  weighting: { stch: { mu: 0.1 } }", "epochs: 2\n  weighting: dwa",
        "epochs: 2\n  weighting: { dwa: { temperature: 5 } }",
        "epochs: 2\n  weighting: { decay: { tasks: [click, stars], rates: [0.9, 1.1] } }",
        "epochs: 2\n  early_stopping: { metric: auc, task: click, scenario: search, patience: 3 }",
        "epochs: 2\n  early_stopping: { metric: auc, scenario: mean }",
        "epochs: 2\nevaluation: { resamples: 0 }",
        "epochs: 2\nevaluation: { resamples: 50, unit: groups }",
        "schedule: [ { joint: { epochs: 3, tasks: [click], freeze: [embeddings], learning_rate: 0.1 } } ]",
        "schedule: [ { single: { task: click, epochs: 2 } } ]",
        "schedule: [ { alternating: { tasks: [click, stars], steps: 100, rounds: 50 } } ]",
        "schedule: [ { alternating: { tasks: [click, stars], epochs: 1 } } ]",
        "schedule: [ { sequential: { order: [click, stars], epochs_each: 2, accumulates: false } } ]",
        "schedule: [ { sequential: { order: easy_to_hard } } ]",
        "schedule: [ { sequential: { order: hard_to_easy } } ]",
        "schedule: [ { mixed: { by: fixed, tasks: [click, stars], probabilities: [3, 1] } } ]",
        "schedule: [ { mixed: { by: loss } } ]",
        "schedule: [ { mixed: { by: size, temperature: 2 } } ]",
        """
        schedule: [ { domain_negotiation: { over: scenarios, steps_per_domain: 10, rounds: 20, rate: 0.5 } } ]
        """,
        "schedule: [ { domain_negotiation: { over: tasks, steps_per_domain: 10, rounds: 20 } } ]",
    ]
}

@Suite("Settings") struct SettingsTests {
    private func experiment(_ yaml: String) throws -> Experiment {
        try Experiment(ConfigurationDocument(parsing: yaml, name: "settings.yaml"), folder: "/data")
    }

    /// What a run directory keeps must mean what was asked for.
    @Test(arguments: SettingCase.all)
    func everySettingReadsBackEqual(change: SettingCase) throws {
        try #require(SettingCase.yaml.contains(change.old))
        let yaml = SettingCase.yaml.replacing(change.old, with: change.new)
        let experiment = try experiment(yaml)
        let written = ConfigurationWriter.yaml(experiment.node)
        #expect(try self.experiment(written) == experiment, "\(written)")
        // A setting that is not read would leave everything as it was.
        #expect(try experiment != self.experiment(SettingCase.yaml))
    }

    /// The pages that tell every key.
    private static let pages = ["docs/configuration.md", "docs/training-order.md"].map { name in
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }
    .joined()

    private static let words = Set(
        pages.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    )

    @Test(arguments: SettingCase.all)
    func everyKeyIsDocumented(change: SettingCase) throws {
        let yaml = SettingCase.yaml.replacing(change.old, with: change.new)
        for key in Self.keys(try experiment(yaml).node) {
            // Not in the expectation itself: its failure would print every word of the pages.
            let isDocumented = Self.words.contains(key)
            #expect(isDocumented, "`\(key)` is not in docs/configuration.md")
        }
    }

    private static func keys(_ node: ConfigurationNode) -> [String] {
        switch node.content {
        case .map(let entries): entries.flatMap { [$0.key] + keys($0.value) }
        case .list(let nodes): nodes.flatMap(keys)
        default: []
        }
    }

    @Test func everyNameIsDocumentedAndTried() {
        let names =
            LossSettings.names + OptimizerSettings.names + WeightingSettings.names
            + AggregationSettings.names
            + LearningRateSchedule.names
            + Architecture.names + Interaction.names + ScheduleSettings.names + CleaningRule.names
            + TextRepair.names
            + SplitSpecification.names + LayerActivation.named.map(\.name)
            + Metric.all.filter {
                $0 != .topK(5) && !$0.rows.isDisjoint(with: [.numbers, .classes])
            }
            .map(\.name)
        let tried = SettingCase.all.map(\.new).joined() + SettingCase.yaml
        for name in names {
            let isDocumented = Self.words.contains(name)
            #expect(isDocumented, "`\(name)` is not in docs/configuration.md")
            guard Metric(name: name) == nil, name != "relu" else { continue }
            #expect(tried.contains(name), "no case has `\(name)`")
        }
    }

    @Test func tasksThatShareKeepNoEpochsOfTheirOwn() throws {
        let yaml = SettingCase.yaml + "  early_stopping: { each_task: true, task: click }\n"
        let error = #expect(throws: (any Error).self) { try experiment(yaml) }
        let text = "\(try #require(error))"
        #expect(
            text.contains("expected the architecture `single_task`; received `mmoe`"),
            "\(text)"
        )
        #expect(text.contains("does not go with `each_task: true`"), "\(text)")
    }

    @Test func withoutAMetricEachTaskWatchesItsFirst() throws {
        let yaml = SettingCase.yaml.replacing(
            "architecture: mmoe, experts: 2, expert_units: [8]",
            with: "architecture: single_task"
        )
        func rule(_ settings: String) throws -> EarlyStopping.Rule? {
            let experiment = try experiment(yaml + "  early_stopping: { \(settings) }\n")
            return experiment.training.earlyStopping?.rule(experiment.tasks).rule
        }
        let click = MetricSelector(.auc, task: "click")
        #expect(
            try rule("each_task: true")
                == .eachTask(["click": click, "stars": MetricSelector(.rmse, task: "stars")])
        )
        #expect(
            try rule("each_task: true, metric: mae")
                == .eachTask(["click": click, "stars": MetricSelector(.mae, task: "stars")])
        )
        #expect(try rule("metric: auc") == .model(MetricSelector(.auc)))
    }

    @Test func weightsOfClassesNeedTheClasses() throws {
        let yaml = SettingCase.yaml.replacing(
            "loss: mean_squared_error",
            with: "loss: { categorical_cross_entropy: { class_weights: [1, 2] } }"
        )
        #expect(throws: ConfigurationError.self) { try experiment(yaml) }
        let error = #expect(throws: (any Error).self) {
            try experiment(
                yaml.replacing("{ name: stars", with: "{ name: stars, classes: [a, b, c]")
            )
        }
        #expect(
            "\(try #require(error))".contains(
                "`class_weights` follow the order of `classes`; expected both, and one weight for each "
                    + "class; received 2 weights and 3 classes."
            )
        )
    }
}
