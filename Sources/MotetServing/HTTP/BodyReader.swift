import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Reads bodies, no longer and no larger than allowed.
struct BodyReader: Sendable {
    let limits: ServingSettings.Limits
    /// Runs the tasks that read.
    let executor: any TaskExecutor

    /// Reads the body of a request.
    ///
    /// A timer of the loop ends the wait: a task that sleeps beside each body costs more than reading it.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - loop: the event loop of its connection.
    /// - Returns: its body.
    /// - Throws: `RequestError` with the status 400, 408, 413 or 415; `WorkerPool.Refusal` where the server ends
    ///   meanwhile.
    func body(of request: Request, on loop: any EventLoop) async throws -> ByteBuffer {
        try checkType(request.headers[.contentType])
        try checkCoding(request.headers[.contentEncoding])
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > limits.bodyBytes
        {
            throw tooLarge("\(length)")
        }
        let limit = limits.bodyBytes
        let reading = Task(executorPreference: executor) {
            do { return try await request.body.collect(upTo: limit) } catch {
                if error is NIOTooManyBytesError { throw tooLarge("more") }
                // The server's end ends what is read, too.
                throw Task.isCancelled ? WorkerPool.Refusal.stopping : unreadable(error)
            }
        }
        let lateness = Lateness()
        let deadline = loop.scheduleTask(in: .nanoseconds(Int64(limits.requestSeconds * 1e9))) {
            lateness.isLate.store(true, ordering: .releasing)
            reading.cancel()
        }
        let outcome = await withTaskCancellationHandler {
            await reading.result
        } onCancel: {
            reading.cancel()
        }
        deadline.cancel()
        guard !lateness.isLate.load(ordering: .acquiring) else {
            throw RequestError(
                .requestTimeout,
                "request_timeout",
                message: "body: it did not arrive in time; expected all of it within "
                    + "\(limits.requestSeconds) s; received less."
            )
        }
        return try outcome.get()
    }

    private func checkType(_ type: String?) throws(RequestError) {
        guard let type else { return }
        let name = type.prefix { $0 != ";" }.lowercased()
        guard name.filter({ $0 != " " }) == "application/json" else {
            throw RequestError(
                .unsupportedMediaType,
                "unsupported_media_type",
                message: "Content-Type: the body's type is not known; expected application/json; "
                    + "received \(type.shortened)."
            )
        }
    }

    private func checkCoding(_ coding: String?) throws(RequestError) {
        guard let coding, coding.lowercased() != "identity" else { return }
        throw RequestError(
            .unsupportedMediaType,
            "unsupported_media_type",
            message:
                "Content-Encoding: the body is compressed; expected one that is not; received \(coding.shortened)."
        )
    }

    /// A body that a client broke off, or whose pieces are malformed.
    private func unreadable(_ error: any Error) -> RequestError {
        let reason = "\(error)"
        return RequestError(
            .badRequest,
            "unreadable_body",
            message:
                "body: it does not come to its end; expected as many bytes as its head says, or pieces as "
                + "HTTP has them; received \"\(reason.shortened)\"."
        )
    }

    private func tooLarge(_ received: String) -> RequestError {
        RequestError(
            .contentTooLarge,
            "body_too_large",
            message:
                "body: too many bytes; expected at most \(limits.bodyBytes); received \(received)."
        )
    }
}

/// Whether the time for a body is over.
private final class Lateness: Sendable {
    let isLate = Atomic<Bool>(false)
}
