import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A small HTTP server on this machine that serves one file and misbehaves on request.
///
/// `Sendable` because everything that changes is inside `state`'s lock.
final class LoopbackServer: Sendable {
    /// What the server does with the requests, one after the other; the last goes on.
    enum Behaviour: Sendable {
        /// Sends all that was asked for.
        case whole
        /// Promises all, sends so many bytes of it and closes the connection.
        case cutAfter(Int)
        /// Answers with a status and no file.
        case status(Int)
        /// Sends the whole file whatever range was asked for.
        case ignoresRange
    }

    private struct State: Sendable {
        var behaviours: [Behaviour]
        var requests: [String] = []
        var tag: String?
        var body: [UInt8]
    }

    private let listener: Int32
    /// The port it listens on.
    let port: Int
    private let state: Mutex<State>

    /// Starts serving a file.
    init(_ body: [UInt8], tag: String? = "\"one\"", behaviours: [Behaviour] = [.whole]) throws {
        #if canImport(Glibc)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        state = Mutex(State(behaviours: behaviours, tag: tag, body: body))
        Thread.detachNewThread { [self] in serve() }
    }

    /// Stops taking connections.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The address of the file.
    var address: String { "http://127.0.0.1:\(port)/file.bin" }

    /// The heads of the requests so far.
    var requests: [String] { state.withLock { $0.requests } }

    /// Puts another version in the place of the file.
    func replace(_ body: [UInt8], tag: String) {
        state.withLock { state in
            state.body = body
            state.tag = tag
        }
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            answer(connection)
            shutdown(connection, Int32(SHUT_RDWR))
            close(connection)
        }
        close(listener)
    }

    private func answer(_ connection: Int32) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]), recv(connection, &byte, 1, 0) == 1 {
            head.append(byte)
        }
        let request = String(decoding: head, as: UTF8.self)
        let (behaviour, body, tag) = state.withLock { state in
            state.requests.append(request)
            let behaviour = state.behaviours[0]
            if state.behaviours.count > 1 { state.behaviours.removeFirst() }
            return (behaviour, state.body, state.tag)
        }
        if case .status(let status) = behaviour {
            send(
                connection,
                "HTTP/1.1 \(status) No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        }
        let start = first(request, tag, behaviour)
        guard start < max(1, body.count) else {
            send(connection, "HTTP/1.1 416 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        }
        var lines = [start > 0 ? "HTTP/1.1 206 Partial Content" : "HTTP/1.1 200 OK"]
        lines.append("Content-Length: \(body.count - start)")
        if start > 0 {
            lines.append("Content-Range: bytes \(start)-\(body.count - 1)/\(body.count)")
        }
        if let tag { lines.append("ETag: \(tag)") }
        lines.append("Connection: close")
        send(connection, lines.joined(separator: "\r\n") + "\r\n\r\n")
        var part = Array(body[start...])
        if case .cutAfter(let count) = behaviour { part = Array(part.prefix(count)) }
        send(connection, part)
    }

    /// The first byte to send: that of the range, if it is of this version.
    private func first(_ request: String, _ tag: String?, _ behaviour: Behaviour) -> Int {
        if case .ignoresRange = behaviour { return 0 }
        var fields: [String: String] = [:]
        for line in request.split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            fields[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
        }
        if let condition = fields["if-range"], condition != tag { return 0 }
        guard let range = fields["range"], range.hasPrefix("bytes=") else { return 0 }
        return range.dropFirst(6).split(separator: "-").first.flatMap { Int($0) } ?? 0
    }

    private func send(_ connection: Int32, _ text: String) { send(connection, Array(text.utf8)) }

    private func send(_ connection: Int32, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { buffer in
                #if canImport(Glibc)
                Glibc.send(connection, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
                #else
                Darwin.send(connection, buffer.baseAddress, buffer.count, 0)
                #endif
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
