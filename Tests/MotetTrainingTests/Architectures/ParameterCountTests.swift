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
        "adasparse": tables + 4 * 3 + dense(30, 27) + dense(11, 8) + dense(9, 6)
            + dense(30, 8) + dense(8, 6) + towers(6),
        "sar_net": tables + 2 * 4 * 27 + (3 + 2 * 4) * expert + 2 * dense(27, 5) + towers(6),
        // Two of the six features are told apart: 8 columns of 27.
        "sar_net_bias": tables + 2 * 4 * 19 + (2 + 4) * dense(19, 7) + (2 + 4) * dense(8, 7)
            + 2 * dense(19, 3) + towers(7),
    ]

    @Test(arguments: ScenarioGolden.all.filter { scenarioCounts[$0.name] != nil })
    func modelsWithScenariosLearnAsManyNumbersAsTheirFormulaSays(golden: ScenarioGolden) throws {
        let learned = try golden.model().parameters.filter(\.isTrained).reduce(0) { $0 + $1.count }
        #expect(learned == Self.scenarioCounts[golden.name])
    }

    @Test(arguments: GoldenModel.multiTask + GoldenModel.retrieval)
    func modelsLearnAsManyNumbersAsTheirFormulaSays(described: GoldenModel) throws {
        let model = try ModelGolden(described).model()
        let learned = model.parameters.filter(\.isTrained).reduce(0) { $0 + $1.count }
        let expected = try #require(Self.counts[described.name])
        #expect(learned == expected)
    }
}
