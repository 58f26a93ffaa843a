public import Foundation
import MotetConfiguration

/// Experiments on one data set that are to be compared: what a comparison's file describes.
///
/// Every cell holds a whole experiment, read and checked; ``Comparison/init(contentsOf:)`` throws all
/// problems of all cells at once.
public struct Comparison: Hashable, Sendable {
    /// The name of the cell that the search for weights makes.
    public static let tunedName = "tuned_scalarisation"

    /// One way to do it: a point of the grid, or a variant.
    public struct Cell: Hashable, Sendable {
        /// The name: the chosen options with `+` between them, or the variant's.
        public let name: String
        /// The option of each axis of the grid; empty for variants.
        public let choices: [Choice]
        /// The experiment, with the first seed.
        public let experiment: Experiment
    }

    /// The option of an axis.
    public struct Choice: Hashable, Sendable, Codable {
        /// The keys that lead to what varies, such as `training.weighting`.
        public let axis: String
        /// The name of the option.
        public let option: String
    }

    /// What the runs together may take.
    public struct Budget: Hashable, Sendable {
        /// Minutes after which nothing more is started and what runs is stopped; nil for no limit.
        public var minutes: Double?
        /// Memory of all runs at work together, in GiB; nil for no limit.
        public var gigabytes: Double?
        /// Runs at work at a time; nil for as many as the processors have room for.
        public var parallel: Int?
        /// Threads of each run whose experiment does not say.
        public var threads: Int
    }

    /// The name, also of the folder when none is given.
    public let name: String
    /// The seeds every cell runs with.
    public let seeds: [UInt64]
    /// The cells in their order.
    public let cells: [Cell]
    /// The cell that trains every task alone.
    public let singleTask: String
    /// The search for fixed weights; nil where there is one task only.
    public let search: ScalarisationSearch?
    /// The experiment of the search, with weights still to be set.
    let searched: Experiment?
    /// What the runs together may take.
    public var budget: Budget
    /// What picks the best run; nil picks none.
    public var selection: ComparisonCriterion?

    /// Reads a comparison; paths in it are relative to its folder.
    ///
    /// - Parameter file: the YAML file.
    /// - Throws: `ConfigurationError` with every problem, its line, and the cells it is about.
    public init(contentsOf file: URL) throws {
        let document = try ConfigurationDocument(contentsOf: file)
        let folder = (file.relativePath as NSString).deletingLastPathComponent
        let draft = try document.read { reader in
            try ComparisonDraft(reading: reader, folder: folder, root: document.root)
        }
        let checked = try ComparisonCheck(draft, file: document.name).checked()
        name = draft.name
        seeds = draft.seeds
        cells = checked.cells
        singleTask = draft.singleTask
        search = draft.search
        searched = checked.searched
        budget = draft.budget
        selection = draft.selection
    }

    /// The tasks, which all cells share.
    public var tasks: [TaskSettings] { cells[0].experiment.tasks }

    /// The cell with a name; nil for the search and for names there are not.
    func cell(_ name: String) -> Cell? { cells.first { $0.name == name } }

    /// What runs are made from, as a tree: two comparisons with equal ones may share a folder.
    var node: ConfigurationNode {
        .map([
            ("format", .integer(ComparisonFolder.formatVersion)),
            ("name", .string(name)),
            ("seeds", .list(seeds.map { .integer(Int(clamping: $0)) })),
            (
                "baselines",
                .map([("single_task", .string(singleTask)), (Self.tunedName, search?.node)])
            ),
            ("cells", .map(cells.map { ($0.name, $0.experiment.node) })),
        ])
    }
}
