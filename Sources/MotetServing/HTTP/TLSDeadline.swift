import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Connections of TLS whose handshake must come to its end in time, and whose clients must take what they are sent.
///
/// Before the handshake has ended, nobody knows which version of HTTP the connection speaks, and none of their limits on
/// silence holds.
struct TLSDeadline<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let seconds: Double
    /// How long a client may take nothing of what it is sent.
    let silence: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        let limit = TimeAmount.milliseconds(Int64(seconds * 1000))
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
            try pipeline.addHandler(HandshakeTimer(limit), position: .after(tls))
            try pipeline.addHandler(AnswerDeadline(silence), position: .before(tls))
            return value
        }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Closes a connection unless its handshake ends in time.
private final class HandshakeTimer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { deadline?.cancel() }
        context.fireUserInboundEventTriggered(event)
    }
}
