import Foundation
import Motet
import Testing

/// Models that go on learning while they answer.
@Suite("Learning from what was shown") struct LearnTests {
    /// The mean cross-entropy of a run's clicks with their true rates, over all users, items and markets.
    private static func loss(_ run: String, day: Double, turn: Double) throws -> Double {
        let trained = try TrainedRun(run)
        let predictor = try RunPredictor(trained, engine: .oneDNN)
        let encoder = try RowEncoder(trained.fitted)
        var (sum, count) = (0.0, 0)
        for market in ["home", "search"] {
            let pairs = (0..<400).flatMap { user in (0..<30).map { (user, $0) } }
            let rows = RawRows(
                count: pairs.count,
                columns: [
                    "user": .each(pairs.map { .text("u\($0.0)") }),
                    "item": .each(pairs.map { .text("i\($0.1)") }), "market": .same(.text(market)),
                ]
            )
            let scores = try predictor.scores(predictor.batch(rows, encoder))["click"] ?? []
            for ((user, item), score) in zip(pairs, scores) {
                let rate = DriftingShop.rates(user, item, market, day: day * turn).click
                let p = min(max(Double(score), 1e-7), 1 - 1e-7)
                sum -= rate * log(p) + (1 - rate) * log(1 - p)
                count += 1
            }
        }
        return sum / Double(count)
    }

    private static func steps(_ shop: DriftingShop) throws -> [LearnedStep] {
        try String(contentsOfFile: shop.file("learned/history.jsonl"), encoding: .utf8)
            .split(separator: "\n")
            .map { try JSONDecoder().decode(LearnedStep.self, from: Data($0.utf8)) }
    }

    /// Where tastes turn, the model that learns follows them and the frozen one does not; at no step does it answer worse
    /// than the frozen one by more than the gate's bound.
    @Test(arguments: [0.3, 0.0])
    func aModelThatLearnsFollowsWhatChanges(_ turn: Double) throws {
        let shop = try DriftingShop(days: 6, turn: turn)
        try shop.write("learn.yaml", DriftingShop.settings("keep: 100"))
        let result = try Program.run(["learn", "learn.yaml"], in: shop.path)
        #expect(result.status == 0, "\(result.errors)")
        let steps = try Self.steps(shop)
        #expect(steps.count >= 11)
        #expect(result.output.contains("step 1: "))
        for step in steps {
            guard let promoted = step.promoted else {
                #expect(step.reason != nil)
                continue
            }
            let day = Double(step.through - DriftingShop.origin) / Double(DriftingShop.day)
            let learnt = try Self.loss(promoted, day: day, turn: turn)
            let frozen = try Self.loss(shop.file("run"), day: day, turn: turn)
            #expect(learnt <= frozen + 0.01, "step \(step.step): \(learnt) against \(frozen)")
        }
        let end = try #require(steps.last)
        let day = Double(end.through - DriftingShop.origin) / Double(DriftingShop.day)
        let learnt = try Self.loss(try shop.live(), day: day, turn: turn)
        let frozen = try Self.loss(shop.file("run"), day: day, turn: turn)
        if turn > 0 {
            #expect(learnt < frozen - 0.015, "\(learnt) against \(frozen)")
            #expect(steps.count { $0.promoted != nil } > 4)
            // Purchases come half a day later in the mean.
            #expect(steps.reduce(0) { $0 + $1.corrections } > 50)
        } else {
            #expect(learnt <= frozen + 0.01, "\(learnt) against \(frozen)")
        }
    }

