import Foundation
import Logging
import Motet
import MotetTestSupport
import Synchronization
import Testing

@testable import MotetServing

@Suite("Identities of users") struct UserIdentityTests {
    private static let salt = "0123456789abcdef"

    /// RFC 4231, sections 4.2 to 4.4 and 4.7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func keyedHashesAreThoseOfTheStandard(key: [UInt8], text: [UInt8], hash: String) {
        let bytes = KeyedHash(key: key).hash(text)
        #expect(bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined() == hash)
    }

    /// Computed by Python's `hmac`.
    @Test(arguments: [
        ("u1", "UWK92xi9oAgqeznEcvfRGCNMiXw57WHndXUckfr9xW8"),
        ("Mrs. Eleanor Vance", "y6FB-wMI3dlkYPAfhTP4eofrxJuyZq2xd4C320nmHlY"),
        ("ü", "eIGddfEeio1RJT6fIZJ1BgWkH7pJczVX-uFQL1r9mfw"),
    ])
    func hashesAreThoseOfPython(identity: String, hash: String) {
        let identities = UserIdentities(salt: Self.salt)
        #expect(identities.kept(identity) == hash)
        #expect(UserIdentities(salt: Self.salt + "0").kept(identity) != hash)
        #expect(UserIdentities.plain.kept(identity) == identity)
    }

    @Test func aSaltThatIsMissingOrShortEndsTheStart() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("short-salt", "a secret\n")
        for (file, part) in [("short-salt", "too short"), ("no-salt", "cannot be read")] {
            let error = await #expect(throws: ServingError.self) {
                _ = try await RunningServer(shop) { $0.saltFile = shop.file(file) }
            }
            #expect(error?.code == .identitiesUnusable)
            #expect(error?.description.contains(part) == true)
        }
    }

    @Test func noIdentityIsKeptAndAllRoutesTakeIt() async throws {
        let shop = try OnlineShop.shared.get()
        try shop.write("salt", Self.salt + "\n")
        let folder = shop.file("state-\(UUID().uuidString)")
        let lines = Lines()
        let salted = try await RunningServer(
            shop,
            logger: Logger(label: "test") { _ in
                JSONLogHandler(level: .debug) { line in
                    lines.list.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        ) {
            $0.saltFile = shop.file("salt")
            $0.features = ServingSettings.Features(folder: folder)
        }
        let plain = try await RunningServer(shop) { $0.features = ServingSettings.Features() }
        let now = OnlineShop.now
        let name = "Eleanor.Vance"
        let events = OnlineShop.events(at: now).map { $0.replacing("\"u1\"", with: "\"\(name)\"") }
        for server in [salted, plain] { #expect(try await server.send(events)["applied"] == 60) }
        func body(_ user: String) -> String {
            """
            {"user":{"id":"\(user)"},"time":\(now),"items":[{"id":"i1","price":3,"category":"c1","market":"home"}]}
            """
        }
        for user in [name, "u2", "nobody"] {
            let expected = try await plain.post("/v1/score", body(user)).text
            #expect(try await salted.post("/v1/score", body(user)).text == expected)
        }
        #expect(try await salted.profile(name).status == 200)
        #expect(try await salted.profile(UserIdentities(salt: Self.salt).kept(name)).status == 404)
        func contents(_ text: String) throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: folder).contains { file in
                let data = FileManager.default.contents(atPath: folder + "/" + file) ?? Data()
                return data.range(of: Data(text.utf8)) != nil
            }
        }
        #expect(try !contents(name))
        #expect(try contents(UserIdentities(salt: Self.salt).kept(name)))
        #expect(try await salted.request("DELETE", "/v1/users/\(name)", nil).status == 204)
        #expect(try await salted.profile(name).status == 404)
        #expect(try !contents(UserIdentities(salt: Self.salt).kept(name)))
        let log = lines.list.withLock { $0.joined() }
        #expect(log.contains("\"route\":\"forget\""))
        #expect(!log.contains("Eleanor"))
    }

    @Test(
        .enabled(if: RedisServer.isInstalled, Comment(rawValue: RedisServer.missing))
    )
    func noIdentityReachesRedis() async throws {
        let shop = try OnlineShop.shared.get()
        try shop.write("redis-salt", Self.salt)
        let redis = try RedisServer()
        let server = try await RunningServer(shop) {
            $0.saltFile = shop.file("redis-salt")
            var features = ServingSettings.Features()
            features.redis = ServingSettings.Features.Redis()
            features.redis?.port = redis.port
            features.redis?.timeoutMilliseconds = 10_000
            $0.features = features
        }
        let event = OnlineShop.event("a", at: OnlineShop.now, "view", user: "Vance")
        #expect(try await server.send([event])["applied"] == 1)
        let hash = UserIdentities(salt: Self.salt).kept("Vance")
        #expect(try redis.command("EXISTS", "motet:user:\(hash)") == "1")
        for key in try redis.command("KEYS", "motet:*").split(separator: "\n") {
            #expect(!key.contains("Vance"))
            #expect(try !redis.command("GET", String(key)).contains("Vance"))
        }
        #expect(try await server.request("DELETE", "/v1/users/Vance", nil).status == 204)
        #expect(try redis.command("EXISTS", "motet:user:\(hash)") == "0")
    }

    /// A column of the model that is a user's identity is a value like others.
    @Test func theModelsOwnColumnsAreReadAsTheyAre() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("column-salt", Self.salt)
        let salted = try await RunningServer(shop) { $0.saltFile = shop.file("column-salt") }
        let plain = try await RunningServer(shop)
        var answers: Set<String> = []
        for user in ["u1", "u2", "u3"] {
            let body = """
                {"user":{"id":"\(user)","user_id":"\(user)"},"items":[{"id":1,"price":2,"item_id":"i1"}]}
                """
            let answer = try await plain.post("/v1/score", body)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await salted.post("/v1/score", body).text == answer.text)
            answers.insert(answer.text)
        }
        #expect(answers.count == 3)
    }

    /// The share of a second run goes by what is kept.
    @Test func theShareGoesByTheHash() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("share-salt", Self.salt)
        let lines = Lines()
        let server = try await RunningServer(
            shop,
            logger: Logger(label: "test") { _ in
                JSONLogHandler(level: .info) { line in
                    lines.list.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }
            }
        ) {
            $0.saltFile = shop.file("share-salt")
            $0.experiment = ServingSettings.Arm(run: shop.file("run"), share: 0.5)
        }
        let arm = Arm(models: ModelStore(), share: 0.5, salt: "")
        let identities = UserIdentities(salt: Self.salt)
        let users = (0..<20).map { "user-\($0)" }
        for user in users {
            let reply = try await server.request(
                "POST",
                "/v1/score",
                Array("{\"user\":{\"id\":\"\(user)\"},\"items\":[{\"id\":1,\"price\":2}]}".utf8),
                fields: ["X-Request-Id": "of-\(user)-"]
            )
            #expect(reply.status == 200, "\(reply.text)")
        }
        let log = lines.list.withLock { $0 }
        var differences = 0
        for user in users {
            let line = try #require(log.first { $0.contains("\"of-\(user)-\"") })
            #expect(
                line.contains("\"variant\":\"experiment\"") == arm.takes(identities.kept(user))
            )
            if arm.takes(user) != arm.takes(identities.kept(user)) { differences += 1 }
        }
        #expect(differences > 0)
    }

    /// What was kept under other names is not found any more: that does not go unnoticed.
    @Test func anotherSaltIsWarnedOf() throws {
        let folder = try ScratchFolder()
        let lines = Lines()
        let logger = Logger(label: "test") { _ in
            JSONLogHandler(level: .info) { line in
                lines.list.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        let (one, other) = (UserIdentities(salt: Self.salt), UserIdentities(salt: Self.salt + "0"))
        var warned: [Int] = []
        for identities in [one, one, other, other, .plain, one] {
            try IdentityMark.check(folder.path, identities, logger)
            warned.append(lines.list.withLock { $0.count })
        }
        #expect(warned == [0, 0, 1, 1, 2, 3])
        #expect(lines.list.withLock { $0[0] }.contains("users have other names"))
        let mark = try String(contentsOfFile: folder.path + "/identities", encoding: .utf8)
        #expect(mark.wholeMatch(of: /hashed [A-Za-z0-9_-]{16}\n/) != nil)
        #expect(!mark.contains(Self.salt))
    }
}

/// Lines of a log.
private final class Lines: Sendable {
    let list = Mutex<[String]>([])
}

@Suite("Access to users") struct UserAccessTests {
    private static let secret = "a secret of users"

    @Test func theSecretOpensTheRoutesOfUsersAndNoOther() async throws {
        let shop = try OnlineShop.shared.get()
        try shop.write("users-secret", Self.secret + "\n")
        let server = try await RunningServer(shop) {
            $0.features = ServingSettings.Features()
            $0.users.access = .token
            $0.users.tokenFile = shop.file("users-secret")
        }
        _ = try await server.send([OnlineShop.event("1", at: OnlineShop.now, "view")])
        for (method, path) in [("GET", "/v1/users/u1/profile"), ("DELETE", "/v1/users/u1")] {
            for field in ["", "Bearer a secret of admins", Self.secret, "Bearer \(Self.secret)x"] {
                let fields = field.isEmpty ? [:] : ["Authorization": field]
                let reply = try await server.request(method, path, nil, fields: fields)
                #expect(reply.status == 401, "\(method) \(field)")
                #expect(try reply.error().code == "unauthorized")
            }
        }
        let fields = ["Authorization": "Bearer \(Self.secret)"]
        let profile = try await server.request("GET", "/v1/users/u1/profile", nil, fields: fields)
        #expect(profile.status == 200)
        let gone = try await server.request("DELETE", "/v1/users/u1", nil, fields: fields)
        #expect(gone.status == 204)
        let document = try await server.get("/openapi.json").json()
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        for (path, method, isGuarded) in [
            ("/v1/users/{id}", "delete", true), ("/v1/users/{id}/profile", "get", true),
            ("/v1/events", "post", false),
        ] {
            let replies = paths[path]?[method]?["responses"] as? [String: Any]
            #expect((replies?["401"] != nil) == isGuarded, "\(path)")
        }
    }

    @Test func thePortOfAdminRoutesHasThemAlone() async throws {
        let shop = try OnlineShop.shared.get()
        let server = try await RunningServer(shop) {
            $0.features = ServingSettings.Features()
            $0.admin = ServingSettings.Admin(port: 0)
            $0.users.access = .admin
        }
        let admin = try #require(server.adminPort)
        _ = try await server.send([OnlineShop.event("1", at: OnlineShop.now, "view")])
        #expect(try await server.profile("u1").error().code == "not_found")
        #expect(try await server.request("DELETE", "/v1/users/u1", nil).status == 404)
        let profile = try await server.request("GET", "/v1/users/u1/profile", nil, at: admin)
        #expect(profile.status == 200)
        #expect(try await server.request("DELETE", "/v1/users/u1", nil, at: admin).status == 204)
        let gone = try await server.request("GET", "/v1/users/u1/profile", nil, at: admin)
        #expect(gone.status == 404)
        #expect(!(try await server.get("/openapi.json").text.contains("/v1/users")))
        let document = try await server.request("GET", "/openapi.json", nil, at: admin)
        #expect(document.text.contains("/v1/users/{id}/profile"))
    }

    @Test func withoutItsFileTheSecretOpensNothing() throws {
        var settings = ServingSettings.Users()
        settings.access = .token
        #expect(throws: ServingError.self) { try UserAccess(settings) }
        settings.access = .open
        #expect(try UserAccess(settings).token == nil)
    }
}
