public import MotetData
import MotetMetrics
public import MotetTraining

/// Told of what an experiment does while it runs.
public protocol ExperimentObserver: AnyObject {
    /// A sentence or a table worth telling.
    func note(_ text: String)
    /// How far the preparation of files is.
    func preparing(_ progress: PreparationProgress)
    /// Where the training is, after every step.
    func stepped(_ progress: FitProgress)
    /// An epoch is over.
    func epochEnded(_ record: EpochRecord)
    /// How far a part of an explanation is: how many of its passes over the rows are done.
    func explained(_ what: String, done: Int, of total: Int)
}

extension ExperimentObserver {
    /// Does nothing.
    public func explained(_ what: String, done: Int, of total: Int) {}
}

/// Tells nobody.
public final class SilentObserver: ExperimentObserver {
    /// Creates an observer.
    public init() {}
    /// Does nothing.
    public func note(_ text: String) {}
    /// Does nothing.
    public func preparing(_ progress: PreparationProgress) {}
    /// Does nothing.
    public func stepped(_ progress: FitProgress) {}
    /// Does nothing.
    public func epochEnded(_ record: EpochRecord) {}
}

/// Shows what happens on a terminal, as plain lines where there is none.
public final class ConsoleObserver: ExperimentObserver {
    private let output: TerminalOutput
    private var bar: ProgressBar?
    private var phase: PreparationProgress.Phase?
    private var epoch: Int?

    /// Creates an observer that writes to an output.
    public init(_ output: TerminalOutput = .standardError) { self.output = output }

    /// Writes the text on lines of its own.
    public func note(_ text: String) {
        finishPreparing()
        let lines = text.hasSuffix("\n") ? String(text.dropLast()) : text
        if bar != nil { bar?.message(lines) } else { output.write(lines + "\n") }
    }

    /// Draws how many rows are read or encoded.
    public func preparing(_ progress: PreparationProgress) {
        if phase != progress.phase {
            finishPreparing()
            phase = progress.phase
            let title = progress.phase == .reading ? "reading" : "encoding"
            bar = ProgressBar(title, total: nil, output: output)
        }
        bar?.update(done: progress.rows)
    }

    /// Draws how far the epoch is.
    public func stepped(_ progress: FitProgress) {
        if epoch != progress.epoch {
            finishPreparing()
            bar?.finish()
            epoch = progress.epoch
            bar = ProgressBar(
                (progress.phase.map { "phase \($0), " } ?? "")
                    + "epoch \(progress.epoch + 1)/\(progress.epochs)",
                total: progress.rowCount,
                done: progress.rows,
                output: output
            )
        }
        bar?.update(done: progress.rows, losses: progress.losses)
    }

    /// Ends the epoch's line, and tells what validation found.
    public func epochEnded(_ record: EpochRecord) {
        bar?.finish(
            losses: record.losses.compactMap { loss in loss.value.map { (loss.task, $0) } }
        )
        bar = nil
        epoch = nil
        if let pairs = record.gradients?.conflicts(limit: 3), !pairs.isEmpty {
            output.write("  gradients: " + pairs.joined(separator: ", ") + "\n")
        }
        for warning in record.gradients?.warnings ?? [] { output.write("  warning: \(warning)\n") }
        guard let report = record.validation else { return }
        var values: [String] = []
        for entry in report.entries where entry.scenario == nil {
            let value = entry.estimate.value.value
            let text = value == nil ? "undefined" : NumberText.loss(value ?? 0)
            values.append("\(entry.task) \(entry.metric) \(text)")
        }
        let best = record.bestText.map { " (\($0))" } ?? ""
        output.write("  validation: " + values.joined(separator: ", ") + best + "\n")
    }

    /// Draws how many passes are done.
    public func explained(_ what: String, done: Int, of total: Int) {
        finishPreparing()
        if bar == nil { bar = ProgressBar(what, total: total, unit: "passes", output: output) }
        bar?.update(done: done)
        guard done >= total else { return }
        bar?.finish()
        bar = nil
    }

    private func finishPreparing() {
        guard phase != nil else { return }
        bar?.finish()
        bar = nil
        phase = nil
    }
}
