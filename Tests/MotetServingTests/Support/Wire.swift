import Foundation

/// A connection to a server on this machine, byte by byte; it blocks, so not on the threads of tasks.
final class Wire {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
        // Long enough where other tests keep all cores busy.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(description: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false where the other side has gone.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Sends text.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that nothing more is sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What else arrives until the other side closes.
    func readToEnd() -> [UInt8] {
        while more() {}
        defer { received = [] }
        return received
    }

    /// Reads some bytes.
    func bytes(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard more() else { throw Failure(description: "\(received.count) bytes and the end") }
        }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    /// Reads the head and the body of an answer.
    func answer() throws -> Reply {
        let end = Array("\r\n\r\n".utf8)
        var split: Int?
        while true {
            split = received.firstRange(of: end)?.lowerBound
            if split != nil { break }
            guard more() else {
                throw Failure(
                    description: "no answer; received "
                        + String(decoding: received, as: UTF8.self)
                )
            }
        }
        guard let split else { throw Failure(description: "no head") }
        let head = String(decoding: received[..<split], as: UTF8.self)
        var lines = head.components(separatedBy: "\r\n")
        let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
        var fields: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        while received.count < split + 4 + length {
            guard more() else { throw Failure(description: "the body ends early") }
        }
        let body = Array(received[(split + 4)..<(split + 4 + length)])
        received.removeFirst(split + 4 + length)
        return Reply(status: status, fields: fields, body: body)
    }

    private func more() -> Bool {
        var block = [UInt8](repeating: 0, count: 65_536)
        let count = block.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return false }
        received += block[..<count]
        return true
    }
}

/// An answer as it arrived.
struct Reply: Sendable {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a tree of Foundation's objects.
    func json() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(body))
        guard let object = value as? [String: Any] else {
            throw Wire.Failure(description: "no object: \(text)")
        }
        return object
    }

    /// Code, field and sentence of an answer that tells what is wrong.
    func error() throws -> (code: String, field: String?, message: String) {
        guard let error = try json()["error"] as? [String: Any],
            let code = error["code"] as? String, let message = error["message"] as? String,
            error.keys.sorted() == ["code", "field", "message"]
        else { throw Wire.Failure(description: "no error: \(text)") }
        return (code, error["field"] as? String, message)
    }
}
