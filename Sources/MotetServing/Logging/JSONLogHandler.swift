import Foundation
public import Logging

/// Writes each event of the log as one line of JSON.
///
/// ```
/// {"time":"2026-11-27T05:12:09.123Z","level":"info","message":"request","route":"score","status":200}
/// ```
public struct JSONLogHandler: LogHandler {
    /// The least level that is written.
    public var logLevel: Logger.Level
    /// What stands in every line.
    public var metadata: Logger.Metadata = [:]
    private let write: @Sendable ([UInt8]) -> Void

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - level: the least level that is written.
    ///   - write: takes a line with its end, from any thread; standard error if left out.
    public init(
        level: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.toStandardError
    ) {
        logLevel = level
        self.write = write
    }

    /// A value of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event.
    public func log(event: LogEvent) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("time")
            writer.text(Date.now.formatted(Self.timeStyle))
            writer.key("level")
            writer.text(event.level.rawValue)
            writer.key("message")
            writer.text(event.message.description)
            let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) {
                writer.key(key)
                Self.append(value, to: &writer)
            }
        }
        write(writer.bytes + [UInt8(ascii: "\n")])
    }

    /// Writes a line to standard error in one piece.
    @Sendable public static func toStandardError(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(2, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            // A log nobody reads any more must not end the server.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func append(_ value: Logger.Metadata.Value, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.text(text)
        case .stringConvertible(let number as Int): writer.integer(number)
        case .stringConvertible(let number as Double): writer.number(number)
        case .stringConvertible(let isTrue as Bool): writer.boolean(isTrue)
        case .stringConvertible(let other): writer.text(other.description)
        case .array(let values):
            writer.array { writer in for value in values { append(value, to: &writer) } }
        case .dictionary(let values):
            writer.object { writer in
                for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                    writer.key(key)
                    append(value, to: &writer)
                }
            }
        }
    }
}

extension ServingSettings.LogLevel {
    /// The level of the logging library.
    public var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
