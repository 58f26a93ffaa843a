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
        BadInput(
            "texts in a column that is not there",
            embed(text: "plce"),
            says:
                "table \"train.csv\": there is no column \"plce\"; expected one of place, user, price, "
                + "clicked, bought. Did you mean `place`?"
        ) { try TinyCheckpoint().write(to: $0) },
        BadInput(
            "more pieces of a text than an encoder has positions",
            embed("--maximum-length", "9"),
            says:
                "embedding: the maximum length is out of range; expected from 2 to 8, the positions of "
                + "the encoder; received 9."
        ) { try TinyCheckpoint().write(to: $0) },
        BadInput(
            "encoder without word pieces",
            embed(),
            says:
                "encoder file \"encoder/vocab.txt\": cannot be read: No such file or directory. Name a "
                + "folder with config.json, vocab.txt and model.safetensors, such as `motet data fetch "
                + "minilm_encoder` makes."
        ) { shop in
            try TinyCheckpoint().write(to: shop)
            try shop.remove("encoder/vocab.txt")
        },
        BadInput(
            "encoder whose weights are cut off",
            embed(),
            says:
                "safetensors file \"encoder/model.safetensors\": the file ends within its data; expected "
                + "1008 bytes of elements; received 908. It may be cut off: copy or save it again."
        ) { shop in
            try TinyCheckpoint().write(to: shop)
            try shop.edit("encoder/model.safetensors") { $0.removeLast(100) }
        },
        BadInput(
            "encoder that lacks a tensor",
            embed(),
            says:
                "encoder weights \"encoder/model.safetensors\": the tensor "
                + "\"encoder.layer.0.attention.self.key.weight\" is missing; expected shape [4, 4]; "
                + "received 20 tensors without it."
        ) { shop in
            var checkpoint = TinyCheckpoint()
            checkpoint.shapes[TinyCheckpoint.key] = nil
            try checkpoint.write(to: shop)
        },
        BadInput(
            "encoder with a tensor of another shape",
            embed(),
            says:
                "encoder weights \"encoder/model.safetensors\": the tensor "
                + "\"encoder.layer.0.attention.self.key.weight\" has the wrong shape or type; expected "
                + "float32 [4, 4], as config.json says; received float32 [4, 3]."
        ) { shop in
            var checkpoint = TinyCheckpoint()
            checkpoint.shapes[TinyCheckpoint.key] = [4, 3]
            try checkpoint.write(to: shop)
        },
    ]

    /// The command that embeds the places of the shop with the encoder in `encoder`.
    private static func embed(text: String = "place", _ options: String...) -> [String] {
        ["embed", "--encoder", "encoder", "--text", text, "--input", "train.csv"]
            + ["--output", "out.csv"] + options
    }
}
