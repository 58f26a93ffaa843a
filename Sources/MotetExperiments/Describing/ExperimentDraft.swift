import Foundation
import MotetConfiguration
public import MotetData

/// An experiment to start from, guessed from the names and values of files.
///
/// Every line that is a guess has a comment that says why. The text is one that `Experiment` reads.
public struct ExperimentDraft: Hashable, Sendable {
    /// The experiment in YAML.
    public let yaml: String
    /// The columns that became tasks.
    public let tasks: [String]

    /// Drafts an experiment; nil where no column could be an answer or an input.
    ///
    /// - Parameters:
    ///   - profile: what the files hold.
    ///   - folder: the folder the draft will lie in, to which paths are relative; nil leaves paths as
    ///     they were given.
    public init?(_ profile: TableProfile, folder: String? = nil) {
        let roles = DraftRoles(profile)
        guard !roles.features.isEmpty, !roles.tasks.isEmpty else { return nil }
        tasks = roles.tasks.map(\.name)
        let name = DraftText.experimentName(profile.paths)
        var lines = DraftText.head(profile, roles, name: name)
        lines += ["name: \(DraftText.scalar(name))", "seed: 42"]
        lines += DraftData(profile, roles, folder: folder).lines
        lines += ["features:"] + roles.features.map { DraftFeature($0, profile, roles).line }
        lines += roles.leftOut.map { "  # left out: \(DraftText.comment($0))" }
        lines +=
            ["tasks:"]
            + roles.tasks.flatMap { task in
                DraftTask(task, roles, isPartial: profile.isPartial).lines
            }
        lines += DraftText.tail(profile, roles)
        yaml = lines.joined(separator: "\n") + "\n"
    }
}

/// Texts of a draft.
enum DraftText {
    /// A scalar as YAML reads it, also inside of brackets.
    static func scalar(_ text: String) -> String {
        // `'== "yes"'` reads better than `"== \"yes\""`.
        let isPlain = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 32 }
        if isPlain, text.contains("\""), !text.contains("'") { return "'\(text)'" }
        return String(ConfigurationWriter.yaml(.string(text)).dropLast())
    }

    /// Names in brackets.
    static func list(_ texts: [String]) -> String {
        "[" + texts.map(scalar).joined(separator: ", ") + "]"
    }

    /// Text that cannot end a comment's line.
    static func comment(_ text: String) -> String {
        String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }

    /// A line with a comment after it.
    static func line(_ text: String, _ why: String) -> String {
        text + "  # " + comment(why)
    }

    /// The name of the file or folder without what follows its first point.
    static func experimentName(_ paths: [String]) -> String {
        let last = URL(fileURLWithPath: paths.first ?? "").lastPathComponent
        let stem = last.split(separator: ".").first.map(String.init) ?? ""
        let safe = stem.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" }
        let name = String(safe)
        return name.isEmpty || name.allSatisfy({ $0 == "_" }) ? "draft" : name
    }

    static func head(_ profile: TableProfile, _ roles: DraftRoles, name: String) -> [String] {
        var lines = [
            "# A draft by `motet data describe`: \(profile.headline).",
            "# Everything in it is a guess from names and values; the comments say why. Before training:",
            "# - Are these the tasks? Is every input known before the answer is? A column that is made",
            "#   from the answer, or only known after it, must not stay under `features`.",
            "# - docs/configuration.md has every key; `motet data prepare` tries the data alone.",
        ]
        if roles.isPlaceholder {
            lines.append("# - NO COLUMN LOOKS LIKE AN ANSWER: the task below only holds the place.")
        }
        return lines
    }

    static func tail(_ profile: TableProfile, _ roles: DraftRoles) -> [String] {
        let model =
            roles.tasks.count > 1
            ? "{ architecture: mmoe, experts: 4, expert_units: [64], tower_units: [32] }"
            : "{ architecture: single_task, bottom_units: [64], tower_units: [32] }"
        return [
            line("model: \(model)", "small; docs/models has the others"),
            "training:",
            "  optimizer: { name: adam, learning_rate: 1.0e-3 }",
            "  batch_size: \(profile.rows >= 100_000 ? 1_024 : profile.rows >= 10_000 ? 256 : 64)",
            "  epochs: 3",
        ]
    }
}
