/// What a data set is, where it comes from, and what can be learnt from it.
public struct DatasetCard: Hashable, Sendable {
    /// The name in commands, such as `complete_journey`.
    public let name: String
    /// The name in sentences.
    public let title: String
    /// What a reader of any figure made with it must know, or nil.
    public let notice: String?
    /// Where it comes from.
    public let origin: DatasetOrigin
    /// Its licence.
    public let licence: DatasetLicence
    /// How large it is, in words.
    public let size: String
    /// The tasks the prepared files offer.
    public let tasks: [String]
    /// The scenarios the prepared files offer, in words.
    public let scenarios: String
    /// The ways its files may lie in a folder; the first is how they are fetched.
    public let layouts: [[DatasetFile]]
    /// The page that describes the preparation.
    public let page: String

    /// Creates a card.
    public init(
        name: String,
        title: String,
        notice: String? = nil,
        origin: DatasetOrigin,
        licence: DatasetLicence,
        size: String,
        tasks: [String],
        scenarios: String,
        layouts: [[DatasetFile]],
        page: String
    ) {
        self.name = name
        self.title = title
        self.notice = notice
        self.origin = origin
        self.licence = licence
        self.size = size
        self.tasks = tasks
        self.scenarios = scenarios
        self.layouts = layouts
        self.page = page
    }
}

/// Choices of a preparation.
public struct DatasetOptions: Hashable, Sendable {
    /// The most rows to write, or nil for the recipe's own choice; recipes that keep all rows
    /// ignore it.
    public var maximumRows: Int?
    /// The seed of splits and samples.
    public var seed: UInt64

    /// Creates options.
    public init(maximumRows: Int? = nil, seed: UInt64) {
        self.maximumRows = maximumRows
        self.seed = seed
    }

    /// The options the documented figures were made with: seed 2026.
    public static let standard = DatasetOptions(seed: 2026)
}

/// Something to tell a user while a data set is fetched and prepared.
public enum DatasetEvent: Hashable, Sendable {
    /// A sentence.
    case note(String)
    /// So many units of a piece of work are done; the total is nil where nobody knows it.
    case progress(String, done: Int, total: Int?, unit: String)
}

/// A way from the original files of a data set to files a model can be trained on.
///
/// Preparation reads the original files, never changes them, and writes `train.parquet`,
/// `validation.parquet`, `test.parquet` and `experiment.yaml` into a folder. Same files, same
/// options, same bytes.
public protocol DatasetRecipe: Sendable {
    /// What the data set is.
    var card: DatasetCard { get }

    /// Writes the prepared files.
    ///
    /// - Parameters:
    ///   - files: the original files.
    ///   - output: the folder to write into; made if it is not there.
    ///   - options: how many rows, and the seed.
    ///   - progress: told what happens.
    /// - Returns: what was read, counted and written.
    /// - Throws: ``DatasetError`` or ``TableError`` when a file is not what it should be.
    func prepare(
        _ files: DatasetFiles,
        to output: String,
        options: DatasetOptions,
        progress: (DatasetEvent) -> Void
    ) throws -> DatasetReport
}

extension DatasetRecipe {
    /// Prepares the data set from a folder that holds its files.
    ///
    /// - Parameters:
    ///   - folder: the data set's own folder, or one that holds it under its name.
    ///   - output: the folder to write into.
    ///   - options: how many rows, and the seed.
    ///   - progress: told what happens.
    /// - Returns: what was read, counted and written.
    /// - Throws: ``DatasetError`` or ``TableError``.
    public func prepare(
        from folder: String,
        to output: String,
        options: DatasetOptions = .standard,
        progress: (DatasetEvent) -> Void = { _ in }
    ) throws -> DatasetReport {
        let files = try DatasetFiles.locate(card, in: folder)
        return try prepare(files, to: output, options: options, progress: progress)
    }
}
