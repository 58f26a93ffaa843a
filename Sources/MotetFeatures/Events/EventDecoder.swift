public import Foundation
import MotetCore

/// Reads events from JSON: one, a list, or `{"events": [...]}`.
///
/// All events of a batch are read and checked before any is handed out, so a mistake changes nothing.
public struct EventDecoder: Sendable {
    /// The most events of a batch.
    public var maximumEvents: Int

    /// Creates a decoder.
    public init(maximumEvents: Int = 1_000) { self.maximumEvents = maximumEvents }

    /// Reads events.
    ///
    /// - Parameters:
    ///   - json: the JSON text in UTF-8.
    ///   - latest: the latest time an event may have, in milliseconds since 1970; nil for any.
    /// - Returns: the events in their order, at least one.
    /// - Throws: ``EventError`` for the first event that is wrong, with its place and field.
    public func events(in json: Data, latest: Int64? = nil) throws(EventError) -> [Event] {
        let decoder = JSONDecoder()
        decoder.userInfo[.maximumEvents] = maximumEvents
        let events: [Event]
        do {
            events = try decoder.decode(EventBatch.self, from: json).events
        } catch let error as EventError {
            throw error
        } catch let error as DecodingError {
            throw Self.sentence(for: error)
        } catch {
            throw Self.noJSON
        }
        for (index, event) in events.enumerated() {
            do {
                try event.check(latest: latest)
            } catch {
                throw events.count == 1 ? error : error.at(index)
            }
        }
        return events
    }

    private static let noJSON = EventError(
        .eventMalformed,
        "no JSON in UTF-8; expected an event, a list of events or {\"events\": [...]}."
    )

    private static func sentence(for error: DecodingError) -> EventError {
        switch error {
        case .dataCorrupted(let context) where context.codingPath.isEmpty: noJSON
        case .dataCorrupted(let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context), .keyNotFound(_, let context):
            EventError(
                .eventFieldType,
                field: context.codingPath.last { $0.intValue == nil }?.stringValue,
                index: context.codingPath.compactMap(\.intValue).first,
                "of another type than expected."
            )
        @unknown default: noJSON
        }
    }
}

extension CodingUserInfoKey {
    /// Where the decoder finds the most events of a batch.
    fileprivate static var maximumEvents: CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: "motet.maximumEvents") else {
            preconditionFailure("EventDecoder: the key has a name.")
        }
        return key
    }
}

/// Any key of a JSON object.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// One event, a list of them, or a list under `events`.
private struct EventBatch: Decodable {
    var events: [Event] = []

    init(from decoder: any Decoder) throws {
        let limit = decoder.userInfo[.maximumEvents] as? Int ?? .max
        if var list = try? decoder.unkeyedContainer() {
            events = try Self.read(&list, limit)
            return
        }
        guard let object = try? decoder.container(keyedBy: AnyKey.self) else {
            throw EventError(
                .eventMalformed,
                "no event; expected an event, a list of events or {\"events\": [...]}."
            )
        }
        let batch = AnyKey(stringValue: "events")
        guard object.contains(batch) else {
            events = [try EventFields(object, index: nil).event]
            return
        }
        if let other = object.allKeys.first(where: { $0.stringValue != "events" }) {
            throw EventError(
                .eventFieldUnknown,
                field: other.stringValue.shown,
                "unknown beside `events`; expected `events` alone."
            )
        }
        guard var list = try? object.nestedUnkeyedContainer(forKey: batch) else {
            throw EventError(
                .eventFieldType,
                field: "events",
                "of another type; expected a list of events; received something else."
            )
        }
        events = try Self.read(&list, limit)
    }

    private static func read(
        _ list: inout any UnkeyedDecodingContainer,
        _ limit: Int
    ) throws -> [Event] {
        let count = list.count ?? 0
        guard (1...limit).contains(count) else {
            throw EventError(
                .eventBatchSize,
                "wrong number of events; expected 1 to \(limit) in a batch; received \(count)."
            )
        }
        var events: [Event] = []
        events.reserveCapacity(count)
        while !list.isAtEnd {
            let index = list.currentIndex
            guard let object = try? list.nestedContainer(keyedBy: AnyKey.self) else {
                throw EventError(
                    .eventMalformed,
                    index: index,
                    "no event; expected an object with `id`, `time`, `kind` and `user`."
                )
            }
            events.append(try EventFields(object, index: index).event)
        }
        return events
    }
}

