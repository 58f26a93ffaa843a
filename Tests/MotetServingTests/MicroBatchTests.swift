import Foundation
import Motet
import NIOCore
import Synchronization
import Testing

@testable import MotetServing

/// Small requests that wait are computed together, and get the answers they get alone.
@Suite("Micro-batches") struct MicroBatchTests {
    /// A run, a thread that can be held up, and what answers on it.
    private struct Bench {
        let scorer: Scorer
        let pool = WorkerPool(threads: 1, limit: 100)
        let metrics = ServerMetrics()
        let batcher: MicroBatcher

        init(rows: Int, models: ModelStore = ModelStore(), experiment: Arm? = nil) throws {
            if models.current == nil { models.replace(try Self.model("run")) }
            scorer = Scorer(
                rollout: Rollout(models: models, experiment: experiment, shadow: nil),
                features: RequestFeatures(),
                limits: ServingSettings.Limits(),
                requestID: "1"
            )
            batcher = MicroBatcher(rows: rows, pool: pool, metrics: metrics)
        }

        static func model(_ run: String) throws -> ServedModel {
            let path = try ServedShop.shared.get().file(run)
            // By itself a request has its user's work done once, which takes sums in other parts.
            return try ServedModel(path, engine: .oneDNN, workers: 1, isExact: true)
        }

        /// The answer of a request that nobody is beside.
        func alone(_ body: String) throws -> String {
            var prepared = try scorer.prepare(ByteBuffer(string: body), since: .now)
            let scores = try scorer.compute(&prepared)
            return String(decoding: scorer.answer(prepared, scores).0.body, as: UTF8.self)
        }

        /// The answers of requests that all wait before the first is computed.
        func together(_ bodies: [String]) async throws -> [Result<String, any Error>] {
            let gate = DispatchSemaphore(value: 0)
            #expect(pool.enqueue { gate.wait() } == nil)
            let answers = await withTaskGroup(of: (Int, Result<String, any Error>).self) { group in
                for (index, body) in bodies.enumerated() {
                    group.addTask {
                        do {
                            let made: (Answer, ScoreRecord) = try await pool.run { done in
                                batcher.answer(scorer, ByteBuffer(string: body), since: .now, done)
                            }
                            return (index, .success(String(decoding: made.0.body, as: UTF8.self)))
                        } catch { return (index, .failure(error)) }
                    }
                }
                group.addTask {
                    // All wait in the queue before the thread goes on.
                    while pool.load.waiting < bodies.count {
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                    gate.signal()
                    return (-1, .success(""))
                }
                var answers = [Result<String, any Error>](
                    repeating: .success(""),
                    count: bodies.count
                )
                for await (index, answer) in group where index >= 0 { answers[index] = answer }
                return answers
            }
            return answers
        }
    }

    private static func body(_ number: Int) -> String {
        let items = (0...(number % 3)).map {
            "{\"id\":\($0),\"item_id\":\"i\(($0 * 7 + number) % 50)\",\"price\":\($0 + number + 1)}"
        }
        // What is given, and where, is another thing in each request.
        let age = number % 4 == 0 ? ",\"age\":\(20 + number)" : ""
        let history = number % 5 == 0 ? ",\"history\":[\"i1\",\"i\(number)\"]" : ""
        let market = ["home", "search", "mail"][number % 3]
        return "{\"user\":{\"user_id\":\"u\(number % 20)\"\(age)\(history)},"
            + "\"context\":{\"market\":\"\(market)\"},\"items\":[" + items.joined(separator: ",")
            + "]}"
    }

    /// The shop's run has towers of scenarios, which compute each row whole however it is asked for.
    @Test(arguments: [16, 64])
    func answersAreThoseOfRequestsAlone(_ rows: Int) async throws {
        let bench = try Bench(rows: rows)
        let bodies = (0..<40).map { Self.body($0) }
        let answers = try await bench.together(bodies)
        for (body, answer) in zip(bodies, answers) {
            #expect(try answer.get() == bench.alone(body))
        }
        #expect(Set(try answers.map { try $0.get() }).count > 30)
        let state = bench.metrics.snapshot
        #expect(state.batches >= 2 && state.batchedRequests > 30 && state.batchedRequests <= 40)
        #expect(state.batches * 2 <= state.batchedRequests)
        bench.pool.stop()
    }

    @Test func aValueThatCannotBeEncodedIsToldToTheRequestThatHasIt() async throws {
        let bench = try Bench(rows: 32)
        var bodies = (0..<8).map { Self.body($0) }
        bodies[3] = bodies[3].replacing("\"price\":4", with: "\"price\":\"much\"")
        bodies[5] = "{\"user\":{},\"items\":[{\"id\":1,\"planet\":2}]}"
        bodies[6] = "{"
        let answers = try await bench.together(bodies)
        for (index, answer) in answers.enumerated() {
            switch index {
            case 3, 5, 6:
                let error = #expect(throws: RequestError.self) { try answer.get() }
                let alone = #expect(throws: RequestError.self) { try bench.alone(bodies[index]) }
                #expect(error?.body == alone?.body)
            default: #expect(try answer.get() == bench.alone(bodies[index]))
            }
        }
        bench.pool.stop()
    }

    @Test func requestsOfTwoModelsAreComputedByTheirOwn() async throws {
        let shop = try ServedShop.shared.get()
        if !FileManager.default.fileExists(atPath: shop.file("micro")) {
            try shop.train("micro", seed: 21)
        }
        let other = ModelStore()
        other.replace(try Bench.model("micro"))
        let bench = try Bench(rows: 64, experiment: Arm(models: other, share: 0.5, salt: "m"))
        let bodies = (0..<12).map {
            Self.body($0).replacing("\"user\":{", with: "\"user\":{\"id\":\"person \($0)\",")
        }
        let answers = try await bench.together(bodies)
        for (body, answer) in zip(bodies, answers) {
            #expect(try answer.get() == bench.alone(body))
        }
        let models = Set(try answers.map { try $0.get().prefix(20) })
        #expect(models.count == 2)
        bench.pool.stop()
    }

    @Test func largeRequestsAndThoseNobodyIsBesideAreComputedAtOnce() async throws {
        let bench = try Bench(rows: 32)
        let items = (0..<9).map { "{\"id\":\($0),\"item_id\":\"i\($0)\",\"price\":1}" }
        let large = "{\"items\":[" + items.joined(separator: ",") + "]}"
        let answers = try await bench.together([large, large, large, Self.body(2)])
        for answer in answers.prefix(3) { #expect(try answer.get() == bench.alone(large)) }
        #expect(try answers[3].get() == bench.alone(Self.body(2)))
        #expect(bench.metrics.snapshot.batches == 0)
        let off = try Bench(rows: 0)
        _ = try await off.together((0..<5).map { Self.body($0) })
        #expect(off.metrics.snapshot.batches == 0)
        bench.pool.stop()
        off.pool.stop()
    }
}
