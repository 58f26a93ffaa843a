public import MotetData

/// Shows on standard error what happens while a data set is fetched and prepared.
public final class DatasetProgress {
    private var title: String?
    private var bar: ProgressBar?

    /// Shows nothing yet.
    public init() {}

    /// Shows a sentence, or how far a piece of work is.
    public func show(_ event: DatasetEvent) {
        switch event {
        case .note(let text):
            if bar != nil {
                bar?.message(text)
            } else {
                TerminalOutput.standardError.write(text + "\n")
            }
        case .progress(let what, let done, let total, let unit):
            if title != what {
                finish()
                title = what
                bar = ProgressBar(what, total: total, unit: unit)
            }
            bar?.update(done: done)
        }
    }

    /// Ends the line of the bar, if there is one.
    public func finish() {
        bar?.finish()
        bar = nil
        title = nil
    }
}
