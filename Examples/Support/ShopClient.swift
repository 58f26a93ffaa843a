import Foundation

/// A connection to a server on this machine that is kept open: one request after the other.
public final class ShopClient {
    private let port: Int
    private var descriptor: Int32 = -1
    private var received: [UInt8] = []

    /// Connects.
    ///
    /// - Parameter port: the port of the server.
    /// - Throws: ``ExampleError`` where nobody answers.
    public init(port: Int) throws {
        self.port = port
        try connect()
    }

    deinit { close(descriptor) }

    /// Sends JSON, and reads the answer's.
    ///
    /// - Parameters:
    ///   - path: the path of the route.
    ///   - body: what JSON can hold.
    /// - Returns: the object of the answer.
    /// - Throws: `ExampleError` with the server's sentence where it refuses.
    public func post(_ path: String, _ body: Any) throws -> [String: Any] {
        let bytes = try JSONSerialization.data(withJSONObject: body)
        let fields = "Content-Type: application/json\r\nContent-Length: \(bytes.count)\r\n"
        return try ask("POST", path, fields, Array(bytes))
    }

    /// Asks a path.
    ///
    /// - Parameter path: the path of the route.
    /// - Returns: the object of the answer.
    /// - Throws: ``ExampleError`` with the server's sentence where it refuses.
    public func get(_ path: String) throws -> [String: Any] { try ask("GET", path, "", []) }

    private func ask(
        _ method: String,
        _ path: String,
        _ fields: String,
        _ bytes: [UInt8]
    ) throws -> [String: Any] {
        let head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(fields)\r\n"
        try send(Array(head.utf8) + bytes)
        let (status, answer) = try answer()
        let value = try? JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any]
        guard status == 200, let value else {
            let error = value?["error"] as? [String: Any]
            throw ExampleError(
                "\(method) \(path): expected an answer of 200; received \(status): "
                    + "\(error?["message"] as? String ?? String(decoding: answer, as: UTF8.self))"
            )
        }
        return value
    }

    private func connect() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var isOn: Int32 = 1
        setsockopt(
            descriptor,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &isOn,
            socklen_t(MemoryLayout<Int32>.size)
        )
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, status == 0 else {
            throw ExampleError(
                "port \(port): nobody answers; expected a server at 127.0.0.1. Start `motet serve`."
            )
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw gone }
            rest = rest.dropFirst(sent)
        }
    }

    private var gone: ExampleError {
        ExampleError("port \(port): the server closed the connection, or was silent for 30 s.")
    }

    private func answer() throws -> (status: Int, body: [UInt8]) {
        let border = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.firstRange(of: border) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased()
                let lines = head.split(whereSeparator: \.isNewline)
                let status = lines.first?.split(separator: " ").dropFirst().first.flatMap {
                    Int($0)
                }
                let length = lines.first { $0.hasPrefix("content-length:") }.flatMap {
                    Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces))
                }
                guard let status, let length else { throw gone }
                if received.count >= end.upperBound + length {
                    let body = Array(received[end.upperBound..<(end.upperBound + length)])
                    received.removeFirst(end.upperBound + length)
                    return (status, body)
                }
            }
            var block = [UInt8](repeating: 0, count: 1 << 16)
            let count = block.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { throw gone }
            received += block[..<count]
        }
    }
}
