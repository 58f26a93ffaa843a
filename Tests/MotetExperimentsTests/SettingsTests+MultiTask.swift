import Motet
import MotetConfiguration
import Testing

extension SettingCase {
    private static let old =
        "loss: mean_squared_error }\nmodel: { architecture: mmoe, experts: 2, expert_units: [8], "
        + "tower_units: [4]"

    /// The second task as another yes or no, within the first or not, and a model.
    static func model(_ model: String, within: String? = nil) -> SettingCase {
        let parent = within.map { ", within: \($0)" } ?? ""
        return SettingCase(
            old,
            "positive: \">= 4\", loss: binary_cross_entropy\(parent) }\nmodel: { \(model)"
        )
    }

    /// The first task alone, and a model.
    static func single(_ model: String) -> SettingCase {
        SettingCase("  - { name: stars, \(old)", "model: { \(model)")
    }

    /// A case for each key of architectures that share in other ways than by experts.
    static let multiTaskArchitectures: [SettingCase] = [
        model("architecture: omoe, experts: 3, expert_units: [8, 4]"),
        model("architecture: cross_stitch, network_units: [8, 4], own_share: 0.7"),
        model("architecture: aitm, network_units: [8, 4], calibrator: 0.2"),
        model("architecture: esmm, network_units: [8, 4]", within: "click"),
        model(
            "architecture: escm2, network_units: [8], estimator: ips, counterfactual_weight: 0.5, "
                + "global_weight: 0.1, propensity_floor: 0.01",
            within: "click"
        ),
        model("architecture: escm2, imputation: label", within: "click"),
        model(
            "architecture: dbmtl, bottom_units: [], task_units: [8], relation_units: [4], "
                + "parents: { click: [stars] }"
        ),
        model("architecture: dbmtl", within: "click"),
        model(
            "architecture: adatt, levels: 3, shared_experts: 1, task_experts: 3, expert_units: [8]"
        ),
        model(
            "architecture: dselect_k, experts: 8, expert_units: [8], selectors: 1, reads_rows: false, "
                + "gamma: 2, entropy: 0.5"
        ),
        model(
            "architecture: snr, levels: 1, subnetworks: 3, network_units: [8], transforms: true, "
                + "noise: false, sparsity: 0.01"
        ),
        model("architecture: stem_net, shared_experts: 2, task_experts: 2, expert_units: [8]"),
        model(
            "architecture: home, groups: { interest: [click], watch: [stars] }, shared_experts: 2, "
                + "group_experts: 2, task_experts: 2, expert_units: [8], gate_rank: 4"
        ),
        single("architecture: two_tower, item_features: [user_id]"),
        single(
            "architecture: two_tower, item_features: [user_id], item: user_id, units: [], "
                + "dimension: 4, temperature: 0.1, sampling_correction: false"
        ),
    ]
}

