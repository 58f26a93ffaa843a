import Foundation
import HTTPTypes
import MotetCore
import MotetTestSupport
import Testing

@testable import MotetServing

/// What holds for every body of `POST /v1/score`, as far as it is read without a model.
private struct RequestProperty: Sendable {
    /// Writes a value that was read.
    var write: @Sendable (JSONValue) -> [UInt8] = { value in
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    private static let columns = ["price", "market", "recent", "user_clicks"]

    static func parse(_ bytes: [UInt8]) throws -> JSONValue {
        try bytes.withUnsafeBufferPointer { try JSONParser.parse($0, maximumDepth: 8) }
    }

    /// What is wrong with how a document is read; nil where nothing is.
    func problem(_ document: [UInt8]) -> String? {
        do {
            let value = try Self.parse(document)
            let written = write(value)
            let again = try? Self.parse(written)
            guard again == value else {
                return
                    "written and read again it is another: \(String(decoding: written, as: UTF8.self))"
            }
            let request = try Self.request(value)
            guard (1...100).contains(request.count), request.itemNames.count == request.count else {
                return "\(request.count) items were taken"
            }
            return nil
        } catch let error as RequestError {
            guard error.status == .badRequest else { return "the status \(error.status)" }
            return SentenceCheck.problem(code: error.code, sentence: error.message)
        } catch { return "another error than of requests: \(error)" }
    }

    static func request(_ value: JSONValue) throws -> ScoreRequest {
        var limits = ServingSettings.Limits()
        limits.candidates = 100
        limits.listValues = 10
        let online = OnlineFields(category: "category", scenario: "market")
        return try ScoreRequest(value, columns: columns, online: online, limits: limits)
    }

    static let corpus = [
        """
        {"user":{"id":"u1","user_clicks":3},"context":{"market":"home"},"time":1780000000000,"items":[
         {"id":"i1","price":3.5,"category":"c1"},{"id":2,"price":null,"category":7},{"id":"\\u00fc","price":-1e-3}]}
        """,
        """
        {"items":[{"id":"a","recent":["x","y",3,null,true],"market":"search"},{"id":"b","recent":[],"price":1}]}
        """,
        """
        {"context":{"market":null,"price":9},"items":[{"id":"\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00"}],"user":{"id":9223372036854775807}}
        """,
    ]

    static let dictionary = [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "\"user\"", "\"context\"",
        "\"items\"", "\"time\"",
        "\"id\"", "\"price\"", "\"market\"", "\"recent\"", "\"category\"", "\"usr\"", "\"\"",
        "\"\\u0000\"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\u{7f}\u{85}\"",
        "\"e" + String(repeating: "\u{301}", count: 2_000) + "\"",
        "\"" + String(repeating: "x", count: 257) + "\"", "0", "-0", "-0.0", "1", "-1", "1e22",
        "1e23", "1e308", "1e309",
        "5e-324", "1e-400", "0.1", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "1780000000000", "NaN", "01", "1.", ".5",
        "\u{feff}", "\\", "//",
    ]
}

@Suite("Requests, fuzzed") struct RequestFuzzTests {
    private static let mutator = DocumentMutator(
        corpus: RequestProperty.corpus,
        dictionary: RequestProperty.dictionary
    )

    @Test func theCorpusIsTaken() {
        for document in RequestProperty.corpus {
            let bytes = Array(document.utf8)
            #expect(RequestProperty().problem(bytes) == nil)
            #expect(throws: Never.self) {
                try RequestProperty.request(RequestProperty.parse(bytes))
            }
        }
    }

    @Test func everyBodyIsTakenOrRefusedWithASentence() {
        let run = FuzzRun(suite: 20_000)
        var read = 0
        let failure = run.firstFailure(Self.mutator) { document in
            if (try? RequestProperty.parse(document)) != nil { read += 1 }
            return RequestProperty().problem(document)
        }
        #expect(failure == nil, "\(failure?.description ?? "")")
        #expect(read > run.iterations / 20, "\(read) of \(run.iterations)")
        print("requests fuzzed: seed \(run.seed), \(run.iterations) bodies, \(read) JSON")
    }

    @Test func aWriterThatForgetsToEscapeIsFound() throws {
        let property = RequestProperty { value in
            RequestProperty().write(value).filter { $0 != UInt8(ascii: "\\") }
        }
        let failure = try #require(
            FuzzRun(iterations: 1_000, seed: 1).firstFailure(Self.mutator) { property.problem($0) }
        )
        #expect(failure.problem.contains("written and read again it is another"), "\(failure)")
        #expect(failure.document.count < 100, "\(failure)")
    }
}
