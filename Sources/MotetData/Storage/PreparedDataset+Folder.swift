import Foundation

extension PreparedDataset {
    /// Maps a prepared data set.
    ///
    /// The sizes of all files are always checked, their content when asked.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - contentKey: what the content must be made from; nil for anything.
    ///   - verifiesChecksums: whether all bytes are read and compared with the manifest.
    /// - Throws: `TableError` with the code `prepared_stale` when the folder is missing, cut off,
    ///   edited, of another version or made from something else; it is then to be made again.
    public convenience init(
        path: String,
        contentKey: String? = nil,
        verifiesChecksums: Bool = false
    ) throws {
        let manifest = try PreparedManifest(folder: path)
        if let contentKey, contentKey != manifest.contentKey {
            throw TableError(
                .preparedStale,
                "\(path): prepared data is of other content; expected the key \"\(contentKey)\"; "
                    + "received \"\(manifest.contentKey)\"."
            )
        }
        func map(_ file: PreparedManifest.File) throws -> PreparedMemory {
            let filePath = path + "/" + file.name
            let memory = try PreparedMemory(mapping: filePath, byteCount: file.byteCount)
            guard !verifiesChecksums || memory.checksum == file.checksum else {
                throw TableError(
                    .preparedStale,
                    "\(filePath): prepared file was changed; expected the checksum "
                        + "\(file.checksum); received \(memory.checksum)."
                )
            }
            return memory
        }
        try manifest.validate(folder: path)
        self.init(
            rowCount: manifest.rowCount,
            columns: manifest.columns.map(\.column),
            contentKey: manifest.contentKey,
            values: try manifest.columns.map { try map($0.values) },
            offsets: try manifest.columns.map { try $0.offsets.map(map) }
        )
    }
}

extension PreparedManifest {
    init(folder: String) throws {
        let path = folder + "/" + PreparedManifest.fileName
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TableError(.preparedStale, "\(path): no such file; expected prepared data.")
        }
        struct Version: Codable { var version: Int }
        let decoder = JSONDecoder()
        guard let version = try? decoder.decode(Version.self, from: data).version else {
            throw TableError(
                .preparedStale,
                "\(path): manifest is damaged; expected JSON with a version. Prepare the data again."
            )
        }
        guard version == PreparedManifest.currentVersion else {
            throw TableError(
                .preparedStale,
                "\(path): prepared data is of another version; expected "
                    + "\(PreparedManifest.currentVersion); received \(version). Prepare it again."
            )
        }
        guard let manifest = try? decoder.decode(PreparedManifest.self, from: data) else {
            throw TableError(
                .preparedStale,
                "\(path): manifest is damaged; expected the fields of version \(version). Prepare "
                    + "the data again."
            )
        }
        self = manifest
    }

    /// Throws when the sizes do not fit the rows, so that no row can be read past a file's end.
    func validate(folder: String) throws(TableError) {
        for entry in columns {
            let column = entry.column
            let isSized = column.kind.isRagged || column.valueCount == rowCount * column.kind.width
            let offsetBytes = column.kind.isRagged ? (rowCount + 1) * 8 : nil
            guard rowCount >= 0, isSized, column.kind.mistake == nil, column.maximumLength >= 0,
                entry.values.byteCount == column.valueCount * column.kind.elementSize,
                entry.offsets?.byteCount == offsetBytes,
                !entry.values.name.contains("/"), entry.offsets?.name.contains("/") != true
            else {
                throw TableError(
                    .preparedStale,
                    "\(folder), column \"\(column.name)\": manifest contradicts itself; expected "
                        + "sizes for \(rowCount) rows. Prepare the data again."
                )
            }
        }
    }
}
