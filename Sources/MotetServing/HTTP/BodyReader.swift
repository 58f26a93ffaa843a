import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Reads bodies, no longer and no larger than allowed.
struct BodyReader: Sendable {
    let limits: ServingSettings.Limits

    /// Reads the body of a request.
    ///
    /// - Parameter request: the request.
    /// - Returns: its body.
    /// - Throws: `RequestError` with the status 408, 413 or 415.
    func body(of request: Request) async throws -> ByteBuffer {
        try checkType(request.headers[.contentType])
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > limits.bodyBytes
        {
            throw tooLarge("\(length)")
        }
        let limit = limits.bodyBytes
        let seconds = limits.requestSeconds
        return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                do { return try await request.body.collect(upTo: limit) } catch {
                    guard error is NIOTooManyBytesError else { throw error }
                    throw tooLarge("more")
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() ?? nil else {
                throw RequestError(
                    .requestTimeout,
                    "request_timeout",
                    message: "body: it did not arrive in time; expected all of it within "
                        + "\(seconds) s; received less."
                )
            }
            return body
        }
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

    private func tooLarge(_ received: String) -> RequestError {
        RequestError(
            .contentTooLarge,
            "body_too_large",
            message:
                "body: too many bytes; expected at most \(limits.bodyBytes); received \(received)."
        )
    }
}
