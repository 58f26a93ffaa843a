import Foundation

/// One request to a server on this machine.
///
/// Foundation's `URLSession` on Linux does not take the answers of ChromeDriver ("Failed writing header").
enum LocalHTTP {
    /// Sends a request and waits for the answer.
    ///
    /// - Parameters:
    ///   - method: such as `POST`.
    ///   - port: where the server listens.
    ///   - path: what is asked for.
    ///   - body: JSON; nil for none.
    /// - Returns: the status and the body of the answer.
    /// - Throws: `Browser.Failure` when nobody answers within two minutes.
    static func ask(
        _ method: String,
        port: Int,
        _ path: String,
        body: Data? = nil
    ) throws -> (status: Int, body: Data) {
        let descriptor = try connect(port)
        defer { close(descriptor) }
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body?.count ?? 0)\r\n\r\n"
        var rest = Array(head.utf8) + Array(body ?? Data())
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(method, path) }
            rest.removeFirst(count)
        }
        return try answer(descriptor) ?? { throw failure(method, path) }()
    }

    private static func failure(_ method: String, _ path: String) -> Browser.Failure {
        Browser.Failure(
            description: "\(method) \(path): no answer: \(String(cString: strerror(errno)))"
        )
    }

    private static func connect(_ port: Int) throws -> Int32 {
        #if canImport(Darwin)
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, size)
            }
        }
        guard descriptor >= 0, status == 0 else { throw failure("connecting to", "port \(port)") }
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        return descriptor
    }

    /// Reads up to the end the length in the head says; nil when the answer breaks off.
    private static func answer(_ descriptor: Int32) throws -> (status: Int, body: Data)? {
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let border = Data("\r\n\r\n".utf8)
        while true {
            if let end = received.range(of: border) {
                // "\r\n" is one character, which `\n` of a pattern does not match.
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                    .lowercased().replacing("\r\n", with: "\n")
                let body = received[end.upperBound...]
                guard let length = head.firstMatch(of: /\ncontent-length: *(\d+)/),
                    let status = head.firstMatch(of: /^http\/1\.\d (\d+)/),
                    let count = Int(length.1), let code = Int(status.1)
                else { return nil }
                if body.count >= count { return (code, Data(body.prefix(count))) }
            }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return nil }
            received.append(contentsOf: buffer[..<count])
        }
    }
}
