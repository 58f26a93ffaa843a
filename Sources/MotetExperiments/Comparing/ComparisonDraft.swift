import Foundation
import MotetConfiguration

/// A comparison's file before its cells are put together.
struct ComparisonDraft {
    /// A change of the experiment: another value at a place.
    struct Edit: Hashable {
        let path: [String]
        let value: ConfigurationNode
        let line: Int
    }

    /// Something to choose along an axis, or a variant.
    struct Option: Hashable {
        let name: String
        let line: Int
        let edits: [Edit]
    }

    /// What varies, and its options.
    struct Axis: Hashable {
        let path: String
        let options: [Option]
    }

    let name: String
    let seeds: [UInt64]
    let axes: [Axis]
    let variants: [Option]
    let singleTask: String
    let search: ScalarisationSearch?
    /// The line of the section with the baselines.
    let baselinesLine: Int
    let budget: Comparison.Budget
    let selection: ComparisonCriterion?
    let selectionLine: Int
    /// The experiment that cells change.
    let base: ConfigurationDocument
    /// What relative paths of the experiment start from.
    let baseFolder: String

    init(
        reading reader: ConfigurationReader,
        folder: String,
        root: ConfigurationNode
    ) throws {
        name = reader.string("name")
        if !Self.isName(name) {
            reader.fail("name", Self.badName("the comparison", name))
        }
        seeds = Self.seeds(reader)
        axes = reader.section(orEmpty: "grid") { grid in
            grid.keys.map { Self.axis($0, grid) }
        }
        variants = reader.section(orEmpty: "variants") { variants in
            variants.keys.map { Self.variant($0, variants) }
        }
        if axes.isEmpty, variants.isEmpty {
            reader.fail(
                nil,
                "there is nothing to compare; expected `grid` or `variants`; received neither.",
                code: .missingKey
            )
        }
        (singleTask, search) = reader.section("baselines") { baselines in
            (
                baselines.string("single_task"),
                baselines.section(ifPresent: Comparison.tunedName) {
                    ScalarisationSearch(reading: $0)
                }
            )
        }
        baselinesLine = root.line(ofKey: "baselines")
        budget = reader.section(orEmpty: "budget") { Comparison.Budget(reading: $0) }
        selection = reader.parsed(ifPresent: "select") { try ComparisonCriterion(parsing: $0) }
        selectionLine = root.line(ofKey: "select")
        (base, baseFolder) = try Self.base(reader, folder)
    }

    /// `base: experiment.yaml`, or the experiment itself under `experiment`.
    private static func base(
        _ reader: ConfigurationReader,
        _ folder: String
    ) throws -> (ConfigurationDocument, folder: String) {
        let path = reader.string(ifPresent: "base")
        let inline = reader.value("experiment")
        if (path == nil) == (inline == nil) {
            reader.fail(
                "base",
                "what is compared is not clear; expected one of `base` (an experiment's file) and "
                    + "`experiment`; received \(path == nil ? "neither" : "both").",
                code: path == nil ? .missingKey : .unusableValue
            )
        }
        if let path {
            let file = path.hasPrefix("/") || folder.isEmpty ? path : folder + "/" + path
            let document = try ConfigurationDocument(contentsOf: URL(fileURLWithPath: file))
            return (document, (file as NSString).deletingLastPathComponent)
        }
        let root = inline?.node ?? ConfigurationNode(.map([]))
        return (ConfigurationDocument(root, name: ""), folder)
    }

    private static func seeds(_ reader: ConfigurationReader) -> [UInt64] {
        let seeds = reader.integers(
            "seeds",
            default: [1, 2, 3],
            count: .atLeast(1),
            in: .atLeast(0)
        )
        .map { UInt64($0.magnitude) }
        if Set(seeds).count < seeds.count {
            reader.fail(
                "seeds",
                "one seed stands there twice; expected each once; received \(seeds)."
            )
        }
        return seeds.isEmpty ? [1] : seeds
    }

    /// `training.weighting: [fixed, dwa]`, or options by name.
    private static func axis(_ path: String, _ grid: ConfigurationReader) -> Axis {
        guard let value = grid.value(path) else {
            grid.fail(path, "no options; expected a list, or a map of options by name.")
            return Axis(path: path, options: [])
        }
        checkPath(path, path, grid)
        var options: [Option] = []
        func add(_ name: String, _ node: ConfigurationNode, _ line: Int) {
            let edit = Edit(path: keys(path), value: node, line: line)
            options.append(Option(name: name, line: line, edits: [edit]))
        }
        switch value.node.content {
        case .list(let nodes):
            for node in nodes { add(node["name"]?.text ?? node.text, node, node.line) }
        case .map(let entries):
            for entry in entries { add(entry.key, entry.value, entry.line) }
        default:
            grid.fail(path, "expected a list, or a map of options by name; received one value.")
        }
        for option in options where !isName(option.name) {
            grid.fail(path, badName("an option", option.name))
        }
        let names = options.map(\.name)
        if Set(names).count < names.count {
            grid.fail(path, "one option stands there twice; expected each once; received \(names).")
        }
        return Axis(path: path, options: options)
    }

    /// `name: { model: {...}, training.early_stopping: {...} }`.
    private static func variant(_ name: String, _ variants: ConfigurationReader) -> Option {
        if !isName(name) { variants.fail(name, badName("a variant", name)) }
        guard let value = variants.value(name) else {
            return Option(name: name, line: 0, edits: [])
        }
        guard case .map(let entries) = value.node.content else {
            variants.fail(name, "expected a map of what differs from the base; received one value.")
            return Option(name: name, line: value.node.line, edits: [])
        }
        let edits = entries.map { entry in
            checkPath(entry.key, name, variants)
            return Edit(path: keys(entry.key), value: entry.value, line: entry.line)
        }
        return Option(name: name, line: value.node.line, edits: edits)
    }

    private static func keys(_ path: String) -> [String] {
        path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// What a comparison holds fixed may not vary.
    private static func checkPath(_ path: String, _ key: String, _ reader: ConfigurationReader) {
        switch keys(path).first {
        case "data":
            reader.fail(
                key,
                "`data` cannot vary: a comparison is on one data set. Make another file."
            )
        case "seed": reader.fail(key, "`seed` cannot vary here. Write them under `seeds`.")
        case "name", "evaluation":
            reader.fail(key, "`\(path)` cannot vary: it is the same for all cells.")
        default: break
        }
    }

    /// Whether a name can be one of a folder, and joined by `+`.
    private static func isName(_ name: String) -> Bool {
        guard let first = name.first, first.isLetter || first.isNumber else { return false }
        return name.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) }
    }

    private static func badName(_ what: String, _ name: String) -> String {
        "cannot name \(what); expected letters, digits, `_`, `-` and `.`, a letter or digit first; "
            + "received \"\(name)\"."
    }
}

extension ConfigurationNode {
    /// The line of a key of a map, 0 if it has none.
    fileprivate func line(ofKey key: String) -> Int {
        guard case .map(let entries) = content else { return 0 }
        return entries.first { $0.key == key }?.line ?? 0
    }
}

extension Comparison.Budget {
    fileprivate init(reading reader: ConfigurationReader) {
        minutes = reader.number(ifPresent: "minutes", in: .atLeast(0))
        gigabytes = reader.number(ifPresent: "gigabytes", in: .atLeast(0))
        parallel = reader.integer(ifPresent: "parallel", in: .between(1, 1024))
        threads = reader.integer("threads", default: 1, in: .between(1, 1024))
    }
}
