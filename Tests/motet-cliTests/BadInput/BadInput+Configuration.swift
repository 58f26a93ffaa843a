import Foundation

extension BadInput {
    /// Experiments that cannot be read.
    static let configuration: [BadInput] = [
        BadInput(
            "missing experiment",
            ["train", "shap.yaml"],
            says: "shap.yaml: no such file; expected a YAML file. Check the path."
        ),
        BadInput(
            "empty experiment",
            says: "shop.yaml: the file is empty; expected keys with values."
        ) { try $0.write("shop.yaml", "") },
        BadInput(
            "syntax error",
            says: "shop.yaml:8:3: not valid YAML: did not find expected node content while parsing "
                + "a flow node."
        ) { try $0.replace("features:", "features: [") },
        BadInput(
            "tab for an indent",
            says: "shop.yaml:4:1: not valid YAML: found character that cannot start any token "
                + "while scanning for the next token. Indent with spaces: YAML does not allow tabs."
        ) { try $0.replace("  train: train.csv", "\ttrain: train.csv") },
        BadInput(
            "text that is not UTF-8",
            says: "shop.yaml: not UTF-8 text; expected a YAML file. Save it in UTF-8."
        ) { shop in try shop.edit("shop.yaml") { $0.append(0xE9) } },
        BadInput(
            "unknown key",
            says: "shop.yaml:16, training.batchsize: unknown key. Did you mean `batch_size`?"
        ) { try $0.replace("batch_size", "batchsize") },
        BadInput(
            "several mistakes, all told",
            says: """
                shop.yaml:2, seed: expected a whole number; received "x".
                shop.yaml:10, tasks: task "purchase": `within` names no other task; expected one of \
                ["click"]; received `clack`. Did you mean `click`?
                shop.yaml:13, model.architecture: unknown value; expected one of ...; \
                received "mmoee". Did you mean `mmoe`?
                shop.yaml:16, training.batchsize: unknown key. Did you mean `batch_size`?
                shop.yaml:17, training.epochs: out of range; expected at least 1; received -2.
                """
        ) { shop in
            try shop.replace("seed: 7", "seed: x")
            try shop.replace("within: click", "within: clack")
            try shop.replace("architecture: mmoe", "architecture: mmoee")
            try shop.replace("batch_size", "batchsize")
            try shop.replace("epochs: 1", "epochs: -2")
        },
        BadInput(
            "an aggregation of one task",
            says:
                "shop.yaml:13, training: `aggregation: upgrad` combines the gradients of tasks; expected at "
                + "least 2 tasks; received 1."
        ) { shop in
            let task =
                "  - { name: purchase, label: bought, within: click, loss: binary_cross_entropy, metrics: [auc] }\n"
            try shop.replace(task, "")
            try shop.replace("training:\n", "training:\n  aggregation: upgrad\n")
        },
        BadInput(
            "an aggregation of tasks that share nothing",
            says:
                "aggregation \"upgrad\": tasks [\"click\", \"purchase\"] share no dense parameter that could be "
                + "compared; expected one at least. Leave the aggregation out, or choose an architecture "
                + "that shares.",
            keepsCache: true
        ) { shop in
            try shop.replace(
                "architecture: mmoe, experts: 2, expert_units: [8]",
                "architecture: single_task, bottom_units: [8]"
            )
            try shop.replace("training:\n", "training:\n  aggregation: upgrad\n")
        },
        BadInput(
            "option of the command line that is out of range",
            train + ["--threads", "0"],
            status: 2,
            says: "Error: '--threads' is out of range; expected from 1 to 1024; received 0.\n..."
        ),
        BadInput(
            "unknown option",
            train + ["--gpu"],
            status: 2,
            says: "Error: Unknown option '--gpu'\n..."
        ),
        BadInput(
            "kernels that are none",
            train + ["--kernels", "shop.yaml"],
            says: "kernels \"shop.yaml\": not what a run records; expected a JSON object of shapes "
                + "and kernels as in the kernels.json of a run."
        ),
        BadInput(
            "warm start from a folder that is no run",
            train + ["--warm-start", "tmp"],
            says: "run \"tmp\": this is no run directory; expected a folder that `motet train` "
                + "wrote, with versions.json in it. Is the path right?"
        ),
        BadInput(
            "output in which other files are",
            ["train", "shop.yaml", "--output", "."],
            says:
                "run \".\": the folder holds other files; expected one that is new or empty. Name "
                + "another by `--output`."
        ),
        BadInput(
            "output that is a file",
            says: "run \"run\": a file is in the way; expected a folder that is new or empty."
        ) { try $0.write("run", "precious") },
    ]
}
