import ExampleSupport
import Foundation
import Motet
import Testing

@testable import SentimentAndEntities

/// Made-up reviews and tweets in which every label follows from the words.
private struct MadeUpCorpora {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "motet-sentences-\(UUID().uuidString)"
        let aspects = ["battery", "screen", "sound quality", "menu"]
        let words = [(2, "great"), (3, "superb"), (-2, "poor"), (-3, "awful")]
        for (file, entry) in ProductReviewsRecipe().card.layouts[1].enumerated() {
            var text = ""
            for review in 0..<24 {
                let aspect = aspects[(review + file) % 4]
                let (strength, word) = words[(review / 4) % 4]
                let sign = strength > 0 ? "+" : ""
                // The number keeps sentences apart, so that none is on two sides.
                text +=
                    "[t]\n\(aspect)[\(sign)\(strength)]##The \(aspect) of \(file * 24 + review) is \(word).\n"
                text += "##I bought it on day \(file * 24 + review).\n"
            }
            try write("product_reviews/\(entry.path)", text)
        }
        let names = ["Ann", "Bob", "Eve"]
        let places = ["Rome", "Oslo", "Lima"]
        for (part, (file, count)) in [
            ("wnut17train.conll", 160), ("emerging.dev.conll", 40), ("emerging.test.annotated", 40),
        ].enumerated() {
            let text = (0..<count).map { number in
                "\(names[number % 3])\tB-person\ngoes\tO\nto\tO\nNew\tB-location\n"
                    + "\(places[number / 3 % 3])\tI-location\non\tO\nday\tO\n\(part)-\(number)\tO\n\n"
            }
            try write("wnut17/\(file)", text.joined())
        }
    }

    private func write(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    func read() throws -> Corpora {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = ExampleOptions(folder: folder)
        return try Corpora(
            ExampleData.files(ProductReviewsRecipe(), options),
            ExampleData.files(WNUT17Recipe(), options)
        )
    }
}

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
    @Test(arguments: [false, true])
    func equalsPyTorch(isChain: Bool) throws {
        let name = "sentiment_and_entities" + (isChain ? "_chain" : "")
        let golden = try ExampleGolden(name)
        let variant = Variant(isChain: isChain, width: 6, dropout: 0)
        let trainer = try variant.trainer(
            TaggingTask.allCases,
            TokenVocabulary((0..<18).map { "word \($0)" }),
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
        let variants = [Variant(width: 24), Variant(isChain: true, width: 24)]
        let table = try SentimentAndEntities.compare(corpora, variants, seeds: [1], epochs: 30)
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
        let variant = Variant(width: 24)
        let table = try SentimentAndEntities.compare(corpora, [variant], seeds: [1], epochs: 4)
        for name in [SentimentAndEntities.multi(variant), SentimentAndEntities.single(variant)] {
            let accuracy = table.values("sentiment accuracy", of: name).first ?? 0
            #expect(accuracy > 0.5, "\(name): \(accuracy)")
            for task in TaggingTask.allCases {
                #expect(table.values(task.column, of: name).count == 1)
            }
        }
    }
}
