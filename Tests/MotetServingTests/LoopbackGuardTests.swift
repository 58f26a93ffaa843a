import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("The port without a secret") struct LoopbackGuardTests {
    private static let routes = [
        ("GET", "/admin/models"), ("POST", "/admin/reload"), ("POST", "/admin/rollback"),
        ("GET", "/console"), ("GET", "/console/data"),
    ]

    private func answer(
        _ port: Int,
        _ method: String,
        _ path: String,
        _ fields: String
    ) async throws -> Reply {
        try await blocking {
            let wire = try Wire(port: port)
            let length = method == "POST" ? "Content-Length: 0\r\n" : ""
            wire.send("\(method) \(path) HTTP/1.1\r\n\(fields)\(length)\r\n")
            return try wire.answer()
        }
    }

    /// A browser on this machine reaches the port too: pages of other sites change no model and see no figure.
    @Test func pagesOfOtherSitesAreRefusedByEveryRoute() async throws {
        let server = try await RunningServer(try ServedShop.shared.get()) {
            $0.admin = ServingSettings.Admin(port: 0)
        }
        let port = try #require(server.adminPort)
        let own = "localhost:\(port)"
        for (method, path) in Self.routes {
            for (fields, code, field) in [
                ("Host: evil.example:\(port)\r\n", "foreign_host", "Host"),
                ("Host: evil.example\r\nOrigin: http://evil.example\r\n", "foreign_host", "Host"),
                ("Host: \(own)\r\nOrigin: http://evil.example\r\n", "foreign_origin", "Origin"),
                ("Host: \(own)\r\nOrigin: null\r\n", "foreign_origin", "Origin"),
                ("Host: \(own)\r\nOrigin: http://localhost:1\r\n", "foreign_origin", "Origin"),
            ] {
                let reply = try await answer(port, method, path, fields)
                #expect(reply.status == 421, "\(path) \(fields)")
                let error = try reply.error()
                #expect(error.code == code && error.field == field, "\(path) \(fields)")
            }
        }
        // Nothing was read again meanwhile.
        let before = try await answer(port, "GET", "/admin/models", "Host: \(own)\r\n")
        #expect(try before.json()["previous"] is NSNull)
        for fields in [
            "Host: \(own)\r\n", "Host: \(own)\r\nOrigin: http://\(own)\r\n",
            "Host: 127.0.0.1:\(port)\r\nOrigin: HTTP://127.0.0.1:\(port)\r\n",
        ] {
            let reply = try await answer(port, "POST", "/admin/reload", fields)
            #expect(reply.status == 200, "\(fields) \(reply.text)")
        }
    }

    /// Behind a secret nobody's page has it, and the port is reached by whatever name it has.
    @Test func aSecretIsEnough() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("guard-secret", "a secret of many letters\n")
        let server = try await RunningServer(shop) {
            $0.admin = ServingSettings.Admin(tokenFile: shop.file("guard-secret"))
        }
        let reply = try await answer(
            server.port,
            "GET",
            "/admin/models",
            "Host: shop.example\r\nOrigin: http://other.example\r\n"
                + "Authorization: Bearer a secret of many letters\r\n"
        )
        #expect(reply.status == 200)
    }
}
