import MotetTraining
import Synchronization
import Testing

/// An output that keeps what is written, and a clock that moves when told to.
private final class Screen: Sendable {
    private let text = Mutex("")
    private let time = Mutex(Duration.zero)
    let width: Int?

    init(width: Int?) { self.width = width }

    var output: TerminalOutput {
        TerminalOutput(
            width: { [width] in width },
            write: { [self] written in text.withLock { $0 += written } }
        )
    }

    var now: () -> Duration { { [self] in time.withLock(\.self) } }

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }

    var written: String { text.withLock(\.self) }

    /// The lines drawn over each other on a terminal, without control codes.
    var drawn: [String] {
        written.split(separator: "\r").map { line in
            String(line.replacing("\u{1B}[K", with: "").replacing("\n", with: ""))
        }
    }
}

@Suite("Progress bar") struct ProgressBarTests {
    private func bar(_ screen: Screen, total: Int? = 1000, done: Int = 0) -> ProgressBar {
        ProgressBar("epoch 1/3", total: total, done: done, output: screen.output, now: screen.now)
    }

    @Test func aTerminalIsRedrawnAtMostTenTimesASecond() {
        let screen = Screen(width: 100)
        var bar = bar(screen, total: 10_000)
        for step in 1...1000 {
            screen.advance(.milliseconds(3))
            bar.update(done: step * 10)
        }
        // 3 seconds; a redraw waits for the first step at or after 100 ms: every 102 ms.
        #expect(screen.drawn.count == 29)
        #expect(!screen.written.contains("\n"))
        #expect(screen.written.hasPrefix("\r"))
    }

    @Test func whatIsCountedIsNamed() {
        let screen = Screen(width: nil)
        var bar = ProgressBar(
            "exposures",
            total: 53,
            unit: "weeks",
            output: screen.output,
            now: screen.now
        )
        screen.advance(.seconds(10))
        bar.update(done: 20)
        #expect(screen.written == "exposures: 37%, 20/53 weeks, 2 weeks/s, ETA 0:17\n")
    }

    @Test func theLineShowsRateTimeLeftAndLosses() {
        let screen = Screen(width: 100)
        var bar = bar(screen)
        screen.advance(.seconds(2))
        bar.update(done: 250, losses: [("click", 0.25), ("buy", 0.00001)])
        let expected =
            "epoch 1/3  [===>          ]  25%  250/1.00k rows  125 rows/s  ETA 0:06  "
            + "click 0.2500  buy 1.000e-05"
        #expect(screen.drawn == [expected])
        #expect(expected.count == 99)
    }

    @Test func theCountOfRowsGivesWayToTheBar() {
        let screen = Screen(width: 80)
        var bar = bar(screen)
        screen.advance(.seconds(2))
        bar.update(done: 250, losses: [("click", 0.25), ("buy", 0.00001)])
        let expected =
            "epoch 1/3  [==>       ]  25%  125 rows/s  ETA 0:06  click 0.2500  buy 1.000e-05"
        #expect(screen.drawn == [expected])
    }

    @Test func lossesAreAskedForOnlyWhenDrawn() {
        let screen = Screen(width: 100)
        var bar = bar(screen)
        var asked = 0
        func losses() -> [(name: String, value: Double)] {
            asked += 1
            return []
        }
        for step in 1...10 {
            screen.advance(.milliseconds(50))
            bar.update(done: step, losses: losses())
        }
        #expect(asked == 5)
    }

    @Test(arguments: Array(0...140))
    func theLineFitsAnyWidth(width: Int) {
        let screen = Screen(width: width)
        var bar = bar(screen)
        screen.advance(.seconds(1))
        bar.update(done: 500, losses: [("click", 0.1), ("koopt_日本", 0.2), ("return", 0.3)])
        for line in screen.drawn { #expect(TextWidth.columns(line) <= max(0, width - 1)) }
        if width >= 60 {
            #expect(screen.drawn.last?.contains("50%") == true)
            #expect(screen.drawn.last?.contains("ETA 0:01") == true)
        }
    }

    @Test func withoutATerminalPlainLinesAreSparse() {
        let screen = Screen(width: nil)
        var bar = bar(screen, total: 1_000_000)
        for step in 1...250 {
            screen.advance(.milliseconds(100))
            bar.update(done: step * 1000, losses: [("click", 0.5)])
        }
        bar.finish(losses: [("click", 0.5)])
        let expected = """
            epoch 1/3: 10%, 100k/1.00M rows, 10.0k rows/s, ETA 1:30, click 0.5000
            epoch 1/3: 20%, 200k/1.00M rows, 10.0k rows/s, ETA 1:20, click 0.5000
            epoch 1/3: 25%, 250k/1.00M rows, 10.0k rows/s, ETA 1:15, click 0.5000

            """
        #expect(screen.written == expected)
    }

    @Test func theLastLineShowsTheTimeTakenAndTheMeanRate() {
        let screen = Screen(width: 120)
        var bar = bar(screen, done: 400)
        screen.advance(.seconds(1))
        bar.update(done: 500)
        screen.advance(.seconds(3))
        bar.update(done: 1000)
        bar.finish()
        // 600 rows of this run in 4 seconds; the 400 before a resume do not count.
        #expect(screen.drawn.last?.contains("100%  1.00k/1.00k rows  150 rows/s  0:04") == true)
        #expect(screen.written.hasSuffix("\n"))
        let before = screen.written
        bar.finish()
        bar.update(done: 2000)
        #expect(screen.written == before)
    }

    @Test func theRateFollowsAChangeOfSpeed() {
        let screen = Screen(width: 120)
        var bar = bar(screen, total: 1_000_000)
        for _ in 0..<10 { screen.advance(.seconds(1)) }
        bar.update(done: 1000)
        for second in 1...30 {
            screen.advance(.seconds(1))
            bar.update(done: 1000 + second * 1000)
        }
        // From 100 to 1000 rows a second: after six times the memory 2 % of the old rate is left.
        #expect(screen.drawn.last?.contains("998 rows/s") == true)
    }

    @Test func anUnknownTotalShowsRowsAndTime() {
        let screen = Screen(width: 100)
        var bar = bar(screen, total: nil)
        screen.advance(.seconds(90))
        bar.update(done: 4500)
        #expect(screen.drawn == ["epoch 1/3  4.50k rows  50 rows/s  1:30"])
    }

    @Test func aStandstillHasNoTimeLeft() {
        let screen = Screen(width: 100)
        var bar = bar(screen)
        screen.advance(.seconds(1))
        bar.update(done: 0)
        #expect(screen.drawn.last?.contains("0 rows/s  ETA -") == true)
    }

    @Test func messagesStandAboveTheBar() {
        let screen = Screen(width: 60)
        var bar = bar(screen)
        screen.advance(.seconds(1))
        bar.update(done: 500)
        bar.message("saved runs/a")
        #expect(screen.written.contains("\r\u{1B}[Ksaved runs/a\n\repoch 1/3"))
        let plain = Screen(width: nil)
        var lines = self.bar(plain)
        lines.message("saved runs/a")
        #expect(plain.written == "saved runs/a\n")
    }
}
