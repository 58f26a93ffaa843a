import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("Console") struct ConsoleTests {
    private func decision(_ number: Int, user: String? = nil) -> Decision {
        Decision(
            kind: .recommend,
            request: "r\(number)",
            user: user,
            model: "m",
            variant: "control",
            count: 500,
            top: (0..<30).map { Decision.Item(id: "i\($0)") }
        )
    }

    @Test func theLogForgetsTheOldest() {
        let log = DecisionLog(capacity: 3)
        #expect(log.recent.isEmpty)
        for number in 1...2 { log.add(decision(number)) }
        #expect(log.recent.map(\.request) == ["r2", "r1"])
        for number in 3...7 { log.add(decision(number)) }
        #expect(log.recent.map(\.request) == ["r7", "r6", "r5"])
        #expect(log.recent[0].top.count == Decision.items)
        let none = DecisionLog(capacity: 0)
        #expect(!none.isDue)
        none.add(decision(1))
        #expect(none.recent.isEmpty)
    }

    @Test func busyTrafficIsSampled() {
        let log = DecisionLog(capacity: 1000)
        let start = ContinuousClock.now
        for number in 0..<500 where log.isDue { log.add(decision(number)) }
        // As many as fit into the seconds that have begun meanwhile.
        let seconds = Int((ContinuousClock.now - start) / .seconds(1)) + 2
        #expect(log.recent.count >= DecisionLog.perSecond)
        #expect(log.recent.count <= DecisionLog.perSecond * seconds)
    }

    @Test func usersAreKeptAsPseudonyms() {
        let (log, other) = (DecisionLog(capacity: 10), DecisionLog(capacity: 10))
        for user in ["anna", "bert", "anna"] { log.add(decision(1, user: user)) }
        let users = log.recent.compactMap(\.user)
        #expect(users.count == 3)
        #expect(users[0] == users[2] && users[0] != users[1])
        #expect(users.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{8}/) != nil })
        #expect(log.pseudonym(of: "anna") == users[0])
        // Two servers cannot be held side by side.
        #expect(other.pseudonym(of: "anna") != users[0])
    }

    @Test(arguments: [
        ("localhost", true), ("127.0.0.1:9090", true), ("[::1]:9090", true), ("LOCALHOST:1", true),
        ("evil.example", false), ("evil.example:9090", false), ("127.0.0.1.evil.example", false),
        ("", false), ("localhost.", false), ("localhost:9090:1", false),
    ])
    func onlyTheLoopbackIsAnswered(host: String, isAnswered: Bool) {
        #expect(LoopbackGuard.isLoopback(host) == isAnswered)
    }

    @Test func thePageMayRunItsOwnProgramAlone() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.admin = ServingSettings.Admin(port: 0)
        }
        var nonces: Set<String> = []
        for _ in 0..<2 {
            let reply = try await server.request("GET", "/console", nil, at: server.adminPort)
            #expect(reply.status == 200)
            #expect(reply.fields["content-type"] == "text/html; charset=utf-8")
            #expect(reply.fields["x-content-type-options"] == "nosniff")
            #expect(reply.fields["x-frame-options"] == "DENY")
            #expect(reply.fields["cache-control"] == "no-store")
            let policy = try #require(reply.fields["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; "))
            #expect(!policy.contains("unsafe"))
            let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([a-z0-9]{20,})'/)).1
            nonces.insert(String(nonce))
            #expect(reply.text.contains("<script nonce=\"\(nonce)\">"))
            #expect(reply.text.components(separatedBy: "<script").count == 2)
            // Nothing of another host, and no program in attributes.
            #expect(reply.text.firstMatch(of: /(src|href)="(?!data:)/) == nil)
            #expect(reply.text.firstMatch(of: /\son[a-z]+=/) == nil)
            #expect(!reply.text.contains("innerHTML"))
        }
        #expect(nonces.count == 2)
        // Neither page nor figures are on the public port.
        for path in ["/console", "/console/data"] {
            #expect(try await server.get(path).status == 404)
        }
    }

    @Test func figuresAreThoseOfTheAnswers() async throws {
        let server = try await RunningServer(try OnlineShop.shared.get()) {
            $0.admin = ServingSettings.Admin(port: 0)
            $0.features = ServingSettings.Features()
        }
        let port = try #require(server.adminPort)
        let document = try await server.request("GET", "/openapi.json", nil, at: port)
        let check = SchemaCheck(
            document: try document.body.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
        )
        func data() async throws -> JSONValue {
            let reply = try await server.request("GET", "/console/data", nil, at: port)
            #expect(check.problems(reply, "GET", "/console/data") == [])
            return try reply.body.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
        }
        let before = try await data()
        #expect(before["scores"]?.elements.isEmpty == true)
        #expect(before["decisions"]?.elements.isEmpty == true)
        _ = try await server.send(OnlineShop.events(at: OnlineShop.now))
        var sum = 0.0
        for number in 0..<25 {
            let items = (0..<10).map {
                "{\"id\":\"i\($0)\",\"item_id\":\"i\($0)\",\"price\":\($0 + number)}"
            }
            let market = ["home", "search"][number % 2]
            let reply = try await server.post(
                "/v1/score",
                "{\"user\":{\"id\":\"u1-secret\"},\"context\":{\"market\":\"\(market)\"},"
                    + "\"items\":[\(items.joined(separator: ","))]}",
                fields: ["X-Request-Id": "asked-\(number)"]
            )
            #expect(reply.status == 200, "\(reply.text)")
            let answered = try reply.json()["items"] as? [[String: Any]] ?? []
            for item in answered {
                sum += ((item["scores"] as? [String: Double])?["click"]) ?? .nan
            }
        }
        let after = try await data()
        let task = try #require(after["scores"]?.elements.first?["tasks"]?.elements.first)
        #expect(task["task"] == "click")
        let spreads = task["spreads"]?.elements ?? []
        #expect(spreads.map { $0["scenario"] } == [.null, "home", "search"])
        #expect(spreads.map { $0["count"] } == [250, 130, 120])
        // Sums of the same numbers, in another order.
        #expect(abs((spreads[0]["mean"]?.double ?? 0) - sum / 250) < 1e-6)
        #expect(spreads[0]["stability"]?.double != nil)
        #expect(spreads[1]["stability"] == .null)
        let run = RunDirectory(try OnlineShop.shared.get().file("run"))
        let reference = try #require(try run.scoreReference()?.tasks.first)
        #expect(spreads[0]["reference"]?["mean"]?.double == reference.all.mean)
        #expect(spreads[0]["reference"]?["label_mean"]?.double == reference.all.labelMean)
        let routes = after["traffic"]?["routes"]?.elements ?? []
        let score = try #require(routes.first { $0["route"] == "score" })
        #expect(score["total"] == 25)
        #expect(score["requests"]?.elements.compactMap(\.double).reduce(0, +) == 25)
        #expect((score["p99_all"]?.double ?? 0) >= (score["p50_all"]?.double ?? 1))
        #expect(after["store"]?["applied"] == 60)
        let decisions = after["decisions"]?.elements ?? []
        #expect((1...25).contains(decisions.count))
        let newest = try #require(decisions.first)
        #expect(newest["kind"] == "score")
        #expect(newest["count"] == 10)
        let items = newest["items"]?.elements ?? []
        #expect(items.count == 10)
        let values = items.compactMap { $0["scores"]?.elements.first?["value"]?.double }
        #expect(values == values.sorted(by: >))
        let features = "6 of 9 columns from the store"
        #expect(newest["notes"]?.elements == ["ordered by click", .text(features)])
        // No user's identity stands anywhere.
        let reply = try await server.request("GET", "/console/data", nil, at: port)
        #expect(!reply.text.contains("u1-secret"))
        #expect(newest["user"] != .null)
    }

    @Test func aServerThatKeepsNoDecisionsShowsNone() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.admin = ServingSettings.Admin(port: 0)
            $0.console.decisions = 0
        }
        let body = "{\"items\":[{\"id\":1,\"price\":2}]}"
        #expect(try await server.post("/v1/score", body).status == 200)
        let reply = try await server.request("GET", "/console/data", nil, at: server.adminPort)
        let data = try reply.json()
        #expect((data["decisions"] as? [Any])?.isEmpty == true)
        #expect((data["scores"] as? [Any])?.isEmpty == false)
    }

    @Test func theSecretOpensTheFiguresAndTheHostMustBeThisMachine() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("console-secret", "a secret of many letters\n")
        let open = try await RunningServer(shop) {
            $0.admin = ServingSettings.Admin(tokenFile: shop.file("console-secret"))
        }
        // The page holds no figure.
        #expect(try await open.get("/console").status == 200)
        #expect(try await open.get("/console/data").status == 401)
        let right = ["Authorization": "Bearer a secret of many letters"]
        #expect(try await open.request("GET", "/console/data", nil, fields: right).status == 200)
        let own = try await RunningServer(shop) { $0.admin = ServingSettings.Admin(port: 0) }
        let port = try #require(own.adminPort)
        let foreign = try await blocking {
            let wire = try Wire(port: port)
            wire.send("GET /console/data HTTP/1.1\r\nHost: evil.example:\(port)\r\n\r\n")
            return try wire.answer()
        }
        #expect(foreign.status == 421)
        #expect(try foreign.error().code == "foreign_host")
    }

    @Test func stepsOfLearningAreShownTheLastFirst() async throws {
        let shop = try ServedShop.shared.get()
        let folder = shop.file("learned-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try await RunningServer(shop) {
            $0.admin = ServingSettings.Admin(port: 0)
            $0.console.learning = folder
        }
        func steps() async throws -> [[String: Any]] {
            let reply = try await server.request("GET", "/console/data", nil, at: server.adminPort)
            return try #require(try reply.json()["learning"] as? [[String: Any]], "\(reply.text)")
        }
        #expect(try await steps().isEmpty)
        func measure(_ loss: Double) -> String { "{\"logLoss\":\(loss),\"calibration\":1.1}" }
        func line(_ step: Int, _ end: String) -> String {
            "{\"step\":\(step),\"after\":\(step),\"through\":\(step + 1),\"live\":\"r\",\"rows\":10,\"corrections\":2,"
                + "\"cells\":[{\"task\":\"click\",\"rows\":600,\"positives\":30,\"live\":\(measure(0.5)),"
                + "\"candidate\":\(measure(0.4))}],\(end)}\n"
        }
        // Far more than is read, of which the last line is not whole.
        let many = (1...2000).map { line($0, "\"promoted\":\"/runs/step-\($0)\"") }.joined()
        let last = line(2001, "\"reason\":\"over all tasks the log loss is not lower\"")
        try (many + last + "{\"step\":").write(
            toFile: folder + "/history.jsonl",
            atomically: true,
            encoding: .utf8
        )
        let shown = try await steps()
        #expect(shown.map { $0["step"] as? Int } == (1991...2001).reversed())
        #expect(shown[0]["promoted"] is NSNull)
        #expect(shown[0]["reason"] as? String == "over all tasks the log loss is not lower")
        #expect(shown[1]["promoted"] as? String == "step-2000")
        let tasks = try #require(shown[1]["tasks"] as? [[String: Any]])
        #expect((tasks[0]["live"] as? [String: Any])?["log_loss"] as? Double == 0.5)
        #expect((tasks[0]["candidate"] as? [String: Any])?["log_loss"] as? Double == 0.4)
    }
}
