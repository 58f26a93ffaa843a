import MotetCore
import MotetData
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders
import MotetTraining

/// What reading a list step by step costs: a training step beside one that takes the mean of the list.
///
/// Batches of 512 rows with lists of 50 of 10,000 items, a candidate and 8 more fields of 1,000 ids, vectors of 16 numbers, a
/// shared bottom [256, 128], a tower [64], one task, Adam.
struct SequenceBenchmark {
    private static let (rows, length, fields, items, dimension) = (512, 50, 8, 10_000, 16)
    private let steps: Int
    private let rounds: Int

    private static let readers: [(name: String, reader: SequenceInteraction.Reader?)] = [
        ("mean", nil),
        ("din", .din(units: [36], activation: .function(.sigmoid))),
        ("dien", .dien(auxiliary: 1)),
        ("sasrec", .sasRec(AttentionBlocks(layers: 2, heads: 1))),
        ("bst", .bst(AttentionBlocks(layers: 1, heads: 1))),
    ]

    init(_ arguments: BenchmarkArguments) throws {
        steps = try arguments.number("--steps", default: 16)
        rounds = try arguments.number("--rounds", default: 8)
    }

    func run() throws {
        let trainers = try Self.readers.map { try Self.trainer($0.reader) }
        let data = try Self.data()
        var seconds: [[Double]] = trainers.map { _ in [] }
        var ratios = seconds
        for _ in 0..<rounds {
            var pooled = 1.0
            for (index, trainer) in trainers.enumerated() {
                let turn = try trainer.timeSteps(
                    data,
                    batchSize: Self.rows,
                    batches: 4,
                    steps: steps
                ).map(\.seconds)
                if index == 0 { pooled = turn.median }
                seconds[index] += turn
                ratios[index].append(turn.median / pooled)
            }
        }
        for (index, reader) in Self.readers.enumerated() {
            try printResult([
                "workload": "sequences",
                "system": "motet",
                "reader": reader.name,
                "median_step_milliseconds": 1000 * seconds[index].median,
                "least_step_milliseconds": 1000 * (seconds[index].min() ?? 0),
                "median_of_ratios": ratios[index].median,
                "parameters": trainers[index].model.parameters.map(\.count).reduce(0, +),
            ])
        }
    }

    private static func trainer(_ reader: SequenceInteraction.Reader?) throws -> Trainer {
        var features = (0..<fields).map {
            FeatureInput(name: "field_\($0)", vocabularySize: 1000, dimension: dimension)
        }
        features.append(FeatureInput(name: "item", vocabularySize: items, dimension: dimension))
        features.append(
            FeatureInput(
                name: "seen",
                kind: reader == nil ? .sequence(.mean) : .list,
                vocabularySize: items,
                dimension: dimension,
                table: "item",
                length: reader == nil ? nil : length
            )
        )
        var interactions: [Interaction] = []
        if let reader {
            var read = SequenceInteraction(history: "seen", candidate: "item", reader: reader)
            if read.name == "sasrec" { read.candidate = nil }
            interactions.append(.sequence(read))
        }
        return try Trainer(
            Architecture.sharedBottom(units: [256, 128]).model(
                features: FeatureInputs(
                    features: features,
                    numericWidth: 0,
                    interactions: interactions
                ),
                tasks: [TaskHead(name: "click")],
                towers: TowerSettings(units: [64])
            ),
            optimizer: .adam(learningRate: 1e-3),
            tasks: [NamedTask("click", .binary())],
            seed: 1,
            backend: OneDNNBackend(choices: KernelChoices(measures: true))
        )
    }

    private static func data() throws -> PreparedDataset {
        let key = RandomKey(seed: 2026)
        let count = 4 * rows
        func ids(_ name: String, _ count: Int, below limit: Int) -> [Int32] {
            let stream = key.split(name)
            return (0..<count).map { Int32(stream.bits($0) % UInt64(limit)) }
        }
        var columns: [(name: String, values: PreparedValues)] = (0..<fields).map {
            ("field_\($0)", .integers(ids("field_\($0)", count, below: 1000)))
        }
        columns.append(("item", .integers(ids("item", count, below: items))))
        let seen = ids("seen", count * length, below: items)
        let lists = (0..<count).map { Array(seen[($0 * length)..<(($0 + 1) * length)]) }
        columns.append(("seen", .ragged(lists)))
        let clicks = ids("click", count, below: 10).map { $0 == 0 ? Float(1) : 0 }
        columns.append(("label/click", .floats(clicks)))
        return try PreparedDataset(inMemory: columns)
    }
}
