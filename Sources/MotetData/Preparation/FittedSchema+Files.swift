public import Foundation

extension FittedSchema {
    /// A fingerprint of the schema and of all that was learnt.
    public var contentHash: String {
        var hash = ContentHash()
        hash.add([UInt8]((try? headData()) ?? Data()))
        return hash.hexadecimal
    }

    /// Writes the fitted schema as files: `fitted.json`, and `vocabularies/<feature>.txt` with one
    /// value a line in order of the ids from 1.
    ///
    /// - Parameter folder: where; made if it is not there.
    /// - Throws: ``PreparationError`` with the code `cannot_write`.
    public func save(to folder: URL) throws {
        do {
            try write(to: folder)
        } catch {
            throw PreparationError.cannotWrite(folder.path, error)
        }
    }

    private func write(to folder: URL) throws {
        let vocabularyFolder = folder.appendingPathComponent("vocabularies", isDirectory: true)
        try FileManager.default.createDirectory(
            at: vocabularyFolder,
            withIntermediateDirectories: true
        )
        let names = vocabularies.keys.sorted()
        try waitingInParallel(names.count) { index in
            try vocabularies[names[index]]?.fileContents().write(
                to: vocabularyFolder.appendingPathComponent(names[index] + ".txt"),
                options: .atomic
            )
        }
        try headData().write(to: folder.appendingPathComponent("fitted.json"), options: .atomic)
    }

    /// Reads what ``save(to:)`` wrote.
    ///
    /// - Parameter folder: where the files are.
    /// - Throws: ``PreparationError`` where a file is missing or damaged.
    public init(folder: URL) throws {
        let head = folder.appendingPathComponent("fitted.json")
        guard let data = try? Data(contentsOf: head) else {
            throw Self.damaged(head, "cannot be read")
        }
        guard let file = try? JSONDecoder().decode(Head.self, from: data) else {
            throw Self.damaged(head, "is not the JSON that was written")
        }
        self = file.fitted
        let entries = file.vocabularies
        var read = [Vocabulary?](repeating: nil, count: entries.count)
        try read.withUnsafeMutableBufferPointer { read in
            let read = read
            try inParallel(entries.count) { read[$0] = try Self.vocabulary(entries[$0], folder) }
        }
        for (entry, vocabulary) in zip(entries, read) { vocabularies[entry.name] = vocabulary }
        guard vocabularyHash == file.vocabularyHash else {
            throw Self.damaged(head, "and the vocabularies do not belong together")
        }
    }

    private static func vocabulary(_ entry: Head.Entry, _ folder: URL) throws -> Vocabulary {
        let path = folder.appendingPathComponent("vocabularies/\(entry.name).txt")
        guard let data = try? Data(contentsOf: path) else {
            throw Self.damaged(path, "cannot be read")
        }
        guard let vocabulary = Vocabulary(fileContents: data), vocabulary.count == entry.count
        else { throw Self.damaged(path, "does not hold the \(entry.count) values written") }
        return vocabulary
    }

    /// What `fitted.json` holds.
    private struct Head: Codable {
        struct Entry: Codable {
            var name: String
            var count: Int
        }

        var format = 1
        var fitted: FittedSchema
        var vocabularies: [Entry]
        var vocabularyHash: String
    }

    private var vocabularyHash: String {
        var hash = ContentHash()
        for name in vocabularies.keys.sorted() {
            hash.add([UInt8](name.utf8))
            guard let vocabulary = vocabularies[name] else { continue }
            hash.add(vocabulary.bytes)
            vocabulary.offsets.withUnsafeBytes { hash.add([UInt8]($0)) }
        }
        return hash.hexadecimal
    }

    private func headData() throws -> Data {
        var bare = self
        bare.vocabularies = [:]
        let head = Head(
            fitted: bare,
            vocabularies: vocabularies.keys.sorted().map {
                .init(name: $0, count: vocabularies[$0]?.count ?? 0)
            },
            vocabularyHash: vocabularyHash
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(head)
    }

    private static func damaged(_ file: URL, _ problem: String) -> PreparationError {
        PreparationError(
            "damaged_file",
            "fitted schema \"\(file.path)\": the file \(problem); expected a file as preparation "
                + "wrote it; received another. Prepare the data again."
        )
    }
}
