import ExampleSupport
import Foundation
import Motet
import Testing

@testable import MultimodalProduct

@Suite("MultimodalProduct") struct MultimodalProductTests {
    private static let colours: [(name: String, bytes: [UInt8])] = [
        ("red", [220, 30, 30]), ("green", [30, 220, 30]), ("blue", [30, 30, 220]),
        ("yellow", [220, 220, 30]),
    ]

    /// Things of four colours, whose descriptions name the colour; praise and blame.
    private static func products(_ count: Int = 32, photosEach: Int = 6) throws -> Products {
        var random = RandomKey(seed: 1).generator()
        var photos: [Products.Photo] = []
        for product in 0..<count {
            for number in 0..<photosEach {
                let bytes = (0..<64).flatMap { _ in
                    colours[product % 4].bytes.map { byte in
                        UInt8(clamping: Int(byte) + Int.random(in: -30...30, using: &random))
                    }
                }
                photos.append(
                    Products.Photo(
                        picture: try Image(height: 8, width: 8, channels: 3, bytes: bytes),
                        product: product,
                        part: [.train, .train, .train, .validation, .test, .test][number % 6]
                    )
                )
            }
        }
        func sentences(_ part: String) -> [Products.Sentence] {
            (0..<40).map { number in
                let word = number % 2 == 0 ? "good" : "bad"
                return Products.Sentence(
                    text: "a \(word) thing , \(part) \(number)",
                    isPositive: number % 2 == 0
                )
            }
        }
        return Products(
            photos: photos,
            descriptions: (0..<count).map { "a \(colours[$0 % 4].name) thing of kind \($0)" },
            sentences: [
                .train: sentences("one"), .validation: sentences("two"), .test: sentences("three"),
            ]
        )
    }

    /// Vectors that hold what the words say, as a pretrained encoder's do.
    private static func data(_ products: Products) throws -> ProductData {
        let words = colours.map(\.name) + ["good", "bad"]
        return try ProductData(products, width: words.count) { texts in
            texts.flatMap { text in words.map { text.contains($0) ? 1 : 0 } }
        }
    }

    private static let sizes = MultimodalProduct.Sizes(
        side: 8,
        filters: [4, 8],
        units: 16,
        wordDimension: 8
    )

    @Test func learnsAllThreeTasks() throws {
        let data = try Self.data(Self.products())
        let training = Training(data: data, sizes: Self.sizes, epochs: 20)
        for text in [data.words, data.vectors] {
            let run = try training.run(
                MultimodalProduct.tasks,
                text,
                weighting: .uncertainty,
                seed: 2
            )
            // A colour is shared by a quarter of the products.
            #expect(try #require(run.test["class accuracy"]) > 2 / Double(data.classCount))
            #expect(try #require(run.test["polarity AUC"]) > 0.95)
            #expect(try #require(run.test["match AUC"]) > 0.75)
            #expect(run.lossWeights.contains { $0.weight != 1 })
        }
    }

    /// The photo branch is not lost with any seed: its rectified units stay alive.
    @Test(arguments: [0, 1, 2] as [UInt64])
    func everySeedLearnsFromPhotos(seed: UInt64) throws {
        let data = try Self.data(Self.products())
        let training = Training(data: data, sizes: Self.sizes, epochs: 10)
        for tasks in [["class"], MultimodalProduct.tasks] {
            let run = try training.run(tasks, data.vectors, seed: seed)
            // A colour is shared by a quarter of the products; by chance it would be 1 of all.
            let accuracy = try #require(run.test["class accuracy"])
            #expect(accuracy > 2 / Double(data.classCount), "\(tasks): \(accuracy)")
        }
    }

    /// A product with many photos is as often described to the photos of others, in proportion.
    @Test func aDescriptionAloneTellsNothing() throws {
        var products = try Self.products(16, photosEach: 6)
        let often = try #require(products.parts.firstIndex(of: .train))
        let photos = products.photos.filter { $0.product == often && $0.part == .train }
        products = Products(
            photos: products.photos + (0..<8).flatMap { _ in photos },
            descriptions: products.descriptions,
            sentences: products.sentences
        )
        // Without a word for the kind in the vocabulary, the number of a description is a vector's.
        let data = try ProductData(products, width: 1) { texts in
            texts.map { $0 == products.descriptions[often] ? 1 : 0 }
        }
        let rows = try data.rows(.train, tasks: ["match"])
        let isOften = try rows.withFloats("text_vector") { Array($0) }
        let match = try rows.withFloats("label/match") { Array($0) }
        let own = zip(isOften, match).count { $0 == 1 && $1 == 1 }
        let others = zip(isOften, match).count { $0 == 1 && $1 == 0 }
        // 27 of 54 photos are this product's, and each other photo meets it in 27 of 51 cases.
        #expect(Double(others) > 0.3 * Double(own), "\(others) and \(own)")
    }