    /// A program that is killed at any moment leaves a whole model, and goes on to the same one.
    @Test func anEndWithoutWarningLosesNothingAndLearnsNothingTwice() throws {
        let shop = try DriftingShop(days: 4, turn: 0.3)
        try shop.write("learn.yaml", DriftingShop.settings("keep: 100"))
        #expect(try Program.run(["learn", "learn.yaml"], in: shop.path).status == 0)
        let expected = try Self.steps(shop)
        let parameters = try Data(
            contentsOf: URL(fileURLWithPath: shop.live() + "/parameters.safetensors")
        )
        try shop.relink()
        var random = RandomKey(seed: 8).generator()
        var kills = 0
        func lines() -> Int {
            let history = try? String(
                contentsOfFile: shop.file("learned/history.jsonl"),
                encoding: .utf8
            )
            return (history ?? "").count { $0 == "\n" }
        }
        while true {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try Program.binary())
            process.arguments = ["learn", "learn.yaml"]
            process.currentDirectoryURL = URL(fileURLWithPath: shop.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // After none, one or two more steps, and a little of the next.
            let wanted = lines() + min(Int(random.nextUniform() * 3), 2)
            while process.isRunning, lines() < wanted { usleep(500) }
            usleep(UInt32(random.nextUniform() * 30_000))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            _ = try TrainedRun(try shop.live())
            if process.terminationReason == .exit {
                #expect(process.terminationStatus == 0)
                break
            }
            kills += 1
        }
        #expect(kills > 0)
        let found = try Self.steps(shop)
        #expect(found == expected)
        let last = try Data(
            contentsOf: URL(fileURLWithPath: shop.live() + "/parameters.safetensors")
        )
        #expect(last == parameters)
        let left = try FileManager.default.contentsOfDirectory(atPath: shop.file("learned"))
        #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
    }

    /// The first step begins where it is told to, and each learns the rows that a step of the same span learns.
    @Test func whatTheRunWasTrainedOnIsLeftOut() throws {
        let shop = try DriftingShop(days: 4, turn: 0.3)
        func learnt(_ more: String) throws -> [LearnedStep] {
            try? FileManager.default.removeItem(atPath: shop.file("learned"))
            try shop.relink()
            try shop.write("learn.yaml", DriftingShop.settings(more))
            let result = try Program.run(["learn", "learn.yaml"], in: shop.path)
            #expect(result.status == 0, "\(result.errors)")
            return try Self.steps(shop)
        }
        func spans(_ steps: some Collection<LearnedStep>) -> [[Int64]] {
            steps.map { [$0.after, $0.through, Int64($0.rows), Int64($0.corrections)] }
        }
        let whole = try learnt("from: \(DriftingShop.origin - 5 * DriftingShop.day)")
        try #require(whole.count > 4)
        let later = try learnt("from: \(whole[3].after + 1)")
        #expect(spans(later) == spans(whole.dropFirst(3)))
        #expect(later.allSatisfy { $0.rows > 0 })
    }

