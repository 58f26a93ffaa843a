import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("Scores over HTTP") struct ScoreTests {
    /// The rows of new.csv as items of a request, with the values as the file spells them.
    private func items(_ shop: ServedShop) throws -> String {
        let lines = try shop.text("new.csv").split(separator: "\n")
        let names = lines[0].split(separator: ",").map(String.init)
        return lines.dropFirst().map { line in
            let cells = Self.cells(line)
            var fields = ["\"id\":\(cells[0])"]
            for (name, cell) in zip(names, cells) where name != "row" {
                fields.append("\"\(name)\":" + Self.value(name, cell))
            }
            return "{" + fields.joined(separator: ",") + "}"
        }.joined(separator: ",")
    }

    private static func value(_ name: String, _ cell: String) -> String {
        if cell.isEmpty { return "null" }
        switch name {
        case "price", "age", "stock": return cell
        case "history", "likes":
            return "[" + cell.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ",") + "]"
        default: return "\"\(cell)\""
        }
    }

    /// The cells of a line; quotes hold a comma together.
    private static func cells(_ line: Substring) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: cells.append("")
            default: cells[cells.count - 1].append(character)
            }
        }
        return cells
    }

    @Test func scoresEqualThoseOfPredictBitForBit() async throws {
        let shop = try ServedShop.shared.get()
        let output = "predictions-\(UUID().uuidString).csv"
        // The server computes each request on one thread; sums depend on how many there are.
        OneDNNBackend.useThreads(1)
        _ = try ServedShop.runner.predict(
            shop.file("run"),
            files: [shop.file("new.csv")],
            output: shop.file(output)
        )
        let server = try await RunningServer(shop) { $0.isExact = true }
        let reply = try await server.post("/v1/score", "{\"items\":[\(try items(shop))]}")
        #expect(reply.status == 200, "\(reply.text)")
        let answered = try #require(try reply.json()["items"] as? [[String: Any]])
        let expected = try shop.text(output).split(separator: "\n").dropFirst().map {
            Self.cells($0)
        }
        #expect(answered.count == 100)
        #expect(expected.count == 100)
        var distinct: Set<UInt32> = []
        for (row, (item, cells)) in zip(answered, expected).enumerated() {
            let scores = try #require(item["scores"] as? [String: Any])
            #expect((item["id"] as? NSNumber)?.intValue == row)
            for (task, cell) in [("click", cells[1]), ("purchase", cells[2])] {
                let score = try #require(scores[task] as? NSNumber).floatValue
                let predicted = try #require(Float(cell))
                #expect(score.bitPattern == predicted.bitPattern, "row \(row), \(task)")
                distinct.insert(score.bitPattern)
            }
            let channel = try #require(scores["channel"] as? [String: Any])
            #expect(channel["class"] as? String == cells[3])
            let probability = try #require(channel["probability"] as? NSNumber).floatValue
            #expect(probability.bitPattern == Float(cells[4])?.bitPattern)
        }
        // Rows that differ have scores that differ.
        #expect(distinct.count > 150)
    }

    @Test func whatTheUserAndTheContextSayHoldsForEveryItemThatSaysNothing() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let shared = """
            {"user":{"id":"u3","user_id":"u3","age":30,"history":["1","2"],"likes":["acme"]},
             "context":{"market":"search"},
             "items":[{"id":"a","item_id":"i1","brand":"acme","price":3.5,"stock":4,"size":"1,5"},
                      {"id":7,"item_id":"i2","brand":"bolt","price":8,"stock":2,"size":2,"market":"mail"}]}
            """
        let spelled = """
            {"items":[{"id":"a","user_id":"u3","age":30,"history":[1,2],"likes":["acme"],"market":"search",
                       "item_id":"i1","brand":" ACME ","price":3.5,"stock":4,"size":1.5},
                      {"id":7,"user_id":"u3","age":30,"history":[1,2],"likes":["acme"],"market":"mail",
                       "item_id":"i2","brand":"Bolt","price":8.0,"stock":2,"size":"2"}]}
            """
        let first = try await server.post("/v1/score", shared)
        let second = try await server.post("/v1/score", spelled)
        #expect(first.status == 200, "\(first.text)")
        #expect(first.text == second.text)
        let items = try #require(try first.json()["items"] as? [[String: Any]])
        #expect(items[0]["id"] as? String == "a")
        #expect(items[1]["id"] as? Int == 7)
        #expect(try first.json()["degraded"] as? Bool == false)
    }

    @Test func theScenarioOfAnItemDecides() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        func click(_ market: String) async throws -> Double {
            let reply = try await server.post(
                "/v1/score",
                "{\"items\":[{\"id\":1,\"user_id\":\"u1\",\"item_id\":\"i1\",\"price\":2,\"market\":\(market)}]}"
            )
            let items = try #require(try reply.json()["items"] as? [[String: Any]], "\(reply.text)")
            let scores = try #require(items[0]["scores"] as? [String: Any])
            return try #require(scores["click"] as? Double)
        }
        #expect(try await click("\"home\"") != (try await click("\"mail\"")))
        // `unknown: other` takes what it does not know, and nothing, for one scenario.
        #expect(try await click("\"billboard\"") == (try await click("null")))
    }

    @Test func aSourceFillsWhatTheRequestLeavesOut() async throws {
        struct Store: FeatureSource {
            func features(
                _ columns: [String],
                for request: FeatureQuery
            ) throws -> SourcedFeatures {
                guard columns.contains("price"), request.userID == "u3" else {
                    return SourcedFeatures()
                }
                let prices = request.itemIDs.map { RawValue.number($0 == "a" ? 3.5 : 8) }
                return SourcedFeatures(
                    columns: ["price": .each(prices), "user_id": .same(.text("u3"))],
                    isDegraded: true
                )
            }
        }
        let shop = try ServedShop.shared.get()
        let server = try await RunningServer(shop, features: Store())
        let sourced = try await server.post(
            "/v1/score",
            "{\"user\":{\"id\":\"u3\"},\"items\":[{\"id\":\"a\",\"item_id\":\"i1\"},{\"id\":\"b\"}]}"
        )
        let carried = try await server.post(
            "/v1/score",
            """
            {"user":{"user_id":"u3"},"items":[{"id":"a","item_id":"i1","price":3.5},{"id":"b","price":8}]}
            """
        )
        #expect(sourced.status == 200, "\(sourced.text)")
        #expect(try sourced.json()["degraded"] as? Bool == true)
        func items(_ reply: Reply) -> Substring {
            reply.text[
                (reply.text.firstRange(of: "\"items\"")?.lowerBound ?? reply.text.endIndex)...
            ]
        }
        #expect(!items(sourced).isEmpty)
        #expect(items(sourced) == items(carried))
        // A request that does not name the user has no price, and none is made up.
        let other = try await server.post("/v1/score", "{\"items\":[{\"id\":\"a\"}]}")
        #expect(try other.error().code == "missing_value")
    }

    @Test func manyRequestsAtOnceGetTheAnswersTheyGetAlone() async throws {
        // A request alone has its user's work done once, which takes sums in other parts than a micro-batch.
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.queue = 200
            $0.isExact = true
        }
        func body(_ number: Int) -> String {
            let items = (0...(number % 40)).map {
                "{\"id\":\($0),\"item_id\":\"i\($0)\",\"price\":\($0 + 1)}"
            }
            return "{\"user\":{\"user_id\":\"u\(number % 20)\"},\"items\":["
                + items.joined(separator: ",") + "]}"
        }
        var alone: [String] = []
        for number in 0..<60 { alone.append(try await server.post("/v1/score", body(number)).text) }
        let together = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<60 {
                group.addTask { (number, try await server.post("/v1/score", body(number)).text) }
            }
            var texts = [String](repeating: "", count: 60)
            for try await (number, text) in group { texts[number] = text }
            return texts
        }
        #expect(together == alone)
        #expect(alone.allSatisfy { $0.hasPrefix("{\"model\":\"run-") })
    }
}
