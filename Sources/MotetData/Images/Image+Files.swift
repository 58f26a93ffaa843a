import CImages
import Foundation
import MotetCore

extension Image {
    /// A format of picture files.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// Exact; with alpha if need be.
        case png = "PNG"
        /// Inexact and smaller; grey or RGB.
        case jpeg = "JPEG"

        /// The format of a file by its first bytes, or nil.
        init?(firstBytes bytes: some Collection<UInt8>) {
            if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
                self = .png
            } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
                self = .jpeg
            } else {
                return nil
            }
        }
    }

    /// Reads a PNG or JPEG file; which of them, its first bytes tell.
    ///
    /// Grey stays grey, palettes are looked up, numbers of 16 bits are rounded to 8, alpha is kept as a
    /// channel. Colours are taken as they stand (sRGB); the orientation a camera notes is not applied.
    ///
    /// - Parameter path: the file.
    /// - Throws: `file_missing` when it cannot be read, else as `init(encoded:name:)`.
    public init(path: String) throws(ImageError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw ImageError(
                .fileMissing,
                "image \"\(path)\": cannot be read; expected a PNG or JPEG file; received "
                    + "\"\(SystemReason.text(of: error))\"."
            )
        }
        try self.init(encoded: [UInt8](data), name: path)
    }

    /// Decodes a PNG or JPEG.
    ///
    /// - Parameters:
    ///   - encoded: the bytes of the file.
    ///   - name: what the picture is called in sentences.
    /// - Throws: `image_damaged` when the bytes are no whole picture, `image_channels` for colours that
    ///   are for printing (CMYK), `image_size` for more than `Image.mostPixels`.
    public init(encoded: [UInt8], name: String) throws(ImageError) {
        guard let format = Format(firstBytes: encoded) else {
            throw ImageError(
                .imageDamaged,
                "image \"\(name)\": the format is not known; expected the first bytes of a PNG or "
                    + "JPEG; received \(encoded.isEmpty ? "an empty file" : "others")."
            )
        }
        var image = MotetImage()
        let message = ImageMessage()
        let status = encoded.withUnsafeBufferPointer { bytes in
            let read = format == .png ? motet_image_read_png : motet_image_read_jpeg
            return read(
                bytes.baseAddress,
                bytes.count,
                Int64(Image.mostPixels),
                &image,
                message.start
            )
        }
        defer { motet_image_free(image.bytes) }
        guard status == MOTET_IMAGE_OK, let bytes = image.bytes else {
            throw Image.error(status, message.text, format, name)
        }
        let (height, width) = (Int(image.height), Int(image.width))
        let channels = Int(image.channels)
        let count = height * width * channels
        self.init(
            height,
            width,
            channels,
            Array(UnsafeBufferPointer(start: bytes, count: count))
        )
    }

    private static func error(
        _ status: MotetImageStatus,
        _ message: String,
        _ format: Format,
        _ name: String
    ) -> ImageError {
        switch status {
        case MOTET_IMAGE_TOO_LARGE:
            ImageError(
                .imageSize,
                "image \"\(name)\": there are too many pixels; expected at most \(mostPixels); "
                    + "received \(message)."
            )
        case MOTET_IMAGE_UNSUPPORTED:
            ImageError(
                .imageChannels,
                "image \"\(name)\": the colours are not read; expected grey or RGB; received "
                    + "\(message). Convert it first."
            )
        default:
            ImageError(
                .imageDamaged,
                "image \"\(name)\": the file is damaged or cut off; expected a whole "
                    + "\(format.rawValue); received \"\(message)\"."
            )
        }
    }

    /// The picture as the bytes of a file.
    ///
    /// - Parameters:
    ///   - format: PNG, or JPEG of grey or RGB.
    ///   - quality: from 1 to 100, for JPEG.
    /// - Returns: the bytes.
    /// - Throws: `image_channels` for a JPEG with alpha.
    public func encoded(as format: Format, quality: Int = 90) throws(ImageError) -> [UInt8] {
        var memory: UnsafeMutablePointer<UInt8>?
        var count = 0
        let message = ImageMessage()
        let (height, width, channels) = (Int64(height), Int64(width), Int64(channels))
        let quality = Int32(min(max(quality, 1), 100))
        let status = bytes.withUnsafeBufferPointer { bytes in
            switch format {
            case .png:
                motet_image_write_png(
                    bytes.baseAddress,
                    height,
                    width,
                    channels,
                    &memory,
                    &count,
                    message.start
                )
            case .jpeg:
                motet_image_write_jpeg(
                    bytes.baseAddress,
                    height,
                    width,
                    channels,
                    quality,
                    &memory,
                    &count,
                    message.start
                )
            }
        }
        defer { motet_image_free(memory) }
        guard status == MOTET_IMAGE_OK, let memory else {
            throw ImageError(
                .imageChannels,
                "image: cannot be encoded; expected 1 or 3 channels for JPEG, 1 to 4 for PNG; "
                    + "received \(channels) (\(message.text))."
            )
        }
        return Array(UnsafeBufferPointer(start: memory, count: count))
    }

    /// Writes a file; it appears whole or not at all.
    ///
    /// - Parameters:
    ///   - path: the file; PNG, or JPEG if it ends in `.jpg` or `.jpeg`.
    ///   - quality: from 1 to 100, for JPEG.
    /// - Throws: `image_channels` for a JPEG with alpha, `input_output` when the file cannot be written.
    public func write(to path: String, quality: Int = 90) throws(ImageError) {
        let isJPEG = [".jpg", ".jpeg"].contains { path.lowercased().hasSuffix($0) }
        let data = Data(try encoded(as: isJPEG ? .jpeg : .png, quality: quality))
        do { try data.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw ImageError(
                .inputOutput,
                "image \"\(path)\": cannot be written; expected a place that may be written to; "
                    + "received \"\(SystemReason.text(of: error))\"."
            )
        }
    }
}

/// The room for a sentence of a C function.
final class ImageMessage {
    private let memory = UnsafeMutableBufferPointer<CChar>.allocate(
        capacity: Int(MOTET_IMAGE_MESSAGE)
    )

    init() { memory.initialize(repeating: 0) }

    deinit { memory.deallocate() }

    var start: UnsafeMutablePointer<CChar>? { memory.baseAddress }

    var text: String {
        let bytes = memory.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
