import Foundation
import MotetCore
import Testing

@testable import MotetFeatures

@Suite("Events from JSON") struct EventDecoderTests {
    private let good =
        #"{"id": "e1", "time": 1780000000000, "kind": "click", "user": "u1", "item": 42, "price": 9.5}"#

    private func events(_ json: String, latest: Int64? = nil) throws -> [Event] {
        try EventDecoder(maximumEvents: 3).events(in: Data(json.utf8), latest: latest)
    }

    @Test func oneEventAListAndABatchAreRead() throws {
        let event = Event(
            id: "e1",
            time: 1_780_000_000_000,
            kind: .click,
            user: "u1",
            item: "42",
            price: 9.5
        )
        #expect(try events(good) == [event])
        #expect(try events("[\(good)]") == [event])
        #expect(try events("{\"events\": [\(good), \(good)]}") == [event, event])
    }

    @Test func everyFieldIsRead() throws {
        let json = """
            {"id": 7, "time": 1780000000001, "kind": "search", "user": "ü", "item": null,
             "category": "shoes", "scenario": "search", "query": "red \\u00e9 shoes", "quantity": 2, "price": 0}
            """
        let event = Event(
            id: "7",
            time: 1_780_000_000_001,
            kind: .search,
            user: "ü",
            category: "shoes",
            scenario: "search",
            query: "red é shoes",
            quantity: 2,
            price: 0
        )
        #expect(try events(json) == [event])
    }

    /// A change of the good event, and what is to be said of it.
    struct Mistake: CustomTestStringConvertible, Sendable {
        let json: String
        let code: ErrorCode
        let field: String?
        var testDescription: String { String(json.prefix(80)) }
    }

    private static func change(_ field: String, _ value: String) -> String {
        let fields = [
            "id": "\"e1\"", "time": "1780000000000", "kind": "\"click\"", "user": "\"u1\"",
            "item": "\"i1\"",
        ].merging([field: value]) { $1 }
        return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }

    private static let deep = String(repeating: "[", count: 100_000)

    private static let mistakes: [Mistake] = [
        Mistake(json: "", code: .eventMalformed, field: nil),
        Mistake(json: "{", code: .eventMalformed, field: nil),
        Mistake(json: "7", code: .eventMalformed, field: nil),
        Mistake(json: "null", code: .eventMalformed, field: nil),
        Mistake(json: "[3]", code: .eventMalformed, field: nil),
        Mistake(json: deep, code: .eventMalformed, field: nil),
        Mistake(json: "[]", code: .eventBatchSize, field: nil),
        Mistake(json: "[{}, {}, {}, {}]", code: .eventBatchSize, field: nil),
        Mistake(json: "{\"events\": 3}", code: .eventFieldType, field: "events"),
        Mistake(json: "{\"events\": [], \"more\": 1}", code: .eventFieldUnknown, field: "more"),
        Mistake(json: "{}", code: .eventFieldMissing, field: "kind"),
        Mistake(json: change("id", "null"), code: .eventFieldMissing, field: "id"),
        Mistake(json: change("user", "null"), code: .eventFieldMissing, field: "user"),
        Mistake(json: change("item", "null"), code: .eventFieldMissing, field: "item"),
        Mistake(json: change("time", "\"now\""), code: .eventFieldType, field: "time"),
        Mistake(json: change("time", "1780000000"), code: .eventFieldRange, field: "time"),
        Mistake(json: change("time", "-1"), code: .eventFieldRange, field: "time"),
        Mistake(json: change("time", "1e300"), code: .eventFieldType, field: "time"),
        Mistake(json: change("time", "17800000000000"), code: .eventFieldRange, field: "time"),
        Mistake(json: change("time", "1780000000000.5"), code: .eventFieldType, field: "time"),
        Mistake(json: change("kind", "\"clik\""), code: .eventFieldRange, field: "kind"),
        Mistake(json: change("kind", "3"), code: .eventFieldType, field: "kind"),
        Mistake(json: change("user", "[1]"), code: .eventFieldType, field: "user"),
        Mistake(json: change("user", "true"), code: .eventFieldType, field: "user"),
        Mistake(json: change("user", "\"\""), code: .eventFieldRange, field: "user"),
        Mistake(json: change("item", "\"a|b\""), code: .eventFieldRange, field: "item"),
        Mistake(json: change("item", "\"a\\u0000\""), code: .eventFieldRange, field: "item"),
        Mistake(json: change("item", "1e40"), code: .eventFieldType, field: "item"),
        Mistake(
            json: change("id", "\"" + String(repeating: "x", count: 257) + "\""),
            code: .eventFieldRange,
            field: "id"
        ),
        Mistake(json: change("price", "NaN"), code: .eventMalformed, field: nil),
        Mistake(json: change("price", "1e400"), code: .eventFieldType, field: "price"),
        Mistake(json: change("price", "1e10"), code: .eventFieldRange, field: "price"),
        Mistake(json: change("price", "-1"), code: .eventFieldRange, field: "price"),
        Mistake(json: change("price", "\"9\""), code: .eventFieldType, field: "price"),
        Mistake(json: change("quantity", "false"), code: .eventFieldType, field: "quantity"),
        Mistake(json: change("prise", "3"), code: .eventFieldUnknown, field: "prise"),
    ]

    @Test(arguments: mistakes)
    func mistakesAreToldByCodeAndField(mistake: Mistake) {
        let error = #expect(throws: EventError.self) { try events(mistake.json) }
        #expect(error?.code == mistake.code, "\(error?.description ?? "")")
        #expect(error?.field == mistake.field, "\(error?.description ?? "")")
        #expect(
            error?.description.hasSuffix(".") == true || error?.description.hasSuffix("?") == true
        )
    }

    @Test func sentencesSayWhatToDo() {
        let misspelt = #expect(throws: EventError.self) {
            try events("[\(good), \(Self.change("kind", "\"clik\""))]")
        }
        #expect(
            misspelt?.description
                == "event 1, field \"kind\": unknown; expected one of view, click, cart, purchase, return, "
                + "search, exposure; received \"clik\". Did you mean `click`?"
        )
        let seconds = #expect(throws: EventError.self) {
            try events("[\(good), \(Self.change("time", "1780000000"))]")
        }
        #expect(
            seconds?.description
                == "event 1, field \"time\": out of range; expected milliseconds since 1970 from "
                + "100000000000 to 4102444800000; received 1780000000. This looks like seconds: multiply by "
                + "1000."
        )
    }

    @Test func timesAfterTheLatestAreRefused() throws {
        #expect(try events(good, latest: 1_780_000_000_000).count == 1)
        let error = #expect(throws: EventError.self) { try events(good, latest: 1_779_999_999_999) }
        #expect(error?.field == "time")
    }

    @Test func invalidUTF8IsRefused() {
        var bytes = Data(good.utf8)
        bytes[8] = 0xFF
        #expect(throws: EventError.self) { try EventDecoder().events(in: bytes) }
    }

    @Test(arguments: RandomKey.seeds(40))
    func changedBytesNeverTrap(key: RandomKey) {
        var random = key.generator()
        let whole = Data("[\(good), \(Self.change("query", "\"x\""))]".utf8)
        for _ in 0..<50 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 32...126, using: &random), at: place)
                }
            }
            // Either events that pass their checks, or an error of ours.
            if let events = try? EventDecoder().events(in: bytes) {
                for event in events { #expect(throws: Never.self) { try event.check() } }
            }
        }
    }
}
