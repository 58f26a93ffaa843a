public import MotetCore

/// Sentences from social media with named entities, most of them unseen before.
public struct WNUT17: Sendable {
    /// The tags of tokens: outside, and the first and further tokens of entities of six types.
    public static let tags = TagSet(
        .bio,
        types: ["corporation", "creative-work", "group", "location", "person", "product"]
    )

    /// The official training sentences.
    public let train: TaggedText
    /// The official development sentences.
    public let validation: TaggedText
    /// The official test sentences.
    public let test: TaggedText

    /// Reads the data set.
    ///
    /// - Parameter files: the three files, as they are or compressed by gzip.
    /// - Throws: ``TextError`` naming file and line; ``TableError`` where a file cannot be read.
    public init(_ files: DatasetFiles) throws {
        train = try TaggedText(file: files.path("train"), tags: WNUT17.tags)
        validation = try TaggedText(file: files.path("validation"), tags: WNUT17.tags)
        test = try TaggedText(file: files.path("test"), tags: WNUT17.tags)
    }

    /// Reads the data set from a folder that holds it.
    ///
    /// - Parameter folder: its own folder, or one that holds it as `wnut17`.
    /// - Throws: ``DatasetError`` that names missing files; as the other initialiser.
    public init(folder: String) throws {
        try self.init(DatasetFiles.locate(WNUT17Recipe().card, in: folder))
    }

    /// The official split without sentences that come again in a later part.
    ///
    /// Such a sentence stays in the last one only, in the order train, validation, test: the test part is
    /// whole.
    public var parts: DatasetParts<TaggedSentence> {
        let texts = [train, validation, test].map(\.sentences)
        let all = texts.flatMap { $0 }
        let given = zip(RecipePart.allCases, texts).flatMap { part, sentences in
            sentences.map { _ in part }
        }
        let (last, repeated) = Repetition.lastParts(all.map(\.tokens), given)
        func rows(_ wanted: RecipePart) -> [TaggedSentence] {
            zip(all, last).filter { $1 == wanted }.map(\.0)
        }
        return DatasetParts(
            train: rows(.train),
            validation: rows(.validation),
            test: rows(.test),
            repeated: repeated
        )
    }
}
