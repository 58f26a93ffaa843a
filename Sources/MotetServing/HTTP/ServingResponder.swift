import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The connection a request came on.
struct ConnectionContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }

    /// Whether it is one of many streams of a connection of HTTP/2.
    ///
    /// A stream need not be closed: what is not read of it keeps no other request from being read. The parent of a
    /// connection is the channel that listens, which has none.
    var isStream: Bool { channel.parent?.parent != nil }
}

/// Answers requests of a port: finds the route, reads the body, and turns every error into an answer.
struct ServingResponder: HTTPResponder {
    typealias Context = ConnectionContext

    let routes: RouteTable
    let reader: BodyReader
    let gate: BodyGate
    let logger: Logger
    let metrics: ServerMetrics

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let start = ContinuousClock.now
        let id = Self.identity(request.headers[.requestID])
        var name = "none"
        var code: String?
        var isRead = false
        var answer: Answer
        do {
            let path = request.uri.path
            let (route, parameters) = try routes.route(request.method, path)
            name = route.name
            func incoming(_ body: ByteBuffer) -> IncomingRequest {
                IncomingRequest(id: id, head: request.head, parameters: parameters, body: body)
            }
            if route.takesBody {
                answer = try await gate.inside {
                    let body = try await reader.body(of: request, on: context.channel.eventLoop)
                    isRead = true
                    return try await route.answer(incoming(body))
                }
            } else {
                answer = try await route.answer(incoming(ByteBuffer()))
            }
        } catch {
            let told = described(error, id)
            code = told.code
            answer = Answer(told)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.request(name, status: answer.status.code, seconds: seconds)
        log(name, request, answer, code, id, seconds)
        answer.fields[.requestID] = id
        if answer.status != .noContent { answer.fields[.contentType] = answer.contentType }
        let closing = !isRead && !context.isStream && Self.hasBody(request)
        return response(answer, closing: closing, context.channel)
    }

    /// What the client is told of an error; what nobody foresaw is logged.
    private func described(_ error: any Error, _ id: String) -> RequestError {
        switch error {
        case let error as RequestError: return error
        case let refusal as WorkerPool.Refusal:
            return RequestError(
                refusal == .full ? .tooManyRequests : .serviceUnavailable,
                refusal == .full ? "queue_full" : "stopping",
                message: refusal == .full
                    ? "server: as many requests wait as may wait; expected fewer at once. Try again "
                        + "later."
                    : "server: it is stopping; expected requests before. Try another server.",
                retryAfterSeconds: reader.limits.retryAfterSeconds
            )
        default:
            logger.error(
                "unexpected failure",
                metadata: ["request_id": .string(id), "error": .string("\(error)")]
            )
            return RequestError(
                .internalServerError,
                "internal",
                message:
                    "server: an unexpected failure; the log has it under the request's identity."
            )
        }
    }

    private func log(
        _ route: String,
        _ request: Request,
        _ answer: Answer,
        _ code: String?,
        _ id: String,
        _ seconds: Double
    ) {
        guard logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "request_id": .string(id), "route": .string(route),
            "method": .string(request.method.rawValue),
            "status": .stringConvertible(answer.status.code),
            "milliseconds": .stringConvertible((seconds * 1e6).rounded() / 1000),
        ]
        for (name, note) in answer.notes { metadata[name] = .string(note) }
        if let code { metadata["error"] = .string(code) }
        logger.info("request", metadata: metadata)
    }

    /// Whether a request says that a body follows its head.
    private static func hasBody(_ request: Request) -> Bool {
        request.headers[.transferEncoding] != nil
            || (request.headers[.contentLength] ?? "0") != "0"
    }

    /// The response; a connection whose request was not read to its end is closed behind it, for nothing bounds
    /// what would be read to reach the next request.
    private func response(
        _ answer: Answer,
        closing: Bool,
        _ channel: any Channel
    ) -> Response {
        let buffer = ByteBuffer(bytes: answer.body)
        var headers = answer.fields
        // HTTP/2, which has no such field, is never closed behind an answer.
        if closing { headers[.connection] = "close" }
        let body =
            closing
            ? ResponseBody(contentLength: buffer.readableBytes) { writer in
                try await writer.write(buffer)
                try await writer.finish(nil)
                // Not at once, or what the client still sends would take the answer from it.
                channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
            } : ResponseBody(byteBuffer: buffer)
        var response = Response(status: answer.status, headers: headers, body: body)
        // An answer without content has no length either.
        if answer.status == .noContent { response.headers[.contentLength] = nil }
        return response
    }

    /// The identity a client gave, if it is a short word; else a new one.
    private static func identity(_ given: String?) -> String {
        func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        if let given, (1...128).contains(given.utf8.count), given.utf8.allSatisfy(isPlain) {
            return given
        }
        let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension HTTPField.Name {
    /// The identity of a request.
    static var requestID: HTTPField.Name {
        guard let name = HTTPField.Name("X-Request-Id") else {
            preconditionFailure("X-Request-Id is the name of a field")
        }
        return name
    }
}