@Suite("Settings of architectures") struct ArchitectureSettingsTests {
    private func problem(_ change: SettingCase) throws -> String {
        try #require(SettingCase.yaml.contains(change.old))
        let yaml = SettingCase.yaml.replacing(change.old, with: change.new)
        let error = #expect(throws: ConfigurationError.self) {
            try Experiment(
                ConfigurationDocument(parsing: yaml, name: "settings.yaml"),
                folder: "/data"
            )
        }
        return "\(try #require(error))"
    }

    @Test(arguments: [
        ("architecture: esmm", "`esmm` learns a task within another from all rows"),
        ("architecture: escm2", "`escm2` learns a task within another from all rows"),
        ("architecture: dbmtl", "`dbmtl` needs tasks that depend on others"),
        ("architecture: dbmtl, parents: { stars: [clack] }", "received `clack`"),
        (
            "architecture: dbmtl, parents: { stars: [click], click: [stars] }",
            "`parents` leads in a circle"
        ),
        ("architecture: omoe, experts: 0", "out of range; expected at least 1; received 0"),
        ("architecture: cross_stitch, own_share: 1.5", "expected from 0.0 to 1.0; received 1.5"),
        ("architecture: aitm, calibrator: -1", "expected at least 0.0; received -1"),
        ("architecture: dselect_k, experts: 6", "expected 2, 4, 8, 16, ... `experts`; received 6"),
        ("architecture: dselect_k, gamma: 0", "expected greater than 0.0; received 0"),
        ("architecture: snr, sparsity: -1", "expected at least 0.0; received -1"),
        ("architecture: home", "`home` needs each task in one group"),
        ("architecture: home, groups: { a: [click, stars, x] }", "received [\"a: "),
        ("architecture: adatt, levels: 0", "out of range; expected at least 1; received 0"),
        ("architecture: omoe, network_units: [8]", "unknown key"),
    ])
    func whatDoesNotFitIsSaid(model: String, sentence: String) throws {
        let text = try problem(.model(model))
        #expect(text.contains(sentence), "\(text)")
    }

    @Test(arguments: [
        ("", "expected `item_features`, some of [\"user_id\", \"price\"]"),
        (
            ", item_features: [user_ids]",
            "names a feature there is not; expected some of [\"user_id\", \"price\"]; received `user_ids`. Did you mean `user_id`?"
        ),
        (", item_features: [user_id, user_id]", "`item_features` names a feature twice"),
        (", item_features: [user_id, price]", "`two_tower` needs features of users"),
        (
            ", item_features: [price]",
            "a feature of one id among `item_features`, one of []; received `price`."
        ),
        (
            ", item_features: [user_id], item: user",
            "`item` names a feature there is not; expected one of [\"user_id\"]; received `user`."
        ),
        (
            ", item_features: [user_id], interactions: [dcn]",
            "expected no `interactions`; received [\"dcn\"]."
        ),
        (", item_features: [user_id], scenario_towers: true", "expected no `scenario_towers`"),
        (", item_features: [user_id], scenario_feature: 4", "expected no `scenario_feature`"),
        (", item_features: [user_id], temperature: 0", "expected greater than 0.0; received 0"),
        (", item_features: [user_id], dimension: 0", "expected at least 1; received 0"),
    ])
    func whatHasNoPlaceInTwoTowersIsSaid(keys: String, sentence: String) throws {
        let text = try problem(.single("architecture: two_tower" + keys))
        #expect(text.contains(sentence), "\(text)")
    }

    @Test func twoTowersHaveOneTaskOfYesOrNo() throws {
        let towers = "architecture: two_tower, item_features: [user_id]"
        let several = try problem(.model(towers))
        let tasks = "expected one task; received [\"click\", \"stars\"]."
        #expect(several.contains(tasks), "\(several)")
        let single = SettingCase.single(towers)
        for loss in ["focal", "mean_squared_error"] {
            let task = "label: clicked, loss: binary_cross_entropy, metrics: [auc]"
            let yaml = SettingCase.yaml.replacing(single.old, with: single.new)
                .replacing(task, with: "label: clicked, loss: \(loss)")
            let error = #expect(throws: ConfigurationError.self) {
                try Experiment(
                    ConfigurationDocument(parsing: yaml, name: "settings.yaml"),
                    folder: "/data"
                )
            }
            let sentence = "expected task \"click\" to have the loss `binary_cross_entropy`"
            #expect("\(try #require(error))".contains(sentence), "\(loss)")
        }
    }

    @Test func stepsOfAFunnelAreNotWithinEachOther() throws {
        let text = try problem(.model("architecture: aitm", within: "click"))
        #expect(text.contains("expected task \"stars\" without `within`"), "\(text)")
    }

    @Test func estimatorsAreNamed() throws {
        let change = SettingCase.model("architecture: escm2, estimator: dm", within: "click")
        #expect(try problem(change).contains("expected one of `ips`, `dr`; received \"dm\""))
        let unread = SettingCase.model(
            "architecture: escm2, estimator: ips, imputation: label",
            within: "click"
        )
        #expect(try problem(unread).contains("imputes nothing with `estimator: ips`"))
    }
}
