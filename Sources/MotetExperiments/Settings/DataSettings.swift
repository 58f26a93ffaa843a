import Foundation
import MotetConfiguration
public import MotetData

/// Where the rows are, and what their columns besides features and labels mean.
public struct DataSettings: Hashable, Sendable {
    /// The training files, or the files a split takes all parts from: files, folders and patterns.
    public var train: [String]
    /// The validation files, empty where a split makes the part or there is none.
    public var validation: [String]
    /// The test files, empty where a split makes the part or there is none.
    public var test: [String]
    /// Files of their own for some tasks.
    public var taskFiles: [TaskFiles]
    /// The files' format, or nil when their names tell it.
    public var format: TableFormat?
    /// How CSV files are to be read.
    public var csv: CSVOptions
    /// How one set of files becomes parts.
    public var split: SplitSpecification
    /// Which column tells the scenario of a row.
    public var scenario: ScenarioSpecification?
    /// The column of sample weights.
    public var sampleWeight: String?
    /// The column whose values group rows, such as the user.
    public var group: String?
    /// Columns carried along to predictions.
    public var keep: [String]
    /// How rows are repaired, changed and dropped.
    public var cleaning: [CleaningRule]
    /// Where prepared data is kept.
    public var cache: String

    init(reading reader: ConfigurationReader, folder: String) {
        func absolute(_ path: String) -> String { Self.absolute(path, in: folder) }
        func files(_ key: String) -> [String] {
            reader.strings(key, default: [], count: .atLeast(1), allowsOne: true).map(absolute)
        }
        let all = files("files")
        train = files("train")
        validation = files("validation")
        test = files("test")
        taskFiles =
            reader.list(ifPresent: "sources", count: .atLeast(1)) { value in
                value.section { TaskFiles(reading: $0, folder: folder) }
            } ?? []
        split =
            reader.variant(ifPresent: "split", of: SplitSpecification.names) {
                SplitSpecification(reading: $1, name: $0)
            } ?? .given
        format = reader.value("format")?.choice(of: TableFormat.allCases.map { ($0.rawValue, $0) })
        csv = reader.section(orEmpty: "csv") { CSVOptions(reading: $0) }
        scenario = reader.section(ifPresent: "scenario") { ScenarioSpecification(reading: $0) }
        sampleWeight = reader.string(ifPresent: "sample_weight")
        group = reader.string(ifPresent: "group")
        keep = reader.strings("keep", default: [], allowsOne: true)
        cleaning =
            reader.list(ifPresent: "cleaning") { value in
                value.variant(of: CleaningRule.names) { CleaningRule(reading: $1, name: $0) }
            } ?? []
        cache = absolute(reader.string("cache", default: ".motet-cache"))
        checkFiles(reader, all)
    }

    /// `files` with a split, or `train` with or without other files.
    private mutating func checkFiles(_ reader: ConfigurationReader, _ all: [String]) {
        switch (all.isEmpty, train.isEmpty) {
        case (true, true):
            reader.fail(
                nil,
                "no training rows; expected `train`, or `files` with a `split`; received neither.",
                code: .missingKey
            )
        case (false, false):
            reader.fail("files", "`train` is given too; expected one of them; received both.")
        case (false, true):
            if split == .given {
                reader.fail(
                    "files",
                    "nothing says which rows are for training; expected `split` beside it; "
                        + "received none. Write `train` if all rows are for training."
                )
            }
            train = all
        case (true, false): break
        }
    }

    /// A path that does not depend on the folder a program runs in.
    static func absolute(_ path: String, in folder: String) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        let base =
            whole.hasPrefix("/")
            ? whole : FileManager.default.currentDirectoryPath + "/" + whole
        return (base as NSString).standardizingPath
    }

    /// Whether there are rows to validate on.
    public var hasValidation: Bool {
        !validation.isEmpty || split.makes(part: .validation)
            || taskFiles.contains { !$0.validation.isEmpty }
    }

    /// The files by part.
    public var sources: DataSources {
        DataSources(
            training: source(train),
            validation: validation.isEmpty ? nil : source(validation),
            test: test.isEmpty ? nil : source(test)
        )
    }

    /// The files of some tasks by part.
    func sources(_ files: TaskFiles) -> DataSources {
        DataSources(
            training: source(files.train),
            validation: files.validation.isEmpty ? nil : source(files.validation),
            test: files.test.isEmpty ? nil : source(files.test)
        )
    }

    /// Other files, read like those of the experiment.
    public func source(_ paths: [String]) -> TableSource {
        TableSource(paths, format: format, csv: csv)
    }

    /// The settings as a tree that reads back equal.
    var node: ConfigurationNode {
        func paths(_ paths: [String]) -> ConfigurationNode? {
            paths.isEmpty ? nil : .strings(paths)
        }
        return .map([
            ("train", paths(train)),
            ("validation", paths(validation)),
            ("test", paths(test)),
            ("sources", taskFiles.isEmpty ? nil : .list(taskFiles.map(\.node))),
            ("format", format.map { .string($0.rawValue) }),
            ("csv", csv == CSVOptions() ? nil : csv.node),
            ("split", split.node),
            ("scenario", scenario?.node),
            ("sample_weight", sampleWeight.map(ConfigurationNode.string)),
            ("group", group.map(ConfigurationNode.string)),
            ("keep", keep.isEmpty ? nil : .strings(keep)),
            ("cleaning", cleaning.isEmpty ? nil : .list(cleaning.map(\.node))),
            ("cache", .string(cache)),
        ])
    }
}
