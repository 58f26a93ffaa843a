/// What a durable store writes into its log before it counts.
package enum StoreEntry: Hashable, Sendable {
    /// Events were taken in.
    case events([Event])
    /// A user was forgotten.
    case forget(user: String)

    /// The entry as bytes.
    package func bytes() -> [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .events(let events):
            writer.write(byte: 0)
            writer.write(count: events.count)
            for event in events { event.write(to: &writer) }
        case .forget(let user):
            writer.write(byte: 1)
            writer.write(text: user)
        }
        return writer.bytes
    }

    /// Reads an entry that ``bytes()`` wrote.
    package init(_ bytes: [UInt8]) throws(FeatureError) {
        do {
            self = try Self.read(bytes)
        } catch {
            throw FeatureError.damaged("the log")
        }
    }

    private static func read(_ bytes: [UInt8]) throws(StoredBytesError) -> StoreEntry {
        var reader = ByteReader(bytes[...])
        switch try reader.byte() {
        case 0:
            var events: [Event] = []
            for _ in 0..<(try reader.count()) { events.append(try Event(from: &reader)) }
            guard reader.isAtEnd else { throw .damaged }
            return .events(events)
        case 1:
            return .forget(user: try reader.text())
        default: throw .damaged
        }
    }
}

extension FeatureError {
    /// Stored bytes are not what was written.
    package static func damaged(_ part: String) -> FeatureError {
        FeatureError(
            .featureStore,
            "feature store: \(part) is damaged; expected what this store wrote. Take the folder from a backup, "
                + "or begin a new one."
        )
    }
}
