import MotetCore

/// Which scenario a value of the scenario column is.
struct ScenarioIndex {
    /// The column.
    let column: String
    /// The scenario of a value that is none, or of no value; -1 where that is an error.
    let other: Int32
    private let names: [String]
    private let indices: [String: Int32]

    /// The scenarios of a fitted schema; nil where it has none.
    init?(_ fitted: FittedSchema) {
        guard let scenario = fitted.schema.scenario else { return nil }
        column = scenario.column
        let names = fitted.scenarios
        self.names = names
        other =
            switch scenario.unknown {
            case .error: -1
            case .other: Int32(names.count - 1)
            case .nearest: names.firstIndex { $0 == scenario.nearest }.map(Int32.init) ?? -1
            }
        indices = Dictionary(names.enumerated().map { ($1.trimmed, Int32($0)) }) { first, _ in
            first
        }
    }

    /// The index of a scenario's name; nil for another text.
    func known(_ text: String) -> Int32? { indices[text] ?? indices[text.trimmed] }

    /// What is wrong with a text that is no scenario, or with a missing one.
    func problem(_ text: String?) -> String {
        let shown =
            names.prefix(12).joined(separator: ", ")
            + (names.count > 12 ? ", ... (\(names.count) scenarios)" : "")
        guard let text else {
            return "no scenario; expected one of \(shown); received nothing. Fill it in, or set "
                + "`unknown: other`."
        }
        return "not a declared scenario; expected one of \(shown); received \"\(text)\"."
            + Suggestion.sentence(for: text, in: names)
            + " Add it to `values`, or set `unknown: other`."
    }
}
