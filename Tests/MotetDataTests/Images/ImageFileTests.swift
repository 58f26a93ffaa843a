import Foundation
import MotetCore
import MotetTestSupport
import Testing

@testable import MotetData

/// The files of `Tests/Goldens/images`, made by Pillow.
enum PictureGoldens {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Goldens/images/pictures").path

    static let exact = [
        "grey.png", "rgb.png", "grey_alpha.png", "rgb_alpha.png", "palette.png", "one_bit.png",
        "grey16.png",
    ]
    static let lossy = ["grey.jpg", "rgb.jpg", "rgb_420.jpg", "progressive.jpg"]

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    }
}

@Suite("Picture files") struct ImageFileTests {
    let golden = try? GoldenFile("images/images.safetensors")

    @Test(arguments: PictureGoldens.exact + PictureGoldens.lossy)
    func filesDecodeToTheirPixels(name: String) throws {
        let expected = try #require(golden?.tensor("read", name))
        let image = try Image(path: "\(PictureGoldens.folder)/\(name)")
        try #require([image.height, image.width, image.channels] == expected.shape)
        let worst = zip(image.bytes, expected.integers).map { abs(Int32($0) - $1) }.max() ?? 0
        // PNG is exact. libjpeg-turbo versions differ by a level in how they turn colours around and
        // widen chroma.
        #expect(worst <= (name.hasSuffix("png") ? 0 : 2), "\(name): \(worst) levels")
    }

    @Test(arguments: ["rgb.png", "rgb.jpg"])
    func greyWeighsColoursAsPillow(name: String) throws {
        let expected = try #require(golden?.tensor("grey", name))
        let read = try #require(golden?.tensor("read", name))
        let image = try Image(
            height: read.shape[0],
            width: read.shape[1],
            channels: 3,
            bytes: read.integers.map { UInt8($0) }
        )
        #expect(image.grey.bytes.map(Int32.init) == expected.integers)
        #expect(image.grey.grey == image.grey)
        #expect(image.grey.rgb.grey == image.grey)
    }

    @Test(arguments: 1...4) func whatIsWrittenAsPNGIsReadAgain(channels: Int) throws {
        var numbers = RandomKey(seed: 4).generator()
        let bytes = (0..<5 * 7 * channels).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        let image = try Image(height: 5, width: 7, channels: channels, bytes: bytes)
        let folder = try TemporaryFolder()
        try image.write(to: folder.path + "/x.png")
        #expect(try Image(path: folder.path + "/x.png") == image)
    }

    @Test func whatIsWrittenAsJPEGIsReadAlmostAgain() throws {
        let image = try Image(path: PictureGoldens.folder + "/rgb.png")
        let folder = try TemporaryFolder()
        for picture in [image, image.grey] {
            try picture.write(to: folder.path + "/x.jpg", quality: 95)
            let read = try Image(path: folder.path + "/x.jpg")
            try #require(read.bytes.count == picture.bytes.count)
            let mean =
                zip(read.bytes, picture.bytes).map { abs(Double($0) - Double($1)) }
                .reduce(0, +) / Double(read.bytes.count)
            #expect(mean < 8, "\(mean)")
        }
        let error = #expect(throws: ImageError.self) {
            try Image(height: 1, width: 1, colour: [1, 2]).encoded(as: .jpeg)
        }
        #expect(error?.code == .imageChannels)
    }

    /// Every shorter beginning of a file is refused, or, where only its end mark is missing, the same
    /// picture; none is a picture with grey stripes.
    @Test(arguments: ["rgb.png", "grey16.png", "palette.png", "rgb.jpg", "progressive.jpg"])
    func filesThatAreCutOffAreRefused(name: String) throws {
        let whole = try PictureGoldens.bytes(name)
        let image = try Image(encoded: whole, name: name)
        var refused = 0
        for count in 0..<whole.count {
            do throws(ImageError) {
                let read = try Image(encoded: Array(whole.prefix(count)), name: name)
                #expect(read == image, "\(count) of \(whole.count) bytes")
            } catch {
                refused += 1
                #expect(error.code == .imageDamaged)
                #expect(error.description.hasPrefix("image \"\(name)\": the f"))
            }
        }
        #expect(refused > whole.count * 9 / 10)
    }

    /// A changed byte may make another picture, but never a crash.
    @Test(arguments: ["rgb.png", "rgb.jpg", "progressive.jpg"])
    func damagedFilesAreRefusedOrRead(name: String) throws {
        let whole = try PictureGoldens.bytes(name)
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 0x55
            _ = try? Image(encoded: bytes, name: name)
        }
    }

    @Test func otherFilesAreRefusedInASentence() throws {
        let cmyk = #expect(throws: ImageError.self) {
            try Image(path: PictureGoldens.folder + "/cmyk.jpg")
        }
        #expect(cmyk?.code == .imageChannels)
        #expect(cmyk?.description.contains("received 4 components") == true)
        let text = #expect(throws: ImageError.self) {
            try Image(encoded: Array("<html>".utf8), name: "a.png")
        }
        #expect(
            text?.description
                == "image \"a.png\": the format is not known; expected the first bytes of a PNG or "
                + "JPEG; received others."
        )
        let missing = #expect(throws: ImageError.self) { try Image(path: "/nowhere/a.png") }
        #expect(missing?.code == .fileMissing)
    }

    /// A header that promises 2 to the power of 38 pixels, with a correct checksum.
    @Test func picturesTooLargeAreRefusedBeforeMemoryIsTaken() throws {
        var bytes = try PictureGoldens.bytes("grey.png")
        // Width and height follow 8 bytes of signature, 4 of length, 4 of name.
        for place in 16..<24 { bytes[place] = (place % 4 == 1) ? 0x07 : 0xFF }
        for place in [16, 20] { bytes[place] = 0 }
        let checksum = crc(bytes[12..<29])
        for place in 0..<4 {
            bytes[29 + place] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32(place)))
        }
        let error = #expect(throws: ImageError.self) { try Image(encoded: bytes, name: "x") }
        #expect(error?.code == .imageSize)
        #expect(error?.description.contains("received 524287 x 524287 pixels") == true)
    }

    private func crc(_ bytes: some Collection<UInt8>) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
