import Foundation
import Testing

@testable import MotetData

@Suite("File download") struct FileDownloadTests {
    /// Bytes without a pattern that a splice at the wrong place could keep.
    private static let body = (0..<300_000).map {
        UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7)
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }

    private func download(
        _ server: LoopbackServer,
        to folder: TemporaryFolder,
        checksum: DatasetChecksum? = nil
    ) -> FileDownload {
        var download = FileDownload(
            address: server.address,
            destination: folder.path + "/nested/file.bin",
            checksum: checksum ?? .sha256(FileDownloadTests.digest(FileDownloadTests.body))
        )
        download.pauseSeconds = 0
        download.timeoutSeconds = 20
        return download
    }

    private func bytes(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    @Test func bringsTheWholeFileAndLeavesNothingElse() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(FileDownloadTests.body)
        defer { server.stop() }
        var last: (received: Int, total: Int?) = (0, nil)
        let download = download(server, to: folder)
        try download.run { last = ($0, $1) }
        #expect(bytes(download.destination) == FileDownloadTests.body)
        #expect(last.received == FileDownloadTests.body.count)
        #expect(last.total == FileDownloadTests.body.count)
        #expect(try folder.names(in: "nested") == ["file.bin"])
        try download.run { _, _ in }
        #expect(server.requests.count == 1, "a file that is there is not fetched again")
    }

    /// `/dev/full` takes nothing, as a disk without room.
    @Test func aFullDiskIsSaid() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(FileDownloadTests.body)
        defer { server.stop() }
        let download = download(server, to: folder)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/nested",
            withIntermediateDirectories: true
        )
        try FileManager.default.createSymbolicLink(
            atPath: download.destination + ".partial",
            withDestinationPath: "/dev/full"
        )
        let error = #expect(throws: DatasetError.self) { try download.run { _, _ in } }
        #expect(error?.code == .inputOutput)
        let sentence = "\(try #require(error))"
        #expect(
            sentence.contains("it cannot be written: No space left on device; expected the whole"),
            "\(sentence)"
        )
        #expect(sentence.contains("Free some space or choose another folder."))
    }

    @Test func aTransferThatIsCutOffIsResumedWhereItStopped() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(
            FileDownloadTests.body,
            behaviours: [.cutAfter(100_000), .cutAfter(50_000), .whole]
        )
        defer { server.stop() }
        let download = download(server, to: folder)
        try download.run { _, _ in }
        #expect(bytes(download.destination) == FileDownloadTests.body)
        #expect(server.requests.count == 3)
        #expect(server.requests[1].contains("Range: bytes=100000-"))
        #expect(server.requests[2].contains("Range: bytes=150000-"))
    }

    @Test func anotherRunResumesWhatTheFirstReceived() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(FileDownloadTests.body, behaviours: [.cutAfter(100_000)])
        var download = download(server, to: folder)
        download.attempts = 1
        let error = #expect(throws: DatasetError.self) { try download.run { _, _ in } }
        server.stop()
        #expect(error?.code == .downloadFailed)
        #expect(error?.description.contains("100000 bytes are kept") == true)
        #expect(!FileManager.default.fileExists(atPath: download.destination))

        let again = try LoopbackServer(FileDownloadTests.body)
        defer { again.stop() }
        let second = self.download(again, to: folder)
        try second.run { _, _ in }
        #expect(bytes(second.destination) == FileDownloadTests.body)
        #expect(again.requests.first?.contains("Range: bytes=100000-") == true)
    }

    @Test(arguments: [true, false])
    func aNewVersionIsNeverSplicedToAnOldOne(isChecked: Bool) throws {
        let folder = try TemporaryFolder()
        let newer = FileDownloadTests.body.map { ~$0 }
        let server = try LoopbackServer(
            FileDownloadTests.body,
            behaviours: [.cutAfter(100_000), .whole]
        )
        defer { server.stop() }
        let checksum: DatasetChecksum =
            isChecked ? .sha256(FileDownloadTests.digest(newer)) : .unverified
        var download = download(server, to: folder, checksum: checksum)
        download.attempts = 1
        #expect(throws: DatasetError.self) { try download.run { _, _ in } }
        server.replace(newer, tag: "\"two\"")
        try download.run { _, _ in }
        #expect(bytes(download.destination) == newer)
    }

    @Test func aServerThatCannotResumeSendsTheFileAnew() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(
            FileDownloadTests.body,
            behaviours: [.cutAfter(100_000), .ignoresRange]
        )
        defer { server.stop() }
        let download = download(server, to: folder)
        try download.run { _, _ in }
        #expect(bytes(download.destination) == FileDownloadTests.body)
    }

    @Test func withoutATagOrChecksumNothingIsResumed() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(
            FileDownloadTests.body,
            tag: nil,
            behaviours: [.cutAfter(100_000), .whole]
        )
        defer { server.stop() }
        let download = download(server, to: folder, checksum: .unverified)
        try download.run { _, _ in }
        #expect(bytes(download.destination) == FileDownloadTests.body)
        #expect(server.requests.allSatisfy { !$0.contains("Range:") })
    }

    @Test func aWrongChecksumLeavesNoFile() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(FileDownloadTests.body)
        defer { server.stop() }
        let expected = String(repeating: "0", count: 64)
        let download = download(server, to: folder, checksum: .sha256(expected))
        let error = #expect(throws: DatasetError.self) { try download.run { _, _ in } }
        #expect(error?.code == .checksumMismatch)
        #expect(error?.description.contains("expected sha256 \(expected)") == true)
        #expect(try folder.names(in: "nested") == [])
    }

    @Test func aFileDamagedOnTheDiskIsFetchedAgain() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(FileDownloadTests.body)
        defer { server.stop() }
        let download = download(server, to: folder)
        try download.run { _, _ in }
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: download.destination))
        try download.run { _, _ in }
        #expect(bytes(download.destination) == FileDownloadTests.body)
    }

    @Test func aMissingFileIsSaidAtOnce() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(FileDownloadTests.body, behaviours: [.status(404)])
        defer { server.stop() }
        let download = download(server, to: folder)
        let error = #expect(throws: DatasetError.self) { try download.run { _, _ in } }
        #expect(error?.code == .downloadFailed)
        #expect(error?.description.contains("status 404") == true)
        #expect(server.requests.count == 1)
    }

    @Test func aServerInTroubleIsAskedAgain() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(
            FileDownloadTests.body,
            behaviours: [.status(503), .status(503), .whole]
        )
        defer { server.stop() }
        let download = download(server, to: folder)
        try download.run { _, _ in }
        #expect(bytes(download.destination) == FileDownloadTests.body)
        #expect(server.requests.count == 3)
    }

    @Test func aServerThatIsNotThereIsSaidAfterAllTries() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer([])
        server.stop()
        // A port nobody listens on any more; `attempts` connections are refused.
        let download = download(server, to: folder)
        let error = #expect(throws: DatasetError.self) { try download.run { _, _ in } }
        #expect(error?.code == .downloadFailed)
        #expect(error?.description.contains("after 4 tries") == true)
    }
}
