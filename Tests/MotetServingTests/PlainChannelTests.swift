import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("HTTP/2 without TLS") struct PlainChannelTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Settings that change nothing, as every client sends them behind the preface.
    private static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]

    @Test(.enabled(if: TLSTests.hasPrograms, "curl is not installed"))
    func bothVersionsAnswerTheSameOnOnePort() async throws {
        let shop = try ServedShop.shared.get()
        let server = try await RunningServer(shop) {
            $0.limits.bodyBytes = 4096
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let address = "http://localhost:\(server.port)"
        func curl(_ arguments: String...) async throws -> String {
            try await TLSTests.run(
                ["curl", "-s", "-S", "--max-time", "20", "-w", " %{http_version} %{http_code}"]
                    + arguments
            ).output
        }
        try shop.write("plain.txt", String(repeating: " ", count: 5000))
        let json = "Content-Type: application/json"
        var answers: Set<String> = []
        for (flag, version) in [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2")] {
            let body = "{\"items\":[{\"id\":1,\"price\":2}]}"
            let reply = try await curl(flag, "-H", json, "-d", body, "\(address)/v1/score")
            #expect(reply.hasSuffix(" \(version) 200"), "\(reply)")
            answers.insert(reply.replacing(" \(version) 200", with: ""))
            let large = try await curl(
                flag,
                "-H",
                json,
                "-H",
                "Expect:",
                "--data-binary",
                "@" + shop.file("plain.txt"),
                "\(address)/v1/score"
            )
            #expect(large.hasSuffix(" \(version) 413"), "\(large)")
            let port = try #require(server.adminPort)
            let admin = try await curl(flag, "http://localhost:\(port)/admin/models")
            #expect(admin.hasSuffix(" \(version) 200"), "\(admin)")
        }
        #expect(answers.count == 1)
    }

    /// The first bytes may come one by one; only the whole preface is HTTP/2.
    @Test func thePrefaceIsReadHoweverItArrives() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        for pieces in [1, 5, Self.preface.count] {
            let frame = try await blocking {
                let wire = try Wire(port: server.port)
                var rest = Self.preface[...]
                while !rest.isEmpty {
                    wire.send(rest.prefix(pieces))
                    rest = rest.dropFirst(pieces)
                    Thread.sleep(forTimeInterval: 0.005)
                }
                wire.send(Self.settings)
                return try wire.bytes(9)
            }
            // The server's settings come first (RFC 9113, section 3.4).
            #expect(frame[3] == 4, "\(frame)")
        }
        let status = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("P")
            Thread.sleep(forTimeInterval: 0.02)
            wire.send("OST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
            return try wire.answer().status
        }
        #expect(status == 400)
        let other = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send("PRI * HTTP/1.1\r\nHost: a\r\n\r\n")
            return String(decoding: wire.readToEnd(), as: UTF8.self)
        }
        #expect(other.hasPrefix("HTTP/1.1 4") || other.isEmpty, "\(other)")
        #expect(try await server.get("/healthz").status == 200)
    }

    /// Asks for `/healthz` on a stream: GET, http, the path and the authority (RFC 7541, appendix A and section 6.2.2).
    private static func question(_ stream: UInt8) -> [UInt8] {
        let path = Array("/healthz".utf8)
        let fields: [UInt8] = [0x82, 0x86, 0x04, UInt8(path.count)] + path + [0x01, 1, 97]
        return [0, 0, UInt8(fields.count), 1, 5, 0, 0, 0, stream] + fields
    }

    /// Reads frames until one is found: type and stream of each.
    private static func frames(
        _ wire: Wire,
        until isLast: (_ kind: UInt8, _ stream: UInt8) -> Bool
    ) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        while true {
            let head = try wire.bytes(9)
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            if length > 0 { _ = try wire.bytes(length) }
            found.append([head[3], head[8]])
            if isLast(head[3], head[8]) { return found }
        }
    }

    @Test func manyStreamsOfAConnectionAreAnswered() async throws {
        let server = try await RunningServer(try ServedShop.shared.get())
        let streams = (0..<20).map { UInt8(2 * $0 + 1) }
        let heads = try await blocking {
            let wire = try Wire(port: server.port)
            wire.send(Self.preface + Self.settings + streams.flatMap { Self.question($0) })
            var heads: Set<UInt8> = []
            _ = try Self.frames(wire) { kind, stream in
                if kind == 1 { heads.insert(stream) }
                return heads.count == streams.count
            }
            return heads
        }
        #expect(heads == Set(streams))
    }

    /// A stream whose client grants no window is reset (RFC 9113, section 6.4).
    @Test func aStreamWhoseClientTakesNothingIsReset() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.limits.idleSeconds = 0.5
        }
        let found = try await blocking {
            let wire = try Wire(port: server.port)
            // INITIAL_WINDOW_SIZE of 0 (section 6.5.2).
            wire.send(Self.preface + [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0])
            wire.send(Self.question(1))
            return try Self.frames(wire) { kind, stream in kind == 3 && stream == 1 }
        }
        // Its head arrives, no byte of the body does.
        #expect(found.contains([1, 1]) && !found.contains([0, 1]))
        #expect(try await server.get("/healthz").status == 200)
    }

    /// A connection that has not begun keeps no server from its end.
    @Test func theServerEndsBesideConnectionsThatSayNothing() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.stopSeconds = 300
            $0.limits.idleSeconds = 300
        }
        let wires = try await blocking {
            try ["", "PRI * HTTP/2.0"].map { text in
                let wire = try Wire(port: server.port)
                wire.send(text)
                return SendableWire(wire: wire)
            }
        }
        #expect(try await server.get("/healthz").status == 200)
        try await server.stop()
        for wire in wires { wire.close() }
    }
}
