import Foundation
import MotetCore
import MotetEncoders
import MotetOneDNN

/// The workload `encode-minilm`: 256 titles of about 12 pieces, and 64 reviews of 128, frozen.
struct EncodeBenchmark {
    private let folder: String
    private let seconds: Int
    private let positions: Int
    private let idsFile: String?

    init(_ arguments: BenchmarkArguments) throws {
        folder = try arguments.path()
        seconds = try arguments.number("--seconds", default: 12)
        positions = try arguments.number("--positions", default: 2048)
        idsFile = arguments.text("--ids")
    }

    /// The texts as ids, the same in every run: `[CLS]`, random pieces, `[SEP]`.
    private static func parts(_ encoder: PretrainedEncoder) -> [(name: String, texts: [[Int32]])] {
        let key = RandomKey(seed: 2026)
        let pieces = UInt64(encoder.configuration.vocabularySize - 1000)
        func text(_ key: RandomKey, length: Int) -> [Int32] {
            [101] + (0..<length - 2).map { Int32(1000 + key.bits($0) % pieces) } + [102]
        }
        let titles = (0..<256).map { row in
            let stream = key.split("titles").split(row)
            // From 6 to 18, 12 in the mean.
            return text(stream, length: 6 + Int(stream.bits(1000) % 13))
        }
        let reviews = (0..<64).map { text(key.split("reviews").split($0), length: 128) }
        return [("titles", titles), ("reviews", reviews)]
    }

    func run() throws {
        let encoder = try PretrainedEncoder(folder: folder)
        let parts = Self.parts(encoder)
        if let idsFile {
            let ids = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.texts) })
            try JSONEncoder().encode(ids).write(to: URL(fileURLWithPath: idsFile))
        }
        let embedder = SentenceEmbedder(
            encoder,
            backend: OneDNNBackend(choices: KernelChoices(measures: true)),
            positionsAtOnce: positions
        )
        let clock = ContinuousClock()
        for part in parts {
            _ = try embedder.embed(part.texts)
            var rates: [Double] = []
            let end = clock.now + .seconds(seconds)
            while rates.count < 3 || clock.now < end {
                let time = try clock.measure { _ = try embedder.embed(part.texts) }
                rates.append(Double(part.texts.count) / time.seconds)
            }
            let count = part.texts.reduce(0) { $0 + $1.count }
            try printResult([
                "workload": "encode-minilm", "part": part.name, "system": "motet",
                "texts_per_second": (rates.max() ?? 0).rounded(),
                "median_texts_per_second": rates.median.rounded(),
                "positions": count, "positions_at_once": positions,
                "gflops": (rates.max() ?? 0) / Double(part.texts.count)
                    * Double(count) * flopsOfPosition(encoder) / 1e9,
            ])
        }
    }

    /// Work of the matrix products of a position, attention apart.
    private func flopsOfPosition(_ encoder: PretrainedEncoder) -> Double {
        let sizes = encoder.configuration
        let block = 4 * sizes.width * sizes.width + 2 * sizes.width * sizes.hiddenUnits
        return 2 * Double(block * sizes.blocks)
    }
}
