import Foundation
import MotetData
import MotetTraining

/// Rows a second of fits of the tagger on padded sentences, with and without length buckets.
///
/// A file gives the lengths of the sentences, one number a line; longer ones are cut at 64. The fits take
/// turns, so that both see the same machine.
struct LengthBenchmark {
    private static let buckets = [16, 32, 64]
    private let path: String
    private let rounds: Int

    init(_ arguments: BenchmarkArguments) throws {
        path = try arguments.path()
        rounds = try arguments.number("--epochs", default: 3)
    }

    func run() throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lengths = text.split(separator: "\n").compactMap { Int($0) }
        guard !lengths.isEmpty else {
            throw BenchmarkError("lengths: \(path) has no number; expected one a line.")
        }
        let data = try TaggerWorkload.data(lengths: lengths)
        var rates: [Bool: [Double]] = [:]
        for _ in 0..<rounds {
            for isBucketed in [false, true] {
                let trainer = try TaggerWorkload.trainer(masksZero: true)
                var options = FitOptions(epochs: 2, batchSize: TaggerWorkload.batchSize)
                if isBucketed {
                    options.lengthBuckets = LengthBuckets(
                        Self.buckets,
                        columns: ["tokens", "label/tag"]
                    )
                }
                // The first epoch compiles a program for each length.
                let epochs = try trainer.fit(data, options: options).epochs
                rates[isBucketed, default: []] += epochs.dropFirst().map(\.rowsPerSecond)
            }
        }
        try printResult([
            "workload": "\(TaggerWorkload.name), real lengths",
            "system": "motet",
            "rows": lengths.count,
            "mean_length": Double(lengths.reduce(0, +)) / Double(lengths.count),
            "buckets": Self.buckets,
            "whole_rows_per_second": (rates[false] ?? []).rounded,
            "bucketed_rows_per_second": (rates[true] ?? []).rounded,
        ])
    }
}
