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

    private static let hasDebianTools = FileManager.default.isExecutableFile(
        atPath: "/usr/bin/dpkg-deb"
    )

    private func debianPackage(_ checksum: DatasetChecksum) -> DatasetPackage {
        DatasetPackage(
            registry: .debian,
            name: "made-up",
            version: "1.0-1",
            archive: "made-up_1.0-1_all.deb",
            checksum: checksum
        )
    }

    /// Makes a Debian package of one file, with Debian's own tool.
    private func makeDebianPackage(_ folder: TemporaryFolder) throws -> String {
        let source = try TemporaryFolder()
        let control = """
            Package: made-up
            Version: 1.0-1
            Architecture: all
            Maintainer: Nobody <nobody@example.org>
            Description: made up

            """
        _ = try source.write("DEBIAN/control", control)
        _ = try source.write("usr/share/datasets/made-up/rows.csv", "a,b\n1,2\n")
        let archive = folder.path + "/made-up_1.0-1_all.deb"
        let tool = FetchingTool(purpose: "test", expected: archive, remedy: "")
        try tool.run("dpkg-deb", ["--root-owner-group", "--build", source.path, archive])
        return archive
    }

    @Test(.enabled(if: hasDebianTools, "dpkg-deb is not here"))
    func packagesOfDebianAreCheckedAndUnpacked() throws {
        let cache = try TemporaryFolder()
        let archive = try makeDebianPackage(cache)
        let package = debianPackage(.sha256(try SHA256.ofFile(archive)))
        let unpacked = try PackageDownload(package: package, folder: cache.path).run { _ in }
        let path = "usr/share/datasets/made-up/rows.csv"
        let files = try DatasetFiles.locate(
            card(.package(package), [DatasetFile("rows", path: path)]),
            in: unpacked
        )
        #expect(files.paths["rows"] == "\(unpacked)/\(path)")
        let other = try TemporaryFolder()
        _ = try makeDebianPackage(other)
        let wrong = debianPackage(.sha256(String(repeating: "0", count: 64)))
        let error = #expect(throws: DatasetError.self) {
            try PackageDownload(package: wrong, folder: other.path).run { _ in }
        }
        #expect(error?.code == .checksumMismatch)
        #expect(other.contents == [])
    }

    @Test func aMachineWithoutAptIsSaid() throws {
        let cache = try TemporaryFolder()
        var download = PackageDownload(package: debianPackage(.unverified), folder: cache.path)
        download.apt = "apt-get-that-is-not-there"
        let error = #expect(throws: DatasetError.self) { try download.run { _ in } }
        #expect(error?.code == .downloadFailed)
        #expect(error?.description.contains("Run `apt-get update`") == true)
    }

    @Test func archivesAreUnpackedOnce() throws {
        let (source, cache) = (try TemporaryFolder(), try TemporaryFolder())
        _ = try makeWheel(source)
        let path = source.path + "/made_up-1.0-py3-none-any.whl"
        let server = try LoopbackServer([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
        defer { server.stop() }
        let archive = DatasetArchive(address: server.address, folder: "made_up/data")
        let card = card(
            .archive(archive, homepage: server.address),
            [DatasetFile("rows", path: "rows.csv")]
        )
        #expect(card.isUnverified)
        let fetcher = DatasetFetcher(cache: cache.path)
        for _ in 0..<2 {
            let files = try fetcher.fetch(card)
            #expect(files.paths["rows"]?.hasSuffix("unpacked/made_up/data/rows.csv") == true)
        }
        #expect(server.requests.count == 1)
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
