import MotetGraph
import MotetMetrics
import MotetNN

/// Decides which epochs are the best so far, of the model or of each task, and keeps their parameters.
final class BestEpochs {
    /// What one report said.
    struct Verdict {
        /// The watched number; nil when it is undefined, or when each task has its own.
        var watched: Double?
        /// Whether the epoch is the best so far, of the model or of some task.
        var isBest = false
        /// The tasks whose best epoch it is, where each has its own.
        var tasks: [String]?
    }

    private let trainer: Trainer
    private let monitor: EarlyStopping?
    private let folder: CheckpointFolder?
    /// The parameters that are kept together: those of the model, or of each task.
    private let parts: [Part]
    private var kept: [ParameterStore?]

    private struct Part {
        /// The task; nil for the whole model.
        let task: String?
        let selector: MetricSelector
        let parameters: [String]
        let file: String?
    }

    init(_ trainer: Trainer, _ monitor: EarlyStopping?, _ folder: CheckpointFolder?) throws {
        self.trainer = trainer
        self.monitor = monitor
        self.folder = folder
        let all = trainer.model.parameters.map(\.name)
        switch monitor?.rule {
        case nil: parts = []
        case .model(let selector):
            parts = [
                Part(task: nil, selector: selector, parameters: all, file: folder?.bestFile)
            ]
        case .eachTask(let selectors):
            try Self.check(selectors, trainer)
            let own = try trainer.ownParametersOfTasks()
            parts = trainer.tasks.tasks.enumerated().compactMap { index, task in
                guard let selector = selectors[task.name] else { return nil }
                return Part(
                    task: task.name,
                    selector: selector,
                    parameters: all.filter(own[index].contains),
                    file: folder?.bestFile(ofTask: index)
                )
            }
        }
        kept = parts.map { _ in nil }
    }

    private static func check(_ selectors: [String: MetricSelector], _ trainer: Trainer) throws {
        let known = trainer.tasks.tasks.map(\.name)
        guard Set(known) == Set(selectors.keys) else {
            throw TrainingError(
                .unknownTask,
                "early stopping: each task needs a number to watch; expected \(known); received \(selectors.keys.sorted())."
            )
        }
    }

    /// Judges a report, and keeps the parameters of what is best.
    ///
    /// Without a rule every epoch is the best: the last one counts.
    func judge(_ report: MetricReport?, _ state: inout FitState) throws -> Verdict {
        guard let monitor else { return Verdict(isBest: true) }
        var better: [Int] = []
        var verdict = Verdict()
        for (index, part) in parts.enumerated() {
            let value = report?.value(part.selector).value
            if part.task == nil { verdict.watched = value }
            guard let value else { continue }
            guard part.selector.metric.goal.isBetter(value, than: Self.best(of: part, state)) else {
                continue
            }
            if let task = part.task {
                state.bestOfTasks = (state.bestOfTasks ?? [:]).merging([task: value]) { $1 }
            } else {
                state.best = value
            }
            better.append(index)
        }
        verdict.isBest = !better.isEmpty
        if case .eachTask = monitor.rule { verdict.tasks = better.compactMap { parts[$0].task } }
        count(verdict, hasValue: report != nil, &state)
        for index in better { try keep(index) }
        return verdict
    }

    /// The best value so far.
    private static func best(of part: Part, _ state: FitState) -> Double? {
        guard let task = part.task else { return state.best }
        return state.bestOfTasks?[task]
    }

    /// Counts epochs in which nothing got better, and ends the fit after too many.
    private func count(_ verdict: Verdict, hasValue: Bool, _ state: inout FitState) {
        if verdict.isBest {
            state.epochsWithoutBest = 0
        } else if hasValue, verdict.watched != nil || verdict.tasks != nil {
            state.epochsWithoutBest += 1
            if let patience = monitor?.patience, state.epochsWithoutBest > patience {
                state.isFinished = true
            }
        }
    }

    private func keep(_ index: Int) throws {
        if let file = parts[index].file {
            try folder?.saveBest(trainer.states, parts[index].parameters, to: file)
        } else {
            var store = ParameterStore()
            for name in parts[index].parameters { store[name] = trainer.states.tensor(name) }
            kept[index] = store
        }
    }

    /// Puts the parameters of the best epochs in place.
    func restore(_ state: FitState) throws {
        for (index, part) in parts.enumerated() where Self.best(of: part, state) != nil {
            if let file = part.file {
                try folder?.loadBest(from: file, into: trainer.states)
            } else if let store = kept[index] {
                trainer.parameters = store
            }
        }
    }
}
