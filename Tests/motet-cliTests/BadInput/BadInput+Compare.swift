extension BadInput {
    private static let compare = ["compare", "compare.yaml", "--output", "all"]

    private static func shop(_ old: String, _ new: String) -> @Sendable (Shop) throws -> Void {
        { shop in
            try shop.write("compare.yaml", Shop.comparison)
            try shop.replace(old, new, in: "compare.yaml")
        }
    }

    static let comparisons: [BadInput] = [
        BadInput(
            "a cell that is not valid",
            compare,
            says:
                "compare.yaml:5, cell \"dwb\", training.weighting: unknown value; expected one of ... "
                + "received \"dwb\". Did you mean `dwa`?",
            shop("[fixed, dwa]", "[fixed, dwb]")
        ),
        BadInput(
            "a cell whose tasks share nothing to compare",
            compare,
            says:
                "cell \"alone\": aggregation \"upgrad\": tasks [\"click\", \"purchase\"] share no dense parameter "
                + "that could be compared; expected one at least. Leave the aggregation out, or choose an "
                + "architecture that shares.",
            keepsCache: true,
            shop(
                "baselines:",
                "    training.aggregation: upgrad\nbaselines:"
            )
        ),
        BadInput(
            "a cell that freezes what there is not",
            compare,
            says:
                "cell \"late\": schedule, phase 1: no parameter belongs to the frozen name \"mmoe_2\"; expected "
                + "a layer such as ... Did you mean `mmoe_1`?",
            keepsCache: true,
            shop(
                "baselines:",
                "  late: { training.schedule: [{ joint: { epochs: 1, freeze: mmoe_2 } }] }\nbaselines:"
            )
        ),
        BadInput(
            "a comparison without searched weights",
            compare,
            says: "compare.yaml:9, baselines.tuned_scalarisation: missing: fixed weights that were "
                + "searched for are what other methods have to beat; expected `{ of: CELL, search: "
                + "random, trials: 8 }`.",
            shop("  tuned_scalarisation: { of: fixed, search: grid, trials: 3 }\n", "")
        ),
        BadInput(
            "a folder that holds something else",
            ["compare", "compare.yaml", "--output", "."],
            says:
                "comparison \".\": the place is taken; expected a folder that is new or empty. Name "
                + "another by `--output`.",
            shop("name: shops", "name: shops")
        ),
        BadInput(
            "a choice by what is not measured",
            compare + ["--select", "rmse"],
            says:
                "select: `rmse` is not measured; expected `delta_m`, a metric among a task's `metrics`, "
                + "or `task/metric`; received `rmse`.",
            shop("name: shops", "name: shops")
        ),
        BadInput(
            "a choice by no metric",
            compare + ["--select", "acu"],
            says: "metric \"acu\": unknown name; expected one of ... Did you mean `auc`?",
            shop("name: shops", "name: shops")
        ),
        BadInput(
            "a comparison whose data cannot be read",
            compare,
            says: "FOLDER/nowhere.csv: ...",
            { shop in
                try shop.write("compare.yaml", Shop.comparison)
                try shop.replace("train: train.csv", "train: nowhere.csv")
            }
        ),
    ]
}