    @Test func whatIsWrongIsToldInOneSentence() throws {
        let shop = try DriftingShop(days: 1, turn: 0)
        func sentence(_ settings: String) throws -> String {
            try shop.write("wrong.yaml", settings)
            let result = try Program.run(["learn", "wrong.yaml"], in: shop.path)
            #expect(result.status == 3, "\(result.output)")
            #expect(!FileManager.default.fileExists(atPath: shop.file("learned")))
            return result.errors
        }
        let settings = DriftingShop.settings()
        #expect(
            try sentence(settings.replacing("run: current", with: "run: run"))
                .contains("this is no link; expected one to the run that answers")
        )
        #expect(
            try sentence(settings.replacing("name: buy", with: "name: bye"))
                .contains("tasks, \"bye\": the run has no such task; expected one of click, buy.")
        )
        #expect(
            try sentence(
                settings.replacing("  - { name: click, event: click, window: 1h }\n", with: "")
            ).contains("it is within \"click\"; expected that task before it in `tasks`")
        )
        #expect(
            try sentence(settings.replacing("{ files: shown.csv }", with: "{ files: events.csv }"))
                .contains("exposures: the files have no column \"market\"")
        )
        #expect(
            try sentence(settings.replacing("window: 1h", with: "window: soon"))
                .contains("not a length of time")
        )
    }

    /// A candidate whose training comes to nothing is one that is discarded, and learning goes on behind it.
    @Test func aCandidateThatComesToNothingIsDiscarded() throws {
        let shop = try DriftingShop(days: 2, turn: 0)
        let adagrad = "{ name: adagrad, learning_rate: 0.02 }"
        let settings = DriftingShop.settings()
        #expect(settings.contains(adagrad))
        try shop.write(
            "learn.yaml",
            settings.replacing(adagrad, with: "{ name: sgd, learning_rate: 1.0e+30 }")
        )
        let before = try shop.live()
        let result = try Program.run(["learn", "learn.yaml"], in: shop.path)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("discarded: the training came to nothing"))
        #expect(try shop.live() == before)
        let state = try String(contentsOfFile: shop.file("learned/state.json"), encoding: .utf8)
        #expect(state.contains("\"step\" : 3") || state.contains("\"step\" : 4"), "\(state)")
    }

    @Test func whatHasNotHappenedYetIsNotLearnt() throws {
        let shop = try DriftingShop(days: 1, turn: 0)
        try shop.write("learn.yaml", DriftingShop.settings())
        // Microseconds, which are thousands of years ahead.
        let late = try Program.run(
            ["learn", "learn.yaml", "--through", "\(DriftingShop.origin * 1000)"],
            in: shop.path
        )
        #expect(late.status == 3)
        #expect(late.errors.contains("learning: the moment is in the future; expected at most "))
        let events = try String(contentsOfFile: shop.file("events.csv"), encoding: .utf8)
        let lines = events.split(separator: "\n")
        let time = try #require(lines[0].split(separator: ",").firstIndex(of: "time"))
        var last = lines[1].split(separator: ",").map(String.init)
        // In the year 2090.
        last[time] = "3786912000000"
        if let id = lines[0].split(separator: ",").firstIndex(of: "id") { last[id] = "future" }
        try shop.write("events.csv", events + last.joined(separator: ",") + "\n")
        let ahead = try Program.run(["learn", "learn.yaml"], in: shop.path)
        #expect(ahead.status == 3, "\(ahead.output)")
        #expect(
            ahead.errors.contains(
                "outcomes, an event: the time is in the future; expected at most "
            )
        )
        #expect(!FileManager.default.fileExists(atPath: shop.file("learned")))
    }

    /// Seconds that are called milliseconds lie in January 1970: there would be nothing to learn, for ever.
    @Test func timesOfAnotherUnitAreRefused() throws {
        let shop = try DriftingShop(days: 1, turn: 0)
        let settings = DriftingShop.settings()
        try shop.write("learn.yaml", settings)
        let shown = try String(contentsOfFile: shop.file("shown.csv"), encoding: .utf8)
        let seconds = shown.replacing(/\b(1[0-9]{9})[0-9]{3}\b/) { "\($0.1)" }
        #expect(seconds != shown)
        try shop.write("shown.csv", seconds)
        let result = try Program.run(["learn", "learn.yaml"], in: shop.path)
        #expect(result.status == 3, "\(result.output)")
        #expect(
            result.errors.contains("exposures, row 1, column \"time\": the time is out of range")
        )
        #expect(result.errors.contains("Look at the unit of the times"))
        #expect(!FileManager.default.fileExists(atPath: shop.file("learned")))
    }

    @Test func aSecondProgramDoesNotLearnIntoTheSameFolder() throws {
        let shop = try DriftingShop(days: 1, turn: 0)
        try shop.write("learn.yaml", DriftingShop.settings())
        try FileManager.default.createDirectory(
            atPath: shop.file("learned"),
            withIntermediateDirectories: true
        )
        let lock = open(shop.file("learned/lock"), O_CREAT | O_RDWR, 0o644)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let second = try Program.run(["learn", "learn.yaml"], in: shop.path)
        #expect(second.status == 3)
        #expect(second.errors.contains("another program learns into it; expected one at a time."))
        #expect(!FileManager.default.fileExists(atPath: shop.file("learned/state.json")))
        close(lock)
        #expect(try Program.run(["learn", "learn.yaml"], in: shop.path).status == 0)
    }
}
