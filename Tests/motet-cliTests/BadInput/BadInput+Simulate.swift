extension BadInput {
    private static let simulate = ["simulate", "simulation.yaml", "--output", "made"]

    private static func written(_ yaml: String) -> @Sendable (Shop) throws -> Void {
        { try $0.write("simulation.yaml", yaml) }
    }

    /// Simulations that cannot be made.
    static let simulations: [BadInput] = [
        BadInput(
            "simulation that is not there",
            simulate,
            says: "simulation.yaml: no such file; expected a YAML file. Check the path."
        ),
        BadInput(
            "key of a simulation that is misspelt",
            simulate,
            says: "simulation.yaml:2, tasks.corelation: unknown key. Did you mean `correlation`?",
            written("rows: 100\ntasks: { corelation: 0.5 }\n")
        ),
        BadInput(
            "settings of a simulation that do not go together",
            simulate,
            says:
                "simulation \"shop\": 'scenario_shares' does not fit the scenarios; expected 3 numbers; "
                + "received 2.",
            written("rows: 100\nscenario_shares: [1, 1]\n")
        ),
        BadInput(
            "simulation into a place that is taken",
            simulate,
            says:
                "simulation \"made\": the place is taken; expected a folder that is new. Name another by "
                + "`--output`, or remove it."
        ) {
            try $0.write("simulation.yaml", "rows: 100\n")
            try $0.write("made", "something else")
        },
        BadInput(
            "rows of a simulation that are out of range",
            simulate + ["--rows", "0"],
            status: 2,
            says:
                "Error: '--rows' is out of range; expected from 1 to 100000000000; received 0.\n..."
        ),
        BadInput(
            "threads of a simulation that are out of range",
            simulate + ["--threads", "0"],
            status: 2,
            says: "Error: '--threads' is out of range; expected from 1 to 1024; received 0.\n..."
        ),
        BadInput(
            "simulation on a full disk",
            simulate,
            status: 5,
            says:
                "made.partial-...: file cannot be written; expected a writable folder with room; received "
                + "\"...File too large...",
            fileBlocks: 200,
            written("rows: 20000\nusers: 500\nitems: 50\ndays: 5\n")
        ),
    ]
}
