import Foundation
import Motet
import Synchronization
import Testing

@testable import MotetServing

@Suite("Models that change") struct SwapTests {
    private static let body =
        "{\"user\":{\"user_id\":\"u3\"},\"items\":[{\"id\":1,\"item_id\":\"i4\",\"price\":2}]}"

    /// A shop with two runs and a link `current` to the first.
    private static let shop = Result {
        let shop = try ServedShop()
        try shop.train("other", seed: 8)
        try point("current", to: "run", in: shop)
        return shop
    }

    /// Makes a link point elsewhere in one step.
    private static func point(_ link: String, to run: String, in shop: ServedShop) throws {
        let fresh = shop.file(".fresh-" + UUID().uuidString)
        try FileManager.default.createSymbolicLink(
            atPath: fresh,
            withDestinationPath: shop.file(run)
        )
        guard rename(fresh, shop.file(link)) == 0 else {
            throw Wire.Failure(description: "rename: \(errno)")
        }
    }

    private func model(_ server: RunningServer) async throws -> String {
        let reply = try await server.get("/readyz")
        return try #require(try reply.json()["model"] as? String)
    }

    /// Asks all the time until it is told to stop; every answer by the model that gave it.
    private final class Load: Sendable {
        private let isOver = Mutex(false)
        private let answers = Mutex<[String: Set<String>]>([:])
        private let failures = Mutex<[String]>([])

        func run(_ server: RunningServer) async throws {
            while !isOver.withLock({ $0 }) {
                let reply = try await server.post("/v1/score", SwapTests.body)
                let model = try reply.json()["model"] as? String
                guard reply.status == 200, let model else {
                    failures.withLock { $0.append("\(reply.status) \(reply.text)") }
                    continue
                }
                answers.withLock { _ = $0[model, default: []].insert(reply.text) }
            }
        }

        /// Waits for an answer by a model.
        func answer(by model: String) async throws {
            for _ in 0..<1000 where answers.withLock({ $0[model] == nil }) {
                try await Task.sleep(for: .milliseconds(10))
            }
        }

        func stop() -> (answers: [String: Set<String>], failures: [String]) {
            isOver.withLock { $0 = true }
            return (answers.withLock { $0 }, failures.withLock { $0 })
        }
    }

