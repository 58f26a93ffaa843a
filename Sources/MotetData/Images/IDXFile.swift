import CImages
import Foundation
import MotetCore

/// An array of bytes in the format of MNIST's files: two zero bytes, 8 for bytes, the number of sizes,
/// each size as 4 bytes with the greatest first, then the values with the last size running fastest.
///
/// Pictures have 3 sizes, `[N, H, W]`, or 4, `[N, H, W, C]`; labels have one.
public struct IDXFile: Hashable, Sendable {
    /// The sizes.
    public let shape: [Int]
    /// The values.
    public let bytes: [UInt8]

    /// Reads a file, plain or compressed by gzip.
    ///
    /// - Parameter path: the file.
    /// - Throws: `file_missing` when it cannot be opened, `file_damaged` when it is no such file, holds
    ///   another type than bytes, is cut off or goes on behind its end.
    public init(path: String) throws(ImageError) {
        let reader = try GzipReader(path: path)
        let head = try reader.read(4)
        guard head.count == 4, head[0] == 0, head[1] == 0 else {
            throw reader.damaged("the first bytes are wrong", "0 0 8 and a number of sizes", head)
        }
        guard head[2] == 8 else {
            throw reader.damaged("the type is not read", "8 (bytes)", head[2])
        }
        let rank = Int(head[3])
        guard (1...4).contains(rank) else {
            throw reader.damaged("the number of sizes is out of range", "1 to 4", rank)
        }
        let numbers = try reader.read(4 * rank)
        guard numbers.count == 4 * rank else {
            throw reader.damaged("the file is cut off", "\(rank) sizes", "\(numbers.count) bytes")
        }
        let shape = (0..<rank).map { size in
            numbers[4 * size..<4 * size + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        var count = 1
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows, product <= IDXFile.mostBytes else {
                throw reader.damaged(
                    "the sizes are out of range",
                    "at most \(IDXFile.mostBytes) values",
                    shape
                )
            }
            count = product
        }
        let bytes = try reader.read(count)
        guard bytes.count == count else {
            throw reader.damaged("the file is cut off", "\(count) values", bytes.count)
        }
        guard try reader.read(1).isEmpty else {
            throw reader.damaged("the file goes on", "an end after \(count) values", "more")
        }
        self.shape = shape
        self.bytes = bytes
    }

    /// The most values of a file.
    static let mostBytes = 1 << 36

    /// The pictures of a file with 3 or 4 sizes.
    ///
    /// - Parameter name: what they are called in sentences.
    /// - Returns: the pictures, grey where there are 3 sizes.
    /// - Throws: `image_size` when the file holds no pictures, `image_channels` for more than 4 channels.
    public func pictures(name: String) throws(ImageError) -> ImageStack {
        guard shape.count >= 3, shape.allSatisfy({ $0 > 0 }) else {
            throw ImageError(
                .imageSize,
                "images \"\(name)\": the file holds no pictures; expected sizes [N, H, W] or "
                    + "[N, H, W, C]; received \(shape)."
            )
        }
        return try ImageStack(
            count: shape[0],
            height: shape[1],
            width: shape[2],
            channels: shape.count == 4 ? shape[3] : 1,
            bytes: bytes,
            name: name
        )
    }

    /// The numbers of a file with one size.
    ///
    /// - Parameters:
    ///   - count: how many there must be.
    ///   - name: what they are called in sentences.
    /// - Returns: the numbers.
    /// - Throws: `file_damaged` when there are other sizes.
    public func numbers(count: Int, name: String) throws(ImageError) -> [UInt8] {
        guard shape == [count] else {
            throw ImageError(
                .fileDamaged,
                "labels \"\(name)\": the sizes are wrong; expected [\(count)]; received \(shape)."
            )
        }
        return bytes
    }
}

/// Reads a file from its beginning, decompressing it if need be.
private final class GzipReader {
    private let path: String
    private let file: OpaquePointer
    private let message = ImageMessage()

    init(path: String) throws(ImageError) {
        guard let file = motet_gzip_open(path, message.start) else {
            throw ImageError(
                .fileMissing,
                "\(path): cannot be opened; expected an IDX file; received \"\(message.text)\"."
            )
        }
        self.path = path
        self.file = file
    }

    deinit { motet_gzip_close(file) }

    /// The next bytes; fewer than asked for at the end only.
    ///
    /// Memory grows with what is there, not with what a damaged header promises.
    func read(_ count: Int) throws(ImageError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let start = bytes.count
            let wanted = min(count - start, max(1 << 24, start))
            bytes.append(contentsOf: repeatElement(0, count: wanted))
            let received = bytes.withUnsafeMutableBufferPointer { buffer in
                motet_gzip_read(
                    file,
                    buffer.baseAddress.map { $0 + start },
                    Int64(wanted),
                    message.start
                )
            }
            guard received >= 0 else {
                throw ImageError(
                    .fileDamaged,
                    "\(path): the file is damaged or cut off; expected \(count) more bytes; "
                        + "received \"\(message.text)\"."
                )
            }
            bytes.removeLast(wanted - Int(received))
            if received < wanted { break }
        }
        return bytes
    }

    func damaged(_ what: String, _ expected: String, _ received: some Any) -> ImageError {
        ImageError(
            .fileDamaged,
            "\(path): \(what); expected \(expected), as IDX files have it; received \(received)."
        )
    }
}