    @Test func rowsHaveTheLabelsOfTheirKind() throws {
        let data = try Self.data(Self.products())
        for part in RecipePart.allCases {
            let rows = try data.rows(part)
            func labels(_ task: String) throws -> [Float] {
                try rows.withFloats("label/\(task)") { Array($0) }
            }
            let (kind, polarity, match) = (
                try labels("class"), try labels("polarity"), try labels("match")
            )
            let hasPicture = try rows.withBytes("image") { bytes in
                (0..<rows.rowCount).map { row in
                    bytes[row * 192..<(row + 1) * 192].contains { $0 != 0 }
                }
            }
            for row in 0..<rows.rowCount {
                #expect(hasPicture[row] == polarity[row].isNaN)
                #expect(hasPicture[row] || (kind[row].isNaN && match[row].isNaN))
            }
            #expect(match.count { $0 == 1 } == match.count { $0 == 0 })
            #expect(kind.contains { !$0.isNaN } && polarity.contains { !$0.isNaN })
        }
        let single = try data.rows(.train, tasks: ["polarity"])
        #expect(single.rowCount == 40)
    }

    /// No photo or description of a product that matching is tested on is in a training row.
    @Test func productsOfTheTestAreNewToMatching() throws {
        let products = try Self.products()
        let data = try Self.data(products)
        func pictures(_ part: RecipePart) throws -> Set<[UInt8]> {
            let rows = try data.rows(part, tasks: ["match"])
            let isPair = try rows.withFloats("label/match") { $0.map { !$0.isNaN } }
            return try rows.withBytes("image") { bytes in
                let pairs = isPair.indices.filter { isPair[$0] }
                return Set(pairs.map { Array(bytes[192 * $0..<192 * ($0 + 1)]) })
            }
        }
        let (train, test) = (try pictures(.train), try pictures(.test))
        #expect(!train.isEmpty && !test.isEmpty)
        #expect(train.isDisjoint(with: test))
        for photo in products.photos where test.contains(photo.picture.bytes) {
            #expect(products.parts[photo.product] == .test)
        }
        for part in RecipePart.allCases { #expect(products.parts.contains(part)) }
    }

    @Test func comparesEveryVariantOnSmallData() throws {
        let data = try Self.data(Self.products(16, photosEach: 6))
        let comparison = try Comparison(
            Training(data: data, sizes: Self.sizes, epochs: 1),
            seeds: [0, 1],
            weights: [(1, 1, 1), (1, 2, 1)]
        )
        for text in ["words", "encoder"] {
            let grid = ["1.0 : 1.0 : 1.0", "1.0 : 2.0 : 1.0"].map { "\(text), \($0)" }
            let scores = grid.map { name in
                ["class accuracy", "polarity AUC", "match AUC"].flatMap {
                    comparison.validation.values($0, of: name)
                }
            }
            #expect(scores.allSatisfy { $0.count == 6 })
            let better = scores[1].reduce(0, +) > scores[0].reduce(0, +) ? 1 : 0
            #expect(comparison.best[text] == grid[better])
            // Chosen on validation rows, measured on test rows.
            let name = "\(text), best of grid"
            #expect(comparison.validation.values("match AUC", of: name).isEmpty)
            for variant in ["best of grid", "learnt weights", "single tasks"] {
                for metric in ["class accuracy", "polarity AUC", "match AUC"] {
                    let values = comparison.test.values(metric, of: "\(text), \(variant)")
                    #expect(values.count == 2, "\(text), \(variant): \(metric)")
                }
            }
        }
        #expect(comparison.learned.contains("match"))
        #expect(comparison.text.contains("against words, single tasks"))
    }

    @Test(arguments: ["words", "vectors"])
    func equalsPyTorch(text: String) throws {
        let golden = try ExampleGolden("multimodal_product_\(text)")
        let branch: MultimodalProduct.TextBranch =
            text == "words" ? .words(vocabulary: 12, length: 7) : .vectors(width: 9)
        let model = try MultimodalProduct.makeModel(
            MultimodalProduct.tasks,
            branch,
            products: 5,
            sizes: MultimodalProduct.Sizes(
                side: 16,
                filters: [3, 4],
                units: 6,
                wordDimension: 4,
                dropout: 0
            )
        )
        let trainer = try MultimodalProduct.makeTrainer(
            model,
            weights: ["class": 0.5, "polarity": 2, "match": 1.5],
            optimizer: .sgd(learningRate: 1),
            seed: 1
        )
        try golden.setParameters(of: trainer)
        let error = try golden.predictionError(trainer) { task, outputs in
            if task != "class" { return outputs.map { 1 / (1 + exp(-$0)) } }
            return stride(from: 0, to: outputs.count, by: 5).flatMap { start in
                let powers = outputs[start..<start + 5].map { exp($0) }
                return powers.map { $0 / powers.reduce(0, +) }
            }
        }
        #expect(error < 1e-5)
        for (name, error) in try golden.gradientErrors(trainer) {
            #expect(error < 1e-4, "gradient of \(name): \(error)")
        }
    }
}
