import Foundation
import MotetCore
import Testing

@testable import MotetServing

@Suite("Metrics") struct MetricsTests {
    /// The samples of a text as Prometheus' own client reads them: name and labels, then the value.
    private func samples(_ text: [UInt8], _ python: String) async throws -> [String: Double] {
        let program = """
            import json, sys
            from prometheus_client.parser import text_string_to_metric_families
            found = {}
            for family in text_string_to_metric_families(sys.stdin.read()):
                for s in family.samples:
                    labels = ",".join(f"{k}={v}" for k, v in sorted(s.labels.items()))
                    key = f"{s.name}{{{labels}}}"
                    assert key not in found, key
                    found[key] = s.value
                assert family.type != "unknown", family.name
                assert family.documentation, family.name
            print(json.dumps(found))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", program]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text))
        try input.fileHandleForWriting.close()
        let data = try await blocking { try output.fileHandleForReading.readToEnd() ?? Data() }
        try await blocking { process.waitUntilExit() }
        #expect(process.terminationStatus == 0)
        let found = try JSONSerialization.jsonObject(with: data) as? [String: Double]
        return try #require(found)
    }

    @Test(
        .enabled(
            if: OpenAPITests.python != nil,
            "scripts/setup.sh has not installed its Python packages"
        )
    )
    func prometheusReadsWhatTheServerCounts() async throws {
        let python = try #require(OpenAPITests.python)
        let server = try await RunningServer(try ServedShop.shared.get())
        for count in [1, 3, 3, 40] {
            let items = (0..<count).map { "{\"id\":\($0),\"price\":\($0 + 1)}" }
            let reply = try await server.post(
                "/v1/score",
                "{\"items\":[\(items.joined(separator: ","))]}"
            )
            #expect(reply.status == 200)
        }
        #expect(try await server.post("/v1/score", "{").status == 400)
        #expect(try await server.get("/nowhere").status == 404)
        let reply = try await server.get("/metrics")
        #expect(reply.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let found = try await samples(reply.body, python)
        #expect(found["motet_requests_total{route=score,status=200}"] == 4)
        #expect(found["motet_requests_total{route=score,status=400}"] == 1)
        #expect(found["motet_requests_total{route=none,status=404}"] == 1)
        #expect(found["motet_request_seconds_count{route=score}"] == 5)
        #expect(found["motet_score_items_sum{}"] == 47)
        #expect(found["motet_score_items_bucket{le=1.0}"] == 1)
        #expect(found["motet_score_items_bucket{le=5.0}"] == 3)
        #expect(found["motet_score_items_bucket{le=+Inf}"] == 4)
        for stage in ScoreRecord.Stage.allCases {
            #expect(found["motet_score_stage_seconds_count{stage=\(stage.rawValue)}"] == 4)
        }
        for task in ["click", "purchase", "channel"] {
            #expect(found["motet_score_count{task=\(task)}"] == 47)
            let sum = try #require(found["motet_score_sum{task=\(task)}"])
            #expect((0.01...47).contains(sum), "\(task)")
        }
        for task in ["click", "purchase", "channel"] {
            func drift(_ name: String) throws -> Double {
                let prefix = "motet_drift_\(name){task=\(task),version=run-"
                return try #require(found.first { $0.key.hasPrefix(prefix) }?.value, "\(prefix)")
            }
            #expect(try drift("scores") == 47)
            let sum = try #require(found["motet_score_sum{task=\(task)}"])
            let (mean, reference) = (try drift("score_mean"), try drift("reference_mean"))
            #expect(abs(mean - sum / 47) < 1e-6)
            #expect((0...1).contains(reference))
            // All items were in no known market.
            let other = "motet_drift_scores{scenario=other,task=\(task),version=run-"
            #expect(found.first { $0.key.hasPrefix(other) }?.value == 47)
        }
        // With so few scores nothing is said.
        #expect(!found.keys.contains { $0.hasPrefix("motet_drift_stability") })
        let labels = found.keys.filter { $0.hasPrefix("motet_drift_label_mean{task=") }
        #expect(labels.count == 1 && labels.first?.contains("task=click") == true)
        #expect(found["motet_model_changes_total{outcome=loaded}"] == 1)
        #expect(found.keys.count { $0.hasPrefix("motet_model_info{version=run-") } == 1)
        #expect(found["motet_workers{}"] == 2)
        #expect(found["motet_queue_waiting{}"] == 0)
        #expect((found["process_resident_memory_bytes{}"] ?? 0) > 1e6)
        #expect((found["process_cpu_seconds_total{}"] ?? 0) > 0)
        // Times add up: no stage took longer than all requests together.
        let whole = try #require(found["motet_request_seconds_sum{route=score}"])
        let stages = ScoreRecord.Stage.allCases.compactMap {
            found["motet_score_stage_seconds_sum{stage=\($0.rawValue)}"]
        }
        #expect(stages.count == 6)
        #expect(stages.reduce(0, +) <= whole)
    }

    /// Items that the shop's table has are encoded once; each model that is held has its own.
    @Test func whatTheTableOfItemsHadIsCounted() async throws {
        let shop = try ServedShop.shared.get()
        try shop.write("cached.csv", "sku,item_id,price\na,i1,3\nb,i2,4\n")
        let server = try await RunningServer(shop) {
            $0.items = ServingSettings.ItemFiles(files: [shop.file("cached.csv")], item: "sku")
            $0.admin = ServingSettings.Admin(port: 0)
        }
        func counts() async throws -> [String] {
            try await server.get("/metrics").text.split(separator: "\n")
                .filter { $0.hasPrefix("motet_cache_") }
                .map { String($0.replacing(/version="[^"]*"/, with: "version")) }
        }
        #expect(
            try await counts() == [
                "motet_cache_total{cache=\"items\",version,outcome=\"hit\"} 0",
                "motet_cache_total{cache=\"items\",version,outcome=\"miss\"} 0",
                "motet_cache_bytes{cache=\"items\",version} 0",
            ]
        )
        for items in ["{\"id\":\"a\"},{\"id\":\"b\"}", "{\"id\":\"b\"},{\"id\":\"c\",\"price\":2}"]
        {
            let reply = try await server.post("/v1/score", "{\"items\":[\(items)]}")
            #expect(reply.status == 200, "\(reply.text)")
        }
        #expect(
            try await counts().prefix(2) == [
                "motet_cache_total{cache=\"items\",version,outcome=\"hit\"} 3",
                "motet_cache_total{cache=\"items\",version,outcome=\"miss\"} 1",
            ]
        )
        // The same run, read again, is one model.
        let again = try await server.request("POST", "/admin/reload", nil, at: server.adminPort)
        #expect(again.status == 200)
        #expect(try await counts().count == 3)
    }

    @Test func aHistogramCountsEachValueBelowItsBounds() {
        var random = RandomKey(seed: 3).generator()
        var histogram = Histogram([0.1, 1, 10])
        var other = Histogram([0.1, 1, 10])
        var values = [0.1, 1, 10, 0, 11]
        for _ in 0..<1000 { values.append(random.nextUniform() * 20) }
        for (index, value) in values.enumerated() {
            if index.isMultiple(of: 2) { histogram.add(value) } else { other.add(value) }
        }
        histogram.add(other)
        #expect(histogram.count == values.count)
        #expect(histogram.counts[0] == values.count { $0 <= 0.1 })
        #expect(histogram.counts[1] == values.count { $0 > 0.1 && $0 <= 1 })
        #expect(histogram.counts[3] == values.count { $0 > 10 })
        #expect(abs(histogram.sum - values.reduce(0, +)) < 1e-9)
    }

    @Test func labelsAreEscaped() {
        var text = MetricsText()
        text.value("a", ["b": "c\"d\\e\nf"], 1.5)
        #expect(String(decoding: text.bytes, as: UTF8.self) == "a{b=\"c\\\"d\\\\e\\nf\"} 1.5\n")
    }
}
