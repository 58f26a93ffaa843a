import Foundation
public import MotetData
import MotetTraining

/// What files hold and an experiment to start from, for people and for programs.
public struct TableDescription: Sendable {
    private let profile: TableProfile
    private let draft: ExperimentDraft?

    /// Creates a description; without a draft it says why there is none.
    public init(_ profile: TableProfile, draft: ExperimentDraft?) {
        self.profile = profile
        self.draft = draft
    }

    /// Tables for a terminal.
    ///
    /// - Parameters:
    ///   - width: the columns of the terminal; nil for any width.
    ///   - withDraft: whether the draft follows.
    /// - Returns: the text, ended by a line break.
    public func plain(width: Int?, withDraft: Bool) -> String {
        var text = profile.headline + "\n\n" + profile.columnTable().plain(width: width)
        if let spread = profile.spreadTable() { text += "\n" + spread.plain(width: width) }
        for (title, sentences) in sections {
            text += "\n\(title):\n" + sentences.map { "- \($0)\n" }.joined()
        }
        guard withDraft else { return text }
        if draft != nil { text += "\nA draft of an experiment (--output FILE writes it):\n" }
        return text + "\n" + (draft?.yaml ?? ExperimentDraft.noInput(profile).description + "\n")
    }

    /// The same for a page.
    public func markdown() -> String {
        var text = profile.headline + "\n\n" + profile.columnTable().markdown()
        if let spread = profile.spreadTable() { text += "\n" + spread.markdown() }
        for (title, sentences) in sections {
            text += "\n\(title):\n\n" + sentences.map { "- \($0)\n" }.joined()
        }
        if let draft { text += "\n```yaml\n\(draft.yaml)```\n" }
        return text
    }

    /// The profile, and the draft as text, as JSON.
    public func json() throws -> String {
        struct Output: Encodable {
            var profile: TableProfile
            var notes: [String]
            var methods: [String]
            var draft: String?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let output = Output(
            profile: profile,
            notes: profile.notes,
            methods: profile.methods,
            draft: draft?.yaml
        )
        return String(decoding: try encoder.encode(output), as: UTF8.self)
    }

    private var sections: [(title: String, sentences: [String])] {
        [("To look at", profile.notes), ("How it was counted", profile.methods)]
            .filter { !$0.1.isEmpty }
    }
}

extension ExperimentDraft {
    /// The error of files that no draft can be made of.
    public static func noInput(_ profile: TableProfile) -> TableError {
        TableError(
            .columnTypeUnsupported,
            "\(profile.files[0]): no draft can be made; expected a column that could be an answer: a "
                + "number, yes or no, or at most 50 classes; received "
                + profile.columns.prefix(6).map { "\($0.name) (\($0.meaningText))" }
                .joined(separator: ", ") + (profile.columns.count > 6 ? ", ..." : "") + "."
        )
    }
}
