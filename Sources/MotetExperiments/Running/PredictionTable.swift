import MotetData

/// The columns of a prediction file: those to keep, then those of each task.
struct PredictionTable {
    let columns: [ColumnDescription]
    private let kept: [String]
    private let tasks: [TaskSettings]
    private let classes: [String: [String]]
    private let prepared: PreparedRows
    private let texts: [String: [String]]

    init(_ run: TrainedRun, _ prepared: PreparedRows) {
        kept = run.experiment.data.keep
        tasks = run.experiment.tasks
        var classes: [String: [String]] = [:]
        for task in run.experiment.tasks {
            classes[task.name] = run.experiment.classes(of: task, run.fitted)
        }
        self.classes = classes
        self.prepared = prepared
        texts = prepared.kept.mapValues(\.values)
        var columns = kept.map { ColumnDescription(name: $0, type: .string) }
        for task in tasks {
            // A kept column may have the task's name: the file of the labels, say.
            let name = kept.contains(task.name) ? task.name + "_prediction" : task.name
            if classes[task.name] == nil {
                columns.append(ColumnDescription(name: name, type: .float32))
            } else {
                columns.append(ColumnDescription(name: name, type: .string))
                columns.append(ColumnDescription(name: name + "_probability", type: .float32))
            }
        }
        self.columns = columns
    }

    /// The values of some rows.
    ///
    /// - Parameters:
    ///   - rows: the rows in the data set.
    ///   - scores: for each task the outputs of these rows.
    /// - Returns: one entry for each of `columns`.
    /// - Throws: `TableError` when a kept column is not among the prepared ones.
    func values(rows: Range<Int>, scores: [String: [Float]]) throws -> [TableValues] {
        var values: [TableValues] = []
        for column in kept {
            let texts = texts[column] ?? []
            let indices = try prepared.dataset.withIntegers("keep/" + column) { Array($0[rows]) }
            values.append(
                .string(
                    indices.map { index in
                        texts.indices.contains(Int(index)) ? texts[Int(index)] : nil
                    }
                )
            )
        }
        for task in tasks {
            let outputs = scores[task.name] ?? []
            guard let names = classes[task.name] else {
                values.append(.float32(outputs))
                continue
            }
            let best = RunPredictor.mostLikely(outputs, classes: names.count)
            values.append(.string(best.map { names[$0.index] }))
            values.append(.float32(best.map(\.probability)))
        }
        return values
    }
}
