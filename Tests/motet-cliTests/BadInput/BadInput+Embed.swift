extension BadInput {
    /// Embeddings that cannot be made.
    static let embeddings: [BadInput] = [
        BadInput(
            "encoder that is not there",
            ["embed", "--encoder", "none", "--text", "place", "--input", "train.csv"]
                + ["--output", "out.csv"],
            says:
                "encoder file \"none/config.json\": cannot be read: No such file or directory. Name "
                + "a folder with config.json, vocab.txt and model.safetensors, such as `motet data "
                + "fetch minilm_encoder` makes."
        ),
        BadInput(
            "encoder of another kind",
            ["embed", "--encoder", ".", "--text", "place", "--input", "train.csv"]
                + ["--output", "out.csv"],
            says:
                "encoder configuration \"./config.json\", `model_type`: not supported; expected "
                + "bert; received gpt2."
        ) { try $0.write("config.json", "{\"model_type\": \"gpt2\"}") },
        BadInput(
            "threads of an embedding that are out of range",
            ["embed", "--encoder", "none", "--text", "place", "--input", "train.csv"]
                + ["--output", "out.csv", "--threads", "0"],
            status: 2,
            says: "Error: '--threads' is out of range; expected from 1 to 1024; received 0.\n..."
        ),
    ]
}
