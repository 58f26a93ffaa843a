import MotetRecommenders

extension GoldenModel {
    /// Ways of sharing between tasks beyond experts; `multitask.py` has them.
    static let multiTask = [
        GoldenModel("omoe", .omoe(experts: 3, expertUnits: [8, 6])),
        GoldenModel("cross_stitch", .crossStitch(networkUnits: [8, 6])),
        GoldenModel("aitm", .aitm(networkUnits: [8, 6])),
        GoldenModel("esmm", .esmm(networkUnits: [8, 6]), secondLiesWithinFirst: true),
        GoldenModel("escm2_ips", counterfactual(.ips), secondLiesWithinFirst: true),
        GoldenModel("escm2_dr", counterfactual(.dr), secondLiesWithinFirst: true),
        GoldenModel("escm2_dr_label", counterfactual(.dr, .label), secondLiesWithinFirst: true),
        GoldenModel(
            "dbmtl",
            .dbmtl(
                bottomUnits: [10],
                taskUnits: [7],
                relationUnits: [6],
                parents: ["second": ["first"]]
            )
        ),
        GoldenModel("adatt", .adatt(levels: 2, taskExperts: 2, expertUnits: [8])),
        GoldenModel(
            "adatt_shared",
            .adatt(levels: 2, sharedExperts: 2, taskExperts: 1, expertUnits: [8, 6])
        ),
        GoldenModel("stem_net", .stemNet(sharedExperts: 1, taskExperts: 2, expertUnits: [8, 6])),
        GoldenModel("dselect_k", selection(readsRows: true)),
        GoldenModel("dselect_k_static", selection(readsRows: false)),
        GoldenModel("snr_aver", routes(transforms: false)),
        GoldenModel("snr_trans", routes(transforms: true)),
        GoldenModel("home", hierarchy(experts: 1)),
        GoldenModel("home_several", hierarchy(experts: 2)),
    ]

    private static func selection(readsRows: Bool) -> Architecture {
        var settings = DSelectK.Settings()
        settings.expertUnits = [8, 6]
        settings.readsRows = readsRows
        settings.gamma = 1.5
        settings.entropy = 0.05
        return .dselectK(settings)
    }

    /// Noise is drawn by other rules there.
    private static func routes(transforms: Bool) -> Architecture {
        var settings = SNR.Settings()
        settings.subnetworks = 3
        settings.networkUnits = [7]
        settings.transforms = transforms
        settings.noise = false
        settings.sparsity = 0.01
        return .snr(settings)
    }

    /// Each task is a group of its own.
    private static func hierarchy(experts: Int) -> Architecture {
        var settings = HoME.Settings()
        settings.groups = ["a": ["first"], "b": ["second"]]
        settings.sharedExperts = 2
        settings.groupExperts = experts
        settings.taskExperts = experts
        settings.expertUnits = [7, 6]
        settings.gateRank = 3
        return .home(settings)
    }

    private static func counterfactual(
        _ estimator: ESCM2.Estimator,
        _ imputation: ESCM2.Imputation = .loss
    ) -> Architecture {
        .escm2(
            networkUnits: [8, 6],
            estimator: estimator,
            imputation: imputation,
            counterfactualWeight: 0.7,
            globalWeight: 0.4,
            propensityFloor: 0.3
        )
    }
}
