import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("OpenAPI document") struct OpenAPITests {
    private func document(_ server: RunningServer) async throws -> JSONValue {
        let reply = try await server.get("/openapi.json")
        #expect(reply.status == 200)
        return try reply.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
    }

    /// Python with the packages that scripts/setup.sh installs for tests of the server; nil without.
    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent(".deps/http-tools/bin/python").path
        return FileManager.default.isExecutableFile(atPath: file) ? file : nil
    }()

    @Test func itSaysWhatTheRunReadsAndAnswers() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.candidates = 77
        }
        let document = try await document(server)
        #expect(document["openapi"] == "3.1.0")
        let paths = try #require(document["paths"])
        #expect(
            paths.members.map(\.key) == [
                "/healthz", "/readyz", "/v1/score", "/metrics", "/openapi.json",
            ]
        )
        let score = try #require(paths["/v1/score"]?["post"])
        let body = try #require(
            score["requestBody"]?["content"]?["application/json"]?["schema"]?["properties"]
        )
        #expect(body["items"]?["maxItems"] == 77)
        let item = try #require(body["items"]?["items"]?["properties"])
        #expect(
            Set(item.members.map(\.key)) == [
                "id", "user_id", "item_id", "brand", "history", "likes", "price", "age", "stock",
                "size", "market",
            ]
        )
        #expect(item["price"]?["type"] == ["boolean", "null", "number"])
        // Its texts are repaired.
        #expect(item["size"]?["type"] == ["boolean", "null", "number", "string"])
        #expect(item["history"]?["maxItems"] == 1000)
        let scores = score["responses"]?["200"]?["content"]?["application/json"]?["schema"]?[
            "properties"
        ]?["items"]?["items"]?["properties"]?["scores"]?["properties"]
        #expect(scores?.members.map(\.key) == ["click", "purchase", "channel"])
        #expect(
            Set(scores?["channel"]?["properties"]?["class"]?["enum"]?.elements ?? [])
                == ["web", "app", "shop"]
        )
    }

    @Test func everyAnswerIsOneOfThoseItSays() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.bodyBytes = 1 << 17
        }
        let check = SchemaCheck(document: try await document(server))
        let item = "{\"id\":1,\"price\":2}"
        var asked: [(String, String, [UInt8]?, [String: String])] = [
            ("GET", "/healthz", nil, [:]), ("GET", "/readyz", nil, [:]),
            ("GET", "/openapi.json", nil, [:]), ("GET", "/metrics", nil, [:]),
            ("POST", "/v1/score", Array("{\"items\":[\(item)]}".utf8), [:]),
            ("POST", "/v1/score", Array("{}".utf8), ["Content-Type": "text/html"]),
            ("POST", "/v1/score", [UInt8](repeating: 32, count: (1 << 17) + 1), [:]),
        ]
        for wrong in BadRequestTests.cases where wrong.body.count < 1 << 17 {
            asked.append(("POST", "/v1/score", wrong.body, [:]))
        }
        var statuses: Set<Int> = []
        for (method, path, body, fields) in asked {
            let reply = try await server.request(method, path, body, fields: fields)
            statuses.insert(reply.status)
            #expect(check.problems(reply, method, path) == [], "\(method) \(path): \(reply.text)")
        }
        #expect(statuses == [200, 400, 413, 415])
    }

    @Test func answersAroundTheStoreAreThoseItSays() async throws {
        let server = try await RunningServer(try OnlineShop.shared.get()) {
            $0.features = ServingSettings.Features()
        }
        let document = try await document(server)
        let paths = try #require(document["paths"])
        #expect(
            paths.members.map(\.key) == [
                "/healthz", "/readyz", "/v1/score", "/metrics", "/v1/events", "/v1/users/{id}",
                "/v1/users/{id}/profile", "/openapi.json",
            ]
        )
        let score = paths["/v1/score"]?["post"]?["requestBody"]?["content"]?["application/json"]?[
            "schema"
        ]?["properties"]
        #expect(score?["time"]?["type"] == ["integer", "null"])
        #expect(score?["items"]?["items"]?["properties"]?["category"] != nil)
        let check = SchemaCheck(document: document)
        let events = OnlineShop.events(at: OnlineShop.now)
        let long = String(repeating: "a", count: 257)
        var statuses: [Int] = []
        for (method, path, asked, body) in [
            ("POST", "/v1/events", "/v1/events", "[\(events.joined(separator: ","))]"),
            ("POST", "/v1/events", "/v1/events", events[1]),
            ("POST", "/v1/events", "/v1/events", "[]"),
            ("POST", "/v1/score", "/v1/score", "{\"time\":3,\"items\":[]}"),
            ("GET", "/v1/users/{id}/profile", "/v1/users/u1/profile", nil),
            ("GET", "/v1/users/{id}/profile", "/v1/users/u1/profile?time=1780000000000", nil),
            ("GET", "/v1/users/{id}/profile", "/v1/users/u1/profile?time=3", nil),
            ("GET", "/v1/users/{id}/profile", "/v1/users/none/profile", nil),
            ("GET", "/v1/users/{id}/profile", "/v1/users/%FF/profile", nil),
            ("DELETE", "/v1/users/{id}", "/v1/users/u1", nil),
            ("DELETE", "/v1/users/{id}", "/v1/users/\(long)", nil),
        ] as [(String, String, String, String?)] {
            let reply = try await server.request(method, asked, body.map { Array($0.utf8) })
            statuses.append(reply.status)
            #expect(check.problems(reply, method, path) == [], "\(method) \(asked): \(reply.text)")
        }
        #expect(statuses == [200, 200, 400, 400, 200, 200, 400, 404, 400, 204, 400])
    }

    @Test(arguments: [true, false])
    func answersOfAdminRoutesAreThoseItSays(byToken: Bool) async throws {
        let shop = try ServedShop.shared.get()
        let secret = "a secret of many bytes"
        let file = "openapi-token-\(byToken)"
        try shop.write(file, secret)
        let server = try await RunningServer(shop) {
            $0.admin =
                byToken
                ? ServingSettings.Admin(tokenFile: shop.file(file)) : ServingSettings.Admin(port: 0)
        }
        let port = byToken ? server.port : try #require(server.adminPort)
        let right = byToken ? ["Authorization": "Bearer \(secret)"] : [:]
        let told = try await server.request("GET", "/openapi.json", nil, at: port)
        let document = try told.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let paths = try #require(document["paths"]).members.map(\.key)
        let admin = ["/admin/models", "/admin/reload", "/admin/rollback"]
        #expect(Set(paths).isSuperset(of: admin))
        // A port of their own has nothing else.
        if !byToken {
            #expect(paths == admin + ["/console", "/console/data", "/openapi.json"])
        }
        let check = SchemaCheck(document: document)
        let run = "{\"run\":\"\(shop.file("run"))\"}"
        var asked:
            [(method: String, path: String, body: String?, fields: [String: String], status: Int)] =
                [
                    ("GET", "/console", nil, [:], 200), ("GET", "/console/data", nil, right, 200),
                    ("GET", admin[0], nil, right, 200), ("POST", admin[2], nil, right, 409),
                    ("POST", admin[1], run, right, 200), ("POST", admin[2], nil, right, 200),
                    ("POST", admin[1], "{\"run\":\"nowhere\"}", right, 422),
                    ("POST", admin[1], "{\"run\":3}", right, 400),
                    ("POST", admin[1], "[", right, 400),
                ]
        if byToken {
            for (method, path) in zip(["GET", "POST", "POST"], admin) {
                asked.append((method, path, nil, ["Authorization": "Bearer no"], 401))
            }
        }
        for (method, path, body, fields, status) in asked {
            let bytes = body.map { Array($0.utf8) }
            let reply = try await server.request(method, path, bytes, fields: fields, at: port)
            #expect(reply.status == status, "\(method) \(path): \(reply.text)")
            #expect(check.problems(reply, method, path) == [], "\(method) \(path): \(reply.text)")
        }
    }

    @Test func theCheckFindsWhatDoesNotFit() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let check = SchemaCheck(document: try await document(server))
        let reply = try await server.post("/v1/score", "{\"items\":[{\"id\":1,\"price\":2}]}")
        func changed(
            status: Int? = nil,
            _ old: String = "",
            _ new: String = "",
            without field: String = ""
        ) -> [String] {
            var fields = reply.fields
            fields[field] = nil
            precondition(old.isEmpty || reply.text.contains(old), "\(reply.text) has no \(old)")
            let text = old.isEmpty ? reply.text : reply.text.replacing(old, with: new)
            let other = Reply(
                status: status ?? reply.status,
                fields: fields,
                body: Array(text.utf8)
            )
            return check.problems(other, "POST", "/v1/score")
        }
        #expect(changed() == [])
        #expect(changed(status: 418) == ["POST /v1/score does not say 418"])
        #expect(changed("\"degraded\":false", "\"degraded\":0") == ["body.degraded: type"])
        #expect(changed("\"degraded\":false,", "") == ["body: degraded is missing"])
        #expect(
            changed("\"items\":[{\"id\":1", "\"items\":[{\"id\":true") == [
                "body.items[0].id: oneOf"
            ]
        )
        #expect(changed("\"click\":", "\"klick\":").count == 2)
        #expect(changed(without: "x-request-id") == ["the field X-Request-Id is missing"])
        #expect(changed(without: "content-type") == ["the type none is not said"])
        #expect(changed(status: 400).contains("body: error is missing"))
    }

    @Test(.enabled(if: python != nil, "scripts/setup.sh has not installed its Python packages"))
    func otherProgramsTakeItForOpenAPI() async throws {
        let python = try #require(Self.python)
        let shop = try ServedShop.shared.get()
        let server = try await RunningServer(shop)
        let reply = try await server.get("/openapi.json")
        try shop.write("openapi.json", reply.text)
        let online = try await RunningServer(try OnlineShop.shared.get()) {
            $0.features = ServingSettings.Features()
        }
        try shop.write("online.json", try await online.get("/openapi.json").text)
        // One whose status is a number among the paths must not pass.
        try shop.write("broken.json", reply.text.replacing("\"summary\"", with: "\"sumary\""))
        let program = """
            import json, sys
            from openapi_spec_validator import OpenAPIV31SpecValidator
            errors = list(OpenAPIV31SpecValidator(json.load(open(sys.argv[1]))).iter_errors())
            print("\\n".join(e.message for e in errors))
            sys.exit(1 if errors else 0)
            """
        for (file, status) in [("openapi.json", Int32(0)), ("online.json", 0), ("broken.json", 1)] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: python)
            process.arguments = ["-c", program, shop.file(file)]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let data = try await blocking { try output.fileHandleForReading.readToEnd() ?? Data() }
            try await blocking { process.waitUntilExit() }
            #expect(
                process.terminationStatus == status,
                "\(file): \(String(decoding: data, as: UTF8.self))"
            )
        }
    }
}
