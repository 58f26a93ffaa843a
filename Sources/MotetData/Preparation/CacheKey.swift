import Foundation

/// What a prepared data set was made from; equal keys mean equal prepared data.
struct CacheKey {
    /// Changes whenever the prepared form of the same input would.
    static let formatVersion = 1

    /// The key as the name of a folder.
    let name: String
    /// The files and the states they were in when they were hashed, and when they were first looked
    /// at.
    let files: [(path: String, status: FileFingerprint.Status)]

    init(
        _ schema: Schema,
        _ tables: [(part: DataPart, table: PeekedTable)],
        like fitted: FittedSchema? = nil,
        _ book: inout FingerprintBook
    ) throws {
        var hash = ContentHash()
        var files: [(String, FileFingerprint.Status)] = []
        hash.add(Array("format \(Self.formatVersion)".utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        hash.add([UInt8](try encoder.encode(schema)))
        if let fitted { hash.add(Array("fitted \(fitted.contentHash)".utf8)) }
        for (part, table) in tables {
            let resolved = table.files
            hash.add(Array("\(part.rawValue) \(resolved.format) \(table.source.csv)".utf8))
            for path in resolved.paths {
                let fingerprint = try book.fingerprint(of: path)
                hash.add(Array("\(fingerprint.status.size) \(fingerprint.hash)".utf8))
                files.append((path, fingerprint.status))
                if path == resolved.paths[0], let first = table.firstFile {
                    files.append((path, first))
                }
            }
        }
        name = hash.hexadecimal
        self.files = files
    }

    /// Throws where a file has changed since it was hashed.
    func checkUnchanged() throws {
        for (path, status) in files where FileFingerprint.Status(path: path) != status {
            throw PreparationError(
                "file_changed",
                "\(path): the file changed while it was read; expected it to stay as it was; "
                    + "received another size or time. Prepare the data again."
            )
        }
    }
}
