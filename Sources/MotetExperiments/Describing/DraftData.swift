import Foundation
import MotetData
import MotetTraining

/// The section `data` of a draft.
struct DraftData {
    /// Its lines.
    private(set) var lines = ["data:"]

    init(_ profile: TableProfile, _ roles: DraftRoles, folder: String?) {
        addFiles(profile, roles, folder: folder)
        addFormat(profile)
        if let scenario = roles.scenario {
            let values = scenario.frequent.map(\.value)
            // Rows without a value, or rows nobody looked at, need a scenario too.
            let others = scenario.missing > 0 || profile.isPartial ? ", unknown: other" : ""
            add(
                "scenario: { column: \(DraftText.scalar(scenario.name)), values: "
                    + "\(DraftText.list(values))\(others) }",
                "the name, and \(values.count) values; reports go by it"
            )
        }
        if let weight = roles.weight {
            add("sample_weight: \(DraftText.scalar(weight.name))", weight.guess.reason)
        }
        if let group = roles.group {
            add(
                "group: \(DraftText.scalar(group.name))",
                "the name, and \(group.distinctText) values that come again; gauc ranks within them"
            )
        }
        if !roles.keep.isEmpty {
            add(
                "keep: \(DraftText.list(roles.keep.map(\.name)))",
                Set(roles.keep.map(\.guess.reason)).sorted().joined(separator: "; ")
                    + "; carried along to predictions, no input"
            )
        }
        addCleaning(roles)
    }

    private mutating func add(_ line: String, _ why: String) {
        lines.append(DraftText.line("  " + line, why))
    }

    private mutating func addFiles(_ profile: TableProfile, _ roles: DraftRoles, folder: String?) {
        func path(_ path: String) -> String { Self.path(path, from: folder) }
        if let parts = FileParts(profile.files) {
            lines.append("  train: \(Self.list(parts.training.map(path)))")
            if !parts.validation.isEmpty {
                lines.append("  validation: \(Self.list(parts.validation.map(path)))")
            }
            if !parts.test.isEmpty { lines.append("  test: \(Self.list(parts.test.map(path)))") }
            return
        }
        lines.append("  files: \(Self.list(profile.paths.map(path)))")
        if let time = roles.time {
            add(
                "split: { time_fraction: { column: \(DraftText.scalar(time.name)), validation: 0.1, "
                    + "test: 0.1 } }",
                "the last rows test the model, as in use: \(time.guess.reason)"
            )
        } else {
            add(
                "split: { fraction: { validation: 0.1, test: 0.1, seed: 42 } }",
                "no column tells the time, so rows are drawn at random"
            )
        }
    }

    private mutating func addFormat(_ profile: TableProfile) {
        if !profile.isFormatNamed {
            lines.append("  format: \(profile.format)")
        }
        guard let csv = profile.csv else { return }
        var keys: [String] = []
        if let delimiter = csv.delimiter {
            keys.append("delimiter: \(delimiter == "\t" ? "tab" : DraftText.scalar(delimiter))")
        }
        if !csv.hasHeader { keys.append("header: false") }
        if let names = csv.columnNames { keys.append("columns: \(DraftText.list(names))") }
        let missing = csv.missing + profile.surelyMissing.filter { !csv.missing.contains($0) }
        if !missing.isEmpty { keys.append("missing: \(DraftText.list(missing))") }
        if csv.trimsSpaces { keys.append("trim_spaces: true") }
        let formats = profile.columns.compactMap(\.guess.timeFormat)
        if !formats.isEmpty {
            let different = formats.indices.filter { formats.firstIndex(of: formats[$0]) == $0 }
            keys.append("timestamp_formats: \(DraftText.list(different.map { formats[$0] }))")
        }
        if !keys.isEmpty { lines.append("  csv: { \(keys.joined(separator: ", ")) }") }
    }

    private mutating func addCleaning(_ roles: DraftRoles) {
        let repaired = (roles.features + roles.tasks).filter { !$0.guess.repairs.isEmpty }
        let ranges = roles.features.filter { $0.guess.sentinel != nil }
        guard !(repaired + ranges).isEmpty else { return }
        lines.append("  cleaning:")
        for column in repaired {
            let repairs = column.guess.repairs.map(Self.text).joined(separator: ", ")
            lines.append(
                DraftText.line(
                    "    - repair: { column: \(DraftText.scalar(column.name)), repairs: [\(repairs)] }",
                    column.guess.meaning == .numeric
                        ? column.guess.reason : "some values have blanks around them"
                )
            )
        }
        addRanges(ranges)
    }

    private mutating func addRanges(_ columns: [ColumnProfile]) {
        for column in columns {
            guard let sentinel = column.guess.sentinel else { continue }
            lines.append(
                DraftText.line(
                    "    - range: { column: \(DraftText.scalar(column.name)), minimum: 0, action: "
                        + "missing }",
                    "only \(NumberText.fixed(sentinel, digits: 0)) is below 0, as if it stood for a "
                        + "missing value"
                )
            )
        }
    }

    private static func text(_ repair: TextRepair) -> String {
        switch repair {
        case .trim: "trim"
        case .decimalComma: "decimal_comma"
        case .uppercase: "uppercase"
        case .lowercase: "lowercase"
        case .removeThousands(let text): "{ remove_thousands: \(DraftText.scalar(text)) }"
        case .cutAfter(let text): "{ cut_after: \(DraftText.scalar(text)) }"
        case .missing(let text): "{ missing: \(DraftText.scalar(text)) }"
        }
    }

    private static func list(_ paths: [String]) -> String {
        paths.count == 1 ? DraftText.scalar(paths[0]) : DraftText.list(paths)
    }

    /// A path as a file in `folder` must write it.
    static func path(_ path: String, from folder: String?) -> String {
        guard let folder, !path.hasPrefix("/") else { return path }
        func parts(_ path: String) -> [Substring] {
            (DataSettings.absolute(path, in: FileManager.default.currentDirectoryPath) as NSString)
                .standardizingPath.split(separator: "/")
        }
        var (from, to) = (parts(folder)[...], parts(path)[...])
        while let first = from.first, first == to.first {
            from = from.dropFirst()
            to = to.dropFirst()
        }
        return (from.map { _ in ".." } + to).joined(separator: "/")
    }
}

/// Files whose names tell the part of the data they hold: `train.csv`, `validation.csv`, `test.csv`.
private struct FileParts {
    var training: [String] = []
    var validation: [String] = []
    var test: [String] = []

    /// Nil unless every file has its part, and there are training rows and others.
    init?(_ files: [String]) {
        for file in files {
            let name = URL(fileURLWithPath: file).lastPathComponent.lowercased()
            if name.hasPrefix("train") {
                training.append(file)
            } else if name.hasPrefix("val") || name.hasPrefix("dev.") {
                validation.append(file)
            } else if name.hasPrefix("test") {
                test.append(file)
            } else {
                return nil
            }
        }
        guard !training.isEmpty, files.count > training.count else { return nil }
    }
}
