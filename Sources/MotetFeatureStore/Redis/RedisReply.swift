import CRedis

/// A command and its arguments, laid one after the other.
struct RedisCommand {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths: [Int] = []

    /// A command with textual arguments.
    init(_ words: String...) { for word in words { append(word) } }

    /// Adds an argument.
    mutating func append(_ text: String) {
        lengths.append(text.utf8.count)
        bytes += text.utf8
    }

    /// Adds an argument.
    mutating func append(_ argument: [UInt8]) {
        lengths.append(argument.count)
        bytes += argument
    }
}

/// What Redis answers to a command.
enum RedisReply: Hashable {
    case null
    case text([UInt8])
    case integer(Int64)
    case list([RedisReply])
    case status(String)
    case error(String)

    /// Copies a reply of the library.
    init(_ reply: OpaquePointer) {
        let count = motet_redis_count(reply)
        func text() -> String { String(decoding: Self.bytes(reply, count), as: UTF8.self) }
        switch motet_redis_kind(reply) {
        case Int32(motet_redis_text): self = .text(Self.bytes(reply, count))
        case Int32(motet_redis_status): self = .status(text())
        case Int32(motet_redis_error): self = .error(text())
        case Int32(motet_redis_integer): self = .integer(motet_redis_number(reply))
        case Int32(motet_redis_list):
            self = .list(
                (0..<count).map { index in
                    motet_redis_element(reply, index).map { RedisReply($0) } ?? .null
                }
            )
        default: self = .null
        }
    }

    private static func bytes(_ reply: OpaquePointer, _ count: Int) -> [UInt8] {
        Array(UnsafeBufferPointer(start: motet_redis_bytes(reply), count: count))
    }

    /// The bytes of a text.
    var bytes: [UInt8]? { if case .text(let bytes) = self { bytes } else { nil } }

    /// The text of a text or a status.
    var string: String? {
        switch self {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let status): status
        default: nil
        }
    }

    /// A whole number, which scripts and scores give as text.
    var number: Int64? {
        switch self {
        case .integer(let number): number
        case .text:
            string.flatMap { text in Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) } }
        default: nil
        }
    }

    /// The elements of a list; none of anything else.
    var elements: [RedisReply] { if case .list(let elements) = self { elements } else { [] } }
}

/// Why Redis did not do what it was asked.
enum RedisFailure: Error, Hashable {
    /// The other side had closed the connection.
    case closed(String)
    /// Nobody answers, or not in time.
    case away(String)
    /// It answers, and refuses.
    case refused(String)
    /// Others were faster, again and again.
    case crowded(String)

    /// What was received.
    var message: String {
        switch self {
        case .closed(let message), .away(let message), .refused(let message),
            .crowded(let message):
            message
        }
    }

    /// A refusal, or the absence of a server that cannot answer yet.
    init(refusal message: String) {
        let passing = ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY"]
        self = passing.contains { message.hasPrefix($0) } ? .away(message) : .refused(message)
    }
}
