import Foundation
import MotetConfiguration
import MotetCore
import MotetFeatureStore
import Testing

@testable import MotetServing

@Suite("Settings of a server") struct ServingSettingsTests {
    private func settings(_ text: String) throws -> ServingSettings {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: "/etc/shop"
        )
    }

    /// Every key, with a value that is not its default.
    private static let all = """
        host: 0.0.0.0
        port: 9000
        workers: 3
        threads_per_request: 2
        precision: bf16
        exact: true
        micro_batch_rows: 48
        event_loops: 4
        stop_seconds: 5
        watch_seconds: 0.5
        log_level: warning
        admin:
          port: 9001
          token_file: secret
        console:
          decisions: 7
        tls:
          certificate: server.pem
          key: /keys/server.key
        experiment:
          run: ../next
          share: 0.25
          salt: november
        shadow:
          run: /runs/other
          share: 1
        features:
          store: state
          durability: process
          category: kind
          scenario: place
          ahead_seconds: 1.5
          items:
            files: [items.csv, /data/more.csv]
            item: product
            category: group
        ids:
          salt_file: salt
        users:
          access: token
          token_file: /keys/users
        items:
          files: [catalogue.parquet, /data/late.csv]
          stored_mib: 64
          item: sku
        limits:
          body_bytes: 4096
          header_bytes: 8192
          candidates: 50
          events: 30
          list_values: 20
          json_depth: 5
          queue: 7
          connections: 9
          request_seconds: 1.5
          idle_seconds: 2.5
          retry_after_seconds: 3

        """

    /// The keys of a store in Redis, which has no folder.
    private static let redis = """
        features:
          store: redis
          redis:
            host: redis.shop
            port: 6380
            socket: /run/redis.sock
            password_file: password
            database: 2
            prefix: shop
            connect_ms: 100
            timeout_ms: 200
            connections: 3
            cache_bytes: 1000

        """

    @Test func everyKeyOfRedisIsRead() throws {
        let features = try settings(Self.redis).features
        var redis = ServingSettings.Features.Redis()
        redis.host = "redis.shop"
        redis.port = 6380
        redis.socket = "/run/redis.sock"
        redis.passwordFile = "/etc/shop/password"
        redis.database = 2
        redis.prefix = "shop"
        redis.connectMilliseconds = 100
        redis.timeoutMilliseconds = 200
        redis.connections = 3
        redis.cacheBytes = 1000
        #expect(features?.redis == redis)
        #expect(features?.folder == nil)
        let standard = try settings("features: { store: redis }").features
        #expect(standard?.redis == ServingSettings.Features.Redis())
        #expect(try settings("features: { store: ./redis }").features?.redis == nil)
        let error = #expect(throws: ConfigurationError.self) {
            try settings("features: { store: memory, redis: { port: 0, hots: a } }")
        }
        let text = "\(try #require(error))"
        for part in ["features.redis", "store: redis", "from 1 to 65535", "Did you mean `host`?"] {
            #expect(text.contains(part), "\(part): \(text)")
        }
    }

    @Test func everyKeyIsRead() throws {
        let settings = try settings(Self.all)
        let defaults = ServingSettings()
        #expect(settings.host == "0.0.0.0")
        #expect(settings.port == 9000)
        #expect(settings.workers == 3)
        #expect(settings.threadsPerRequest == 2)
        #expect(settings.precision == .bfloat16)
        #expect(settings.isExact)
        #expect(settings.microBatchRows == 48)
        #expect(settings.microBatchRows == 48)
        #expect(settings.eventLoops == 4)
        #expect(settings.stopSeconds == 5)
        #expect(settings.watchSeconds == 0.5)
        #expect(settings.logLevel == .warning)
        #expect(settings.admin?.port == 9001)
        #expect(settings.admin?.tokenFile == "/etc/shop/secret")
        #expect(settings.console.decisions == 7)
        #expect(settings.tls?.certificate == "/etc/shop/server.pem")
        #expect(settings.tls?.key == "/keys/server.key")
        #expect(
            settings.experiment
                == ServingSettings.Arm(run: "/etc/shop/../next", share: 0.25, salt: "november")
        )
        #expect(settings.shadow == ServingSettings.Arm(run: "/runs/other", share: 1))
        #expect(settings.features?.folder == "/etc/shop/state")
        #expect(settings.features?.durability == .process)
        #expect(settings.features?.category == "kind")
        #expect(settings.features?.scenario == "place")
        #expect(settings.features?.aheadSeconds == 1.5)
        #expect(
            settings.features?.items
                == ServingSettings.Features.Items(
                    files: ["/etc/shop/items.csv", "/data/more.csv"],
                    item: "product",
                    category: "group"
                )
        )
        #expect(
            settings.items
                == ServingSettings.ItemFiles(
                    files: ["/etc/shop/catalogue.parquet", "/data/late.csv"],
                    item: "sku",
                    storedMebibytes: 64
                )
        )
        let memory = try self.settings("features: { store: memory }").features
        #expect(memory == ServingSettings.Features())
        #expect(memory?.durability == .power)
        #expect(settings.saltFile == "/etc/shop/salt")
        #expect(settings.users.access == .token)
        #expect(settings.users.tokenFile == "/keys/users")
        #expect(settings.limits.events == 30)
        #expect(settings.limits.bodyBytes == 4096)
        #expect(settings.limits.headerBytes == 8192)
        #expect(settings.limits.candidates == 50)
        #expect(settings.limits.listValues == 20)
        #expect(settings.limits.jsonDepth == 5)
        #expect(settings.limits.queue == 7)
        #expect(settings.limits.connections == 9)
        #expect(settings.limits.requestSeconds == 1.5)
        #expect(settings.limits.idleSeconds == 2.5)
        #expect(settings.limits.retryAfterSeconds == 3)
        #expect(settings != defaults)
        #expect(try self.settings("port: 8080") == defaults)
    }

    @Test func whatIsUnknownOrOutOfRangeIsToldWithItsLine() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try settings(
                "prot: 1\nport: 70000\nlimits:\n  que: 3\nlog_level: loud\nadmin: {}\n"
                    + "features: { durability: paper, category: id }\n"
                    + "precision: f16\nexact: maybe\nitems: { files: a.csv }\n"
            )
        }
        let text = "\(try #require(error))"
        for part in [
            "prot: unknown key", "Did you mean `port`?", "from 0 to 65535", "limits.que", "loud",
            "nothing opens the admin routes", "features.store", "features.durability",
            "features.category", "precision", "f16", "exact", "maybe", "items.item",
        ] { #expect(text.contains(part), "\(part): \(text)") }
    }

    @Test(arguments: [
        ("users: { access: token }", "expected one with the secret"),
        ("users: { token_file: a }", "access: token"),
        ("users: { access: admin }", "admin: { port"),
        ("users: { access: admin }\nadmin: { token_file: a }", "admin: { port"),
        ("users: { access: nobody }", "nobody"), ("ids: {}", "ids.salt_file"),
    ])
    func whatOpensNothingOrTooMuchIsTold(text: String, part: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try settings(text) }
        #expect("\(try #require(error))".contains(part))
    }

    @Test func thePageNamesEveryKey() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/serving/configuration.md"),
            encoding: .utf8
        )
        for line in (Self.all + Self.redis).split(separator: "\n") {
            let key = line.prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces)
            #expect(page.contains("`\(key)`"), "\(key)")
        }
    }
}
