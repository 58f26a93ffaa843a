import MotetCore
import MotetData
import MotetFeatures
import MotetNN

/// What was shown, with the features of that moment, and what happened afterwards.
struct LearningLogs {
    /// The raw values of what the run reads, row by row.
    let columns: [String: [RawValue]]
    let exposures: [OutcomeJoin.Exposure]
    let join: OutcomeJoin
    /// The first time of the exposures.
    let first: Int64?
    /// Up to when both logs have something: what is later in one of them may be missing in the other still.
    let whole: Int64?

    /// Reads the logs.
    ///
    /// - Parameters:
    ///   - settings: where they are.
    ///   - run: what tells the columns.
    ///   - latest: later times are mistakes; nil where any may be.
    /// - Throws: `ExperimentError` with the row and the column.
    init(_ settings: LearnSettings, _ run: TrainedRun, latest: Int64?) throws {
        let source = TableSource(settings.exposures.files)
        let there = Set(try source.columns().map(\.name))
        let given = settings.exposures
        for (key, name) in [("time", given.time), ("user", given.user), ("item", given.item)]
        where !there.contains(name) {
            throw ExperimentError(
                .partMissing,
                "exposures: the files have no column \"\(name)\" (`exposures.\(key)`); expected it beside "
                    + "\(there.sorted().joined(separator: ", "))."
            )
        }
        let encoder = try RowEncoder(run.fitted)
        let missing = encoder.columns.filter { !there.contains($0) }
        guard missing.isEmpty else {
            throw ExperimentError(
                .partMissing,
                "exposures: the files have no column \(missing.map { "\"\($0)\"" }.joined(separator: ", ")); expected "
                    + "every column that the features of the run are made of, as it was when the item was shown."
            )
        }
        var names = encoder.columns
        for name in [given.time, given.user, given.item] where !names.contains(name) {
            names.append(name)
        }
        let rows = try RawRows(reading: source, columns: names)
        var columns: [String: [RawValue]] = [:]
        for (name, column) in rows.columns {
            if case .each(let values) = column { columns[name] = values }
        }
        let unit: Int64 = given.unit == .seconds ? 1000 : 1
        var exposures: [OutcomeJoin.Exposure] = []
        exposures.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            func name(_ column: String) throws -> String {
                switch columns[column]?[row] ?? .missing {
                case .text(let text) where !text.isEmpty: return text
                case .integer(let integer): return String(integer)
                case .number(let number):
                    return Int64(exactly: number).map { String($0) } ?? "\(number)"
                default:
                    throw ExperimentError(
                        .partMissing,
                        "exposures, row \(row + 1), column \"\(column)\": nothing is there; expected a name."
                    )
                }
            }
            let time: Int64
            switch columns[given.time]?[row] ?? .missing {
            case .integer(let integer) where abs(integer) < 1_000_000_000_000_000:
                time = integer * unit
            case .number(let number) where abs(number) < 1e15:
                time = Int64((number * Double(unit)).rounded())
            default:
                throw ExperimentError(
                    .partMissing,
                    "exposures, row \(row + 1), column \"\(given.time)\": no time; expected \(given.unit.rawValue) "
                        + "since 1970."
                )
            }
            try Self.check(time, "exposures, row \(row + 1), column \"\(given.time)\"", latest)
            exposures.append(
                OutcomeJoin.Exposure(
                    time: time,
                    user: try name(given.user),
                    item: try name(given.item)
                )
            )
        }
        let events = try settings.outcomes.flatMap { try $0.events() }
        for event in events { try Self.check(event.time, "outcomes, an event", latest) }
        self.columns = columns
        self.exposures = exposures
        join = OutcomeJoin(exposures, events, tasks: LearningTasks(settings, run).joined)
        first = exposures.map(\.time).min()
        whole = exposures.map(\.time).max().map { min($0, events.map(\.time).max() ?? $0) }
    }

    /// Refuses a time that has not come, for everything before it would be learnt as if nothing more could happen; and one
    /// that no shop has seen, for its unit is another than was said.
    private static func check(
        _ time: Int64,
        _ place: String,
        _ latest: Int64?
    ) throws(ExperimentError) {
        guard time >= EventLimits.times.lowerBound else {
            throw ExperimentError(
                .partMissing,
                "\(place): the time is out of range; expected at least \(EventLimits.times.lowerBound), in milliseconds since "
                    + "1970; received \(time). Look at the unit of the times, or leave the row out."
            )
        }
        guard let latest, time > latest else { return }
        throw ExperimentError(
            .partMissing,
            "\(place): the time is in the future; expected at most \(latest), in milliseconds since 1970; received "
                + "\(time). Look at the unit of the times, or leave the row out."
        )
    }
}

/// Rows of the logs as a run prepares them.
struct LearningRows {
    private let run: TrainedRun
    private let names: Set<String>

    init(_ run: TrainedRun) {
        self.run = run
        var names = Set(run.model.inputs.map { RunPredictor.column($0.name) })
        names.remove(BatchInput.scenarioOffsetsName)
        if run.fitted.schema.scenario != nil { names.insert("scenario") }
        self.names = names
    }

    /// Rows with labels of all tasks of the run, those nothing is known of being missing.
    func dataset(
        _ logs: LearningLogs,
        _ rows: [OutcomeJoin.Row],
        _ all: [String],
        _ learnt: [String]
    ) throws -> PreparedDataset {
        let encoder = try RowEncoder(run.fitted)
        var columns: [String: RawRows.Column] = [:]
        for name in encoder.columns {
            guard let values = logs.columns[name] else {
                throw ExperimentError(
                    .partMissing,
                    "exposures: the column \"\(name)\" was not read; expected a link that leads to runs of the same "
                        + "features while it is learnt; received another run. Start again."
                )
            }
            columns[name] = .each(rows.map { values[$0.exposure] })
        }
        for feature in run.fitted.schema.features where feature.kind == .sequence {
            guard case .each(let values)? = columns[feature.column] else { continue }
            let delimiter = feature.delimiter?.first ?? ","
            columns[feature.column] = .each(values.map { $0.list(delimitedBy: delimiter) })
        }
        var labels: [String: [Float]] = [:]
        for task in all {
            let place = learnt.firstIndex(of: task)
            labels[task] = rows.map { row in place.flatMap { row.labels[$0] } ?? .nan }
        }
        return try encoder.encode(
            RawRows(count: rows.count, columns: columns),
            into: names,
            labels: labels
        ) { "exposures, row \(rows[$0].exposure + 1)" }
    }

    /// The numbers of the rows' scenarios.
    func scenarios(_ logs: LearningLogs, _ rows: [OutcomeJoin.Row]) -> [Int?] {
        guard let column = run.fitted.schema.scenario?.column,
            let values = logs.columns[column], let encoder = try? RowEncoder(run.fitted)
        else { return rows.map { _ in nil } }
        return rows.map { encoder.scenario(of: values[$0.exposure]) }
    }
}
