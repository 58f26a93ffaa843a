import Histogram
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests when they are due, or each after the last one's answer.
///
/// Everything happens on one event loop.
final class LoadDriver {
    private let arguments: LoadArguments
    private let loop: any EventLoop
    private let done: EventLoopPromise<LoadReport>
    private var report = LoadReport()
    private var idle: [LoadConnection] = []
    /// When the requests that wait for a connection were due.
    private var waiting: [NIODeadline] = []
    private var firstWaiting = 0
    private var start = NIODeadline.now()
    private var sent = 0
    private var unanswered = 0
    private var isRunning = false
    private var isOver = false
    private var processorStart = 0.0
    private let head: HTTPRequestHead
    private let bodies: [ByteBuffer]

    init(_ arguments: LoadArguments, loop: any EventLoop, done: EventLoopPromise<LoadReport>) {
        self.arguments = arguments
        self.loop = loop
        self.done = done
        bodies = arguments.bodies.map { ByteBuffer(bytes: $0) }
        var headers = HTTPHeaders(arguments.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Host", value: "\(arguments.host):\(arguments.port)")
        if !headers.contains(name: "Content-Type") {
            headers.add(name: "Content-Type", value: "application/json")
        }
        head = HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: arguments.method),
            uri: arguments.path,
            headers: headers
        )
    }

    /// Opens the connections, and then starts.
    func run() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let opened = (0..<arguments.connections).map { _ in open(bound) }
        EventLoopFuture.andAllSucceed(opened, on: loop).whenComplete { result in
            switch result {
            case .success: bound.value.begin()
            case .failure(let error): bound.value.done.fail(error)
            }
        }
    }

    private func open(_ bound: NIOLoopBound<LoadDriver>) -> EventLoopFuture<Void> {
        ClientBootstrap(group: loop)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(LoadConnection(bound.value))
                }
            }
            .connect(host: arguments.host, port: arguments.port)
            .map { _ in }
    }

    private func begin() {
        start = .now()
        isRunning = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: nanoseconds(arguments.warmup)) { bound.value.count() }
        loop.scheduleTask(in: nanoseconds(arguments.warmup + arguments.seconds)) {
            bound.value.finish()
        }
        if arguments.rate != nil {
            sendDue()
        } else {
            while let connection = idle.popLast() { send(on: connection, due: .now()) }
        }
    }

    /// Forgets what the warm-up gave.
    private func count() {
        report = LoadReport()
        processorStart = processorSeconds()
    }

    private func finish() {
        isOver = true
        report.seconds = arguments.seconds
        report.ownSeconds = processorSeconds() - processorStart
        report.unanswered = unanswered + waiting.count - firstWaiting
        done.succeed(report)
    }

    /// When request number `index` is due.
    private func due(_ index: Int) -> NIODeadline {
        start + nanoseconds(Double(index) / (arguments.rate ?? 1))
    }

    /// Sends what is due, and comes back when the next is.
    private func sendDue() {
        guard !isOver else { return }
        let now = NIODeadline.now()
        var next = due(sent + waiting.count - firstWaiting)
        while next <= now {
            waiting.append(next)
            sendWaiting()
            next = due(sent + waiting.count - firstWaiting)
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(deadline: next) { bound.value.sendDue() }
    }

    private func sendWaiting() {
        while firstWaiting < waiting.count, let connection = idle.popLast() {
            send(on: connection, due: waiting[firstWaiting])
            firstWaiting += 1
        }
        if firstWaiting > 10_000 {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
    }

    private func send(on connection: LoadConnection, due: NIODeadline) {
        connection.send(head, bodies[sent % bodies.count], due: due)
        sent += 1
        unanswered += 1
    }

    /// A connection is ready for a request.
    func becameIdle(_ connection: LoadConnection) {
        idle.append(connection)
        guard isRunning, !isOver else { return }
        if arguments.rate != nil {
            sendWaiting()
        } else if let connection = idle.popLast() {
            send(on: connection, due: .now())
        }
    }

    /// A request has its answer; status 0 if its connection failed.
    func answered(_ status: Int, due: NIODeadline, sent: NIODeadline) {
        unanswered -= 1
        guard !isOver else { return }
        let now = NIODeadline.now()
        report.statuses[status, default: 0] += 1
        report.latency.record(microseconds(now - due))
        report.service.record(microseconds(now - sent))
    }

    /// A connection is gone, perhaps while it was idle: another takes its place.
    func lost(_ connection: LoadConnection) {
        idle.removeAll { $0 === connection }
        replace()
    }

    private func replace() {
        guard !isOver else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        // A server that refuses is asked again, not at once.
        open(bound).whenFailure { _ in
            bound.value.report.statuses[0, default: 0] += 1
            bound.value.loop.scheduleTask(in: .milliseconds(50)) { bound.value.replace() }
        }
    }

    /// At least 1, the least a histogram tells from nothing.
    private func microseconds(_ time: TimeAmount) -> UInt64 {
        UInt64(max(1, time.nanoseconds / 1000))
    }

    private func nanoseconds(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}
