import MotetData

/// A task of a draft.
struct DraftTask {
    /// Its lines.
    let lines: [String]

    init(_ column: ColumnProfile, _ roles: DraftRoles, isPartial: Bool) {
        let name = DraftText.scalar(column.name.isEmpty ? "unnamed" : column.name)
        var keys = ["name: \(name)"]
        if column.name.isEmpty { keys.append("label: \"\"") }
        var why = column.guess.reason
        if let label = column.guess.label, label.kind == .binary {
            if let rule = label.positive { keys.append("positive: \(DraftText.scalar(rule))") }
            let gauc = roles.group == nil ? "" : ", gauc"
            if let parent = label.within, roles.tasks.contains(where: { $0.name == parent }) {
                keys.append("within: \(DraftText.scalar(parent))")
            }
            keys += ["loss: binary_cross_entropy", "metrics: [auc\(gauc), log_loss]"]
        } else if column.guess.meaning == .numeric || column.guess.label?.kind == .number {
            keys += ["loss: mean_squared_error", "metrics: [rmse, mae]"]
        } else {
            // Those of all rows: a rare one may stand in the validation rows only.
            if !column.classes.isEmpty, !isPartial {
                keys.append("classes: \(DraftText.list(column.classes))")
            }
            keys += ["loss: categorical_cross_entropy", "metrics: [accuracy]"]
        }
        if roles.isPlaceholder { why = "a place to write your task: \(why)" }
        var lines = [DraftText.line("  - { \(keys.joined(separator: ", ")) }", why)]
        let isNested = roles.tasks.contains { $0.guess.label?.within != nil }
        if column.name == roles.tasks.last?.name, roles.tasks.count > 1, !isNested {
            lines.append(
                "  # If one is only possible after another (a purchase after a click), add `within: "
                    + "click` to it."
            )
        }
        self.lines = lines
    }
}
