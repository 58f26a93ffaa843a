import Foundation
import HTTPTypes
import Logging
import MotetCore
import MotetFeatures
import NIOCore
import Testing

@testable import MotetServing

/// A store that does nothing but fail.
private struct FailingStore: FeatureStore {
    let definitions = FeatureDefinitions([])
    let error: FeatureError

    func apply(_ events: [Event]) async throws -> [EventOutcome] { throw error }
    func features(_ request: FeatureRequest) async throws -> FeatureTable { throw error }
    func profile(of user: String, at time: Int64) async throws -> UserProfile? { throw error }
    func forget(user: String) async throws -> Bool { throw error }
}

@Suite("A store that fails") struct FailingStoreTests {
    /// What the routes of a failing store tell, by name, and the metrics after it.
    private func told(
        _ error: FeatureError
    ) async throws -> (
        errors: [String: RequestError], metrics: String
    ) {
        let store = FailingStore(error: error)
        let empty = MemoryFeatureStore(store.definitions)
        let pool = WorkerPool(threads: 1, limit: 4)
        defer { pool.stop() }
        let metrics = ServerMetrics()
        var limits = ServingSettings.Limits()
        limits.retryAfterSeconds = 9
        let routes = FeatureRoutes(
            online: OnlineFeatures(
                store,
                fields: OnlineFields(category: "category", scenario: "scenario"),
                aheadMilliseconds: 1000,
                read: { empty.read($0, into: &$1) }
            ),
            pool: pool,
            metrics: metrics,
            limits: limits,
            logger: Logger(label: "none") { _ in SwiftLogNoOpLogHandler() }
        )
        let forget = ForgetRoute(
            online: routes.online,
            ledger: nil,
            identities: .plain,
            users: .open,
            metrics: metrics,
            limits: limits,
            logger: routes.logger
        )
        var errors: [String: RequestError] = [:]
        let event = OnlineShop.event("a", at: OnlineShop.now, "click")
        for route in routes.eventRoutes + routes.profileRoutes + forget.routes {
            let request = IncomingRequest(
                id: "1",
                head: HTTPRequest(
                    method: route.method,
                    scheme: nil,
                    authority: nil,
                    path: route.path
                ),
                parameters: ["id": "u1"],
                body: ByteBuffer(string: event)
            )
            do { _ = try await route.answer(request) } catch let error as RequestError {
                errors[route.name] = error
            }
        }
        return (errors, String(decoding: metrics.text(pool, ModelStore()), as: UTF8.self))
    }

    @Test func aDiskThatIsFullIsToldAndNothingIsAcknowledged() async throws {
        let (errors, metrics) = try await told(
            FeatureError(.featureStore, "feature store \"/secret\": no space left on device.")
        )
        #expect(Set(errors.keys) == ["events", "profile", "forget"])
        for error in errors.values {
            #expect(error.status == .serviceUnavailable)
            #expect(error.code == "feature_store")
            #expect(error.retryAfterSeconds == 9)
            // The folder is nobody's business.
            #expect(!error.message.contains("secret"))
        }
        #expect(metrics.contains("motet_feature_store_failures_total 3"))
        #expect(metrics.contains("motet_events_total{outcome=\"applied\"} 0"))
    }

    @Test func aStoreThatIsFullIsToldWithATimeToTryAgain() async throws {
        let (errors, metrics) = try await told(FeatureError(.featureStoreFull, "full."))
        let error = try #require(errors["events"])
        #expect(error.status == .tooManyRequests)
        #expect(error.code == "feature_store_full")
        #expect(error.retryAfterSeconds == 9)
        #expect(metrics.contains("motet_feature_store_failures_total 0"))
    }
}