    @Test func aChangedLinkSwapsTheModelAndNoRequestFails() async throws {
        let shop = try Self.shop.get()
        let link = "link-\(UUID().uuidString)"
        try Self.point(link, to: "run", in: shop)
        let server = try await RunningServer(shop, run: link) {
            $0.watchSeconds = 0.05
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let first = try await model(server)
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await load.run(server) } }
            try await load.answer(by: first)
            try Self.point(link, to: "other", in: shop)
            var second = first
            for _ in 0..<600 where second == first {
                try await Task.sleep(for: .milliseconds(20))
                second = try await model(server)
            }
            #expect(second.hasPrefix("other-"), "\(second)")
            try await load.answer(by: second)
            // Back to the model before, at once, and there again.
            for expected in [first, second] {
                let reply = try await server.request(
                    "POST",
                    "/admin/rollback",
                    nil,
                    at: server.adminPort
                )
                #expect(reply.status == 200)
                #expect(try reply.json()["model"] as? String == expected)
                #expect(try await model(server) == expected)
                try await Task.sleep(for: .milliseconds(100))
            }
            let (answers, failures) = load.stop()
            try await group.waitForAll()
            #expect(failures == [])
            #expect(Set(answers.keys) == [first, second])
            // Each model has given one answer, whoever asked and when.
            #expect(answers.values.allSatisfy { $0.count == 1 })
            let scores = answers.mapValues {
                $0.first.map { $0[($0.firstIndex(of: ",") ?? $0.startIndex)...] }
            }
            #expect(scores[first] != scores[second])
        }
    }

    @Test func aRunThatCannotBeServedLeavesTheModelBefore() async throws {
        let shop = try Self.shop.get()
        let server = try await RunningServer(shop) { $0.admin = ServingSettings.Admin(port: 0) }
        let first = try await model(server)
        func reload(_ body: String) async throws -> Reply {
            try await server.request(
                "POST",
                "/admin/reload",
                Array(body.utf8),
                at: server.adminPort
            )
        }
        let nothing = try await server.request("POST", "/admin/rollback", nil, at: server.adminPort)
        #expect(nothing.status == 409)
        #expect(try nothing.error().code == "nothing_before")
        for (body, status, code) in [
            ("{\"run\":\"/nowhere\"}", 422, "run_invalid"), ("{\"run\":3}", 400, "wrong_type"),
            ("{\"run\":\"\"}", 400, "out_of_range"), ("{\"path\":\"a\"}", 400, "unknown_field"),
            ("[", 400, "malformed_json"), ("[]", 400, "wrong_type"),
        ] {
            let reply = try await reload(body)
            #expect(reply.status == status, "\(body): \(reply.text)")
            #expect(try reply.error().code == code, "\(body)")
        }
        #expect(try await model(server) == first)
        #expect(try await server.post("/v1/score", Self.body).status == 200)
        let named = try await reload("{\"run\":\"\(shop.file("other"))\"}")
        #expect(named.status == 200, "\(named.text)")
        #expect(try named.json()["previous"] as? String == first)
        #expect(try await model(server).hasPrefix("other-"))
        // Without a name it is the server's own run again.
        #expect(try await reload("").status == 200)
        #expect(try await model(server) == first)
    }

    @Test func adminRoutesAreOnTheirOwnPortOrBehindASecret() async throws {
        let shop = try Self.shop.get()
        let secret = "a secret of many bytes"
        try shop.write("secret", secret + "\n")
        let none = try await RunningServer(shop)
        let port = try await RunningServer(shop) { $0.admin = ServingSettings.Admin(port: 0) }
        let token = try await RunningServer(shop) {
            $0.admin = ServingSettings.Admin(tokenFile: shop.file("secret"))
        }
        for path in ["/admin/reload", "/admin/rollback", "/admin/models"] {
            let method = path == "/admin/models" ? "GET" : "POST"
            for server in [none, port] {
                #expect(try await server.request(method, path, nil).status == 404, "\(path)")
            }
            for wrong in [
                nil, "", secret, "Bearer", "Bearer a", "Bearer \(secret)x", "bearer \(secret)",
            ] {
                let fields = wrong.map { ["Authorization": $0] } ?? [:]
                let reply = try await token.request(method, path, nil, fields: fields)
                #expect(reply.status == 401, "\(path) \(wrong ?? "none")")
                #expect(try reply.error().code == "unauthorized")
                #expect(reply.fields["www-authenticate"] == "Bearer")
            }
        }
        let right = ["Authorization": "Bearer \(secret)"]
        #expect(try await token.request("GET", "/admin/models", nil, fields: right).status == 200)
        #expect(try await token.request("POST", "/admin/reload", nil, fields: right).status == 200)
        #expect(
            try await port.request("GET", "/admin/models", nil, at: port.adminPort).status == 200
        )
        // The port of admin routes has no others but the document's.
        #expect(try await port.request("GET", "/healthz", nil, at: port.adminPort).status == 404)
        for (server, at, path) in [
            (token, nil, "/admin/reload"), (port, port.adminPort, "/admin/reload"),
        ] {
            let reply = try await server.request("GET", "/openapi.json", nil, at: at)
            #expect(reply.text.contains("\"\(path)\""))
        }
    }

    @Test func aSecretOpensOnlyIfEveryByteIsRight() throws {
        let shop = try Self.shop.get()
        try shop.write("long", "0123456789abcdef")
        let token = try AdminToken(file: shop.file("long"))
        #expect(token.opens("Bearer 0123456789abcdef"))
        let right = Array("Bearer 0123456789abcdef".utf8)
        for index in right.indices {
            var wrong = right
            wrong[index] ^= 1
            #expect(!token.opens(String(decoding: wrong, as: UTF8.self)), "\(index)")
            #expect(!token.opens(String(decoding: right[..<index], as: UTF8.self)), "\(index)")
        }
        #expect(!token.opens("Bearer 0123456789abcdef0123456789abcdef"))
        #expect(!token.opens(nil))
        try shop.write("short", "0123456789abcde\n")
        for file in ["short", "missing"] {
            let error = #expect(throws: ServingError.self) {
                try AdminToken(file: shop.file(file))
            }
            #expect(error?.code == .adminUnusable)
        }
    }
}
