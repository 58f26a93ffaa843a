import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("IDX files") struct IDXFileTests {
    /// The bytes of a file.
    static func file(_ shape: [Int], _ values: [UInt8], type: UInt8 = 8) -> Data {
        var bytes: [UInt8] = [0, 0, type, UInt8(shape.count)]
        for size in shape {
            for place in 0..<4 {
                bytes.append(UInt8(truncatingIfNeeded: size >> (24 - 8 * place)))
            }
        }
        return Data(bytes + values)
    }

    /// The bytes as gzip writes them; through a file, because a pipe holds only so much.
    static func compressed(_ data: Data) throws -> Data {
        let folder = try TemporaryFolder()
        let path = try folder.write("x", data)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", path]
        try process.run()
        process.waitUntilExit()
        return try Data(contentsOf: URL(fileURLWithPath: path + ".gz"))
    }

    private func values(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
    }

    @Test(arguments: [[6], [2, 5, 3], [2, 3, 4, 3]], [false, true])
    func sizesAndValuesAreRead(shape: [Int], isCompressed: Bool) throws {
        let folder = try TemporaryFolder()
        let values = values(shape.reduce(1, *))
        let data = Self.file(shape, values)
        let path = try folder.write("x", isCompressed ? Self.compressed(data) : data)
        let file = try IDXFile(path: path)
        #expect(file.shape == shape)
        #expect(file.bytes == values)
    }

    @Test func picturesKeepTheirOrderAndChannels() throws {
        let folder = try TemporaryFolder()
        let colour = try folder.write("c", Self.file([2, 3, 4, 3], values(72)))
        let stack = try IDXFile(path: colour).pictures(name: "c")
        let sizes: [Int] = [stack.count, stack.height, stack.width, stack.channels]
        #expect(sizes == [2, 3, 4, 3])
        #expect(stack[1][2, 3, 1] == values(72)[36 + (2 * 4 + 3) * 3 + 1])
        let grey = try folder.write("g", Self.file([2, 5, 3], values(30)))
        #expect(try IDXFile(path: grey).pictures(name: "g").channels == 1)
        let labels = try folder.write("l", Self.file([3], [4, 0, 9]))
        #expect(try IDXFile(path: labels).numbers(count: 3, name: "l") == [4, 0, 9])
        #expect(throws: ImageError.self) { try IDXFile(path: labels).numbers(count: 4, name: "l") }
        let none = #expect(throws: ImageError.self) {
            try IDXFile(path: labels).pictures(name: "l")
        }
        #expect(none?.code == .imageSize)
        let deep = try folder.write("d", Self.file([1, 2, 2, 5], values(20)))
        let channels = #expect(throws: ImageError.self) {
            try IDXFile(path: deep).pictures(name: "d")
        }
        #expect(channels?.code == .imageChannels)
    }

    @Test(arguments: [false, true]) func everyCutOffFileIsRefused(isCompressed: Bool) throws {
        let folder = try TemporaryFolder()
        let data = Self.file([3, 4, 5], values(60))
        let whole = try isCompressed ? Self.compressed(data) : data
        for count in 0..<whole.count {
            let path = try folder.write("x", whole.prefix(count))
            let error = #expect(throws: ImageError.self, "\(count) bytes") {
                try IDXFile(path: path)
            }
            #expect(error?.code == .fileDamaged)
            #expect(error?.description.hasPrefix(path + ": ") == true)
        }
    }

    @Test func otherFilesAreRefusedInASentence() throws {
        let folder = try TemporaryFolder()
        func message(_ data: Data) throws -> String? {
            let path = try folder.write("x", data)
            let error = #expect(throws: ImageError.self) { try IDXFile(path: path) }
            return error?.description.replacing(path + ": ", with: "")
        }
        let floats = try message(Self.file([1, 1, 1], values(4), type: 0x0D))
        #expect(
            floats == "the type is not read; expected 8 (bytes), as IDX files have it; received 13."
        )
        let long = try message(Self.file([2], [1, 2, 3]))
        #expect(long?.hasPrefix("the file goes on; expected an end after 2 values") == true)
        let text = try message(Data("image,label\n".utf8))
        #expect(text?.hasPrefix("the first bytes are wrong") == true)
        // A header that lies about sizes takes no memory for them.
        let huge = try message(Self.file([1 << 20, 1 << 14, 1], [1]))
        #expect(huge?.hasPrefix("the file is cut off; expected 17179869184 values") == true)
        let more = try message(Self.file([1 << 30, 1 << 30, 1 << 30], [1]))
        #expect(more?.hasPrefix("the sizes are out of range") == true)
        let missing = #expect(throws: ImageError.self) { try IDXFile(path: "/nowhere/x.gz") }
        #expect(missing?.code == .fileMissing)
    }
}
