import Foundation
import Testing

@testable import MotetServing

@Suite("Bad requests") struct BadRequestTests {
    /// A body, and the status, code and field of its answer.
    struct Case: CustomTestStringConvertible {
        let body: [UInt8]
        let code: String
        let field: String?
        let status: Int
        var testDescription: String {
            String(decoding: body.prefix(80), as: UTF8.self) + " \(code)"
        }

        init(_ body: String, _ code: String, _ field: String? = nil, _ status: Int = 400) {
            self.init(Array(body.utf8), code, field, status)
        }

        init(_ body: [UInt8], _ code: String, _ field: String? = nil, _ status: Int = 400) {
            self.body = body
            self.code = code
            self.field = field
            self.status = status
        }
    }

    private static let item = "{\"id\":1,\"price\":2}"

    static let cases: [Case] = [
        Case("", "malformed_json"), Case("{", "malformed_json"), Case("{}x", "malformed_json"),
        Case("{'items':[]}", "malformed_json"), Case("nul", "malformed_json"),
        Case("{\"items\":[\(item),]}", "malformed_json"),
        Case("{\"items\":[{\"id\":1,\"price\":NaN}]}", "malformed_json"),
        Case("{\"items\":[{\"id\":1,\"price\":Infinity}]}", "malformed_json"),
        Case("{\"items\":[{\"id\":1,\"price\":01}]}", "malformed_json"),
        Case("{\"items\":[{\"id\":1,\"price\":1e400}]}", "number_out_of_range"),
        Case(
            "{\"items\":[{\"id\":1,\"price\":1,\"size\":1e300}]}",
            "out_of_range",
            "items[0].size"
        ),
        Case([0x22, 0xFF, 0x22], "invalid_utf8"),
        Case(
            Array("{\"items\":[{\"id\":\"".utf8) + [0xC3, 0x28] + Array("\"}]}".utf8),
            "invalid_utf8"
        ),
        Case("{\"items\":[{\"id\":\"\\ud800\"}]}", "malformed_json"),
        Case(
            String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000),
            "too_deep"
        ),
        Case("{\"items\":[[[[[[[[[[1]]]]]]]]]]}", "too_deep"),
        Case("[]", "wrong_type", "body"), Case("3", "wrong_type", "body"),
        Case("{}", "missing_field", "items"), Case("{\"items\":3}", "wrong_type", "items"),
        Case("{\"items\":null}", "wrong_type", "items"),
        Case("{\"items\":[]}", "too_few_items", "items"),
        Case("{\"items\":[3]}", "wrong_type", "items[0]"),
        Case("{\"items\":[{\"price\":2}]}", "missing_field", "items[0].id"),
        Case("{\"items\":[{\"id\":null,\"price\":2}]}", "wrong_type", "items[0].id"),
        Case("{\"items\":[{\"id\":\"\",\"price\":2}]}", "out_of_range", "items[0].id"),
        Case("{\"items\":[{\"id\":1.5,\"price\":2}]}", "wrong_type", "items[0].id"),
        Case("{\"items\":[{\"id\":1,\"prise\":2}]}", "unknown_field", "items[0].prise"),
        Case("{\"items\":[{\"id\":1,\"clicked\":1}]}", "unknown_field", "items[0].clicked"),
        Case("{\"itms\":[]}", "unknown_field", "itms"),
        Case("{\"user\":{\"name\":1},\"items\":[\(item)]}", "unknown_field", "user.name"),
        Case("{\"user\":3,\"items\":[\(item)]}", "wrong_type", "user"),
        Case("{\"user\":{\"id\":[1]},\"items\":[\(item)]}", "wrong_type", "user.id"),
        Case("{\"context\":{\"id\":1},\"items\":[\(item)]}", "unknown_field", "context.id"),
        Case(
            "{\"user\":{\"age\":3},\"context\":{\"age\":4},\"items\":[\(item)]}",
            "duplicate_field",
            "context.age"
        ),
        Case(
            "{\"context\":{\"age\":4},\"user\":{\"age\":3},\"items\":[\(item)]}",
            "duplicate_field",
            "user.age"
        ),
        Case("{\"items\":[{\"id\":1,\"id\":2}]}", "duplicate_field"),
        Case("{\"items\":[\(item),{\"id\":2}]}", "missing_value", "items[1].price"),
        Case("{\"items\":[{\"id\":1,\"price\":null}]}", "missing_value", "items[0].price"),
        Case("{\"items\":[{\"id\":1,\"price\":\"2\"}]}", "wrong_type", "items[0].price"),
        Case("{\"items\":[{\"id\":1,\"price\":[2]}]}", "wrong_type", "items[0].price"),
        Case("{\"items\":[{\"id\":1,\"price\":{\"a\":2}}]}", "wrong_type", "items[0].price"),
        Case(
            "{\"items\":[{\"id\":1,\"price\":2,\"brand\":[\"a\"]}]}",
            "wrong_type",
            "items[0].brand"
        ),
        Case(
            "{\"items\":[{\"id\":1,\"price\":2,\"size\":\"big\"}]}",
            "unreadable_value",
            "items[0].size"
        ),
        Case(
            "{\"items\":[{\"id\":1,\"price\":2,\"history\":\"1 2\"}]}",
            "wrong_type",
            "items[0].history"
        ),
        Case(
            "{\"items\":[{\"id\":1,\"price\":2,\"history\":[[1]]}]}",
            "wrong_type",
            "items[0].history"
        ),
        Case("{\"user\":{\"history\":3},\"items\":[\(item)]}", "wrong_type", "user.history"),
        Case("{\"context\":{\"market\":[1]},\"items\":[\(item)]}", "wrong_type", "context.market"),
        Case(
            "{\"user\":{\"history\":[\((0..<1001).map { "\($0)" }.joined(separator: ","))]},\"items\":[\(item)]}",
            "too_many_values",
            "user.history"
        ),
        Case(
            "{\"items\":[\((0..<129).map { "{\"id\":\($0),\"price\":1}" }.joined(separator: ","))]}",
            "too_many_items",
            "items"
        ),
    ]

    @Test func everyMistakeIsToldWithCodeFieldAndSentence() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        for wrong in Self.cases {
            let reply = try await server.request("POST", "/v1/score", wrong.body)
            let told = try reply.error()
            #expect(reply.status == wrong.status, "\(wrong.testDescription): \(reply.text)")
            #expect(told.code == wrong.code, "\(wrong.testDescription): \(reply.text)")
            #expect(told.field == wrong.field, "\(wrong.testDescription): \(reply.text)")
            #expect(told.message.contains("expected"), "\(reply.text)")
            #expect(reply.fields["content-type"] == "application/json")
        }
        // Nothing of it has changed the server.
        #expect(try await server.post("/v1/score", "{\"items\":[\(Self.item)]}").status == 200)
    }

    @Test func aPriceBelowTheAllowedRangeIsClippedAsInTraining() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let below = try await server.post("/v1/score", "{\"items\":[{\"id\":1,\"price\":-5}]}")
        let bound = try await server.post("/v1/score", "{\"items\":[{\"id\":1,\"price\":-50}]}")
        #expect(below.status == 200, "\(below.text)")
        #expect(below.text == bound.text)
    }

    @Test func pathsMethodsAndTypesThereAreNotAreTold() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let path = try await server.get("/v1/scores")
        #expect(path.status == 404)
        #expect(try path.error().code == "not_found")
        let method = try await server.get("/v1/score")
        #expect(method.status == 405)
        #expect(method.fields["allow"] == "POST")
        #expect(try method.error().code == "method_not_allowed")
        let type = try await server.post("/v1/score", "{}", fields: ["Content-Type": "text/plain"])
        #expect(type.status == 415)
        #expect(try type.error().code == "unsupported_media_type")
        let described = try await server.post(
            "/v1/score",
            "{\"items\":[\(Self.item)]}",
            fields: ["Content-Type": "Application/JSON; charset=utf-8"]
        )
        #expect(described.status == 200)
    }
}
