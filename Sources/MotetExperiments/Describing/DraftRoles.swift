import MotetData

/// Which column a draft uses for what.
struct DraftRoles {
    /// The columns that become tasks.
    private(set) var tasks: [ColumnProfile] = []
    /// Whether the tasks are no more than a place to write others.
    private(set) var isPlaceholder = false
    /// The columns that become inputs.
    private(set) var features: [ColumnProfile] = []
    /// The column whose values are scenarios.
    private(set) var scenario: ColumnProfile?
    /// The column that orders the rows in time.
    private(set) var time: ColumnProfile?
    /// The column whose values group rows.
    private(set) var group: ColumnProfile?
    /// The column of row weights.
    private(set) var weight: ColumnProfile?
    /// Columns carried along to predictions.
    private(set) var keep: [ColumnProfile] = []
    /// Sentences about the columns that have no place.
    private(set) var leftOut: [String] = []

    init(_ profile: TableProfile) {
        chooseTasks(profile.columns)
        let labels = Set(tasks.map(\.name))
        for column in profile.columns where !labels.contains(column.name) {
            place(column)
        }
        chooseScenario()
        group = features.first { column in
            column.guess.meaning == .categorical && column.isNamedPerson
                && column.distinct.value * 2 <= column.present
        }
        // A file of one column that could be an input: it is both, and the comment says so.
        if features.isEmpty { features = profile.columns.filter(\.isInput) }
    }

    private mutating func chooseTasks(_ columns: [ColumnProfile]) {
        tasks = columns.filter { $0.guess.meaning == .label }
        guard tasks.isEmpty else { return }
        isPlaceholder = true
        let inputs = columns.filter(\.isInput)
        let simple = inputs.filter { column in
            column.guess.label != nil || column.guess.meaning == .numeric
                || (column.distinct.isExact && (2...50).contains(column.distinct.value)
                    && column.guess.meaning == .categorical)
        }
        let best =
            simple.first { $0.guess.meaning == .numeric && $0.isNamedDemand }
            ?? simple.last { $0.guess.label != nil } ?? simple.last
        tasks = best.map { [$0] } ?? []
    }

    private mutating func place(_ column: ColumnProfile) {
        let name = column.name
        let why = column.guess.reason
        switch column.guess.meaning {
        case .label, .categorical, .numeric, .sequence: features.append(column)
        case .time:
            if time == nil, column.missing == 0 {
                time = column
            } else {
                leftOut.append("\(name): a time")
            }
        case .weight:
            if column.name.lowercased().hasSuffix("weight"), column.name.lowercased() != "weight",
                weight == nil
            {
                weight = column
            } else {
                leftOut.append("\(name): if it is the weight of the row, `data: { sample_weight }`")
            }
        case .rowIdentifier:
            name.isEmpty ? leftOut.append("a column without a name: \(why)") : keep.append(column)
        case .text: leftOut.append("\(name): free text (\(why))")
        case .constant: leftOut.append("\(name): \(why)")
        case .empty: leftOut.append("\(name): \(why)")
        case .unsupported: leftOut.append("\(name): \(why) (\(column.type))")
        }
    }

    private mutating func chooseScenario() {
        func score(_ column: ColumnProfile) -> Int {
            guard column.guess.meaning == .categorical, column.isNamedScenario,
                column.distinct.isExact, (2...10).contains(column.distinct.value),
                column.frequent.allSatisfy({ !$0.value.hasSuffix("…") })
            else { return 0 }
            return column.guess.detail == "text" ? 2 : 1
        }
        let best = features.map(score).max() ?? 0
        scenario = best > 0 ? features.first { score($0) == best } : nil
    }
}

extension ColumnProfile {
    /// Whether a model could take the column as an input.
    var isInput: Bool {
        [.label, .categorical, .numeric, .sequence].contains(guess.meaning)
    }
}
