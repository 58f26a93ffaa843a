import CRedis

/// One connection to Redis, which waits for its answers.
///
/// `@unchecked Sendable`: it is used by one thread at a time, the one that took it from the pool of ``RedisLink``
/// or made it, and handed over under a lock.
final class RedisConnection: @unchecked Sendable {
    private static let messageSize = 256
    private let handle: OpaquePointer

    /// Connects, and says who it is.
    ///
    /// - Parameter options: where to, and as whom.
    /// - Throws: ``RedisFailure`` where nobody answers, or refuses.
    init(_ options: RedisFeatureStore.Options) throws(RedisFailure) {
        var message = [CChar](repeating: 0, count: Self.messageSize)
        var opened: OpaquePointer?
        let status = motet_redis_open(
            options.host,
            Int32(options.port),
            options.socket,
            Int32(options.connectMilliseconds),
            Int32(options.timeoutMilliseconds),
            &opened,
            &message,
            message.count
        )
        guard status == 0, let opened else { throw .away(Self.text(message)) }
        handle = opened
        var greetings: [RedisCommand] = []
        if let password = options.password { greetings.append(RedisCommand("AUTH", password)) }
        if options.database != 0 {
            greetings.append(RedisCommand("SELECT", String(options.database)))
        }
        greetings.append(RedisCommand("PING"))
        for reply in try call(greetings) {
            if case .error(let message) = reply { throw RedisFailure(refusal: message) }
        }
    }

    deinit { motet_redis_close(handle) }

    /// Sends commands together and waits for all answers.
    ///
    /// - Parameter commands: the commands.
    /// - Returns: the answers, errors of single commands among them.
    /// - Throws: ``RedisFailure`` where the connection is of no use any more.
    func call(_ commands: [RedisCommand]) throws(RedisFailure) -> [RedisReply] {
        var message = [CChar](repeating: 0, count: Self.messageSize)
        for command in commands {
            let status = command.bytes.withUnsafeBufferPointer { bytes in
                command.lengths.withUnsafeBufferPointer { lengths in
                    motet_redis_append(
                        handle,
                        bytes.baseAddress,
                        lengths.baseAddress,
                        lengths.count,
                        &message,
                        message.count
                    )
                }
            }
            guard status == 0 else { throw .away(Self.text(message)) }
        }
        var replies: [RedisReply] = []
        replies.reserveCapacity(commands.count)
        for _ in commands {
            var reply: OpaquePointer?
            let status = motet_redis_read(handle, &reply, &message, message.count)
            guard status == 0, let reply else {
                let text = Self.text(message)
                throw status == Int32(motet_redis_closed) ? .closed(text) : .away(text)
            }
            replies.append(RedisReply(reply))
            motet_redis_free(reply)
        }
        return replies
    }

    /// Sends a command, and throws the error it is answered with.
    func call(_ command: RedisCommand) throws(RedisFailure) -> RedisReply {
        let reply = try call([command])[0]
        if case .error(let message) = reply { throw RedisFailure(refusal: message) }
        return reply
    }

    private static func text(_ message: [CChar]) -> String {
        let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
