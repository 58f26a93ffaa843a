import NIOCore
import NIOHTTP1

/// One connection: one request at a time.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let driver: LoadDriver
    private var context: ChannelHandlerContext?
    private var request: (due: NIODeadline, sent: NIODeadline)?
    private var status = 0
    private var isKeptAlive = true

    init(_ driver: LoadDriver) { self.driver = driver }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        driver.becameIdle(self)
    }

    /// Sends a request; the body's length is added to its head.
    func send(_ head: HTTPRequestHead, _ body: ByteBuffer, due: NIODeadline) {
        guard let context else { return }
        request = (due, .now())
        var head = head
        head.headers.replaceOrAdd(name: "Content-Length", value: "\(body.readableBytes)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            isKeptAlive = head.isKeepAlive
        case .body: break
        case .end:
            guard let request else { return }
            self.request = nil
            driver.answered(status, due: request.due, sent: request.sent)
            if isKeptAlive { driver.becameIdle(self) } else { context.close(promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        if let request { driver.answered(0, due: request.due, sent: request.sent) }
        request = nil
        driver.lost(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
