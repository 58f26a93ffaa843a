import MotetCore
import MotetExperiments
import MotetFeatures
import Testing

@testable import MotetServing

@Suite("Predictions and what became of them") struct OutcomeLedgerTests {
    private static let tasks = [
        OutcomeLedger.Task(event: .click, window: 100, parent: nil),
        OutcomeLedger.Task(event: .purchase, window: 400, parent: 0),
    ]

    private static func event(_ kind: EventKind, _ time: Int64, _ user: Int, _ item: Int) -> Event {
        Event(
            id: "\(kind)-\(time)-\(user)-\(item)",
            time: time,
            kind: kind,
            user: "u\(user)",
            item: "i\(item)"
        )
    }

    private static func pair(_ user: Int, _ item: Int) -> OutcomeLedger.Pair {
        OutcomeLedger.Pair(user: "u\(user)", item: "i\(item)")
    }

    private static func answer(_ time: Int64, _ probability: Float) -> OutcomeLedger.Answer {
        OutcomeLedger.Answer(
            time: time,
            model: 0,
            scenario: nil,
            probabilities: [probability, probability / 2]
        )
    }

    /// Whatever is shown and happens, each prediction counts once, and comes true where the join of logs says so.
    @Test(arguments: 1...20)
    func whatComesTrueIsWhatTheJoinOfLogsSays(seed: Int) {
        var random = RandomKey(seed: UInt64(seed)).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        // Of one pair no two things happen at once: which came first would be told by nothing.
        let times = (0..<160).map { Int64(3 * $0 + pick(3)) }
        var (exposures, events): ([OutcomeJoin.Exposure], [Event]) = ([], [])
        var ledger = OutcomeLedger(Self.tasks, capacity: 1000)
        var closed: [OutcomeLedger.Closed] = []
        for time in times {
            let (user, item) = (pick(3), pick(3))
            if pick(3) == 0 {
                // What tells the prediction from all others.
                let probability = Float(exposures.count + 1) / 1024
                exposures.append(.init(time: time, user: "u\(user)", item: "i\(item)"))
                ledger.answered(Self.answer(time - 1, probability), Self.pair(user, item))
                ledger.happened(Self.event(.exposure, time, user, item))
            } else {
                let event = Self.event([.click, .purchase][pick(2)], time, user, item)
                events.append(event)
                ledger.happened(event)
            }
            closed += ledger.close(at: time)
        }
        closed += ledger.close(at: 10_000)
        let join = OutcomeJoin(
            exposures,
            events,
            tasks: [
                .init("click", event: .click, window: 100),
                .init("purchase", event: .purchase, window: 400, parent: 0),
            ]
        )
        var expected: [[Bool?]] = exposures.map { _ in [nil, nil] }
        for row in join.rows(after: -1, through: 10_000) {
            expected[row.exposure] = row.labels.map { $0.map { $0 == 1 } }
        }
        var found: [[Bool?]] = exposures.map { _ in [nil, nil] }
        for row in closed {
            let index = Int(row.probability * (row.task == 0 ? 1024 : 2048)) - 1
            #expect(found[index][row.task] == nil, "a prediction counts twice")
            found[index][row.task] = row.cameTrue
        }
        #expect(found == expected)
        #expect(expected.contains { $0[1] == true } && expected.contains { $0[1] == false })
    }

    @Test func whatIsNotShownOrWasAnsweredLongAgoIsNotMeasured() {
        var ledger = OutcomeLedger(Self.tasks, capacity: 100, patience: 50)
        ledger.answered(Self.answer(0, 0.5), Self.pair(1, 1))
        ledger.happened(Self.event(.click, 10, 1, 1))
        ledger.answered(Self.answer(0, 0.5), Self.pair(1, 2))
        ledger.happened(Self.event(.exposure, 51, 1, 2))
        ledger.happened(Self.event(.exposure, 20, 2, 1))
        #expect(ledger.close(at: 10_000).isEmpty)
        // The last answer is the one that was shown.
        ledger.answered(Self.answer(10_000, 0.25), Self.pair(1, 3))
        ledger.answered(Self.answer(10_010, 0.75), Self.pair(1, 3))
        ledger.happened(Self.event(.exposure, 10_020, 1, 3))
        #expect(ledger.close(at: 20_000).map(\.probability) == [0.75])
    }

    @Test func aTaskTheModelDoesNotHaveIsNotMeasured() {
        var ledger = OutcomeLedger(Self.tasks, capacity: 100)
        var answer = Self.answer(0, 0.5)
        answer.probabilities[1] = .nan
        ledger.answered(answer, Self.pair(1, 1))
        for event in [
            Self.event(.exposure, 1, 1, 1), Self.event(.click, 2, 1, 1),
            Self.event(.purchase, 3, 1, 1),
        ] { ledger.happened(event) }
        #expect(ledger.close(at: 10_000).map(\.task) == [0])
    }

    /// However much is answered and shown, what is kept is bounded.
    @Test func whatIsKeptIsBounded() {
        var ledger = OutcomeLedger(Self.tasks, capacity: 50)
        for number in 0..<20_000 {
            ledger.answered(Self.answer(Int64(number), 0.5), Self.pair(number, 1))
        }
        for number in 0..<20_000 { ledger.happened(Self.event(.exposure, 20_000, number, 1)) }
        let closed = ledger.close(at: 30_000)
        #expect(closed.count == 50)
        // Those of the last answers.
        for number in 0..<100 {
            ledger.answered(Self.answer(40_000, 0.5), Self.pair(number, 1))
            ledger.happened(Self.event(.exposure, 40_000, number, 1))
        }
        #expect(ledger.close(at: 50_000).count == 50)
    }

    @Test func aForgottenUserIsNotCounted() {
        var ledger = OutcomeLedger(Self.tasks, capacity: 100)
        for user in [1, 2] {
            ledger.answered(Self.answer(0, Float(user) / 4), Self.pair(user, 1))
            ledger.happened(Self.event(.exposure, 1, user, 1))
        }
        ledger.answered(Self.answer(2, 0.5), Self.pair(1, 2))
        ledger.forget("u1")
        ledger.happened(Self.event(.exposure, 3, 1, 2))
        ledger.happened(Self.event(.click, 4, 1, 1))
        #expect(ledger.close(at: 10_000).map(\.probability) == [0.5])
    }
}
