import Foundation

/// The progress of a pass over rows, or over something else: how many are done, how fast, how long it will take, the losses.
///
/// On a terminal one line is redrawn at most ten times a second; elsewhere a plain line is written
/// every ten seconds. Time comes from the `now` closure, so that tests need none of it.
public struct ProgressBar {
    /// How often a line is drawn.
    public struct Pace: Hashable, Sendable {
        /// The time between redraws on a terminal.
        public var redraw: Duration
        /// The time between plain lines elsewhere.
        public var line: Duration

        /// Creates a pace.
        public init(redraw: Duration = .milliseconds(100), line: Duration = .seconds(10)) {
            self.redraw = redraw
            self.line = line
        }
    }

    private let output: TerminalOutput
    private let pace: Pace
    private let now: () -> Duration
    private let start: Duration
    private let firstRow: Int
    private var line: ProgressLine
    private var drawnAt: Duration
    private var sampledAt: Duration
    private var sampledRow: Int
    private var isDrawn = false
    private var isFinished = false

    /// Rates older than this have lost most of their say in the time left.
    private static let memorySeconds = 5.0

    /// Starts a progress bar; nothing is drawn until the first pace has passed.
    ///
    /// - Parameters:
    ///   - title: what goes on, such as `epoch 2/10`.
    ///   - total: the rows there will be, or nil if nobody knows.
    ///   - done: the rows done before, in a resumed pass; they do not count in the rate.
    ///   - unit: what is counted.
    ///   - output: where the line goes.
    ///   - pace: how often it is drawn.
    ///   - now: the time on any clock that does not go back.
    public init(
        _ title: String,
        total: Int?,
        done: Int = 0,
        unit: String = "rows",
        output: TerminalOutput = .standardError,
        pace: Pace = Pace(),
        now: @escaping () -> Duration = ProgressBar.continuousClock()
    ) {
        self.output = output
        self.pace = pace
        self.now = now
        start = now()
        firstRow = done
        line = ProgressLine(
            title: title,
            unit: unit,
            done: done,
            total: total,
            rowsPerSecond: 0,
            elapsed: .zero,
            losses: []
        )
        drawnAt = start
        sampledAt = start
        sampledRow = done
    }

    /// The time since this call on the clock that does not stop.
    public static func continuousClock() -> () -> Duration {
        let start = ContinuousClock.now
        return { start.duration(to: .now) }
    }

    /// Says how far the pass is; cheap enough to call after every step.
    ///
    /// - Parameters:
    ///   - done: the rows done so far, those before a resume included.
    ///   - losses: what to show of each task; asked for only when a line is drawn.
    public mutating func update(
        done: Int,
        losses: @autoclosure () -> [(name: String, value: Double)] = []
    ) {
        guard !isFinished else { return }
        let time = now()
        line.done = done
        // Most calls end here, before the system is asked for the terminal's width.
        guard time - drawnAt >= min(pace.redraw, pace.line) else { return }
        let width = output.width()
        guard time - drawnAt >= (width == nil ? pace.line : pace.redraw) else { return }
        sample(at: time)
        line.losses = losses()
        draw(width: width)
        drawnAt = time
    }

    /// Writes a message above the bar.
    public mutating func message(_ text: String) {
        guard let width = output.width(), isDrawn else { return output.write(text + "\n") }
        output.write("\r\u{1B}[K" + text + "\n")
        if !isFinished { draw(width: width) }
    }

    /// Draws the last line, with the rate of the whole pass, and ends it.
    ///
    /// - Parameter losses: what to show of each task.
    public mutating func finish(losses: [(name: String, value: Double)] = []) {
        guard !isFinished else { return }
        line.elapsed = now() - start
        let seconds = line.elapsed.seconds
        line.rowsPerSecond = seconds > 0 ? Double(line.done - firstRow) / seconds : 0
        line.losses = losses
        draw(width: output.width())
        if output.width() != nil { output.write("\n") }
        isFinished = true
    }

    /// Takes the rate since the last sample into the moving mean.
    private mutating func sample(at time: Duration) {
        let seconds = (time - sampledAt).seconds
        guard seconds > 0 else { return }
        let rate = Double(line.done - sampledRow) / seconds
        let isFirst = sampledAt == start
        let share = isFirst ? 1 : 1 - exp(-seconds / Self.memorySeconds)
        line.rowsPerSecond += share * (rate - line.rowsPerSecond)
        line.elapsed = time - start
        (sampledAt, sampledRow) = (time, line.done)
    }

    private mutating func draw(width: Int?) {
        if let width {
            output.write("\r" + line.fitted(to: width) + "\u{1B}[K")
        } else {
            output.write(line.plain() + "\n")
        }
        isDrawn = true
    }
}

extension Duration {
    /// The duration as a number of seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
