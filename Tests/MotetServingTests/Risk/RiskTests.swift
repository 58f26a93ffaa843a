import Foundation
import Motet
import MotetDecisions
import Testing

@testable import MotetServing

@Suite("Risk") struct RiskTests {
    @Test func theScoreIsTheModelsMovedByTheRulesThatApply() async throws {
        let server = try await RiskShop.server()
        let order = RiskShop.order("o1", ",\"email\":\"jo1234@mail.example\",\"explain\":true")
        let judged = try await server.judge(order)
        let scored = try await server.post(
            "/v1/score",
            "{\"user\":{\"id\":\"u1\",\"user_id\":\"u1\"},\"context\":{\"market\":\"home\"},"
                + "\"items\":[{\"id\":\"i3\",\"item_id\":\"i3\",\"price\":40},{\"id\":\"i4\",\"item_id\":\"i4\",\"price\":20}]}"
        )
        let items = try #require(try scored.json()["items"] as? [[String: Any]])
        let tasks = items.compactMap { ($0["scores"] as? [String: Any])?["purchase"] as? Double }
        // Scores are told as 32-bit floats, those of risk as the same numbers in 64 bits.
        #expect(tasks.count == 2)
        let worst = try #require(tasks.max())
        #expect(abs(judged.modelScore - worst) < 1e-7)
        #expect(judged.codes.contains("disposable_mail"))
        let logit = log(judged.modelScore / (1 - judged.modelScore)) + 2
        #expect(abs(judged.score - 1 / (1 + exp(-logit))) < 1e-12)
        // Costs by the formulas of the page.
        let (p, fraud, good) = (judged.score, 15 + 80.0, 2 + 0.25 * 80)
        #expect(abs((judged.costs["allow"] ?? 0) - p * fraud) < 1e-9)
        #expect(abs((judged.costs["block"] ?? 0) - (1 - p) * good) < 1e-9)
        #expect(abs((judged.costs["review"] ?? 0) - (3 + p * 0.1 * fraud)) < 1e-9)
        #expect(judged.decision == judged.costs.min { $0.value < $1.value }?.key)
        let leading = try #require(judged.explanation["item_scores"] as? [[String: Any]])
        #expect(leading.compactMap { $0["score"] as? Double } == tasks.sorted(by: >))
        #expect(leading.compactMap { $0["item"] as? Int }.map { tasks[$0] } == tasks.sorted(by: >))
        #expect(judged.explanation["evidence"] as? Double == 2)
    }

    @Test func aRepeatedOrderGetsItsAnswerAndCountsOnce() async throws {
        let server = try await RiskShop.server()
        let order = RiskShop.order("same", ",\"device\":\"d\",\"explain\":true")
        let first = try await server.judge(order)
        #expect(first.isRepeated == false)
        for _ in 0..<4 {
            let again = try await server.judge(order)
            #expect(again.isRepeated == true)
            #expect(again.constant == first.constant)
        }
        let next = try await server.judge(
            RiskShop.order("next", ",\"device\":\"d\",\"explain\":true")
        )
        let counts = next.explanation["counts"] as? [[String: Any]]
        let device = counts?.first { $0["of"] as? String == "device" }
        #expect(device?["orders"] as? Int == 2)
        // Without the explanation it is the same order.
        let plain = try await server.judge(RiskShop.order("same", ",\"device\":\"d\""))
        #expect(plain.isRepeated == true && plain.body["explain"] == nil)
        let changed = try await server.post(
            "/v1/risk",
            RiskShop.order("same", amount: 81, ",\"device\":\"d\"")
        )
        #expect(changed.status == 409)
        let error = try changed.error()
        #expect(error.code == "order_changed" && error.field == "id")
    }

