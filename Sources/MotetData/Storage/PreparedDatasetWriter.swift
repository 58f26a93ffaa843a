import Foundation

/// Writes a prepared data set in pieces, column by column.
///
/// Several threads may append to different columns at the same time.
///
/// Everything goes into a folder beside the target, which takes its name only when `finish()` has
/// brought all files to the disk; on any error, and when the writer goes away before, nothing is
/// left.
public final class PreparedDatasetWriter {
    private let path: String
    private let contentKey: String
    private let temporaryPath: String
    private var outputs: [PreparedColumnWriter] = []
    private var isFinished = false

    /// Starts writing.
    ///
    /// - Parameters:
    ///   - path: the folder to make; one that is there is replaced at the end.
    ///   - columns: the columns, by whose index values are appended.
    ///   - contentKey: what the content is made from.
    /// - Throws: `TableError` when the folder cannot be written.
    public init(path: String, columns: [PreparedColumn], contentKey: String) throws {
        self.path = path
        self.contentKey = contentKey
        temporaryPath = "\(path).partial-\(getpid())"
        let names = columns.map(\.name)
        guard Set(names).count == names.count else {
            throw TableError(
                .columnNames,
                "\(path): column names are doubled; expected each once; received \(names)."
            )
        }
        for column in columns {
            guard let mistake = column.kind.mistake else { continue }
            throw TableError(.tableOption, "\(path), column \"\(column.name)\": \(mistake).")
        }
        try? FileManager.default.removeItem(atPath: temporaryPath)
        do {
            try FileManager.default.createDirectory(
                atPath: temporaryPath,
                withIntermediateDirectories: true
            )
        } catch { throw writeError(temporaryPath) }
        outputs = try columns.enumerated().map { index, column in
            let stem = "\(index)_" + PreparedDatasetWriter.fileStem(column.name)
            return try PreparedColumnWriter(column, folder: temporaryPath, stem: stem)
        }
    }

    deinit { if !isFinished { discard() } }

    private static func fileStem(_ name: String) -> String {
        String(
            name.unicodeScalars.prefix(80).map { scalar in
                let isPlain =
                    scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                return isPlain ? Character(scalar) : "_"
            }
        )
    }

    /// Appends rows of a float column.
    ///
    /// - Parameters:
    ///   - floats: values row by row; a multiple of the column's width.
    ///   - column: the column's index.
    /// - Throws: `TableError` when they cannot be written.
    public func append(_ floats: UnsafeBufferPointer<Float>, to column: Int) throws {
        let width = outputs[column].column.kind.width
        precondition(
            outputs[column].column.kind == .float32(width: width)
                && floats.count.isMultiple(of: width),
            "PreparedDatasetWriter: column \(column) does not take \(floats.count) floats."
        )
        try guarded { try outputs[column].append(floats) }
    }

    /// Appends rows of an integer column.
    ///
    /// - Parameters:
    ///   - integers: values row by row; a multiple of the column's width.
    ///   - column: the column's index.
    /// - Throws: `TableError` when they cannot be written.
    public func append(_ integers: UnsafeBufferPointer<Int32>, to column: Int) throws {
        let kind = outputs[column].column.kind
        precondition(
            kind.isInteger && integers.count.isMultiple(of: kind.width),
            "PreparedDatasetWriter: column \(column) does not take \(integers.count) integers."
        )
        try guarded { try outputs[column].append(integers) }
    }

    /// Appends rows of a column of bytes.
    ///
    /// - Parameters:
    ///   - bytes: values row by row, not scaled; a multiple of the column's width.
    ///   - column: the column's index.
    /// - Throws: `TableError` when they cannot be written.
    public func append(_ bytes: UnsafeBufferPointer<UInt8>, to column: Int) throws {
        let kind = outputs[column].column.kind
        precondition(
            kind.byteScale != nil && bytes.count.isMultiple(of: kind.width),
            "PreparedDatasetWriter: column \(column) does not take \(bytes.count) bytes."
        )
        try guarded { try outputs[column].append(bytes) }
    }

