import Foundation
import HTTPTypes
import Motet
import Testing

@testable import MotetServing

@Suite("TLS and HTTP/2") struct TLSTests {
    /// Runs a program to its end; what it printed.
    static func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try await blocking { try output.fileHandleForReading.readToEnd() ?? Data() }
        try await blocking { process.waitUntilExit() }
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    static let hasPrograms = ["curl", "openssl"].allSatisfy { name in
        ["/usr/bin/", "/usr/local/bin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + name)
        }
    }

    /// Makes a certificate for localhost and its key.
    private static func certify(_ name: String, in shop: ServedShop) async throws {
        let made = try await run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", shop.file("\(name).key"), "-out",
            shop.file("\(name).pem"),
        ])
        #expect(made.status == 0, "\(made.output)")
    }

    @Test(.enabled(if: hasPrograms, "curl or openssl is not installed"))
    func bothVersionsOfHTTPAnswerOverTLS() async throws {
        let shop = try ServedShop.shared.get()
        try await Self.certify("good", in: shop)
        let server = try await RunningServer(shop, waitsForReady: false) {
            $0.tls = ServingSettings.TLS(
                certificate: shop.file("good.pem"),
                key: shop.file("good.key")
            )
            $0.limits.bodyBytes = 4096
        }
        let address = "https://localhost:\(server.port)"
        func curl(_ arguments: String...) async throws -> (status: Int32, output: String) {
            try await Self.run(
                ["curl", "-s", "-S", "--max-time", "20", "--cacert", shop.file("good.pem")]
                    + arguments
            )
        }
        for _ in 0..<200 {
            if try await curl("\(address)/readyz").output.contains("\"ready\"") { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let body = "{\"items\":[{\"id\":1,\"price\":2}]}"
        var answers: Set<String> = []
        for (flag, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
            let reply = try await curl(
                flag,
                "-w",
                " %{http_version} %{http_code}",
                "-H",
                "Content-Type: application/json",
                "-d",
                body,
                "\(address)/v1/score"
            )
            #expect(reply.output.hasSuffix(" \(version) 200"), "\(reply.output)")
            answers.insert(reply.output.replacing(" \(version) 200", with: ""))
            // A body that is too large closes the connection behind its answer.
            try shop.write("large.txt", String(repeating: " ", count: 5000))
            let large = try await curl(
                flag,
                "-w",
                " %{http_version} %{http_code}",
                "-H",
                "Content-Type: application/json",
                "-H",
                "Expect:",
                "--data-binary",
                "@" + shop.file("large.txt"),
                "\(address)/v1/score"
            )
            #expect(large.output.hasSuffix(" \(version) 413"), "\(large.output)")
        }
        #expect(answers.count == 1)
        // Several requests of one connection.
        let many = try await curl(
            "--http2",
            "--parallel",
            "-o",
            "/dev/null",
            "-w",
            "%{http_version}:%{http_code} ",
            "\(address)/healthz?[1-20]"
        )
        #expect(
            many.output.split { $0.isWhitespace }.count { $0 == "2:200" } == 20,
            "\(many.output)"
        )
        // Without TLS nobody is answered, and old versions are refused.
        #expect(
            try await Self.run(["curl", "-s", "http://localhost:\(server.port)/healthz"]).status
                != 0
        )
        #expect(try await curl("--tls-max", "1.1", "\(address)/healthz").status != 0)
    }

    /// A server with TLS that is ready, and `curl` for it.
    private static func server(
        _ name: String,
        _ change: (inout ServingSettings) -> Void
    ) async throws -> (
        server: RunningServer, curl: @Sendable ([String]) async throws -> String
    ) {
        let shop = try ServedShop.shared.get()
        try await certify(name, in: shop)
        let server = try await RunningServer(shop, waitsForReady: false) {
            $0.tls = ServingSettings.TLS(
                certificate: shop.file("\(name).pem"),
                key: shop.file("\(name).key")
            )
            change(&$0)
        }
        let certificate = shop.file("\(name).pem")
        let curl: @Sendable ([String]) async throws -> String = { arguments in
            try await run(
                ["curl", "-s", "-S", "--max-time", "20", "--cacert", certificate] + arguments
            ).output
        }
        for _ in 0..<400 {
            let reply = try await curl(["https://localhost:\(server.port)/readyz"])
            if reply.contains("\"ready\"") { return (server, curl) }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Wire.Failure(description: "the server was not ready in time")
    }

    /// Who never says hello would hold a place for good.
    @Test(.enabled(if: hasPrograms, "curl or openssl is not installed"))
    func aHandshakeThatDoesNotEndIsClosed() async throws {
        let (server, curl) = try await Self.server("silent") {
            $0.limits.connections = 2
            $0.limits.requestSeconds = 0.5
        }
        let port = server.port
        // One that says nothing, and one that stops in its hello.
        let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]
        let seconds = try await blocking {
            let (silent, stopped) = (try Wire(port: port), try Wire(port: port))
            stopped.send(hello)
            let start = ContinuousClock.now
            _ = silent.readToEnd()
            _ = stopped.readToEnd()
            return (ContinuousClock.now - start) / .seconds(1)
        }
        #expect((0.3..<10).contains(seconds), "\(seconds)")
        let reply = try await curl(["--http2", "https://localhost:\(port)/healthz"])
        #expect(reply.contains("alive"), "\(reply)")
    }

    /// A connection of HTTP/2 has many requests at once; their bodies have a bound all the same.
    @Test func moreBodiesAtOnceThanConnectionsAreRefused() async throws {
        var limits = ServingSettings.Limits()
        limits.connections = 2
        let gate = BodyGate(limits: limits)
        let (inside, enters) = AsyncStream.makeStream(of: Void.self)
        let (end, ends) = AsyncStream.makeStream(of: Void.self)
        func hold() async throws -> Int {
            try await gate.inside {
                enters.yield()
                for await _ in end { break }
                return 200
            }
        }
        async let first = hold()
        var entries = inside.makeAsyncIterator()
        await entries.next()
        #expect(try await gate.inside { 200 } == 200)
        let error = await #expect(throws: RequestError.self) {
            _ = try await gate.inside { try await gate.inside { 200 } }
        }
        #expect(error?.status == .tooManyRequests && error?.retryAfterSeconds == 1)
        #expect(error?.message.contains("expected at most 2. Try again later.") == true)
        ends.yield()
        #expect(try await first == 200)
        // Who was refused, or threw, left no place taken.
        #expect(try await gate.inside { try await gate.inside { 200 } } == 200)
    }

    /// A refused body ends its own stream alone: requests beside it on the connection are answered.
    @Test(.enabled(if: hasPrograms, "curl or openssl is not installed"))
    func aBodyNobodyReadsLeavesTheOtherRequestsOfItsConnection() async throws {
        let (server, curl) = try await Self.server("streams") { _ in }
        let shop = try ServedShop.shared.get()
        try shop.write("small.json", "{\"items\":[{\"id\":1,\"price\":2}]}")
        let address = "https://localhost:\(server.port)"
        var arguments: [String] = []
        for (number, path) in ["/v1/score", "/nowhere", "/v1/score", "/healthz"].enumerated() {
            if number > 0 { arguments.append("--next") }
            arguments += [
                "-s", "-S", "--max-time", "20", "--cacert", shop.file("streams.pem"), "--http2",
                "-H", "Content-Type: application/json", "--data-binary",
                "@" + shop.file("small.json"), "-o", "/dev/null",
                "-w", "%{http_code}:%{num_connects} ", address + path,
            ]
        }
        let statuses = try await curl(arguments)
        // All on one connection.
        #expect(statuses == "200:1 404:0 200:0 405:0 ", "\(statuses)")
    }

    @Test(.enabled(if: hasPrograms, "curl or openssl is not installed"))
    func filesThatCannotBeUsedAreASentence() async throws {
        let shop = try ServedShop.shared.get()
        try await Self.certify("first", in: shop)
        try await Self.certify("second", in: shop)
        try shop.write("no.pem", "nothing")
        for (certificate, key, part) in [
            ("first.pem", "second.key", "tls.key"), ("no.pem", "first.key", "tls.certificate"),
            ("missing.pem", "first.key", "tls.certificate"), ("first.pem", "no.pem", "tls.key"),
        ] {
            var settings = ServingSettings()
            settings.tls = ServingSettings.TLS(
                certificate: shop.file(certificate),
                key: shop.file(key)
            )
            let error = #expect(throws: ServingError.self) {
                _ = try ModelServer(run: shop.file("run"), settings: settings, engine: .oneDNN)
            }
            #expect(error?.code == .tlsUnusable, "\(certificate) \(key)")
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
    }
}
