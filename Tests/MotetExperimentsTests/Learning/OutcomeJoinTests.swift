import MotetCore
import MotetExperiments
import MotetFeatures
import Testing

/// Exposures with the events that followed.
@Suite("Exposures and outcomes") struct OutcomeJoinTests {
    private typealias Join = OutcomeJoin

    private static func event(
        _ kind: EventKind,
        _ time: Int64,
        _ user: String,
        _ item: String
    ) -> Event {
        Event(id: "\(kind)-\(time)-\(user)-\(item)", time: time, kind: kind, user: user, item: item)
    }

    private static let click = Join.Task("click", event: .click, window: 100)
    private static let buy = Join.Task(
        "buy",
        event: .purchase,
        window: 1000,
        isLearntAtOnce: true,
        parent: 0
    )

    @Test func anEventBelongsToTheLastExposureBeforeIt() {
        let exposures = [
            Join.Exposure(time: 0, user: "u", item: "i"),
            Join.Exposure(time: 50, user: "u", item: "i"),
            Join.Exposure(time: 60, user: "u", item: "j"),
            Join.Exposure(time: 200, user: "u", item: "i"),
        ]
        let events = [
            Self.event(.click, 50, "u", "i"), Self.event(.click, 161, "u", "j"),
            Self.event(.click, 199, "v", "i"),
        ]
        let rows = Join(exposures, events, tasks: [Self.click]).rows(after: -1, through: 1000)
        // 161 is 101 after 60: too late.
        #expect(rows.map(\.exposure) == [0, 1, 2, 3])
        #expect(rows.map { $0.labels[0] } == [0, 1, 0, 0])
    }

    @Test func aRowWaitsForItsWindowOrComesAgain() {
        let exposures = [Join.Exposure(time: 10, user: "u", item: "i")]
        let events = [Self.event(.click, 20, "u", "i"), Self.event(.purchase, 500, "u", "i")]
        let join = Join(exposures, events, tasks: [Self.click, Self.buy])
        // The click is known at 20, so a purchase within it is learnt as a negative from there on.
        #expect(join.rows(after: 0, through: 15).isEmpty)
        #expect(join.rows(after: 15, through: 100).map(\.labels) == [[nil, 0]])
        #expect(join.rows(after: 100, through: 400).map(\.labels) == [[1, nil]])
        #expect(join.rows(after: 400, through: 600).map(\.labels) == [[nil, 1]])
        #expect(join.rows(after: 600, through: 9000).isEmpty)
        // The purchase corrects what was learnt; that the row's click is known late does not.
        #expect(!join.rows(after: 15, through: 100)[0].isCorrection)
        #expect(!join.rows(after: 100, through: 400)[0].isCorrection)
        #expect(join.rows(after: 400, through: 600)[0].isCorrection)
        #expect(join.rows(after: 15, through: 600).map(\.isCorrection) == [false, true])
        // In one step the negative and the positive are two rows: the loss counts on both.
        #expect(join.rows(after: 0, through: 9000).map(\.labels) == [[1, 0], [nil, 1]])
    }

    @Test func aPurchaseBelongsToTheExposureThatWasClicked() {
        let exposures = [
            Join.Exposure(time: 0, user: "u", item: "i"),
            Join.Exposure(time: 10, user: "u", item: "i"),
            Join.Exposure(time: 18, user: "u", item: "i"),
        ]
        // Shown again after the click, and clicked again after the purchase.
        let events = [
            Self.event(.click, 5, "u", "i"), Self.event(.purchase, 20, "u", "i"),
            Self.event(.click, 25, "u", "i"),
        ]
        let join = Join(exposures, events, tasks: [Self.click, Self.buy])
        let known = join.known(at: 9000, window: 9001, age: [0, 0]) { _ in true }
        #expect(known.map(\.labels) == [[1, 1], [0, nil], [1, 0]])
    }

    /// A click that comes after the purchase's window is over begins a row of the purchase then, in any span.
    @Test func aRowThatBeginsAfterItsWindowIsDueWhenItBegins() {
        let exposures = [Join.Exposure(time: 0, user: "u", item: "i")]
        let events = [Self.event(.click, 80, "u", "i")]
        let soon = Join.Task("buy", event: .purchase, window: 50, parent: 0)
        let join = Join(exposures, events, tasks: [Self.click, soon])
        for cuts in [[-1, 1000], [-1, 60, 100, 1000], [-1, 79, 80, 1000]] as [[Int64]] {
            let labels = zip(cuts, cuts.dropFirst()).flatMap { join.rows(after: $0, through: $1) }
                .compactMap { $0.labels[1] }
            #expect(labels == [0], "\(cuts)")
        }
    }

