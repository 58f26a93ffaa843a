import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Writes the body of one response to a file while it arrives.
///
/// `Sendable` because everything that changes is inside `state`'s lock: the session's queue writes,
/// the waiting thread reads.
final class FileReceiver: NSObject, URLSessionDataDelegate {
    private struct State: Sendable {
        var received: Int
        var total: Int?
        var problem: TransferProblem?
        var isFinished = false
    }

    private let handle: FileHandle
    private let tagFile: String
    private let offset: Int
    private let state: Mutex<State>
    private let signal = DispatchSemaphore(value: 0)

    /// Opens the partial file; bytes from `offset` on are still to come.
    init(partial: String, tagFile: String, offset: Int) throws {
        if !FileManager.default.fileExists(atPath: partial) {
            guard FileManager.default.createFile(atPath: partial, contents: nil) else {
                throw DatasetError(
                    .inputOutput,
                    "download: \"\(partial)\" cannot be written; expected a folder that may be "
                        + "written to. Choose another one."
                )
            }
        }
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: partial))
        self.tagFile = tagFile
        self.offset = offset
        state = Mutex(State(received: offset))
    }

    deinit { try? handle.close() }

    /// Sends a request and waits until its body is on the disk.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - progress: told the bytes there are.
    /// - Throws: ``TransferProblem``.
    func receive(_ request: URLRequest, _ progress: (Int, Int?) -> Void) throws {
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        session.dataTask(with: request).resume()
        while true {
            _ = signal.wait(timeout: .now() + 0.25)
            let now = state.withLock { $0 }
            progress(now.received, now.total)
            guard now.isFinished else { continue }
            try? handle.synchronize()
            if let problem = now.problem { throw problem }
            if let total = now.total, now.received < total {
                throw TransferProblem(
                    sentence: "the transfer stopped at \(now.received) of \(total) bytes",
                    mayPass: true
                )
            }
            return
        }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let http = response as? HTTPURLResponse
        let status = http?.statusCode ?? 0
        do {
            switch status {
            case 206 where rangeStart(http) == offset:
                try handle.seek(toOffset: UInt64(offset))
                begin(at: offset, response)
            case 200:
                // The server does not resume, or has another version: start over.
                try handle.truncate(atOffset: 0)
                begin(at: 0, response)
            case 206, 416:
                try handle.truncate(atOffset: 0)
                throw TransferProblem(
                    sentence: "the server's file is not the one begun",
                    mayPass: true
                )
            default:
                throw TransferProblem(
                    sentence: "the server answered with status \(status)",
                    mayPass: status >= 500 || status == 429 || status == 408
                )
            }
            keepTag(http)
            completionHandler(.allow)
        } catch {
            fail(error)
            completionHandler(.cancel)
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        do {
            try handle.write(contentsOf: data)
            state.withLock { $0.received += data.count }
        } catch {
            fail(
                TransferProblem(
                    sentence: "it cannot be written: \(SystemReason.text(of: error))",
                    mayPass: false,
                    isWriting: true
                )
            )
            dataTask.cancel()
        }
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didCompleteWithError error: (any Error)?
    ) {
        if let error { fail(error) }
        state.withLock { $0.isFinished = true }
        signal.signal()
    }

    private func begin(at start: Int, _ response: URLResponse) {
        let length = response.expectedContentLength
        state.withLock {
            $0.received = start
            $0.total = length >= 0 ? start + Int(length) : nil
        }
    }

    /// The first byte a partial answer holds: 100 in `bytes 100-199/200`.
    private func rangeStart(_ response: HTTPURLResponse?) -> Int? {
        guard let range = response?.value(forHTTPHeaderField: "Content-Range"),
            let digits = range.split(separator: " ").last?.split(separator: "-").first
        else { return nil }
        return Int(digits)
    }

    private func keepTag(_ response: HTTPURLResponse?) {
        // A weak tag does not promise equal bytes.
        if let tag = response?.value(forHTTPHeaderField: "ETag"), !tag.hasPrefix("W/") {
            try? tag.write(toFile: tagFile, atomically: true, encoding: .utf8)
        } else {
            try? FileManager.default.removeItem(atPath: tagFile)
        }
    }

    /// Keeps the first problem; what follows from it is not news.
    private func fail(_ error: any Error) {
        let problem =
            error as? TransferProblem
            ?? TransferProblem(sentence: FileReceiver.sentence(error), mayPass: error is URLError)
        state.withLock { if $0.problem == nil { $0.problem = problem } }
    }

    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? URLError else { return "\(error.localizedDescription)" }
        return switch error.code {
        case .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed:
            "the server cannot be reached"
        case .timedOut: "the server stayed silent"
        case .networkConnectionLost: "the connection broke"
        default: "the connection failed (\(error.code.rawValue))"
        }
    }
}
