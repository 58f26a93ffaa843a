import Foundation
import MotetFeatures
import Synchronization

/// Holds probabilities that were answered against what then happened: the calibration of live traffic.
///
/// Some users are watched, chosen by a hash that ends with the process. What was answered about them waits for the
/// exposures and the outcomes among the events; predictions whose windows are over are summed by hours.
final class OutcomeWatch: Sendable {
    /// The milliseconds of a piece, and the pieces of the window.
    static let pieceLength: Int64 = 3_600_000
    static let pieces: Int64 = 24
    /// The most answers that wait to be shown, and the most predictions of a task whose window is not over.
    static let capacity = 100_000
    /// How long after a window its last events may arrive, in milliseconds.
    static let grace: Int64 = 60_000

    /// The sums over predictions whose windows are over.
    struct Sums: Sendable {
        var rows = 0
        var positives = 0
        /// The sum of the probabilities, and of their variances `p (1 - p)`.
        var expected = 0.0
        var variance = 0.0

        mutating func add(_ other: Sums) {
            rows += other.rows
            positives += other.positives
            expected += other.expected
            variance += other.variance
        }
    }

    /// What came of a task's predictions within the last day.
    struct Figures: Sendable {
        var version: String
        var task: String
        /// nil for all rows.
        var scenario: String?
        var sums: Sums

        /// The predictions' sum by the number that came true; nil where none did.
        var calibration: Double? {
            sums.positives > 0 ? sums.expected / Double(sums.positives) : nil
        }

        /// The difference of expected and observed numbers in standard deviations, were the probabilities right.
        var deviation: Double {
            let difference = sums.expected - Double(sums.positives)
            return sums.variance > 0 ? difference / sums.variance.squareRoot() : 0
        }
    }

    fileprivate struct Model {
        let version: String
        let scenarios: [String]
    }

    fileprivate struct Key: Hashable, Comparable {
        var model: Int
        var task: Int
        var scenario: Int?
    }

    fileprivate struct State {
        var ledger: OutcomeLedger
        var models: [Model] = []
        var pieces: [Int64: [Key: Sums]] = [:]
    }

    /// The settings.
    let settings: ServingSettings.Outcomes
    /// The time now, in milliseconds since 1970.
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    init(_ settings: ServingSettings.Outcomes, now: @escaping @Sendable () -> Int64) {
        self.settings = settings
        self.now = now
        let tasks = settings.tasks.map { task in
            OutcomeLedger.Task(
                event: task.event,
                window: task.window,
                parent: task.within.flatMap { name in
                    settings.tasks.firstIndex { $0.task.text == name }
                }
            )
        }
        state = Mutex(State(ledger: OutcomeLedger(tasks, capacity: Self.capacity)))
    }

    /// Whether answers about a user are watched.
    func isWatched(_ user: String) -> Bool {
        var hasher = Hasher()
        hasher.combine(user)
        return Double(UInt(bitPattern: hasher.finalize()) >> 11) * 0x1p-53 < settings.share
    }

    /// Keeps what was answered about a user.
    ///
    /// - Parameters:
    ///   - user: the user; nothing is kept of one who is not known or not watched.
    ///   - items: the items of the answer and their rows among the scores; nil for one without a name.
    ///   - scores: for each task of the model a score for each row.
    ///   - rows: the scenarios of the rows.
    ///   - model: what answered.
    func answered(
        _ user: String?,
        _ items: [(name: String?, row: Int)],
        _ scores: [[ServedModel.Score]],
        _ rows: ScoreLayout.Rows,
        _ model: ServedModel
    ) {
        guard let user, isWatched(user) else { return }
        let time = now()
        let places = settings.tasks.map { model.tasks.firstIndex(of: $0.task.text) }
        state.withLock { state in
            let number = state.number(of: model)
            for (name, row) in items {
                guard let name else { continue }
                let scenario: Int?
                switch rows {
                case .same(let one): scenario = one
                case .each(let all): scenario = all[row]
                }
                let answer = OutcomeLedger.Answer(
                    time: time,
                    model: number,
                    scenario: scenario,
                    probabilities: places.map { $0.map { scores[$0][row].value } ?? .nan }
                )
                state.ledger.answered(answer, OutcomeLedger.Pair(user: user, item: name))
            }
        }
    }

    /// Takes in events that are new.
    func happened(_ events: [Event]) {
        let watched = events.filter { isWatched($0.user) }
        guard !watched.isEmpty else { return }
        state.withLock { state in
            for event in watched { state.ledger.happened(event) }
        }
    }

    /// Forgets what is kept of a user.
    func forget(_ user: String) { state.withLock { $0.ledger.forget(user) } }

    /// What came of the predictions of the last day: of each model and task all rows, then scenarios.
    var figures: [Figures] {
        let time = now()
        return state.withLock { state in
            state.close(at: time)
            var sums: [Key: Sums] = [:]
            for piece in state.pieces.values {
                for (key, some) in piece { sums[key, default: Sums()].add(some) }
            }
            return sums.sorted { $0.key < $1.key }.map { key, sums in
                let model = state.models[key.model]
                return Figures(
                    version: model.version,
                    task: settings.tasks[key.task].task.text,
                    scenario: key.scenario.map { model.scenarios[$0] },
                    sums: sums
                )
            }
        }
    }
}

extension OutcomeWatch.Key {
    /// By model, task and scenario, all rows before scenarios.
    static func < (left: Self, right: Self) -> Bool {
        (left.model, left.task, left.scenario ?? -1)
            < (right.model, right.task, right.scenario ?? -1)
    }
}

extension OutcomeWatch.State {
    /// The number of a model's figures.
    fileprivate mutating func number(of model: ServedModel) -> Int {
        if let known = models.lastIndex(where: { $0.version == model.version }) { return known }
        models.append(
            OutcomeWatch.Model(version: model.version, scenarios: model.layout.scenarios)
        )
        return models.count - 1
    }

    /// Sums the predictions whose windows are over.
    fileprivate mutating func close(at time: Int64) {
        let piece = time / OutcomeWatch.pieceLength
        for row in ledger.close(at: time - OutcomeWatch.grace) {
            let p = Double(row.probability)
            let one = OutcomeWatch.Sums(
                rows: 1,
                positives: row.cameTrue ? 1 : 0,
                expected: p,
                variance: p * (1 - p)
            )
            for scenario in row.scenario == nil ? [nil] : [nil, row.scenario] {
                let key = OutcomeWatch.Key(model: row.model, task: row.task, scenario: scenario)
                pieces[piece, default: [:]][key, default: OutcomeWatch.Sums()].add(one)
            }
        }
        for old in pieces.keys where old <= piece - OutcomeWatch.pieces { pieces[old] = nil }
    }
}
