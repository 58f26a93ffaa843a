import CArrow
import Foundation

/// Decompresses what is small enough to lie in memory.
enum Decompression {
    /// How bytes are compressed.
    enum Form {
        /// A gzip file, of one member or several.
        case gzip
        /// Bare DEFLATE data, as in zip archives.
        case deflate
    }

    /// The most bytes one file may give: a guard against archives made to exhaust memory.
    static let maximumBytes = 1 << 30

    /// The content of a file, decompressed where its name ends in `.gz`.
    ///
    /// - Parameter path: the file.
    /// - Returns: the bytes.
    /// - Throws: ``TableError`` with the code `file_missing` where it cannot be read, `file_damaged`
    ///   where it is cut off or no gzip file.
    static func contents(of path: String) throws(TableError) -> Data {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw TableError(
                .fileMissing,
                "\(path): cannot be read; expected a file; received "
                    + "\"\(SystemReason.text(of: error))\". Check the path."
            )
        }
        guard path.hasSuffix(".gz") else { return bytes }
        return try run(.gzip, bytes, who: path)
    }

    /// The content of a file as text.
    ///
    /// - Parameter path: the file, decompressed where its name ends in `.gz`.
    /// - Returns: the text; bytes that are no UTF-8 become U+FFFD.
    /// - Throws: ``TableError``.
    static func text(of path: String) throws(TableError) -> String {
        String(decoding: try contents(of: path), as: UTF8.self)
    }

    /// Decompresses bytes.
    ///
    /// - Parameters:
    ///   - form: how they are compressed.
    ///   - bytes: all of them.
    ///   - who: what starts the sentence of an error.
    ///   - maximumBytes: the most bytes that may come out.
    /// - Returns: what comes out.
    /// - Throws: ``TableError`` with the code `file_damaged`.
    static func run(
        _ form: Form,
        _ bytes: Data,
        who: String,
        maximumBytes: Int = maximumBytes
    ) throws(TableError) -> Data {
        var output: UnsafeMutablePointer<UInt8>?
        var size: Int64 = 0
        var message: UnsafeMutablePointer<CChar>?
        let status = bytes.withUnsafeBytes { input in
            motet_decompress(
                form == .gzip ? MOTET_COMPRESSION_GZIP : MOTET_COMPRESSION_DEFLATE,
                who,
                input.bindMemory(to: UInt8.self).baseAddress,
                Int64(input.count),
                Int64(maximumBytes),
                &output,
                &size,
                &message
            )
        }
        guard status == MOTET_TABLE_OK, let output else {
            throw TableError(status: status, message: message)
        }
        defer { motet_arrow_free(output) }
        return Data(bytes: output, count: Int(size))
    }
}