    /// Appends rows of a ragged column of integers.
    ///
    /// - Parameters:
    ///   - values: the values that the offsets point into.
    ///   - offsets: row `r` has `values[offsets[r] ..< offsets[r + 1]]`; one more than there are rows.
    ///   - column: the column's index.
    /// - Throws: `TableError` when they cannot be written.
    public func append(
        _ values: UnsafeBufferPointer<Int32>,
        offsets: UnsafeBufferPointer<Int32>,
        to column: Int
    ) throws {
        try appendRagged(values, offsets, to: column, .ragged)
    }

    /// Appends rows of a ragged column of floats.
    ///
    /// - Parameters:
    ///   - values: the values that the offsets point into.
    ///   - offsets: row `r` has `values[offsets[r] ..< offsets[r + 1]]`; one more than there are rows.
    ///   - column: the column's index.
    /// - Throws: `TableError` when they cannot be written.
    public func append(
        _ values: UnsafeBufferPointer<Float>,
        offsets: UnsafeBufferPointer<Int32>,
        to column: Int
    ) throws {
        try appendRagged(values, offsets, to: column, .raggedFloat32)
    }

    private func appendRagged<Element: BitwiseCopyable>(
        _ values: UnsafeBufferPointer<Element>,
        _ offsets: UnsafeBufferPointer<Int32>,
        to column: Int,
        _ kind: PreparedKind
    ) throws {
        precondition(
            outputs[column].column.kind == kind,
            "PreparedDatasetWriter: column \(column) is not \(kind)."
        )
        try guarded { try outputs[column].append(values, rows: offsets) }
    }

    /// Brings everything to the disk and gives the folder its name.
    ///
    /// - Returns: the data set, mapped.
    /// - Throws: `TableError` when columns differ in their rows or the disk fails.
    public func finish() throws -> PreparedDataset {
        try guarded {
            let rowCount = outputs.first?.rowCount ?? 0
            for output in outputs where output.rowCount != rowCount {
                throw TableError(
                    .rowCount,
                    "\(path), column \"\(output.column.name)\": number of rows differs; expected "
                        + "\(rowCount) as in \"\(outputs[0].column.name)\"; received \(output.rowCount)."
                )
            }
            var files = [PreparedManifest.Column?](repeating: nil, count: outputs.count)
            try files.withUnsafeMutableBufferPointer { files in
                let files = files
                try waitingInParallel(outputs.count) { files[$0] = try outputs[$0].finish() }
            }
            let manifest = PreparedManifest(
                contentKey: contentKey,
                rowCount: rowCount,
                columns: files.compactMap { $0 }
            )
            try write(manifest)
            try moveIntoPlace()
        }
        isFinished = true
        return try PreparedDataset(path: path, contentKey: contentKey)
    }

    private func write(_ manifest: PreparedManifest) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let file = try PreparedFileWriter(folder: temporaryPath, name: PreparedManifest.fileName)
        let data = try encoder.encode(manifest)
        try Array(data).withUnsafeBufferPointer { try file.append($0) }
        _ = try file.finish()
        try synchronize(folder: temporaryPath)
    }

    private func moveIntoPlace() throws {
        let old = temporaryPath + ".old"
        if FileManager.default.fileExists(atPath: path) {
            guard rename(path, old) == 0 else { throw writeError(path) }
        }
        guard rename(temporaryPath, path) == 0 else {
            let error = writeError(path)
            _ = rename(old, path)
            throw error
        }
        try? FileManager.default.removeItem(atPath: old)
        try synchronize(folder: (path as NSString).deletingLastPathComponent)
    }

    /// Runs `body`; when it fails, nothing stays on the disk.
    private func guarded(_ body: () throws -> Void) throws {
        do { try body() } catch {
            discard()
            throw error
        }
    }

    private func discard() { try? FileManager.default.removeItem(atPath: temporaryPath) }
}

/// Brings the names in a folder to the disk.
func synchronize(folder: String) throws {
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw writeError(folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw writeError(folder) }
}
