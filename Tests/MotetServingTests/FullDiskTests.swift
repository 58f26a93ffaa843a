import Foundation
import Testing

@testable import MotetServing

/// What a machine lets a test do to the room a server has for its files.
private enum Room {
    /// What starts a program that may mount a file system of its own, which nobody else sees; nil where that is not
    /// allowed.
    static let namespace: [String]? = [
        ["/usr/bin/unshare", "--mount"],
        ["/usr/bin/unshare", "--user", "--map-root-user", "--mount"],
    ].first { command in
        let script = "mount -t tmpfs -o size=1m tmpfs /mnt"
        return (try? succeeds(command + ["/bin/sh", "-c", script])) == true
    }

    /// Whether a program ends with 0.
    static func succeeds(_ command: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Writes a file until nothing fits any more.
    static func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Wire.Failure(description: "\(path): \(errno)") }
        defer { close(descriptor) }
        for size in [65_536, 512, 1] {
            let block = [UInt8](repeating: 7, count: size)
            while write(descriptor, block, size) > 0 {}
        }
        guard errno == ENOSPC else { throw Wire.Failure(description: "\(path): \(errno)") }
    }
}

@Suite("A disk that is full", .serialized) struct FullDiskTests {
    /// The answers while the disk is full: nothing is taken, and everything else goes on.
    private func check(whileFull port: Int, _ events: [String]) async throws {
        try await blocking {
            for _ in 0..<3 {
                let refused = try Wire.post(
                    "/v1/events",
                    "[\(events.joined(separator: ","))]",
                    to: port
                )
                #expect(refused.status == 503, "\(refused.text)")
                #expect(refused.fields["retry-after"] == "1")
                let told = try refused.error()
                #expect(told.code == "feature_store")
                #expect(told.message.contains("Nothing was acknowledged"), "\(told.message)")
                let score = try Wire.post("/v1/score", Self.question, to: port)
                #expect(score.status == 200, "\(score.text)")
            }
            let wire = try Wire(port: port)
            #expect(try wire.request("GET", "/v1/users/u0/profile").status == 200)
            #expect(try wire.request("GET", "/healthz").status == 200)
            #expect(try wire.request("GET", "/readyz").status == 200)
            let metrics = try wire.request("GET", "/metrics").text
            #expect(metrics.contains("motet_feature_store_failures_total 3"))
        }
    }

    private static let question =
        "{\"user\":{\"id\":\"u0\"},\"items\":[{\"id\":\"i1\",\"price\":3,\"market\":\"home\"}]}"

    private static func batch(_ name: String) -> [String] {
        let now = OnlineShop.now
        return (0..<20).map {
            OnlineShop.event("\(name)-\($0)", at: now - Int64($0), "view", user: "u\($0 % 2)")
        }
    }

    private static func send(_ events: [String], to port: Int) async throws -> String {
        try await blocking {
            try Wire.post("/v1/events", "[\(events.joined(separator: ","))]", to: port).text
        }
    }

    private static let applied = "{\"applied\":20,\"duplicate\":0,\"late\":0}"
    private static let known = "{\"applied\":0,\"duplicate\":20,\"late\":0}"

