// One label a sentence, one label a token: what a product review says of its product, which aspects it
// judges, and which entities a tweet names, from one embedding and one LSTM in both directions.
//
//     swift run -c release SentimentAndEntities [--from FOLDER] [--seeds N] [--encoder] [--validate]

import ExampleSupport
import Motet

@main
struct SentimentAndEntities {
    static func main() {
        let switches = ["--encoder", "--validate"]
        ExampleProgram.run("SentimentAndEntities", switches: switches) { options in
            let corpora = try Corpora(
                ExampleData.files(ProductReviewsRecipe(), options),
                ExampleData.files(WNUT17Recipe(), options)
            )
            print(corpora.summary)
            var variants = [Variant(), Variant(isChain: true)]
            if options.switches.contains("--encoder") {
                let states = try TokenStates(ExampleData.encoder(options), corpora.sentences)
                print(states.summary)
                variants = [Variant(isChain: true), Variant(isChain: true, states: states)]
            }
            // What the encoder buys is asked of the model of all tasks only.
            let usesEncoder = variants.contains { $0.states != nil }
            let table = try compare(
                corpora,
                variants,
                alone: !usesEncoder,
                on: options.switches.contains("--validate") ? .validation : .test,
                seeds: options.seeds
            )
            print(table.plain())
            for variant in variants where !usesEncoder {
                print(table.verdict(multi(variant), against: single(variant)), terminator: "\n\n")
            }
            print(table.verdict(multi(variants[1]), against: multi(variants[0])))
        }
    }

    static func multi(_ variant: Variant) -> String { "multi-task, \(variant.name)" }
    static func single(_ variant: Variant) -> String { "single-task, \(variant.name)" }

    /// Trains each variant as one model of all tasks and, if wanted, as a model for each alone, and measures
    /// them on the same rows of a part.
    static func compare(
        _ corpora: Corpora,
        _ variants: [Variant],
        alone: Bool = true,
        on part: RecipePart = .test,
        seeds: [UInt64],
        epochs: Int = 8
    ) throws -> SeedTable {
        var table = SeedTable([
            TaggingTask.sentiment.column: .higher, TaggingTask.aspects.column: .higher,
            TaggingTask.entities.column: .higher,
        ])
        for variant in variants {
            let single = alone ? TaggingTask.allCases.map { [$0] } : []
            for tasks in single + [TaggingTask.allCases] {
                let name = tasks.count == 1 ? Self.single(variant) : multi(variant)
                let data = try corpora.parts(tasks, variant.states)
                for seed in seeds {
                    let trainer = try variant.trainer(tasks, corpora.vocabulary, seed: seed)
                    let seconds = try fit(trainer, data, epochs: epochs)
                    let report = MetricReport(
                        evaluating: try trainer.evaluate(data[part], batchSize: 256)
                    )
                    var values: [String: Double] = [:]
                    for task in tasks {
                        let selector = MetricSelector(task.metric, task: task.name)
                        values[task.column] = report.value(selector).value
                    }
                    table.add(
                        name,
                        seed: seed,
                        values,
                        parameters: trainer.model.parameterCount,
                        seconds: seconds
                    )
                }
            }
        }
        return table
    }

    /// Fits a model and keeps its best epoch: the mean macro-F1 of its tasks on the validation rows.
    ///
    /// - Returns: how many seconds it took.
    static func fit(_ trainer: Trainer, _ data: Corpora.Parts, epochs: Int) throws -> Double {
        var options = FitOptions(epochs: epochs, batchSize: 32, validation: data[.validation])
        options.monitor = EarlyStopping(MetricSelector(.macroF1))
        let start = ContinuousClock.now
        _ = try trainer.fit(data[.train], options: options)
        return (ContinuousClock.now - start) / .seconds(1)
    }
}

extension Model {
    /// How many numbers it learns.
    var parameterCount: Int { parameters.map { $0.shape.reduce(1, *) }.reduce(0, +) }
}
