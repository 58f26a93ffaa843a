import ExampleSupport
import Motet

/// Every variant with every seed; the weights of the tasks are chosen on validation rows.
struct Comparison {
    /// The factors of the losses of class, polarity and match.
    typealias Weights = (Float, Float, Float)
    /// The weights that are tried.
    static let weights: [Weights] = [(1, 1, 1), (3, 1, 1), (1, 3, 1), (1, 1, 3)]

    /// Validation rows: the weights that were tried, and everything else.
    private(set) var validation = SeedTable(Training.measured)
    /// Test rows.
    private(set) var test = SeedTable(Training.measured)
    /// The best weights of the grid for each text branch.
    private(set) var best: [String: String] = [:]
    /// What weights that are learnt became, with the first seed.
    private(set) var learned = ""

    /// Trains everything.
    ///
    /// - Parameters:
    ///   - training: the rows, and how models are trained on them.
    ///   - seeds: what to repeat with.
    ///   - weights: the grid.
    /// - Throws: `TrainingError` when the rows do not fit.
    init(
        _ training: Training,
        seeds: [UInt64],
        weights: [Weights] = Comparison.weights
    ) throws {
        let (data, all) = (training.data, MultimodalProduct.tasks)
        // A class is read off the photo alone: one model for both text branches.
        let classes = try seeds.map { try training.run(["class"], data.words, seed: $0) }
        for (text, branch) in [("words", data.words), ("encoder", data.vectors)] {
            var chosen: (score: Double, runs: [Training.Run]) = (-.infinity, [])
            for (first, second, third) in weights {
                let factors = ["class": first, "polarity": second, "match": third]
                let runs = try seeds.map {
                    try training.run(all, branch, weights: factors, seed: $0)
                }
                let name = "\(text), \(first) : \(second) : \(third)"
                Self.add(runs, as: name, to: &validation, \.validation)
                // All three numbers of all seeds; added up in one order, so that ties stay ties.
                let score = Training.measured.map(\.key)
                    .flatMap { validation.values($0, of: name) }.reduce(0, +)
                if score > chosen.score {
                    chosen = (score, runs)
                    best[text] = name
                }
            }
            Self.add(chosen.runs, as: "\(text), best of grid", to: &test, \.test)
            let learning = try seeds.map {
                try training.run(all, branch, weighting: .uncertainty, seed: $0)
            }
            let single = try ["polarity", "match"].flatMap { task in
                try seeds.map { try training.run([task], branch, seed: $0) }
            }
            for (name, runs) in [
                ("learnt weights", learning), ("single tasks", classes + single),
            ] {
                Self.add(runs, as: "\(text), \(name)", to: &validation, \.validation)
                Self.add(runs, as: "\(text), \(name)", to: &test, \.test)
            }
            let learnt = learning.first?.lossWeights.map {
                "\($0.task) \(NumberText.fixed(Double($0.weight), digits: 2))"
            }
            learned += "weights learnt with \(text): \((learnt ?? []).joined(separator: ", "))\n"
        }
    }

    private static func add(
        _ runs: [Training.Run],
        as name: String,
        to table: inout SeedTable,
        _ values: (Training.Run) -> [String: Double]
    ) {
        for run in runs {
            table.add(
                name,
                seed: run.seed,
                values(run),
                parameters: run.parameters,
                seconds: run.seconds
            )
        }
    }

    /// The tables and what they say.
    var text: String {
        func against(_ variant: String, _ other: String) -> [String] {
            ["\(variant) against \(other):", test.verdict(variant, against: other), ""]
        }
        let chosen = best.values.sorted(by: >).joined(separator: "; ")
        let parts =
            [
                "validation rows, with weights of class : polarity : match:", validation.plain(),
                "the best of the grid on validation rows: \(chosen)", learned, "test rows:",
                test.plain(),
            ]
            + ["words", "encoder"].flatMap { text in
                against("\(text), best of grid", "\(text), single tasks")
                    + against("\(text), learnt weights", "\(text), single tasks")
            }
            + against("encoder, best of grid", "words, best of grid")
        return parts.joined(separator: "\n")
    }
}
