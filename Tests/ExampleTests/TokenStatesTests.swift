import ExampleSupport
import Foundation
import Motet
import Testing

@testable import SentimentAndEntities

/// What a pretrained encoder says of tokens, from files to the model that reads it.
@Suite("SentimentAndEntities, encoder") struct TokenStatesTests {
    @Test func statesAreTheEncodersVectorsToHalfAStep() throws {
        let short = ["The", "battery", "of", "12", "is", "great", "."]
        let long = Array(repeating: "screen", count: Corpora.length + 9)
        let encoder = try SmallEncoder.read([short, long])
        let states = try TokenStates(encoder, [short, long, short])
        #expect(states.width == SmallEncoder.width)
        // `[CLS]` and `[SEP]` take two of the places; what a row does not keep is not asked for.
        let room = SmallEncoder.maximumLength - 2
        #expect(states.leftOut == Corpora.length - room)
        #expect(states.summary.contains("\(Corpora.length - room) tokens stand behind"))

        guard case .bytes(let bytes, let width, let scale) = states.column([long, short]) else {
            Issue.record("states are bytes")
            return
        }
        #expect(width == Corpora.length * SmallEncoder.width && bytes.count == 2 * width)
        let values = bytes.map { (Float($0) - Float(TokenStates.zero)) * scale }
        let embedder = SentenceEmbedder(encoder, backend: OneDNNBackend(), output: .positions)
        try embedder.embed(words: [long, short]) { row, vectors in
            let kept = vectors.prefix(width)
            #expect(kept.contains { abs($0) > 0.5 })
            for (index, expected) in kept.enumerated() {
                let limited = min(max(expected, -3.2), 3.175)
                // Half a step, and the rounding of the encoder's sums in batches of another size.
                #expect(abs(values[row * width + index] - limited) < TokenStates.step / 2 + 1e-4)
            }
            let rest = values[(row * width + kept.count)..<((row + 1) * width)]
            #expect(rest.allSatisfy { $0 == 0 })
        }
    }

    @Test func aSentenceThatFitsLeavesNothingOut() throws {
        let states = try TokenStates(SmallEncoder.read([["menu"]]), [["menu", "menu"]])
        #expect(states.leftOut == 0)
        #expect(!states.summary.contains("behind"))
    }

    @Test func aModelThatReadsStatesLearnsAllThreeTasks() throws {
        let corpora = try MadeUpCorpora().read()
        let states = try TokenStates(SmallEncoder.read(corpora.sentences), corpora.sentences)
        let variant = Variant(isChain: true, states: states, width: 24, units: 24)
        let table = try SentimentAndEntities.compare(
            corpora,
            [variant],
            alone: false,
            seeds: [1],
            epochs: Epochs(tags: 20, sentiment: 80, rest: 80)
        )
        let name = SentimentAndEntities.multi(variant)
        #expect(name == "multi-task, CRF + encoder")
        for task in TaggingTask.allCases {
            let values = table.values(task.column, of: name)
            #expect(values.count == 1 && (values.first ?? 0) > 0.9, "\(task): \(values)")
        }
    }

    /// The same rows with the states of other sentences get other answers.
    @Test func answersDependOnTheStates() throws {
        let corpora = try MadeUpCorpora().read()
        let states = try TokenStates(SmallEncoder.read(corpora.sentences), corpora.sentences)
        let none = try TokenStates(SmallEncoder.read(corpora.sentences), [])
        let variant = Variant(states: states, width: 8, units: 8)
        let trainer = try variant.trainer(TaggingTask.allCases, corpora.vocabularies, seed: 1)
        let with = try trainer.predict(corpora.parts(TaggingTask.allCases, states).test)
        let without = try trainer.predict(corpora.parts(TaggingTask.allCases, none).test)
        for task in TaggingTask.allCases { #expect(with[task.name] != without[task.name]) }
    }
}
