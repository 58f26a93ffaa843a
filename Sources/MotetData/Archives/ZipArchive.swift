import Foundation

/// The files of a zip archive, read from its central directory.
///
/// Files are stored or deflated. An archive that is encrypted, split, larger than 4 GiB (Zip64) or
/// compressed otherwise is refused with a sentence; sizes and checksums are verified.
///
/// - Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", version 6.3.10, sections 4.3 and 4.4.
struct ZipArchive {
    /// A file of the archive.
    struct Entry: Hashable {
        /// Its path in the archive.
        let name: String
        fileprivate let method: UInt16
        fileprivate let isEncrypted: Bool
        fileprivate let checksum: UInt32
        fileprivate let compressedSize: Int
        fileprivate let size: Int
        fileprivate let offset: Int
    }

    /// The files in the order of the directory; folders are left out.
    let entries: [Entry]
    private let path: String
    private let bytes: [UInt8]

    /// Opens an archive.
    ///
    /// - Parameter path: the file.
    /// - Throws: ``TableError`` where it cannot be read or is no whole zip archive.
    init(_ path: String) throws(TableError) {
        self.path = path
        bytes = [UInt8](try Decompression.contents(of: path))
        entries = try ZipArchive.directory(bytes, path)
    }

    /// The content of a file.
    ///
    /// - Parameter entry: one of ``entries``.
    /// - Returns: its bytes.
    /// - Throws: ``TableError`` where it cannot be decompressed or its checksum differs.
    func contents(of entry: Entry) throws(TableError) -> Data {
        let who = "\(path), file \"\(entry.name)\""
        guard !entry.isEncrypted, entry.method == 0 || entry.method == 8 else {
            throw ZipArchive.damaged(
                who,
                "is of a form that is not read; expected stored or deflated data",
                entry.isEncrypted ? "an encrypted file" : "compression method \(entry.method)"
            )
        }
        let header = entry.offset
        guard ZipArchive.number(bytes, header, 4) == 0x0403_4B50,
            let nameLength = ZipArchive.number(bytes, header + 26, 2),
            let extraLength = ZipArchive.number(bytes, header + 28, 2)
        else {
            throw ZipArchive.damaged(who, "has no header; expected one", "other bytes there")
        }
        let start = header + 30 + nameLength + extraLength
        guard start + entry.compressedSize <= bytes.count else {
            throw ZipArchive.damaged(
                who,
                "is cut off; expected \(entry.compressedSize) bytes",
                "\(max(0, bytes.count - start))"
            )
        }
        var data = Data(bytes[start..<start + entry.compressedSize])
        if entry.method == 8 {
            data = try Decompression.run(
                .deflate,
                data,
                who: who,
                maximumBytes: max(entry.size, 1)
            )
        }
        guard data.count == entry.size, CRC32.of(data) == entry.checksum else {
            throw ZipArchive.damaged(
                who,
                "is damaged; expected \(entry.size) bytes with the directory's checksum",
                "\(data.count) bytes with another"
            )
        }
        return data
    }

    /// Reads the central directory, found through the record at the archive's end.
    private static func directory(
        _ bytes: [UInt8],
        _ path: String
    ) throws(TableError) -> [Entry] {
        guard let end = endRecord(bytes), let count = number(bytes, end + 10, 2),
            let start = number(bytes, end + 16, 4)
        else {
            throw damaged(
                path,
                "is no zip archive or is cut off; expected a directory at its end",
                "\(bytes.count) bytes without one"
            )
        }
        guard count != 0xFFFF, start != 0xFFFF_FFFF, number(bytes, end + 4, 2) == 0 else {
            throw damaged(
                path,
                "is of a form that is not read; expected one part below 4 GiB",
                "a split or Zip64 archive"
            )
        }
        var entries: [Entry] = []
        var place = start
        for index in 0..<count {
            guard let entry = entry(bytes, &place) else {
                throw damaged(
                    path,
                    "has a damaged directory; expected \(count) entries",
                    "\(index) whole ones"
                )
            }
            if !entry.name.hasSuffix("/") { entries.append(entry) }
        }
        return entries
    }

    /// Where the last record stands: it ends with a comment of at most 65,535 bytes.
    private static func endRecord(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 22 else { return nil }
        let earliest = max(0, bytes.count - 22 - 0xFFFF)
        return stride(from: bytes.count - 22, through: earliest, by: -1).first { place in
            number(bytes, place, 4) == 0x0605_4B50
                && number(bytes, place + 20, 2) == bytes.count - place - 22
        }
    }

    private static func entry(_ bytes: [UInt8], _ place: inout Int) -> Entry? {
        guard number(bytes, place, 4) == 0x0201_4B50,
            let flags = number(bytes, place + 8, 2), let method = number(bytes, place + 10, 2),
            let checksum = number(bytes, place + 16, 4),
            let compressedSize = number(bytes, place + 20, 4),
            let size = number(bytes, place + 24, 4),
            let nameLength = number(bytes, place + 28, 2),
            let extraLength = number(bytes, place + 30, 2),
            let commentLength = number(bytes, place + 32, 2),
            let offset = number(bytes, place + 42, 4),
            place + 46 + nameLength <= bytes.count
        else { return nil }
        let name = bytes[(place + 46)..<(place + 46 + nameLength)]
        place += 46 + nameLength + extraLength + commentLength
        return Entry(
            name: String(decoding: name, as: UTF8.self),
            method: UInt16(method),
            isEncrypted: flags & 1 != 0,
            checksum: UInt32(checksum),
            compressedSize: compressedSize,
            size: size,
            offset: offset
        )
    }

    /// A number of some bytes, the lowest first; nil behind the end.
    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int? {
        guard place >= 0, place + count <= bytes.count else { return nil }
        return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    private static func damaged(_ who: String, _ what: String, _ received: String) -> TableError {
        TableError(
            .fileDamaged,
            "\(who): \(what); received \(received). Fetch the archive again."
        )
    }
}