    @Test func velocityAndSharingAreCountedAcrossAccounts() async throws {
        let server = try await RiskShop.server()
        var codes: [[String]] = []
        for number in 0..<4 {
            let body = RiskShop.order("v\(number)", ",\"device\":\"d1\",\"address\":\"a1\"")
                .replacing("\"id\":\"u1\"", with: "\"id\":\"u\(number / 2)\"")
            codes.append(try await server.judge(body).codes.filter { $0 != "model_score" })
        }
        #expect(
            codes == [
                [], [], ["device_orders", "shared_address"], ["device_orders", "shared_address"],
            ]
        )
        let other = try await server.judge(RiskShop.order("v9", ",\"device\":\"d2\""))
        #expect(!other.codes.contains("device_orders"))
        // Another spelling of one mailbox and another number of one device.
        let spend = try await server.judge(RiskShop.order("v10", amount: 400))
        #expect(spend.codes.contains("account_spend"))
    }

    @Test func rulesDemandDecisionsAndLookAtColumns() async throws {
        let server = try await RiskShop.server()
        let large = try await server.judge(RiskShop.order("l", amount: 6_000))
        #expect(large.decision == "block" && large.codes.contains("large"))
        let phone = try await server.judge(
            RiskShop.order("p", amount: 0.01, ",\"phone\":\"00999 123\"")
        )
        #expect(phone.codes.contains("premium_phone"))
        #expect(["review", "block"].contains(phone.decision))
        let costly = try await server.judge(
            RiskShop.order("c").replacing("\"price\":20", with: "\"price\":901")
        )
        let reason = try #require(costly.reasons.first { $0["code"] as? String == "costly_item" })
        #expect(reason["value"] as? Double == 901)
        #expect(reason["weight"] as? Double == -0.5)
        #expect((reason["text"] as? String)?.contains("above 900") == true)
    }

    @Test func reviewsAreJudgedByTheirOwnTaskAndCosts() async throws {
        let server = try await RiskShop.server()
        let judged = try await server.judge(
            "{\"kind\":\"review\",\"id\":7,\"items\":[{\"id\":\"i1\",\"item_id\":\"i1\",\"price\":3}]}"
        )
        #expect(judged.body["id"] as? Int == 7)
        let p = judged.score
        #expect(p == judged.modelScore)
        #expect(abs((judged.costs["allow"] ?? 0) - 10 * p) < 1e-9)
        #expect(abs((judged.costs["review"] ?? 0) - 0.5) < 1e-9)
        // An order of the same identity is another thing.
        let order = try await server.judge(RiskShop.order("7"))
        #expect(order.isRepeated == false)
    }

    @Test func aServerThatIsStartedAgainKnowsItsOrders() async throws {
        let shop = try ServedShop.shared.get()
        let folder = "risk-\(UUID().uuidString)"
        let text = RiskShop.settings.replacing("store: memory", with: "store: \(folder)")
        // Long enough that no hash holds one by chance, and each as it is sent.
        let contacts = [
            ("device", "secret-device-4711"), ("address", "secret-address-4712"),
            ("email", "secret-mail-4713@mail.example"), ("phone", "+49301234567890"),
            ("payment", "secret-card-4714"), ("ip", "203.0.113.199"),
        ]
        let fields = contacts.map { ",\"\($0)\":\"\($1)\"" }.joined()
        func order(_ number: Int, _ more: String = "") -> String {
            RiskShop.order("secret-order-\(number)", fields + more)
                .replacing("\"id\":\"u1\"", with: "\"id\":\"secret-account-4715\"")
                .replacing("\"id\":\"i3\"", with: "\"id\":\"secret-item-4716\"")
        }
        var first: [Judged] = []
        let server = try await RiskShop.server(text)
        for number in 0..<3 {
            first.append(try await server.judge(order(number, ",\"explain\":true")))
        }
        try await server.stop()
        let next = try await RiskShop.server(text)
        for number in 0..<3 {
            let again = try await next.judge(order(number, ",\"explain\":true"))
            #expect(again.isRepeated == true)
            #expect(again.constant == first[number].constant)
        }
        let fourth = try await next.judge(order(3))
        #expect(fourth.codes.contains("device_orders"))
        // Nothing that names anybody is in the folder.
        let names = try FileManager.default.contentsOfDirectory(atPath: shop.file(folder))
        #expect(names.sorted() == ["key", "lock", "orders-00000001.log"])
        var bytes = Data()
        for name in names {
            bytes += try Data(contentsOf: URL(fileURLWithPath: shop.file(folder) + "/" + name))
        }
        // What is searched for would be found.
        #expect(bytes.range(of: Data("device_orders".utf8)) != nil)
        let secrets =
            contacts.map(\.1) + ["secret-", "4711", "mail.example", "301234567890", "203.0.113"]
        for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)") }
    }

    @Test func aLateOrderCountsWhatItWouldHaveCountedInTime() async throws {
        let server = try await RiskShop.server()
        let (day, now) = (Int64(86_400_000), OnlineShop.epoch)
        func codes(_ id: String, account: String, at time: Int64) async throws -> [String] {
            let body = RiskShop.order(id, ",\"address\":\"a\"")
                .replacing("\"id\":\"u1\"", with: "\"id\":\"\(account)\"")
                .replacing("\"time\":\(now)", with: "\"time\":\(time)")
            return try await server.judge(body).codes.filter { $0 == "shared_address" }
        }
        #expect(try await codes("first", account: "a1", at: now - 31 * day + 1) == [])
        // The clock of another is as far ahead as it may be.
        let ahead = try await codes("ahead", account: "a2", at: now + 60_000)
        #expect(ahead == [])
        // A day late it is within 30 days of the first one, by a moment.
        #expect(try await codes("late", account: "a3", at: now - day) == ["shared_address"])
        #expect(try await codes("alone", account: "a5", at: now - 31 * day) == [])
    }

    /// However many items an order has, what is kept of it is about a kilobyte, and is what was answered.
    @Test func whatIsKeptDoesNotGrowWithTheItems() async throws {
        let shop = try ServedShop.shared.get()
        let folder = "risk-\(UUID().uuidString)"
        let text = RiskShop.settings.replacing("store: memory", with: "store: \(folder)")
        let file = shop.file(folder) + "/orders-00000001.log"
        func size() throws -> Int {
            try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        }
        func order(_ items: Int) -> String {
            let listed = (0..<items).map {
                "{\"id\":\"i\($0)\",\"item_id\":\"i\($0 % 30)\",\"price\":\($0 % 97)}"
            }
            let whole = RiskShop.order(
                "items-\(items)",
                ",\"device\":\"d\",\"address\":\"a\",\"payment\":\"p\",\"email\":\"jo1234@b\",\"explain\":true"
            )
            let (from, to) = (whole.range(of: "[{"), whole.range(of: "}]"))
            guard let from, let to else { return whole }
            return whole.replacingCharacters(
                in: from.lowerBound..<to.upperBound,
                with: "[" + listed.joined(separator: ",") + "]"
            )
        }
        var sizes: [Int: Int] = [:]
        var answers: [Int: NSDictionary] = [:]
        do {
            let server = try await RiskShop.server(text) { $0.limits.candidates = 500 }
            for items in [1, 10, 50, 500] {
                let before = try size()
                let judged = try await server.judge(order(items))
                sizes[items] = try size() - before
                answers[items] = judged.constant
                let leading = judged.explanation["item_scores"] as? [[String: Any]] ?? []
                let scores = leading.compactMap { $0["score"] as? Double }
                #expect(scores.count == min(items, RiskJudgement.leadingItems))
                #expect(scores == scores.sorted(by: >))
                #expect(scores.first.map { abs($0 - judged.modelScore) < 1e-7 } == true)
                #expect(Set(leading.compactMap { $0["item"] as? Int }).count == scores.count)
            }
            try await server.stop()
        }
        for size in sizes.values { #expect(size < 2_048, "\(sizes)") }
        // Digits of places and scores differ, nothing else.
        #expect(abs((sizes[500] ?? 0) - (sizes[10] ?? 0)) < 200, "\(sizes)")
        let again = try await RiskShop.server(text) { $0.limits.candidates = 500 }
        for (items, answer) in answers {
            let judged = try await again.judge(order(items))
            #expect(judged.isRepeated == true && judged.constant == answer, "\(items)")
        }
    }

    @Test func aKeyThatIsMissingBesideOrdersIsAnError() throws {
        let shop = try ServedShop.shared.get()
        let folder = "risk-\(UUID().uuidString)"
        let text = RiskShop.settings.replacing("store: memory", with: "store: \(folder)")
        let settings = try #require(try RiskShop.settings(text, in: shop).risk)
        let key = shop.file(folder) + "/key"
        // Before the first order it is made anew.
        for _ in 0..<2 {
            try RiskStore(settings).close()
            #expect(FileManager.default.contents(atPath: key)?.count == 32)
            try FileManager.default.removeItem(atPath: key)
        }
        let store = try RiskStore(settings)
        let order = RiskOrder(
            id: store.identity(.order, "o"),
            time: 1,
            amount: 1,
            tokens: [.device: store.token(.device, "d")]
        )
        _ = try store.ledger.decide(order, fingerprint: 1) { _ in [1] }
        store.close()
        try RiskStore(settings).close()
        try FileManager.default.removeItem(atPath: key)
        for _ in 0..<2 {
            let error = #expect(throws: ServingError.self) { _ = try RiskStore(settings) }
            #expect(error?.code == .riskUnusable)
            #expect(error?.description.contains("/key cannot be read") == true)
            #expect(!FileManager.default.fileExists(atPath: key))
        }
    }

    @Test func eightClientsWithOneOrderGetOneAnswer() async throws {
        let server = try await RiskShop.server()
        let replies = try await withThrowingTaskGroup(of: [Reply].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var replies: [Reply] = []
                    for number in 0..<10 {
                        let body = RiskShop.order("e\(number)", ",\"device\":\"d\"")
                        replies.append(try await server.post("/v1/risk", body))
                    }
                    return replies
                }
            }
            return try await group.reduce(into: [[Reply]]()) { $0.append($1) }
        }
        for number in 0..<10 {
            let all = try replies.map { try Judged($0[number]) }
            #expect(all.count { $0.isRepeated == false } == 1)
            #expect(Set(all.map(\.constant)).count == 1)
        }
    }

    @Test func metricsAndConsoleTellOfDecisions() async throws {
        let server = try await RiskShop.server { $0.admin = ServingSettings.Admin(port: 0) }
        let port = try #require(server.adminPort)
        let judged = try await server.judge(RiskShop.order("m1", amount: 6_000))
        _ = try await server.judge(RiskShop.order("m1", amount: 6_000))
        let metrics = try await server.get("/metrics").text
        for line in [
            "motet_risk_decisions_total{kind=\"order\",decision=\"block\"} 1",
            "motet_risk_rules_total{kind=\"order\",code=\"large\"} 1",
            "motet_risk_repeated_total 1", "motet_risk_orders 1",
            "motet_risk_probability_count{kind=\"order\"} 1",
            "motet_risk_stage_seconds_count{stage=\"decide\"} 1",
        ] { #expect(metrics.contains(line + "\n"), "\(line)") }
        let reply = try await server.request("GET", "/console/data", nil, at: port)
        let data = try reply.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let decisions = data["decisions"]?.elements ?? []
        #expect(decisions.count == 1)
        #expect(decisions.first?["kind"] == "risk")
        let item = decisions.first?["items"]?.elements.first
        #expect(item?["value"]?.double == judged.score)
        let reasons = item?["reasons"]?.elements ?? []
        #expect(reasons.contains("large: the amount 6000 is above 5000"))
        #expect(data["scores"]?.elements.isEmpty == false)
        #expect(!reply.text.contains("\"u1\""))
    }

    static let wrong: [(String, String, String, String)] = [
        ("\"amount\":80.0", "\"amount\":-1", "out_of_range", "amount"),
        ("\"amount\":80.0", "\"amount\":1e12", "out_of_range", "amount"),
        ("\"amount\":80.0", "\"amount\":\"80\"", "wrong_type", "amount"),
        ("\"amount\":80.0,", "", "missing_field", "amount"),
        ("\"currency\":\"EUR\",", "", "missing_field", "currency"),
        ("\"currency\":\"EUR\"", "\"currency\":\"USD\"", "unknown_currency", "currency"),
        ("\"currency\":\"EUR\"", "\"currency\":978", "wrong_type", "currency"),
        ("\"time\":1780000000000", "\"time\":1780000060001", "out_of_range", "time"),
        ("\"time\":1780000000000", "\"time\":1780000000", "out_of_range", "time"),
        ("\"time\":1780000000000", "\"time\":\"now\"", "wrong_type", "time"),
        ("\"id\":\"o\",", "", "missing_field", "id"),
        ("\"id\":\"o\"", "\"id\":\"\"", "out_of_range", "id"),
        ("\"id\":\"o\"", "\"kind\":\"refund\",\"id\":\"o\"", "unknown_kind", "kind"),
        ("\"id\":\"o\"", "\"kind\":\"review\",\"id\":\"o\"", "unknown_field", "amount"),
        ("\"id\":\"o\"", "\"email\":\"none\",\"id\":\"o\"", "out_of_range", "email"),
        ("\"id\":\"o\"", "\"phone\":\"none\",\"id\":\"o\"", "out_of_range", "phone"),
        ("\"id\":\"o\"", "\"device\":[],\"id\":\"o\"", "wrong_type", "device"),
        ("\"id\":\"o\"", "\"explain\":1,\"id\":\"o\"", "wrong_type", "explain"),
        ("\"id\":\"o\"", "\"devise\":\"d\",\"id\":\"o\"", "unknown_field", "devise"),
        ("\"item_id\":\"i3\"", "\"colour\":\"i3\"", "unknown_field", "items[0].colour"),
    ]

    @Test func badOrdersAreRefusedWithCodeFieldAndSentence() async throws {
        let server = try await RiskShop.server()
        for (old, new, code, field) in Self.wrong {
            let body = RiskShop.order("o").replacing(old, with: new)
            #expect(body != RiskShop.order("o"), "\(old)")
            let reply = try await server.post("/v1/risk", body)
            #expect(reply.status == 400, "\(new): \(reply.text)")
            let error = try reply.error()
            #expect(error.code == code, "\(new): \(error)")
            #expect(error.field == field, "\(new): \(error)")
            #expect(error.message.hasPrefix(field), "\(error)")
        }
        for body in ["{\"id\":1,\"amount\":1,\"currency\":\"EUR\"}", "[]"] {
            #expect(try await server.post("/v1/risk", body).status == 400)
        }
        // Nothing of it was counted.
        let metrics = try await server.get("/metrics").text
        #expect(!metrics.contains("motet_risk_orders"))
    }

    @Test func answersAreThoseTheDocumentSays() async throws {
        let server = try await RiskShop.server()
        let reply = try await server.get("/openapi.json")
        let check = SchemaCheck(
            document: try reply.body.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
        )
        let schema = check.document["paths"]?["/v1/risk"]?["post"]?["requestBody"]?["content"]?[
            "application/json"
        ]?["schema"]
        let right = [
            RiskShop.order(
                "d1",
                ",\"explain\":true,\"device\":\"d\",\"phone\":\"1\",\"email\":\"a@b\""
            ),
            RiskShop.order(
                "d1",
                ",\"explain\":true,\"device\":\"d\",\"phone\":\"1\",\"email\":\"a@b\""
            ),
            RiskShop.order("d2", amount: 9_000),
            "{\"kind\":\"review\",\"id\":7,\"items\":[{\"id\":\"i1\",\"price\":1}],\"ip\":null}",
        ]
        for body in right + Self.wrong.map({ RiskShop.order("o").replacing($0.0, with: $0.1) }) {
            let reply = try await server.post("/v1/risk", body)
            #expect(check.problems(reply, "POST", "/v1/risk") == [], "\(body): \(reply.text)")
            let value = try Array(body.utf8).withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 64)
            }
            let problems = check.problems(value, try #require(schema), "body")
            // Times may be wrong in ways that depend on the clock; everything else the document tells.
            let isLate = body.contains("1780000060001")
            #expect(problems.isEmpty == (right.contains(body) || isLate), "\(body): \(problems)")
        }
        let changed = try await server.post("/v1/risk", RiskShop.order("d2", amount: 1))
        #expect(changed.status == 409)
        #expect(check.problems(changed, "POST", "/v1/risk") == [])
    }

    @Test(arguments: [
        (
            "task: purchase", "task: fraud",
            "serve.yaml:7, risk.order.task: the run \"",
            "has no task \"fraud\"; expected one of `click`, `purchase`"
        ),
        (
            "task: click", "task: channel", "risk.review.task: the run \"",
            "has no probability of the task \"channel\""
        ),
        (
            "name: price", "name: weight", "risk.order.rules \"costly_item\": the run \"",
            "reads no column \"weight\""
        ),
    ])
    func aRunThatLacksTaskOrColumnIsRefusedAtTheStart(
        old: String,
        new: String,
        first: String,
        second: String
    ) async throws {
        let text = try await RiskShop.refusal(RiskShop.settings.replacing(old, with: new))
        #expect(text.contains(first) && text.contains(second), "\(text)")
    }

    @Test func withoutTheSectionThereIsNoRoute() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        #expect(try await server.post("/v1/risk", RiskShop.order("o")).status == 404)
    }
}
