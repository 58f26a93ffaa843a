import Foundation
public import Motet

extension ExampleData {
    /// Finds the sentence encoder: in the folder of `--from`, else in `data/minilm_encoder`, else fetched
    /// by its recipe.
    ///
    /// - Parameter options: what the program was asked for.
    /// - Returns: the encoder.
    /// - Throws: `ExampleError` when it cannot be fetched, `EncoderError` when its files are not usable.
    public static func encoder(_ options: ExampleOptions) throws -> PretrainedEncoder {
        let card = MiniLMEncoderRecipe().card
        for folder in [options.folder, "data/\(card.name)"].compactMap({ $0 }) {
            guard let files = try? DatasetFiles.locate(card, in: folder) else { continue }
            return try encoder(files)
        }
        var fetched = options
        fetched.folder = nil
        return try encoder(files(MiniLMEncoderRecipe(), fetched))
    }

    private static func encoder(_ files: DatasetFiles) throws -> PretrainedEncoder {
        let file = files.paths["config.json"] ?? files.folder
        return try PretrainedEncoder(folder: (file as NSString).deletingLastPathComponent)
    }
}
