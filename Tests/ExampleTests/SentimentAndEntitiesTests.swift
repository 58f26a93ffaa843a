import ExampleSupport
import Foundation
import Motet
import Testing

@testable import SentimentAndEntities

/// The folder of real data sets: `MOTET_SHARED_DATA`, or `shared/data` beside the package.
private let sharedData: String = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    return ProcessInfo.processInfo.environment["MOTET_SHARED_DATA"]
        ?? package.deletingLastPathComponent().appendingPathComponent("shared/data").path
}()

private let hasCorpora = ["product_reviews", "wnut17"].allSatisfy {
    FileManager.default.fileExists(atPath: sharedData + "/" + $0)
}

@Suite("SentimentAndEntities") struct SentimentAndEntitiesTests {
    /// Predictions and the gradient of every parameter, with padding and with rows that lack labels.
    @Test(arguments: ["", "_chain", "_states"])
    func equalsPyTorch(form: String) throws {
        let golden = try ExampleGolden("sentiment_and_entities" + form)
        var variant = Variant(isChain: !form.isEmpty, width: 6, units: 6, dropout: 0)
        variant.sentenceDropout = 0
        if form == "_states" {
            // Only its width matters here: the golden has the states themselves.
            variant.states = try TokenStates(SmallEncoder.read([["fine"]]), [["fine"]])
        }
        let trainer = try variant.trainer(
            TaggingTask.allCases,
            Vocabularies(
                words: TokenVocabulary((0..<18).map { "word \($0)" }),
                endings: TokenVocabulary((0..<12).map { "ending \($0)" })
            ),
            optimizer: .sgd(learningRate: 1),
            seed: 1
        )
        try golden.setParameters(of: trainer)
        let error = try golden.predictionError(trainer) { task, outputs in
            guard let tags = TaggingTask(rawValue: task)?.tags else {
                return outputs.map { 1 / (1 + exp(-$0)) }
            }
            return stride(from: 0, to: outputs.count, by: tags.count).flatMap { start in
                let powers = outputs[start..<start + tags.count].map { exp($0) }
                let sum = powers.reduce(0, +)
                return powers.map { $0 / sum }
            }
        }
        #expect(error < 1e-5)
        for (name, error) in try golden.gradientErrors(trainer) {
            #expect(error < 1e-4, "gradient of \(name): \(error)")
        }
    }

    @Test func everyVariantLearnsAllThreeTasks() throws {
        let corpora = try MadeUpCorpora().read()
        let variants = [
            Variant(width: 24, units: 24), Variant(isChain: true, width: 24, units: 24),
        ]
        let table = try SentimentAndEntities.compare(
            corpora,
            variants,
            seeds: [1],
            epochs: Epochs(tags: 60, sentiment: 80, rest: 80)
        )
        for variant in variants {
            for name in [
                SentimentAndEntities.multi(variant), SentimentAndEntities.single(variant),
            ] {
                for task in TaggingTask.allCases {
                    let values = table.values(task.column, of: name)
                    #expect(values.count == 1 && (values.first ?? 0) > 0.9, "\(name): \(values)")
                }
            }
        }
        #expect(table.plain().contains("multi-task, CRF"))
    }

