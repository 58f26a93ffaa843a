import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore

/// Connections without TLS: HTTP/2 where a client begins with its preface, as one that knows before does, and
/// HTTP/1.1 where not.
///
/// - Source: RFC 9113, "HTTP/2", 2022, sections 3.3 and 3.4.
struct PlainChannel: ServerChildChannel {
    /// A connection whose version is known.
    enum Connection: Sendable {
        case http1(HTTP1Channel.Value)
        case http2(HTTP2Channel.Value)
    }

    /// A connection that may not have said anything yet.
    struct Value: ServerChildChannelValue {
        let connection: EventLoopFuture<Connection>
        let channel: any Channel
    }

    private let http1: HTTP1Channel
    private let http2: HTTP2Channel
    private let silence: TimeAmount?

    /// Describes connections.
    ///
    /// - Parameters:
    ///   - configuration: how those of HTTP/2 are kept.
    ///   - http1: how those of HTTP/1.1 are; one that does not begin is closed as one that is silent.
    ///   - responder: what answers requests.
    init(
        _ configuration: HTTP2Channel.Configuration,
        http1: HTTP1Channel.Configuration,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.http1 = HTTP1Channel(responder: responder, configuration: http1)
        http2 = HTTP2Channel(responder: responder, configuration: configuration)
        silence = http1.idleTimeout
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let promise = channel.eventLoop.makePromise(of: Connection.self)
            let reader = PrefaceReader(silence: silence, promise: promise) { isHTTP2 in
                isHTTP2
                    ? http2.setup(channel: channel, logger: logger).map { .http2($0) }
                    : http1.setup(channel: channel, logger: logger).map { .http1($0) }
            }
            if let silence {
                try channel.pipeline.syncOperations.addHandler(AnswerDeadline(silence))
            }
            try channel.pipeline.syncOperations.addHandler(reader)
            return Value(connection: promise.futureResult, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let connection = await withTaskCancellationHandler {
            try? await value.connection.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
        switch connection {
        case .http1(let connection): await http1.handle(value: connection, logger: logger)
        case .http2(let connection): await http2.handle(value: connection, logger: logger)
        case nil: return
        }
    }
}

/// Reads the first bytes of a connection, until they tell its version.
private final class PrefaceReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What every connection of HTTP/2 begins with, and no request of HTTP/1.1.
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let silence: TimeAmount?
    private let promise: EventLoopPromise<PlainChannel.Connection>
    private let setup: (_ isHTTP2: Bool) -> EventLoopFuture<PlainChannel.Connection>
    private var received = ByteBuffer()
    private var deadline: Scheduled<Void>?
    private var isDecided = false

    init(
        silence: TimeAmount?,
        promise: EventLoopPromise<PlainChannel.Connection>,
        setup: @escaping (_ isHTTP2: Bool) -> EventLoopFuture<PlainChannel.Connection>
    ) {
        self.silence = silence
        self.promise = promise
        self.setup = setup
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard let silence else { return }
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: silence) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        if !isDecided { promise.fail(ChannelError.eof) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        let isPreface = received.readableBytesView.starts(
            with: Self.preface.prefix(received.readableBytes)
        )
        // What begins like the preface may still become another thing.
        guard !isPreface || received.readableBytes >= Self.preface.count else { return }
        decide(isPreface, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        // The server ends, or the client will not say more: nothing has been asked.
        case is ChannelShouldQuiesceEvent, ChannelEvent.inputClosed as ChannelEvent:
            context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Puts what speaks a version in place of this, and hands it what was received.
    private func decide(_ isHTTP2: Bool, _ context: ChannelHandlerContext) {
        isDecided = true
        deadline?.cancel()
        // Done at once, for all of it happens on the connection's loop.
        setup(isHTTP2).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let connection):
                promise.succeed(connection)
                context.fireChannelRead(wrapInboundOut(received))
                context.fireChannelReadComplete()
                context.pipeline.syncOperations.removeHandler(self, promise: nil)
            case .failure(let error):
                promise.fail(error)
                context.close(promise: nil)
            }
        }
    }
}
