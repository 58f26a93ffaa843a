import Foundation
import Motet
import MotetFeatures
import Testing

@testable import MotetServing

@Suite("Events over HTTP") struct EventTests {
    private func server(
        _ change: (inout ServingSettings) -> Void = { _ in }
    ) async throws -> RunningServer {
        try await RunningServer(try OnlineShop.shared.get()) {
            $0.features = ServingSettings.Features()
            change(&$0)
        }
    }

    @Test func oneAListAndABatchAreTakenAndEachIdCountsOnce() async throws {
        let server = try await server()
        let now = OnlineShop.now
        let (a, b) = (
            OnlineShop.event("a", at: now, "click"), OnlineShop.event("b", at: now - 1, "view")
        )
        let single = try await server.post("/v1/events", a)
        #expect(single.text == "{\"applied\":1,\"duplicate\":0,\"late\":0}")
        let list = try await server.post("/v1/events", "[\(a),\(b)]")
        #expect(list.text == "{\"applied\":1,\"duplicate\":1,\"late\":0}")
        let batch = try await server.post("/v1/events", "{\"events\":[\(b),\(a),\(b)]}")
        #expect(batch.text == "{\"applied\":0,\"duplicate\":3,\"late\":0}")
        let actions = try await server.profile("u1").json()["visit"] as? [String: Any]
        #expect(actions?["actions"] as? Int == 2)
    }

    @Test func eventsOutOfOrderCountAndLateOnesDoNot() async throws {
        let server = try await server()
        let now = OnlineShop.now
        let counts = try await server.send([
            OnlineShop.event("new", at: now, "view", item: "i2"),
            OnlineShop.event("old", at: now - 600_000, "view", item: "i3"),
            OnlineShop.event("late", at: now - 3_600_000, "view", item: "i4"),
        ])
        #expect(counts == ["applied": 2, "duplicate": 0, "late": 1])
        let visit = try await server.profile("u1").json()["visit"] as? [String: Any]
        #expect(visit?["items"] as? [String] == ["i2", "i3"])
        #expect(visit?["start"] as? Int64 == now - 600_000)
    }

    /// A body, and the code and field of its answer.
    private static func bad(_ now: Int64) -> [(body: String, code: String, field: String?)] {
        let good = OnlineShop.event("good", at: now, "click")
        func second(_ old: String, _ new: String) -> String {
            precondition(good.contains(old), "\(good) has no \(old)")
            return "[\(good),\(good.replacing(old, with: new))]"
        }
        let many = [String](repeating: good, count: 6).joined(separator: ",")
        return [
            ("", "event_malformed", nil), ("{", "event_malformed", nil),
            ("3", "event_malformed", nil), ("null", "event_malformed", nil),
            ("[\(good),]x", "event_malformed", nil),
            ("[\(good),3]", "event_malformed", "events[1]"),
            ("[]", "event_batch_size", nil), ("{\"events\":[]}", "event_batch_size", nil),
            ("[\(many)]", "event_batch_size", nil),
            ("{}", "event_field_missing", "kind"),
            ("{\"events\":3}", "event_field_type", "events"),
            ("{\"events\":[\(good)],\"more\":1}", "event_field_unknown", "more"),
            (second("\"click\"", "\"clack\""), "event_field_range", "events[1].kind"),
            (second("\"kind\":\"click\",", ""), "event_field_missing", "events[1].kind"),
            (second("\"good\"", "\"\""), "event_field_range", "events[1].id"),
            (second("\"good\"", "null"), "event_field_missing", "events[1].id"),
            (second("\"good\"", "1.5"), "event_field_type", "events[1].id"),
            (second("\"good\"", "\"a|b\""), "event_field_range", "events[1].id"),
            (second("\"u1\"", "[\"u1\"]"), "event_field_type", "events[1].user"),
            (second("\"u1\"", "\"\\u0007\""), "event_field_range", "events[1].user"),
            (second(",\"item\":\"i1\"", ""), "event_field_missing", "events[1].item"),
            (second("\(now)", "\(now / 1000)"), "event_field_range", "events[1].time"),
            (second("\(now)", "\(now).5"), "event_field_type", "events[1].time"),
            (second("\(now)", "\"\(now)\""), "event_field_type", "events[1].time"),
            (second("\(now)", "1e400"), "event_field_type", "events[1].time"),
            (second("\(now)", "\(now + 400_000)"), "event_field_range", "events[1].time"),
            (second("}", ",\"price\":-1}"), "event_field_range", "events[1].price"),
            (second("}", ",\"price\":\"3\"}"), "event_field_type", "events[1].price"),
            (second("}", ",\"quantity\":1e10}"), "event_field_range", "events[1].quantity"),
            (second("}", ",\"prize\":3}"), "event_field_unknown", "events[1].prize"),
        ]
    }