    /// A limit on the size of files, which needs no rights: a write fails as on a full disk.
    @Test func filesThatMayNotGrowAreToldAndTheStoreRecovers() async throws {
        let counted = try CountedShop.shared.get()
        let (folder, settings) = try counted.store()
        let server = try ServeProcess(
            ["run", "--port", "0", "--config", settings],
            in: counted.shop.path,
            // The signal of the limit would end the program.
            through: ["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]
        )
        let port = try await server.port()
        _ = try await server.event("ready")
        let (before, during, after) = (Self.batch("a"), Self.batch("b"), Self.batch("c"))
        #expect(try await Self.send(before, to: port) == Self.applied)

        let log = try FileManager.default.attributesOfItem(atPath: folder + "/log.sqlite-wal")
        let size = try #require(log[.size] as? Int)
        func limit(_ bytes: String) throws {
            let command = ["/usr/bin/prlimit", "--pid", "\(server.identifier)", "--fsize=\(bytes)"]
            #expect(try Room.succeeds(command), "\(command)")
        }
        try limit("\(size):unlimited")
        try await check(whileFull: port, during)
        try limit("unlimited:unlimited")

        // What was refused is new, what was acknowledged is known.
        #expect(try await Self.send(during, to: port) == Self.applied)
        #expect(try await Self.send(before, to: port) == Self.known)
        #expect(try await Self.send(after, to: port) == Self.applied)
        server.send(SIGKILL)
        _ = try await server.status()
        let counts = try await counted.counts(in: folder, of: ["u0", "u1"])
        #expect(counts.all == 60)
        #expect(counts.users == [30, 30])
    }

    @Test(
        .enabled(
            if: Room.namespace != nil,
            "this user may not mount a file system; the test of a limit on files stands for it"
        )
    )
    func aDiskThatIsFullIsToldAndTheStoreRecovers() async throws {
        let counted = try CountedShop.shared.get()
        let (folder, settings) = try counted.store()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try ServeProcess(
            ["run", "--port", "0", "--config", settings],
            in: counted.shop.path,
            through: try #require(Room.namespace) + [
                "/bin/sh", "-c",
                "mount -t tmpfs -o size=2m tmpfs '\(folder)' && exec \"$0\" \"$@\"",
            ]
        )
        let port = try await server.port()
        _ = try await server.event("ready")
        let (before, during) = (Self.batch("a"), Self.batch("b"))
        #expect(try await Self.send(before, to: port) == Self.applied)

        let inside = "/proc/\(server.identifier)/root\(folder)"
        try Room.fill(inside + "/ballast")
        // What is left of a page that was begun may take a batch or two.
        var number = 0
        while try await Self.send(Self.batch("f\(number)"), to: port) == Self.applied {
            number += 1
        }
        #expect(number < 3)
        let failed = try await Self.failures(port)
        #expect(failed == 1)
        try await forgettingFails(port)
        try FileManager.default.removeItem(atPath: inside + "/ballast")

        #expect(try await Self.send(during, to: port) == Self.applied)
        #expect(try await Self.send(before, to: port) == Self.known)
        let forgotten = try await blocking {
            try Wire(port: port).request("DELETE", "/v1/users/u0").status
        }
        #expect(forgotten == 204)
        // The file system goes with the process: its files are taken out before.
        let copy = counted.shop.file("copy-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: inside, toPath: copy)
        server.send(SIGKILL)
        _ = try await server.status()
        let counts = try await counted.counts(in: copy, of: ["u0", "u1"])
        #expect(counts.all == 20 * (2 + number))
        #expect(counts.users == [0, 10 * (2 + number)])
    }

    private static func failures(_ port: Int) async throws -> Int {
        let text = try await blocking { try Wire(port: port).request("GET", "/metrics").text }
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("motet_feature_store_failures_total ")
        }
        return try #require(line?.split(separator: " ").last.flatMap { Int($0) })
    }

    /// A user cannot be forgotten on a full disk, and the answer says that it is to be asked again.
    private func forgettingFails(_ port: Int) async throws {
        let reply = try await blocking { try Wire(port: port).request("DELETE", "/v1/users/u0") }
        #expect(reply.status == 503, "\(reply.text)")
        let told = try reply.error()
        #expect(told.code == "feature_store")
        #expect(told.message.contains("send the request again"), "\(told.message)")
    }

    @Test func aLogThatIsCutOffKeepsTheServerFromStartingWithOneSentence() async throws {
        let counted = try CountedShop.shared.get()
        let (folder, settings) = try counted.store()
        let arguments = ["run", "--port", "0", "--config", settings]
        let first = try ServeProcess(arguments, in: counted.shop.path)
        let port = try await first.port()
        for name in ["a", "b", "c", "d", "e"] {
            #expect(try await Self.send(Self.batch(name), to: port) == Self.applied)
        }
        first.send(SIGTERM)
        #expect(try await first.status() == 0)
        let file = folder + "/log.sqlite"
        let whole = try #require(FileManager.default.contents(atPath: file))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: file))
        let second = try ServeProcess(arguments, in: counted.shop.path)
        #expect(try await second.status() == 3)
        let told = second.lines.filter { $0.contains("feature store") }
        #expect(told.count == 1, "\(second.lines)")
        #expect(told.first?.contains("damaged") == true, "\(told)")
    }
}
