import Foundation
import MotetData

/// Preparing the CSV file of Benchmarks/Data: reading, fitting, encoding, writing the cache.
struct PreparationBenchmark {
    private let path: String

    init(_ arguments: BenchmarkArguments) throws { path = try arguments.path() }

    /// Ten ids and five texts as vocabularies, eight floats with the usual transforms, two labels.
    private var schema: Schema {
        let transforms: [[FeatureTransform]] = [
            [.standardise], [.log1p, .standardise], [.minMax], [.log1p], [.quantileBins(10)],
            [.clip(lower: 0.01, upper: 0.99), .log1p, .standardise], [.standardise], [.log1p],
        ]
        var features = (0..<10).map { FeatureSpecification("id_\($0)", kind: .categorical) }
        features += (0..<5).map { FeatureSpecification("string_\($0)", kind: .categorical) }
        features += transforms.enumerated().map { index, steps in
            FeatureSpecification(
                "float_\(index)",
                kind: .numeric,
                transforms: steps,
                missing: index >= 6 ? .fill(.mean) : .error
            )
        }
        return Schema(
            features: features,
            labels: [LabelSpecification("click"), LabelSpecification("purchase")]
        )
    }

    func run() throws {
        let bytes =
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let clock = ContinuousClock()
        var seconds: [Double] = []
        var rows = 0
        for _ in 0..<5 {
            let cache = NSTemporaryDirectory() + "motet-bench-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: cache) }
            let start = clock.now
            _ = try Preparer(schema: schema, cacheFolder: cache).prepare(
                DataSources(training: TableSource(path))
            ) { progress in rows = max(rows, progress.rows) }
            seconds.append(start.duration(to: clock.now).seconds)
        }
        try printResult([
            "workload": "csv-prepare",
            "system": "motet",
            "seconds": seconds.min() ?? 0,
            "median_seconds": seconds.median,
            "bytes": bytes,
            "rows": rows,
        ])
    }
}