/// Reads the fields of one event.
private struct EventFields {
    private static let names = [
        "id", "time", "kind", "user", "item", "category", "scenario", "query", "quantity", "price",
    ]

    let event: Event

    init(_ object: KeyedDecodingContainer<AnyKey>, index: Int?) throws {
        for key in object.allKeys where !Self.names.contains(key.stringValue) {
            throw EventError(
                .eventFieldUnknown,
                field: key.stringValue.shown,
                index: index,
                "unknown; expected one of \(Self.names.joined(separator: ", "))."
                    + Suggestion.sentence(for: key.stringValue.shown, in: Self.names)
            )
        }
        let fields = FieldReader(object: object, index: index)
        let kindName = try fields.required("kind", fields.text("kind"))
        guard let kind = EventKind(rawValue: kindName) else {
            let kinds = EventKind.allCases.map(\.rawValue)
            throw EventError(
                .eventFieldRange,
                field: "kind",
                index: index,
                "unknown; expected one of \(kinds.joined(separator: ", ")); received "
                    + "\"\(kindName.shown)\"." + Suggestion.sentence(for: kindName.shown, in: kinds)
            )
        }
        event = Event(
            id: try fields.required("id", fields.name("id")),
            time: try fields.required("time", fields.time()),
            kind: kind,
            user: try fields.required("user", fields.name("user")),
            item: try fields.name("item"),
            category: try fields.name("category"),
            scenario: try fields.name("scenario"),
            query: try fields.text("query"),
            quantity: try fields.number("quantity") ?? 1,
            price: try fields.number("price")
        )
    }
}

private struct FieldReader {
    let object: KeyedDecodingContainer<AnyKey>
    let index: Int?

    /// A value that must be there.
    func required<Value>(_ field: String, _ value: Value?) throws -> Value {
        if let value { return value }
        throw EventError(
            .eventFieldMissing,
            field: field,
            index: index,
            "missing; expected a value."
        )
    }

    /// Whether a field has a value; `null` is none.
    private func has(_ key: AnyKey) -> Bool {
        guard object.contains(key) else { return false }
        return (try? object.decodeNil(forKey: key)) != true
    }

    private func wrong(_ field: String, _ expected: String) -> EventError {
        EventError(
            .eventFieldType,
            field: field,
            index: index,
            "of another type; expected \(expected); received \(kind(field))."
        )
    }

    /// What a value is.
    private func kind(_ field: String) -> String {
        let key = AnyKey(stringValue: field)
        if (try? object.decode(Bool.self, forKey: key)) != nil { return "true or false" }
        if let number = try? object.decode(Double.self, forKey: key) { return "\(number)" }
        if (try? object.decode(String.self, forKey: key)) != nil { return "a text" }
        if (try? object.nestedUnkeyedContainer(forKey: key)) != nil { return "a list" }
        let members = try? object.nestedContainer(keyedBy: AnyKey.self, forKey: key)
        return members != nil ? "an object" : "a number that is too large"
    }

    func text(_ field: String) throws -> String? {
        let key = AnyKey(stringValue: field)
        guard has(key) else { return nil }
        guard let text = try? object.decode(String.self, forKey: key) else {
            throw wrong(field, "text")
        }
        return text
    }

    /// Text, or a whole number as it is printed.
    func name(_ field: String) throws -> String? {
        let key = AnyKey(stringValue: field)
        guard has(key) else { return nil }
        if let text = try? object.decode(String.self, forKey: key) { return text }
        guard let number = try? object.decode(Int64.self, forKey: key) else {
            throw wrong(field, "text or a whole number")
        }
        return String(number)
    }

    func time() throws -> Int64? {
        let key = AnyKey(stringValue: "time")
        guard has(key) else { return nil }
        guard let time = try? object.decode(Int64.self, forKey: key) else {
            throw wrong("time", "milliseconds since 1970 as a whole number")
        }
        return time
    }

    func number(_ field: String) throws -> Double? {
        let key = AnyKey(stringValue: field)
        guard has(key) else { return nil }
        guard let number = try? object.decode(Double.self, forKey: key), number.isFinite else {
            throw wrong(field, "a finite number")
        }
        return number
    }
}

extension String {
    /// The text as a sentence shows it: the first 64 scalars, for one character may have any number, and
    /// control characters replaced.
    fileprivate var shown: String {
        let first = unicodeScalars.prefix(64).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        return String(UnicodeScalarView(first))
    }
}
