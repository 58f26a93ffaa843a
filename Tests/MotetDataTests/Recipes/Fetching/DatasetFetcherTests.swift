import Foundation
import Testing

@testable import MotetData

@Suite("Dataset fetcher") struct DatasetFetcherTests {
    private func card(_ origin: DatasetOrigin, _ files: [DatasetFile]) -> DatasetCard {
        DatasetCard(
            name: "made_up",
            title: "Made up",
            origin: origin,
            licence: DatasetLicence("none", .stated),
            size: "1 row",
            tasks: ["x"],
            scenarios: "none",
            layouts: [files],
            page: "docs/data/made-up.md"
        )
    }

    @Test func filesOfAddressesComeIntoTheDataSetsFolder() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer(Array("a,b\n1,2\n".utf8))
        defer { server.stop() }
        let file = DatasetFile("rows", path: "deep/rows.csv", address: server.address)
        let card = card(.addresses(homepage: server.address), [file])
        let fetcher = DatasetFetcher(cache: folder.path)
        var notes: [String] = []
        let files = try fetcher.fetch(card) { event in
            if case .note(let note) = event { notes.append(note) }
        }
        #expect(files.paths["rows"] == "\(folder.path)/made_up/deep/rows.csv")
        #expect(notes == ["fetching \(server.address) (checksum unverified)"])
        _ = try fetcher.fetch(card)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: ["rows.csv", "deep/rows.csv"])
    func whereNothingCameNothingStays(path: String) throws {
        let folder = try TemporaryFolder()
        // Nobody listens on the port of the discard service.
        let address = "http://127.0.0.1:9/rows.csv"
        let file = DatasetFile("rows", path: path, address: address)
        var fetcher = DatasetFetcher(cache: folder.path + "/out/original")
        fetcher.attempts = 1
        let card = card(.addresses(homepage: address), [file])
        #expect(throws: DatasetError.self) { try fetcher.fetch(card) }
        #expect(try folder.names(in: "out") == [])
    }

    @Test func aFolderThatCannotBeMadeIsSaid() throws {
        let folder = try TemporaryFolder()
        let taken = try folder.write("taken", "a file")
        let server = try LoopbackServer([1])
        defer { server.stop() }
        let file = DatasetFile("rows", path: "rows.csv", address: server.address)
        let addresses = card(.addresses(homepage: server.address), [file])
        for card in [addresses, card(.package(package(.unverified)), [file])] {
            let error = #expect(throws: DatasetError.self) {
                try DatasetFetcher(cache: taken).fetch(card)
            }
            #expect(error?.code == .inputOutput)
            #expect(error?.description.contains("cannot be made") == true)
        }
    }

    /// Makes a wheel that holds one file, with Python's own library.
    private func makeWheel(_ folder: TemporaryFolder) throws -> String {
        let script = """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1] + "/made_up-1.0-py3-none-any.whl", "w") as wheel:
                wheel.writestr("made_up/data/rows.csv", "a,b\\n1,2\\n")
                info = "made_up-1.0.dist-info/"
                wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: made-up\\nVersion: 1.0\\n")
                wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                wheel.writestr(info + "RECORD", "")
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, folder.path]
        try process.run()
        process.waitUntilExit()
        return try SHA256.ofFile(folder.path + "/made_up-1.0-py3-none-any.whl")
    }

    private func package(_ checksum: DatasetChecksum) -> DatasetPackage {
        DatasetPackage(
            registry: .pypi,
            name: "made_up",
            version: "1.0",
            archive: "made_up-1.0-py3-none-any.whl",
            checksum: checksum
        )
    }

    @Test func packagesAreCheckedAndUnpacked() throws {
        let (registry, cache) = (try TemporaryFolder(), try TemporaryFolder())
        let digest = try makeWheel(registry)
        let package = package(.sha256(digest))
        var download = PackageDownload(package: package, folder: cache.path)
        download.arguments = ["--no-index", "--find-links", registry.path]
        let unpacked = try download.run { _ in }
        let card = card(.package(package), [DatasetFile("rows", path: "rows.csv")])
        let files = try DatasetFiles.locate(card, in: unpacked)
        #expect(files.paths["rows"] == unpacked + "/made_up/data/rows.csv")
        // What is there is used again, whatever became of the registry.
        download.arguments = ["--no-index"]
        #expect(try download.run { _ in } == unpacked)
    }

    @Test func aPackageWithAnotherChecksumIsNotKept() throws {
        let (registry, cache) = (try TemporaryFolder(), try TemporaryFolder())
        _ = try makeWheel(registry)
        let expected = String(repeating: "0", count: 64)
        var download = PackageDownload(package: package(.sha256(expected)), folder: cache.path)
        download.arguments = ["--no-index", "--find-links", registry.path]
        let error = #expect(throws: DatasetError.self) { try download.run { _ in } }
        #expect(error?.code == .checksumMismatch)
        #expect(cache.contents == [])
    }

    @Test func aRegistryWithoutThePackageIsSaid() throws {
        let cache = try TemporaryFolder()
        var download = PackageDownload(package: package(.unverified), folder: cache.path)
        download.arguments = ["--no-index"]
        let error = #expect(throws: DatasetError.self) { try download.run { _ in } }
        #expect(error?.code == .downloadFailed)
        #expect(error?.description.contains("No matching distribution") == true)
        #expect(cache.contents == [])
    }

    @Test func aMachineWithoutPythonIsSaid() throws {
        let cache = try TemporaryFolder()
        var download = PackageDownload(package: package(.unverified), folder: cache.path)
        download.python = "python-that-is-not-there"
        let error = #expect(throws: DatasetError.self) { try download.run { _ in } }
        #expect(error?.code == .downloadFailed)
        #expect(error?.description.contains("Install Python 3 with pip") == true)
    }
}
