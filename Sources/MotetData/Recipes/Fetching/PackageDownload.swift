import Foundation

/// Fetches the archive of a package through its registry's own client and unpacks it; nothing is
/// installed.
struct PackageDownload {
    /// The package.
    let package: DatasetPackage
    /// The folder the archive and its content go into.
    let folder: String
    /// The Python that has `pip`.
    var python = "python3"
    /// The client of Debian's archive.
    var apt = "apt-get"
    /// More arguments for `pip download`, such as where to look; a user's own settings hold anyway.
    var arguments: [String] = []

    /// Fetches and unpacks the package, unless that is done already.
    ///
    /// - Parameter progress: told what happens.
    /// - Returns: the folder that holds the unpacked package.
    /// - Throws: ``DatasetError`` with the code `download_failed` or `checksum_mismatch`.
    func run(progress: (DatasetEvent) -> Void) throws -> String {
        let manager = FileManager.default
        let unpacked = "\(folder)/\(package.name)-\(package.version)"
        if manager.fileExists(atPath: unpacked) { return unpacked }
        try RecipeFolder.make(folder)
        let archive = "\(folder)/\(package.archive)"
        if !manager.fileExists(atPath: archive) {
            let registry = package.registry.rawValue
            progress(.note("fetching \(package.name) \(package.version) from \(registry)"))
            // pip leaves a part of the archive by its name where the disk is full.
            let incoming = folder + "/incoming.partial"
            defer { try? manager.removeItem(atPath: incoming) }
            try RecipeFolder.make(incoming)
            try fetch(into: incoming)
            try? manager.moveItem(atPath: "\(incoming)/\(package.archive)", toPath: archive)
        }
        try check(archive)
        let partial = unpacked + ".partial"
        try? manager.removeItem(atPath: partial)
        defer { try? manager.removeItem(atPath: partial) }
        switch package.registry {
        case .pypi: try tool.run(python, ["-m", "zipfile", "-e", archive, partial])
        case .debian: try tool.run("dpkg-deb", ["--extract", archive, partial])
        }
        try manager.moveItem(atPath: partial, toPath: unpacked)
        return unpacked
    }

    private func fetch(into incoming: String) throws {
        switch package.registry {
        case .pypi:
            try tool.run(
                python,
                [
                    "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                    "--no-deps", "--only-binary", ":all:", "--dest", incoming,
                ] + arguments + ["\(package.name)==\(package.version)"]
            )
        case .debian:
            // apt checks the archive against the signed list of packages, and leaves it where it works.
            try tool.run(apt, ["download", "\(package.name)=\(package.version)"], in: incoming)
        }
    }

    private var tool: FetchingTool {
        let remedy =
            switch package.registry {
            case .pypi: "Install Python 3 with pip and check the connection"
            case .debian:
                "Run `apt-get update` on a Debian or Ubuntu machine and check the connection"
            }
        return FetchingTool(
            purpose: "package \"\(package.name)\"",
            expected: package.archive,
            remedy: remedy + ", or name a folder that holds the files."
        )
    }

    private func check(_ archive: String) throws {
        guard FileManager.default.fileExists(atPath: archive) else {
            throw DatasetError(
                .downloadFailed,
                "package \"\(package.name)\": the registry gave another archive; expected "
                    + "\(package.archive); received no such file in \(folder)."
            )
        }
        guard case .sha256(let expected) = package.checksum else { return }
        let digest = try SHA256.ofFile(archive)
        guard digest != expected else { return }
        try? FileManager.default.removeItem(atPath: archive)
        throw DatasetError(
            .checksumMismatch,
            "package \"\(package.name)\": the archive is not the one this recipe was written for; "
                + "expected sha256 \(expected); received \(digest). It was not kept."
        )
    }
}
