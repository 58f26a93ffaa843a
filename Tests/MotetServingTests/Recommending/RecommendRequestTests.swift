import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("Requests of recommendations") struct RecommendRequestTests {
    private static let cases: [(body: String, code: String, field: String?)] = [
        ("", "malformed_json", nil), ("[]", "wrong_type", "body"),
        ("{\"limit\":\"5\"}", "wrong_type", "limit"), ("{\"limit\":2.5}", "wrong_type", "limit"),
        ("{\"limit\":0}", "out_of_range", "limit"), ("{\"limit\":41}", "out_of_range", "limit"),
        ("{\"explain\":1}", "wrong_type", "explain"),
        ("{\"sources\":\"popular\"}", "wrong_type", "sources"),
        ("{\"sources\":[1]}", "wrong_type", "sources[0]"),
        ("{\"sources\":[\"popular\",\"poplar\"]}", "unknown_source", "sources[1]"),
        ("{\"sources\":[\"popular\",\"popular\"]}", "duplicate_field", "sources[1]"),
        ("{\"cart\":\"i1\"}", "wrong_type", "cart"), ("{\"cart\":[1.5]}", "wrong_type", "cart[0]"),
        ("{\"cart\":[\"\"]}", "out_of_range", "cart[0]"),
        (
            "{\"cart\":[\((0..<21).map { "\($0)" }.joined(separator: ","))]}", "too_many_values",
            "cart"
        ),
        ("{\"blocked_items\":{}}", "wrong_type", "blocked_items"),
        ("{\"blocked_items\":[null]}", "wrong_type", "blocked_items[0]"),
        ("{\"blocked_categories\":[[]]}", "wrong_type", "blocked_categories[0]"),
        ("{\"items\":[]}", "too_few_items", "items"),
        ("{\"items\":[{\"price\":2}]}", "missing_field", "items[0].id"),
        ("{\"items\":[{\"id\":\"i1\",\"prise\":2}]}", "unknown_field", "items[0].prise"),
        ("{\"items\":[{\"id\":\"new\"}]}", "missing_value", "items[0].price"),
        ("{\"items\":[{\"id\":\"i1\",\"price\":\"2\"}]}", "wrong_type", "items[0].price"),
        ("{\"lmit\":3}", "unknown_field", "lmit"),
        ("{\"user\":{\"name\":\"x\"}}", "unknown_field", "user.name"),
        ("{\"user\":{\"user_clicks\":\"many\"}}", "wrong_type", "user.user_clicks"),
        ("{\"time\":\"now\"}", "wrong_type", "time"),
        ("{\"limit\":3,\"limit\":4}", "duplicate_field", nil),
    ]

    @Test func everyMistakeIsToldWithCodeFieldAndSentence() async throws {
        let server = try await RecommendShop.server { $0.limits.listValues = 20 }
        for (body, code, field) in Self.cases {
            let reply = try await server.post("/v1/recommend", body)
            #expect(reply.status == 400, "\(body): \(reply.text)")
            let told = try reply.error()
            #expect(told.code == code, "\(body): \(reply.text)")
            #expect(told.field == field, "\(body): \(reply.text)")
            #expect(told.message.contains("expected"), "\(reply.text)")
        }
        let answer = try await server.recommend("\"user\":{\"id\":\"u1\"}")
        #expect(answer.items.count == 5)
        let hint = try await server.post("/v1/recommend", "{\"limt\":3}").error()
        #expect(hint.message.contains("Did you mean `limit`?"), "\(hint.message)")
    }

    @Test func answersAreThoseThatTheDocumentSays() async throws {
        let text =
            RecommendShop.settings + """
                  rules: { in_stock: true, per_category: 2 }
                  diversity: { name: mmr, relevance: 0.5 }
                  fallback: shelf

                """
        let server = try await RecommendShop.server(text)
        let document = try await server.get("/openapi.json")
        let value = try document.body.withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: 64)
        }
        let operation = try #require(value["paths"]?["/v1/recommend"]?["post"])
        let request = try #require(
            operation["requestBody"]?["content"]?["application/json"]?["schema"]
        )
        let properties = try #require(request["properties"])
        for field in ["user", "context", "items", "time"] + RecommendRequest.fields {
            #expect(properties[field] != nil, "\(field)")
        }
        #expect(request["required"] == nil)
        #expect(properties["limit"]?["maximum"] == 40)
        #expect(properties["user"]?["properties"]?["user_id"] != nil)
        #expect(properties["items"]?["items"]?["properties"]?["margin"] != nil)
        // Scores do not have the fields of recommendations.
        let score = value["paths"]?["/v1/score"]?["post"]?["requestBody"]?["content"]?[
            "application/json"
        ]?["schema"]?["properties"]
        #expect(score?["limit"] == nil)
        #expect(score?["user"]?["properties"]?["user_id"] == nil)
        let check = SchemaCheck(document: value)
        var bodies = Self.cases.map(\.body)
        bodies += [
            "{}", "{\"explain\":true}", "{\"user\":{\"id\":1},\"explain\":true,\"limit\":40}",
            "{\"user\":{\"id\":\"u2\",\"user_id\":\"u2\"},\"explain\":true,\"limit\":40}",
            "{\"items\":[{\"id\":7,\"price\":1},{\"id\":\"i6\"}],\"explain\":true}",
            "{\"explain\":true,\"sources\":[],\"blocked_categories\":[\"tea\"]}",
            "{\"explain\":true,\"sources\":[\"recently_viewed\"],\"blocked_items\":[\"i1\",2]}",
        ]
        var statuses: Set<Int> = []
        for body in bodies {
            let reply = try await server.post("/v1/recommend", body)
            statuses.insert(reply.status)
            #expect(check.problems(reply, "POST", "/v1/recommend") == [], "\(body): \(reply.text)")
        }
        #expect(statuses == [200, 400])
        let wrong = try await server.post("/v1/recommend", "{\"explain\":true}")
        let changed = Reply(
            status: 200,
            fields: wrong.fields,
            body: Array(wrong.text.replacing("\"over_limit\":0", with: "\"over_limit\":-1").utf8)
        )
        #expect(
            check.problems(changed, "POST", "/v1/recommend") == ["body.explain.over_limit: minimum"]
        )
    }

    @Test(
        .enabled(
            if: OpenAPITests.python != nil,
            "scripts/setup.sh has not installed its Python packages"
        )
    )
    func otherProgramsTakeTheDocumentForOpenAPI() async throws {
        let python = try #require(OpenAPITests.python)
        let shop = try RecommendShop.shared.get()
        let server = try await RecommendShop.server()
        let file = shop.file("openapi-\(UUID().uuidString).json")
        try (try await server.get("/openapi.json").text).write(
            toFile: file,
            atomically: true,
            encoding: .utf8
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            "-c",
            "import json, sys; from openapi_spec_validator import OpenAPIV31SpecValidator as V; "
                + "sys.exit(len(list(V(json.load(open(sys.argv[1]))).iter_errors())))", file,
        ]
        try process.run()
        try await blocking { process.waitUntilExit() }
        #expect(process.terminationStatus == 0)
    }

    @Test func withoutACatalogueThereIsNoRoute() async throws {
        let server = try await RunningServer(try RecommendShop.shared.get()) {
            $0.features = ServingSettings.Features()
        }
        #expect(try await server.post("/v1/recommend", "{}").status == 404)
        #expect(try await server.get("/metrics").text.contains("motet_recommend") == false)
    }
}