    /// A tweet has no label of the reviews' tasks, and a review none of the tweets'.
    @Test func rowsOfBothCorporaShareABatch() throws {
        let corpora = try MadeUpCorpora().read()
        let all = try corpora.parts(TaggingTask.allCases, nil).train
        let entities = try corpora.parts([.entities], nil).train
        let sentiment = try corpora.parts([.sentiment], nil).train
        #expect(entities.rowCount == 160)
        #expect(all.rowCount == corpora.train.count)
        #expect(sentiment.rowCount < all.rowCount - entities.rowCount)
        try all.withFloats("label/sentiment") { labels in
            let known = labels.count { !$0.isNaN }
            #expect(known == sentiment.rowCount)
        }
        try all.withFloats("label/entities") { labels in
            let known = labels.count { !$0.isNaN }
            // Eight tokens each: the number with its mark is one token of the file.
            #expect(known == 160 * 8)
        }
        for row in corpora.train { #expect((row.aspects == nil) != (row.entities == nil)) }
    }

    @Test func partsAreThoseOfTheCorpora() throws {
        let parts = try MadeUpCorpora().read().parts([.entities], nil)
        #expect(RecipePart.allCases.map { parts[$0].rowCount } == [160, 40, 40])
    }

    /// What is kept is the mean over the second half of the epochs; sentiment leaves what the tags made as it is.
    @Test func theMeanOfTheLastEpochsIsKept() throws {
        let corpora = try MadeUpCorpora().read()
        let tasks = TaggingTask.allCases
        let trainer = try Variant(width: 8, units: 8).trainer(tasks, corpora.vocabularies, seed: 1)
        var seen: [ParameterStore] = []
        try SentimentAndEntities.fit(
            trainer,
            corpora.sources(tasks, nil),
            Epochs(tags: 3, rest: 4)
        ) { seen.append($0) }
        try #require(seen.count == 7)
        let kept = trainer.parameters
        for name in kept.names {
            let values = try seen.map { try #require($0[name]).floats }
            let isOwn = name.hasPrefix("sentiment")
            // Of three epochs the last two, of four too.
            let pair = isOwn ? values[5...] : values[1...2]
            let (old, new) = (try #require(pair.first), try #require(pair.last))
            #expect(old != new, "\(name)")
            let mean = zip(old, new).map { ($0 + $1) / 2 }
            let error = zip(try #require(kept[name]).floats, mean).map { abs($0 - $1) }.max() ?? 1
            #expect(error < 1e-6, "\(name): \(error)")
            // While the tags are learnt nothing of sentiment changes.
            if isOwn { #expect(values[0] == values[2], "\(name)") }
        }
    }

    @Test func malformedTagsAreRepairedAndCounted() throws {
        let good = try MadeUpCorpora().read()
        let bad = try MadeUpCorpora { $0.replacing("New\tB-location", with: "New\tI-location") }
            .read()
        #expect(good.repairs == 0 && !good.summary.contains("malformed"))
        #expect(bad.summary.contains("240 tags are malformed and were read as conlleval does"))
        #expect(bad.train.map(\.entities) == good.train.map(\.entities))
    }

    @Test func anUnknownTagIsNamed() throws {
        let corpora = try MadeUpCorpora { $0.replacing("Ann\tB-person", with: "Ann\tB-persn") }
        let error = #expect(throws: TextError.self) { _ = try corpora.read() }
        let sentence = error?.description ?? ""
        #expect(sentence.contains("wnut17train.conll:1, token \"Ann\": unknown tag"), "\(sentence)")
        #expect(sentence.hasSuffix("Did you mean `B-person`?"), "\(sentence)")
    }

    @Test func aTaskWithoutALabelledRowIsNamed() throws {
        let corpora = try MadeUpCorpora().read()
        let trainer = try Variant(width: 8, units: 8).trainer(
            [.aspects],
            corpora.vocabularies,
            seed: 1
        )
        let tweets = try corpora.parts([.entities], nil)
        let error = #expect(throws: TrainingError.self) {
            let source = TrainingSource(tweets.train, tasks: ["aspects"])
            try SentimentAndEntities.fit(trainer, [source])
        }
        #expect(
            error?.message
                == "task \"aspects\": no training row has a label; expected at least 1 among 160 rows."
        )
    }

    @Test(arguments: [
        ("iPod", Spelling.other), ("Canon", .capitalised), ("LCD", .upper), ("great", .lower),
        ("3.5", .number), ("!", .other), ("I", .capitalised),
    ])
    func spellingsTellWhatLowerCaseHides(token: String, expected: Spelling) {
        #expect(Spelling(token) == expected)
    }

    @Test func missingFilesAreASentence() {
        let error = #expect(throws: DatasetError.self) {
            try ExampleData.files(WNUT17Recipe(), ExampleOptions(folder: "/nowhere"))
        }
        #expect(error?.description.contains("files are missing") == true)
    }

    @Test(
        .enabled(
            if: hasCorpora,
            "set MOTET_SHARED_DATA to a folder with product_reviews and wnut17"
        )
    )
    func learnsFromAFewRealSentences() throws {
        let options = ExampleOptions(folder: sharedData)
        let corpora = try Corpora(
            ExampleData.files(ProductReviewsRecipe(), options),
            ExampleData.files(WNUT17Recipe(), options),
            limit: 600
        )
        #expect(corpora.train.count == 1200)
        #expect(corpora.summary.contains("cut off"))
        let variant = Variant(width: 24, units: 24)
        let table = try SentimentAndEntities.compare(
            corpora,
            [variant],
            seeds: [1],
            epochs: Epochs(tags: 4, sentiment: 4, rest: 4)
        )
        for name in [SentimentAndEntities.multi(variant), SentimentAndEntities.single(variant)] {
            let accuracy = table.values("sentiment accuracy", of: name).first ?? 0
            #expect(accuracy > 0.5, "\(name): \(accuracy)")
            for task in TaggingTask.allCases {
                #expect(table.values(task.column, of: name).count == 1)
            }
        }
    }
}
