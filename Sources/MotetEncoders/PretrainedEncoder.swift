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
        let tokenizerFile = folder + "/tokenizer_config.json"
        let tokenizerData = try Self.optionalContents(tokenizerFile)
        let vocabularyFile = folder + "/vocab.txt"
        let vocabularyData = try Self.contents(vocabularyFile)
        tokenizer = try WordPieceTokenizer(
            file: vocabularyFile,
            settings: Self.settings(tokenizerData, file: tokenizerFile)
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
        let sentenceFile = folder + "/sentence_bert_config.json"
        let sentenceData = try Self.optionalContents(sentenceFile)
        maximumLength = min(
            try Self.sentenceLength(sentenceData, file: sentenceFile)
                ?? configuration.maximumPositions,
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

    /// The contents of a file an encoder may do without; nil when there is none.
    private static func optionalContents(_ path: String) throws(EncoderError) -> Data? {
        FileManager.default.fileExists(atPath: path) ? try contents(path) : nil
    }

    /// The object in a file that may be missing; one that is cut off is no reason to guess.
    private static func object(
        _ json: Data?,
        file: String
    ) throws(EncoderError) -> [String: Any] {
        guard let json else { return [:] }
        guard let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw EncoderError(
                .encoderFile,
                "encoder file \"\(file)\": not a JSON object; expected settings of the encoder; received \(json.count) bytes. Copy it again, or remove it to use what `bert-base-uncased` has."
            )
        }
        return object
    }

    private static func settings(
        _ json: Data?,
        file: String
    ) throws(EncoderError) -> WordPieceTokenizer.Settings {
        let object = try object(json, file: file)
        var settings = WordPieceTokenizer.Settings()
        settings.isLowercased = object["do_lower_case"] as? Bool ?? settings.isLowercased
        settings.stripsAccents = object["strip_accents"] as? Bool
        settings.separatesChinese = object["tokenize_chinese_chars"] as? Bool ?? true
        return settings
    }

    private static func sentenceLength(
        _ json: Data?,
        file: String
    ) throws(EncoderError) -> Int? {
        let object = try object(json, file: file)
        guard let value = object["max_seq_length"], !(value is NSNull) else { return nil }
        guard let length = value as? Int, length >= 2 else {
            throw EncoderError(
                .encoderFile,
                "encoder file \"\(file)\", `max_seq_length`: out of range; expected a whole number of at least 2; received \(value)."
            )
        }
        return length
    }
}
