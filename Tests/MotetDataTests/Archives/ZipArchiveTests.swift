import Foundation
import Testing

@testable import MotetData

@Suite("Archives") struct ZipArchiveTests {
    /// Made by Python's `zipfile`: a folder, a stored, a deflated and an empty file, and a comment.
    private static let bytes = [UInt8](
        Data(
            base64Encoded: """
                UEsDBBQAAAAAAAAAIVAAAAAAAAAAAAAAAAAEAAAAc2V0L1BLAwQUAAAAAAAAACFQDzaiJg0AAAANAAAADgAAAH\
                NldC9zdG9yZWQudHh0a2VwdCBhcyBpdCBpc1BLAwQUAAAACAAAACFQH6h0lQ8AAADIAAAAEAAAAHNldC9kZWZs\
                YXRlZC50eHRLTE/MzFNIzEtRSBzSLABQSwMEFAAAAAAAAAAhUAAAAAAAAAAAAAAAAA0AAABzZXQvZW1wdHkudH\
                h0UEsBAhQDFAAAAAAAAAAhUAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAIABAAAAAHNldC9QSwECFAMUAAAAAAAA\
                ACFQDzaiJg0AAAANAAAADgAAAAAAAAAAAAAAgAEiAAAAc2V0L3N0b3JlZC50eHRQSwECFAMUAAAACAAAACFQH6\
                h0lQ8AAADIAAAAEAAAAAAAAAAAAAAAgAFbAAAAc2V0L2RlZmxhdGVkLnR4dFBLAQIUAxQAAAAAAAAAIVAAAAAA\
                AAAAAAAAAAANAAAAAAAAAAAAAACAAZgAAABzZXQvZW1wdHkudHh0UEsFBgAAAAAEAAQA5wAAAMMAAAAJAGEgY2\
                9tbWVudA==
                """
        ) ?? Data()
    )
    private static let contents = [
        "set/stored.txt": "kept as it is", "set/empty.txt": "",
        "set/deflated.txt": String(repeating: "again and ", count: 20),
    ]

    /// The files of an archive by name.
    private func read(_ bytes: [UInt8]) throws -> [String: String] {
        let folder = try TemporaryFolder()
        let archive = try ZipArchive(folder.write("a.zip", Data(bytes)))
        var files: [String: String] = [:]
        for entry in archive.entries {
            files[entry.name] = String(decoding: try archive.contents(of: entry), as: UTF8.self)
        }
        return files
    }

    @Test func storedAndDeflatedFilesAreRead() throws {
        #expect(try read(Self.bytes) == Self.contents)
    }

    @Test func anArchiveThatIsCutOffIsRefusedWhereverItIs() throws {
        for length in 0..<Self.bytes.count {
            let error = #expect(throws: TableError.self, "cut off after \(length)") {
                try read(Array(Self.bytes.prefix(length)))
            }
            #expect(error?.code == .fileDamaged)
        }
    }

    /// A byte of a file's content that differs never goes unnoticed; one elsewhere never gives other
    /// contents under an old name.
    @Test func aByteThatDiffersIsNoticed() throws {
        for place in Self.bytes.indices {
            var bytes = Self.bytes
            bytes[place] ^= 0x41
            guard let files = try? read(bytes) else { continue }
            for (name, text) in files where Self.contents[name] != nil {
                #expect(Self.contents[name] == text, "byte \(place)")
            }
        }
    }

    @Test(arguments: [
        (8, 1, "encrypted"), (10, 99, "compression method 99"),
    ])
    func formsThatAreNotReadAreNamed(offset: Int, value: UInt8, word: String) throws {
        // The entry of the deflated file in the directory is the third.
        let starts = Self.bytes.indices.filter {
            Self.bytes[$0...].starts(with: [0x50, 0x4B, 0x01, 0x02])
        }
        var bytes = Self.bytes
        bytes[try #require(starts.dropFirst(2).first) + offset] = value
        let error = #expect(throws: TableError.self) { try read(bytes) }
        #expect(error?.description.contains(word) == true)
        #expect(error?.description.contains("set/deflated.txt") == true)
    }

    @Test func theChecksumIsThatOfTheStandard() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([UInt8]()) == 0)
    }

    @Test func compressedDataThatGivesTooMuchIsRefused() {
        let error = #expect(throws: TableError.self) {
            try Decompression.run(
                .gzip,
                Compressed.gzip,
                who: "a.gz",
                maximumBytes: 8
            )
        }
        #expect(error?.description.contains("more than 8 bytes") == true)
    }

    @Test func gzipDataThatIsCutOffIsRefusedWhereverItIs() {
        // Between its two members it is whole.
        for length in 0..<Compressed.gzip.count where length != 25 {
            let error = #expect(throws: TableError.self, "cut off after \(length)") {
                try Decompression.run(
                    .gzip,
                    Compressed.gzip.prefix(length),
                    who: "a.gz"
                )
            }
            #expect(error?.code == .fileDamaged)
        }
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: TableError.self) { try ZipArchive("/nowhere/a.zip") }
        #expect(error?.code == .fileMissing)
        #expect(error?.description.contains("/nowhere/a.zip") == true)
    }
}
