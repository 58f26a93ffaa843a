import MotetNN
import Testing

@testable import MotetTraining

/// The numbers a model learns against what its formula says.
@Suite("Parameter counts") struct ParameterCountTests {
    /// Weight and bias of a dense layer.
    private static func dense(_ sizes: Int...) -> Int {
        zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 + $1.1 }
    }

    /// A tower of 5 units and one output for each task.
    private static func towers(_ width: Int, _ tasks: Int = 2) -> Int {
        tasks * dense(width, 5, 1)
    }

    /// Six tables of 20 vectors of 4 numbers; with 3 numeric features a row has 27.
    private static let tables = 6 * 20 * 4
    private static let expert = dense(27, 8, 6)
    /// A normalised expert of layers 7 and 6: weights, scales and shifts.
    private static func normalised(_ width: Int) -> Int { width * 7 + 2 * 7 + 7 * 6 + 2 * 6 }

    private static let counts: [String: Int] = [
        "shared_bottom": tables + dense(27, 10, 6) + towers(6),
        "mmoe": tables + 3 * expert + 2 * 27 * 3 + towers(6),
        "cgc": tables + (2 + 2 * 2) * expert + 2 * 27 * 4 + towers(6),
        "ple": tables + 4 * dense(27, 8) + 2 * 27 * 3 + 27 * 4 + 4 * dense(8, 8) + 2 * 8 * 3
            + towers(8),
        "omoe": tables + 3 * expert + 27 * 3 + towers(6),
        "cross_stitch": tables + 2 * expert + 2 * 2 * 2 + towers(6),
        "aitm": tables + 2 * expert + 4 * dense(6, 6) + towers(6),
        "esmm": tables + 2 * expert + towers(6),
        "escm2_ips": tables + 2 * expert + towers(6),
        "escm2_dr": tables + 3 * expert + towers(6, 3),
        "escm2_dr_label": tables + 3 * expert + towers(6, 3),
        "dbmtl": tables + dense(27, 10) + 2 * dense(10, 7) + dense(7, 6) + dense(13, 6) + towers(6),
        "adatt": tables + 4 * dense(27, 8) + 2 * 27 * 4 + 2 * 2
            + 4 * dense(8, 8) + 2 * 8 * 4 + 2 * 2 + towers(8),
        "adatt_shared": tables + 4 * expert + 3 * 27 * 4 + 2 + 4 * dense(6, 8, 6) + 2 * 6 * 4
            + towers(6),
        "stem_net": 3 * tables + 5 * expert + 2 * 27 * 5 + towers(6),
        "home": tables + 4 * 2 * 27 * 3 + 4 * normalised(27) + 27 * (2 * 3 + 2 * 1 + 4)
            + 6 * normalised(6) + 12 * (2 * 4 + 2 * 1) + towers(6),
        "home_several": tables + 6 * 2 * 27 * 3 + 6 * normalised(27) + 27 * (2 * 4 + 2 * 2 + 6)
            + 10 * normalised(6) + 12 * (2 * 6 + 2 * 2) + towers(6),
        "dselect_k": tables + 4 * expert + 27 * (4 * 2 + 2 * 2) + towers(6),
        "dselect_k_static": tables + 4 * expert + 4 * 2 + 2 * 2 + towers(6),
        "snr_aver": tables + 3 * dense(27, 7) + 3 * dense(7, 7) + 9 + 6 + towers(7),
        "snr_trans": tables + 3 * dense(27, 7) + 3 * dense(7, 7) + (9 + 6) * (1 + 7 * 7)
            + towers(7),
        // Users have 4 of the 6 tables and 2 of the 3 numbers.
        "two_tower": tables + dense(18, 8, 5) + dense(9, 8, 5),
    ]

    /// The same features, and four scenarios.
    private static let scenarioCounts: [String: Int] = [
        "per_scenario": tables + 4 * (expert + towers(6)),
        // Normalisation, star layers and towers, and the network that is told the scenario.
        "star": tables + (1 + 4) * (2 * 27 + expert + towers(6)) + 4 * 3 + dense(30, 4)
            + 2 * dense(4, 1),
        "pepnet": tables + embeddingGate + 2 * dense(27, 6, 5, 1) + parameterGates,
        "epnet": tables + embeddingGate + 2 * dense(27, 6, 5, 1),
        "ppnet": tables + 2 * dense(27, 6, 5, 1) + parameterGates,
        "hmoe": tables + 3 * dense(27, 8) + 4 * 27 * 3 + 2 * 4 * (8 * 4 + dense(8, 5, 1)),
        // What is known of scenarios and tasks makes attention from 12 to 6 and two layers of 6 a task.
        "m2m": tables + 4 * 3 + 2 * 3 + dense(3, 4) + dense(3, 6) + 3 * expert
            + 2 * (dense(4, 12 * 6) + dense(4, 6) + 6 + 2 * (dense(4, 6 * 6) + dense(4, 6)))
            + towers(6),
        "hamur": tables + expert + dense(27, 7, 3 * 3) + 4 * (adapter(8) + adapter(6)) + towers(6),
        "m3oe": tables + dense(27, 6) + (3 + 4 + 2) * dense(6, 7) + 4 * 6 * 6 + 4
            + (1 + 4) * expert + 4 * towers(7),
        "adasparse": adaSparse, "adasparse_binary": adaSparse, "adasparse_scaling": adaSparse,
        "dcn": tables + 3 * 2 * 27 + dense(54, 8, 6) + towers(6),
        "dcn_v2": tables + 2 * dense(27, 27) + dense(54, 8, 6) + towers(6),
        "dcn_v2_mixture": tables + 2 * (3 * (27 * 4 + 4 * 4 + 4 * 27) + 27 * 3 + 27)
            + dense(54, 8, 6) + towers(6),
        "autoint": tables + 4 * 4 * 6 + 4 * 6 * 6 + dense(27 + 6 * 6, 8, 6) + towers(6),
        "deepfm": tables + 6 * 20 * 2 + dense(3, 2) + expert + towers(6),
        "lhuc": tables + dense(27, 27) + dense(8, 5, 54) + dense(54, 8, 6) + towers(6),
        "sar_net": tables + 2 * 4 * 27 + (3 + 2 * 4) * expert + 2 * dense(27, 5) + towers(6),
        // Two of the six features are told apart: 8 columns of 27.
        "sar_net_bias": tables + 2 * 4 * 19 + (2 + 4) * dense(19, 7) + (2 + 4) * dense(8, 7)
            + 2 * dense(19, 3) + towers(7),
    ]

    private static let adaSparse =
        tables + 4 * 3 + dense(30, 27) + dense(11, 8) + dense(9, 6) + dense(30, 8) + dense(8, 6)
        + towers(6)
    /// From the scenario's vector and the features to a factor of each feature.
    private static let embeddingGate = 4 * 3 + dense(30, 6, 27)
    /// From the features and two of their vectors to factors of the units of each layer, for each task.
    private static let parameterGates = 2 * (dense(27 + 2 * 4, 6, 6) + dense(27 + 2 * 4, 6, 5))
    /// Of a scenario: scales and shifts, outer factors down to 5 and up again, biases.
    private static func adapter(_ width: Int) -> Int {
        2 * width + (width * 3 + 3 * 5 + 5) + (5 * 3 + 3 * width + width)
    }

    @Test(arguments: ScenarioGolden.all)
    func modelsWithScenariosLearnAsManyNumbersAsTheirFormulaSays(golden: ScenarioGolden) throws {
        let learned = try golden.model().parameters.filter(\.isTrained).reduce(0) { $0 + $1.count }
        let expected = try #require(Self.scenarioCounts[golden.name])
        #expect(learned == expected)
    }

    @Test(arguments: GoldenModel.all)
    func modelsLearnAsManyNumbersAsTheirFormulaSays(described: GoldenModel) throws {
        let model = try ModelGolden(described).model()
        let learned = model.parameters.filter(\.isTrained).reduce(0) { $0 + $1.count }
        let expected = try #require(Self.counts[described.name])
        #expect(learned == expected)
    }
}
