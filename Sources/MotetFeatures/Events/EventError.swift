public import MotetCore

/// An event, or a batch of them, that cannot be taken.
public struct EventError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String
    /// The field that is wrong; nil where it is no single one.
    public let field: String?
    /// The event's place in its batch, from 0; nil where it is no single event.
    public let index: Int?

    init(_ code: ErrorCode, field: String? = nil, index: Int? = nil, _ message: String) {
        self.code = code
        self.field = field
        self.index = index
        let event = index.map { "event \($0)" } ?? "event"
        description =
            field.map { "\(event), field \"\($0)\": \(message)" } ?? "\(event): \(message)"
    }

    /// The same mistake of the event at a place of a batch.
    func at(_ place: Int) -> EventError {
        guard index == nil, let message = description.firstIndex(of: ":") else { return self }
        let rest = description[description.index(message, offsetBy: 2)...]
        return EventError(code, field: field, index: place, String(rest))
    }
}

extension ErrorCode {
    /// Text that is no JSON, or JSON that is no event.
    public static let eventMalformed = ErrorCode(rawValue: "event_malformed")
    /// A field that an event must have.
    public static let eventFieldMissing = ErrorCode(rawValue: "event_field_missing")
    /// A field of an event that is of another type.
    public static let eventFieldType = ErrorCode(rawValue: "event_field_type")
    /// A value of a field that is out of range.
    public static let eventFieldRange = ErrorCode(rawValue: "event_field_range")
    /// A field that events do not have.
    public static let eventFieldUnknown = ErrorCode(rawValue: "event_field_unknown")
    /// A batch with too many events or none.
    public static let eventBatchSize = ErrorCode(rawValue: "event_batch_size")
}
