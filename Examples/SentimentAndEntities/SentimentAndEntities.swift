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
            let part: RecipePart =
                options.switches.contains("--validate") ? .validation : .test
            let plain = [Variant(), Variant(isChain: true)]
            guard options.switches.contains("--encoder") else {
                let table = try compare(corpora, plain, on: part, seeds: options.seeds)
                print(table.plain())
                for variant in plain {
                    print(table.verdict(multi(variant), against: single(variant)) + "\n")
                }
                return print(table.verdict(multi(plain[1]), against: multi(plain[0])))
            }
            let states = try TokenStates(ExampleData.encoder(options), corpora.sentences)
            print(states.summary)
            // What the encoder buys is asked of the model of all tasks only, with a CRF.
            let pair = [plain[1], Variant(isChain: true, states: states)]
            let table = try compare(corpora, pair, alone: false, on: part, seeds: options.seeds)
            print(table.plain())
            print(table.verdict(multi(pair[1]), against: multi(pair[0])))
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
        epochs: Epochs = Epochs()
    ) throws -> SeedTable {
        var table = SeedTable([
            TaggingTask.sentiment.column: .higher, TaggingTask.aspects.column: .higher,
            TaggingTask.entities.column: .higher,
        ])
        for variant in variants {
            let single = alone ? TaggingTask.allCases.map { [$0] } : []
            for tasks in single + [TaggingTask.allCases] {
                let name = tasks.count == 1 ? Self.single(variant) : multi(variant)
                let sources = try corpora.sources(tasks, variant.states)
                let measured = try corpora.parts(tasks, variant.states)[part]
                for seed in seeds {
                    let trainer = try variant.trainer(tasks, corpora.vocabularies, seed: seed)
                    let seconds = try ExampleProgram.seconds {
                        try fit(trainer, sources, epochs)
                    }
                    let report = MetricReport(
                        evaluating: try trainer.evaluate(measured, batchSize: 256)
                    )
                    table.add(
                        name,
                        seed: seed,
                        values(report, tasks),
                        parameters: trainer.parameters.elementCount,
                        seconds: seconds
                    )
                }
            }
        }
        return table
    }
}
