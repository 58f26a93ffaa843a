import NIOCore

/// Closes a connection, or a stream of one, whose client does not take what it is sent.
///
/// A client that reads nothing keeps an answer from being written, and without an end one of the connections there may be.
/// The deadline counts from what it took last.
final class AnswerDeadline: ChannelOutboundHandler, RemovableChannelHandler {
    // What passes through is not looked at.
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    private let limit: TimeAmount
    private var pending = 0
    private var last = NIODeadline.distantPast
    /// Looks again after the limit; one for as long as something is written, not one for each write.
    private var look: Scheduled<Void>?

    /// Describes a deadline.
    ///
    /// - Parameter limit: how long nothing may be taken.
    init(_ limit: TimeAmount) { self.limit = limit }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        if pending == 0 { last = .now() }
        pending += 1
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            pending -= 1
            last = .now()
        }
        context.write(data, promise: written)
        if look == nil { schedule(context, limit) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { look?.cancel() }

    private func schedule(_ context: ChannelHandlerContext, _ amount: TimeAmount) {
        look = context.eventLoop.assumeIsolated().scheduleTask(in: amount) { [self] in
            look = nil
            guard pending > 0 else { return }
            let waited = NIODeadline.now() - last
            if waited < limit {
                schedule(context, limit - waited)
            } else {
                context.close(promise: nil)
            }
        }
    }
}
