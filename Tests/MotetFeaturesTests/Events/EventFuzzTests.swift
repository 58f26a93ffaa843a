import Foundation
import MotetCore
import MotetTestSupport
import Testing

@testable import MotetFeatures

/// What holds for every text a client may send as events.
private struct EventProperty: Sendable {
    /// What reads the text.
    var decode: @Sendable (Data) throws -> [Event] = { data in
        try EventDecoder(maximumEvents: 20).events(in: data, latest: 1_790_000_000_000)
    }

    /// What is wrong with how a document is read; nil where nothing is.
    func problem(_ document: [UInt8]) -> String? {
        let events: [Event]
        do { events = try decode(Data(document)) } catch let error as EventError {
            return SentenceCheck.problem(error)
        } catch { return "another error than of events: \(error)" }
        guard (1...20).contains(events.count) else { return "\(events.count) events were taken" }
        for event in events {
            do { try event.check(latest: 1_790_000_000_000) } catch {
                return "what is refused by its own check was taken: \(error)"
            }
        }
        guard let again = try? decode(Data(Self.json(events).utf8)), again == events else {
            return "written and read again they are others: \(Self.json(events))"
        }
        guard let stored = try? StoreEntry(StoreEntry.events(events).bytes()),
            stored == .events(events)
        else { return "stored and read again they are others: \(events)" }
        return Self.unusable(events)
    }

    /// Events as JSON, in the fewest digits that read back equal.
    static func json(_ events: [Event]) -> String {
        let texts = events.map { event in
            let texts: [(String, String?)] = [
                ("id", event.id), ("kind", event.kind.rawValue), ("user", event.user),
                ("item", event.item), ("category", event.category), ("scenario", event.scenario),
                ("query", event.query),
            ]
            var fields = texts.compactMap { name, text in text.map { "\"\(name)\":\(quoted($0))" } }
            fields.append("\"time\":\(event.time)")
            fields.append("\"quantity\":\(event.quantity)")
            if let price = event.price { fields.append("\"price\":\(price)") }
            return "{\(fields.joined(separator: ","))}"
        }
        return "[\(texts.joined(separator: ","))]"
    }

    private static func quoted(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                default: scalar.value < 32 ? "?" : String(scalar)
                }
            }.joined() + "\""
    }

    /// What a state makes of events that were taken: features are finite or missing, whatever the events.
    private static func unusable(_ events: [Event]) -> String? {
        guard let definitions = try? definitions() else { return "no definitions" }
        let state = state(events, definitions)
        for event in events {
            let request = FeatureRequest(
                user: event.user,
                scenario: event.scenario,
                items: [FeatureCandidate(item: event.item ?? "?", category: event.category)],
                time: event.time
            )
            for value in state.features(request, ItemTable()).row(0) {
                if case .number(let number) = value, number.isInfinite {
                    return "\(number) of \(event)"
                }
            }
        }
        return nil
    }

    static let corpus = [
        """
        {"id": "e-1", "time": 1780000000000, "kind": "click", "user": "u1", "item": "i1", "category": "shoes", \
        "scenario": "home", "quantity": 2, "price": 9.95}
        """,
        """
        [{"id": 7, "time": 1780000000001, "kind": "search", "user": "\\u00fc", "item": null, "query": "red \\"x\\" \\ud83d\\ude00"},
         {"id": "b", "time": 1780000000002, "kind": "purchase", "user": "u1", "item": 42, "quantity": 1e3, "price": 0.1}]
        """,
        """
        {"events": [{"id": "c", "time": 1780000000003, "kind": "return", "user": "u2", "item": "i2", "price": 1e-7},
                    {"id": "d", "time": 1780000000004, "kind": "exposure", "user": "u2", "item": "i3"},
                    {"id": "e", "time": 100000000000, "kind": "view", "user": "u3", "item": "i3"}]}
        """,
    ]

    static let dictionary = [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "\"events\"", "\"id\"",
        "\"time\"", "\"kind\"",
        "\"user\"", "\"item\"", "\"category\"", "\"scenario\"", "\"query\"", "\"quantity\"",
        "\"price\"", "\"view\"",
        "\"cart\"", "\"search\"", "\"\"", "\"a|b\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"e\u{301}\u{302}\u{303}\"", "\"e" + String(repeating: "\u{301}", count: 2_000) + "\"",
        "\"" + String(repeating: "x", count: 257) + "\"", "0", "-0", "-0.0", "1", "-1", "1e9",
        "1000000000.0000001",
        "1e308", "1e309", "-1e400", "5e-324", "0.1", "3.4028235e38", "1e-400", "9007199254740993",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1780000000000",
        "4102444800000",
        "4102444800001", "99999999999", "1780000000000.5", "178e10", "NaN", "Infinity", "01", "1.",
        ".5", "+1", "0x1",
        "\u{feff}", "\u{2028}", "\u{0}", "\\", "//", "/* */",
    ]
}

@Suite("Events, fuzzed") struct EventFuzzTests {
    private static let mutator = DocumentMutator(
        corpus: EventProperty.corpus,
        dictionary: EventProperty.dictionary
    )

    @Test func theCorpusIsTaken() {
        for document in EventProperty.corpus {
            #expect(EventProperty().problem(Array(document.utf8)) == nil)
            #expect(throws: Never.self) { try EventProperty().decode(Data(document.utf8)) }
        }
    }

    @Test func everyTextIsTakenWholeOrRefusedWithASentence() {
        let run = FuzzRun(suite: 6_000)
        var taken = 0
        let failure = run.firstFailure(Self.mutator) { document in
            if (try? EventProperty().decode(Data(document))) != nil { taken += 1 }
            return EventProperty().problem(document)
        }
        #expect(failure == nil, "\(failure?.description ?? "")")
        // Documents that come through are worth as much as those that do not.
        #expect(taken > run.iterations / 20, "\(taken) of \(run.iterations)")
        print("events fuzzed: seed \(run.seed), \(run.iterations) documents, \(taken) taken")
    }

    @Test func aReaderThatIsWrongFromALimitOnIsFound() throws {
        let wrong = EventProperty { data in
            try EventProperty().decode(data).map { event in
                var event = event
                // No document of the corpus has such a price.
                if let price = event.price, price > 1_000 { event.price = price / 2 }
                return event
            }
        }
        for document in EventProperty.corpus { #expect(wrong.problem(Array(document.utf8)) == nil) }
        let failure = try #require(
            FuzzRun(iterations: 6_000, seed: 1).firstFailure(Self.mutator) { wrong.problem($0) }
        )
        #expect(failure.problem.contains("read again they are others"), "\(failure)")
        #expect(wrong.problem(failure.document) != nil)
    }

    @Test func anErrorWithoutASentenceIsFound() throws {
        struct Blunt: Error {}
        let blunt = EventProperty { data in
            do { return try EventProperty().decode(data) } catch let error as EventError
                where error.field == "price" && error.code == .eventFieldRange
            { throw Blunt() }
        }
        let failure = try #require(
            FuzzRun(iterations: 6_000, seed: 1).firstFailure(Self.mutator) { blunt.problem($0) }
        )
        #expect(failure.problem.contains("another error"), "\(failure)")
    }
}
