import MotetCore

/// WNUT 2017: emerging and rare entities in social media.
public struct WNUT17Recipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    private static let commit = "e52a2d2a71ac1a051ca2d532eef28653c5c02603"

    private static let originals = [
        (
            "train", "wnut17train.conll",
            "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5"
        ),
        (
            "validation", "emerging.dev.conll",
            "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8"
        ),
        (
            "test", "emerging.test.annotated",
            "2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0"
        ),
    ]

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "wnut17",
            title: "WNUT 2017, emerging and rare entities",
            origin: .addresses(homepage: "https://github.com/leondz/emerging_entities_17"),
            licence: DatasetLicence("CC BY 4.0", .stated),
            size: "5,690 sentences of social media with 3,890 entities",
            tasks: WNUT17.tags.types.map { "mentions a \($0)" },
            scenarios: "none",
            layouts: [
                WNUT17Recipe.originals.map { role, path, digest in
                    DatasetFile(
                        role,
                        path: path,
                        address: "https://raw.githubusercontent.com/leondz/emerging_entities_17/"
                            + "\(WNUT17Recipe.commit)/\(path)",
                        checksum: .sha256(digest)
                    )
                },
                WNUT17Recipe.originals.map { DatasetFile($0.0, path: $0.1 + ".gz") },
            ],
            page: "docs/data/wnut17.md"
        )
    }

    /// Keeps the official split, without sentences that come again in a later part.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let corpus = try WNUT17(files)
        let parts = corpus.parts
        var report = DatasetReport(name: card.name)
        let texts = [
            (RecipePart.train, corpus.train), (.validation, corpus.validation),
            (.test, corpus.test),
        ]
        for (part, text) in texts {
            report.count("sentences, official \(part.rawValue)", text.sentences.count)
        }
        let repairs = texts.map { $0.1.repairs }.reduce(0, +)
        report.count("tags repaired", repairs)
        report.count("repeated in a later part, dropped", parts.repeated)
        for type in WNUT17.tags.types.indices {
            let entities = texts.flatMap { $0.1.sentences }.map { sentence in
                WNUT17.tags.entities(in: sentence.tags).spans.count { $0.type == type }
            }
            report.count("entities, \(WNUT17.tags.types[type])", entities.reduce(0, +))
        }
        let folder = try RecipeFolder(output)
        let rows = [
            (RecipePart.train, parts.train), (.validation, parts.validation), (.test, parts.test),
        ]
        for (part, sentences) in rows {
            try folder.write(WNUT17Recipe.table(sentences), to: part.rawValue)
            report.count("rows, \(part.rawValue)", sentences.count)
        }
        try folder.write(WNUT17Recipe.experiment, to: "experiment.yaml")
        report.notes = ["the columns `tokens` and `tags` are separated by spaces"]
        report.files = folder.files
        return report
    }

    private static func column(_ type: String) -> String {
        "mentions_" + type.replacing("-", with: "_")
    }

    private static func table(_ sentences: [TaggedSentence]) -> RecipeTable {
        let names = WNUT17.tags.tags
        var table = RecipeTable()
        table.addTexts("tokens", sentences.map { $0.tokens.joined(separator: " ") })
        table.addTexts(
            "tags",
            sentences.map { $0.tags.map { names[Int($0)] }.joined(separator: " ") }
        )
        let spans = sentences.map { WNUT17.tags.entities(in: $0.tags).spans }
        for (number, type) in WNUT17.tags.types.enumerated() {
            table.addFlags(column(type), spans.map { $0.contains { $0.type == number } })
        }
        return table
    }

    private static let experiment: String = {
        var lines = [
            "# WNUT 2017: which kinds of entities does a sentence mention?", "name: wnut17",
            "seed: 42", "data:", "  train: train.parquet", "  validation: validation.parquet",
            "  test: test.parquet", "features:", tokensLine, "tasks:",
        ]
        for type in WNUT17.tags.types {
            let name = column(type)
            lines.append(
                "  - { name: \(name), label: \(name), loss: binary_cross_entropy, metrics: [auc] }"
            )
        }
        return (lines + experimentTail).joined(separator: "\n") + "\n"
    }()
}