    @Test(arguments: [
        ("true", "true or false"), ("1.5", "1.5"), ("\"now\"", "a text"), ("[1]", "a list"),
        ("{}", "an object"), ("1e400", "a number that is too large"),
    ])
    func whatWasReceivedInPlaceOfATimeIsTold(value: String, told: String) async throws {
        let server = try await server()
        let event = OnlineShop.event("e", at: OnlineShop.now, "click")
        let reply = try await server.post(
            "/v1/events",
            event.replacing("\(OnlineShop.now)", with: value)
        )
        #expect(reply.status == 400)
        #expect(
            try reply.error().message
                == "event, field \"time\": of another type; expected milliseconds since 1970 as a whole number; "
                + "received \(told)."
        )
    }

    @Test func aMistakeIsToldAndNothingOfItsBatchCounts() async throws {
        let server = try await server { $0.limits.events = 5 }
        let now = OnlineShop.now
        for wrong in Self.bad(now) {
            let reply = try await server.post("/v1/events", wrong.body)
            #expect(reply.status == 400, "\(wrong.body): \(reply.text)")
            let told = try reply.error()
            #expect(told.code == wrong.code, "\(wrong.body): \(reply.text)")
            #expect(told.field == wrong.field, "\(wrong.body): \(reply.text)")
            #expect(told.message.contains("expected"), "\(reply.text)")
        }
        let whole = Array(OnlineShop.event("good", at: now, "click").utf8)
        let place = try #require(whole.firstRange(of: Array("good".utf8)))
        let broken = whole[..<place.lowerBound] + [0xC3, 0x28] + whole[place.upperBound...]
        let reply = try await server.request("POST", "/v1/events", Array(broken))
        #expect(reply.status == 400)
        #expect(try reply.error().code == "invalid_utf8")
        // The good event beside the wrong ones was never taken.
        #expect(try await server.profile("u1").status == 404)
        let counts = try await server.send([OnlineShop.event("good", at: now, "click")])
        #expect(counts == ["applied": 1, "duplicate": 0, "late": 0])
    }

    @Test func aFullQueueIsToldAndLosesNothingThatWasAcknowledged() async throws {
        let gate = Gate()
        let server = try await RunningServer(try OnlineShop.shared.get(), features: gate) {
            $0.features = ServingSettings.Features()
            $0.limits.queue = 0
            $0.limits.retryAfterSeconds = 7
        }
        let event = OnlineShop.event("a", at: OnlineShop.now, "click")
        try await withThrowingTaskGroup(of: Reply.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await server.post("/v1/score", "{\"items\":[{\"id\":\"i1\"}]}")
                }
            }
            try await gate.waits(for: 2)
            let refused = try await server.post("/v1/events", event)
            #expect(refused.status == 429)
            #expect(refused.fields["retry-after"] == "7")
            #expect(try refused.error().code == "queue_full")
            gate.open()
            for try await reply in group { #expect(reply.status == 200, "\(reply.text)") }
        }
        #expect(try await server.send([event]) == ["applied": 1, "duplicate": 0, "late": 0])
    }

    @Test func withoutAStoreThereIsNoRouteAndNoTime() async throws {
        let server = try await RunningServer(try OnlineShop.shared.get())
        let event = OnlineShop.event("a", at: OnlineShop.now, "click")
        #expect(try await server.post("/v1/events", event).status == 404)
        #expect(try await server.profile("u1").status == 404)
        let timed = try await server.post("/v1/score", "{\"time\":1780000000000,\"items\":[]}")
        #expect(try timed.error().code == "unknown_field")
        // The columns are required as ever.
        let reply = try await server.post("/v1/score", "{\"items\":[{\"id\":\"i1\",\"price\":3}]}")
        #expect(try reply.error().code == "missing_value")
    }

    @Test func aRunWithoutOnlineFeaturesHasNoStore() async throws {
        let error = await #expect(throws: ServingError.self) {
            _ = try await RunningServer(try ServedShop.shared.get()) {
                $0.features = ServingSettings.Features()
            }
        }
        #expect(error?.code == .featuresUnusable)
        #expect(error?.description.contains("online_features") == true)
    }

    @Test func aRunTrainedWithOtherFeaturesIsRefused() async throws {
        let shop = try OnlineShop.shared.get()
        try shop.train(
            "other",
            OnlineShop.experiment.replacing("window: 1h }", with: "window: 2h }")
        )
        let server = try await server { $0.admin = ServingSettings.Admin(port: 0) }
        let before = try await server.get("/readyz").text
        let port = try #require(server.adminPort)
        let body = Array("{\"run\":\"\(shop.file("other"))\"}".utf8)
        let reply = try await server.request("POST", "/admin/reload", body, at: port)
        #expect(reply.status == 422)
        let told = try reply.error()
        #expect(told.code == "features_unusable")
        #expect(told.message.contains("\"user_clicks\""), "\(told.message)")
        #expect(try await server.get("/readyz").text == before)
    }

    @Test func theStoreIsCountedAndTimed() async throws {
        let server = try await server()
        let now = OnlineShop.now
        let event = OnlineShop.event("a", at: now, "click")
        _ = try await server.send([event, OnlineShop.event("b", at: now, "view"), event])
        _ = try await server.send([OnlineShop.event("c", at: now - 4_000_000, "view")])
        _ = try await server.post("/v1/events", "{")
        _ = try await server.post(
            "/v1/score",
            "{\"user\":{\"id\":\"u1\"},\"items\":[{\"id\":\"i1\",\"price\":3}]}"
        )
        _ = try await server.profile("u1")
        _ = try await server.request("DELETE", "/v1/users/u1", nil)
        let lines = Set(try await server.get("/metrics").text.split(separator: "\n"))
        for line in [
            "motet_events_total{outcome=\"applied\"} 2",
            "motet_events_total{outcome=\"duplicate\"} 1",
            "motet_events_total{outcome=\"late\"} 1", "motet_event_batch_count 2",
            "motet_event_batch_sum 4.0",
            "motet_feature_store_seconds_count{operation=\"apply\"} 2",
            "motet_feature_store_seconds_count{operation=\"features\"} 1",
            "motet_feature_store_seconds_count{operation=\"profile\"} 1",
            "motet_feature_store_seconds_count{operation=\"forget\"} 1",
            "motet_feature_store_failures_total 0", "motet_feature_store_up 1",
            "motet_requests_total{route=\"events\",status=\"400\"} 1",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
    }
}
