import Foundation
public import MotetCore
public import MotetData
import MotetNN

/// A BERT-style text encoder that was trained elsewhere: configuration, word pieces and weights.
///
/// It is read from a folder with `config.json`, `vocab.txt` and `model.safetensors`; where
/// `tokenizer_config.json` and `sentence_bert_config.json` are there too, they say how texts are cleaned and
/// how many pieces are kept.
///
/// - Source: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019; Reimers and
///   Gurevych, "Sentence-BERT", EMNLP 2019, for sentence vectors by the mean.
public final class PretrainedEncoder: Sendable {
    /// The folder it was read from.
    public let folder: String
    /// The sizes.
    public let configuration: EncoderConfiguration
    /// What cuts texts into pieces.
    public let tokenizer: WordPieceTokenizer
    /// The most pieces of a text, `[CLS]` and `[SEP]` included, that the encoder was made for.
    public let maximumLength: Int
    /// A hash of the contents of its files: equal encoders have equal identities.
    public let identity: String
    let weights: [String: GivenValues]

    /// Reads an encoder.
    ///
    /// - Parameter folder: where its files are.
    /// - Throws: ``EncoderError``, `SafetensorsError` or `WordPieceError` with a sentence about what is
    ///   missing, cut off or of the wrong shape.
    public init(folder: String) throws {
        self.folder = folder
        let configurationFile = folder + "/config.json"
        let configurationData = try Self.contents(configurationFile)
        configuration = try EncoderConfiguration(json: configurationData, file: configurationFile)
        let tokenizerData = try? Data(
            contentsOf: URL(fileURLWithPath: folder + "/tokenizer_config.json")
        )
        let vocabularyFile = folder + "/vocab.txt"
        let vocabularyData = try Self.contents(vocabularyFile)
        tokenizer = try WordPieceTokenizer(
            file: vocabularyFile,
            settings: Self.settings(tokenizerData)
        )
        guard tokenizer.vocabularySize == configuration.vocabularySize else {
            throw EncoderError(
                .encoderFile,
                "encoder vocabulary \"\(vocabularyFile)\": has the wrong number of pieces; expected \(configuration.vocabularySize), as config.json says; received \(tokenizer.vocabularySize)."
            )
        }
        guard tokenizer.paddingID == 0 else {
            throw EncoderError(
                .encoderUnsupported,
                "encoder vocabulary \"\(vocabularyFile)\": `[PAD]` has another id; expected 0; received \(tokenizer.paddingID)."
            )
        }
        let sentenceData = try? Data(
            contentsOf: URL(fileURLWithPath: folder + "/sentence_bert_config.json")
        )
        maximumLength = min(
            Self.sentenceLength(sentenceData) ?? configuration.maximumPositions,
            configuration.maximumPositions
        )
        let weightsFile = folder + "/model.safetensors"
        let weightsData = try Self.contents(weightsFile)
        let checkpoint = try weightsData.withUnsafeBytes { bytes in
            try SafetensorsFile(bytes: bytes, name: weightsFile)
        }
        weights = try EncoderWeights(checkpoint, configuration, file: weightsFile).values
        var hash = ContentHash()
        for data in [configurationData, tokenizerData ?? Data(), vocabularyData, weightsData] {
            data.withUnsafeBytes { hash.add($0) }
            hash.add([])
        }
        identity = hash.hexadecimal
    }

    /// Texts as rows of ids, padded with 0 to one length.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - length: the length of every row; by default that of the longest text, at most
    ///     ``maximumLength``.
    /// - Returns: ids `[texts, length]`, int32, and how many texts were cut off.
    public func ids(_ texts: [String], length: Int? = nil) -> (ids: Tensor, truncated: Int) {
        let limit = min(length ?? maximumLength, configuration.maximumPositions)
        let rows = texts.map { tokenizer.encode($0, maximumLength: limit) }
        let width = length ?? max(rows.map(\.ids.count).max() ?? 2, 2)
        let padded = rows.flatMap { row in
            row.ids + [Int32](repeating: tokenizer.paddingID, count: width - row.ids.count)
        }
        return (
            Tensor(padded, shape: [texts.count, width]), rows.filter(\.isTruncated).count
        )
    }

    private static func contents(_ path: String) throws(EncoderError) -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw EncoderError(
                .encoderFile,
                "encoder file \"\(path)\": cannot be read: \(SystemReason.text(of: error)). Name a folder with config.json, vocab.txt and model.safetensors, such as `motet data fetch minilm_encoder` makes."
            )
        }
    }

    private static func settings(_ json: Data?) -> WordPieceTokenizer.Settings {
        var settings = WordPieceTokenizer.Settings()
        guard let json,
            let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any]
        else { return settings }
        settings.isLowercased = object["do_lower_case"] as? Bool ?? settings.isLowercased
        settings.stripsAccents = object["strip_accents"] as? Bool
        settings.separatesChinese = object["tokenize_chinese_chars"] as? Bool ?? true
        return settings
    }

    private static func sentenceLength(_ json: Data?) -> Int? {
        guard let json,
            let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any],
            let length = object["max_seq_length"] as? Int, length >= 2
        else { return nil }
        return length
    }
}