    @Test func withoutItsParentsOutcomeARowIsNoneOfTheTask() {
        let exposures = [Join.Exposure(time: 10, user: "u", item: "i")]
        let events = [Self.event(.purchase, 50, "u", "i")]
        let join = Join(exposures, events, tasks: [Self.click, Self.buy])
        #expect(join.rows(after: 0, through: 9000).map(\.labels) == [[0, nil]])
    }

    @Test func theGateSeesWhatIsKnownOfRowsThatAreOldEnough() {
        let exposures = [
            Join.Exposure(time: 10, user: "u", item: "i"),
            Join.Exposure(time: 80, user: "v", item: "i"),
        ]
        let events = [
            Self.event(.click, 20, "u", "i"), Self.event(.purchase, 90, "u", "i"),
            Self.event(.click, 85, "v", "i"),
        ]
        let join = Join(exposures, events, tasks: [Self.click, Self.buy])
        let rows = join.known(at: 88, window: 88, age: [5, 50]) { _ in true }
        #expect(rows.map(\.labels) == [[1, 0], [1, nil]])
        let later = join.known(at: 95, window: 95, age: [5, 50]) { $0.user == "u" }
        #expect(later.map(\.labels) == [[1, 1]])
        // Of each task the span that ended its age ago: (63, 83] for clicks, (18, 38] for purchases.
        #expect(
            join.known(at: 88, window: 20, age: [5, 50]) { _ in true }.map(\.labels) == [[1, nil]]
        )
        // 10 is within neither (10, 83] nor (-35, 38]'s clicks.
        #expect(
            join.known(at: 88, window: 73, age: [5, 50]) { _ in true }.map(\.labels) == [
                [nil, 0], [1, nil],
            ]
        )
    }

    /// Attribution by looking at everything, for each exposure.
    private static func outcome(
        _ index: Int,
        _ place: Int,
        _ tasks: [Join.Task],
        _ exposures: [Join.Exposure],
        _ events: [Event]
    ) -> Int64? {
        let (own, task) = (exposures[index], tasks[place])
        func canLead(_ other: Int, to event: Event) -> Bool {
            let exposure = exposures[other]
            guard exposure.user == event.user, exposure.item == event.item,
                exposure.time <= event.time
            else { return false }
            guard let parent = task.parent else { return true }
            return outcome(other, parent, tasks, exposures, events).map { $0 <= event.time }
                ?? false
        }
        return events.filter { event in
            event.kind == task.event && event.time - own.time <= task.window
                && canLead(index, to: event)
                && !exposures.indices.contains { other in
                    (exposures[other].time, other) > (own.time, index) && canLead(other, to: event)
                }
        }.map(\.time).min()
    }

    /// However time is cut into steps, each row is learnt once as it is first known, and a negative that was learnt at once
    /// comes again once, as a positive: also where its outcome came in the same step.
    @Test(arguments: 1...20)
    func stepsOfAnyLengthLearnTheSame(_ seed: Int) {
        var random = RandomKey(seed: UInt64(seed)).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        let exposures = (0..<60).map { _ in
            Join.Exposure(time: Int64(pick(1000)), user: "u\(pick(4))", item: "i\(pick(3))")
        }
        let events = (0..<80).map { _ in
            Self.event(
                [.click, .purchase][pick(2)],
                Int64(pick(2500)),
                "u\(pick(4))",
                "i\(pick(3))"
            )
        }
        let tasks = [
            Self.click, Join.Task("soon", event: .click, window: 300, isLearntAtOnce: true),
            Self.buy, Join.Task("quick", event: .purchase, window: 60, parent: 0),
        ]
        let join = Join(exposures, events, tasks: tasks)
        var cuts = [Int64(-1)] + (0..<pick(12)).map { _ in Int64(pick(3000)) } + [4000]
        cuts.sort()
        var learnt: [[[Float]]] = exposures.map { _ in tasks.map { _ in [] } }
        for (start, end) in zip(cuts, cuts.dropFirst()) {
            for row in join.rows(after: start, through: end) {
                for (place, label) in row.labels.enumerated() {
                    if let label { learnt[row.exposure][place].append(label) }
                }
            }
        }
        for index in exposures.indices {
            let happened = tasks.indices.map {
                Self.outcome(index, $0, tasks, exposures, events) != nil
            }
            #expect(learnt[index][0] == [happened[0] ? 1 : 0])
            #expect(learnt[index][1] == (happened[1] ? [0, 1] : [0]))
            guard happened[0] else {
                #expect(learnt[index][2].isEmpty && learnt[index][3].isEmpty)
                continue
            }
            #expect(learnt[index][2] == (happened[2] ? [0, 1] : [0]))
            #expect(learnt[index][3] == [happened[3] ? 1 : 0])
        }
    }
}
