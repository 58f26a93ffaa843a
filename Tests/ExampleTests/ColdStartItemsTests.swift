import Foundation
import Motet
import Testing

@testable import ColdStartItems

@Suite("ColdStartItems") struct ColdStartItemsTests {
    private static let header =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

    /// A shop of four kinds of things, whose customers buy one kind each.
    private static func shop(
        pieces: (Int, Int) -> Int = { _, number in number % 3 == 0 ? 24 : 6 }
    ) throws -> Orders {
        var random = RandomKey(seed: 1).generator()
        var text = header
        var invoice = 0
        for customer in 0..<160 {
            for (month, count) in [(3, 12), (7, 8), (9, 6), (10, 10)] {
                for _ in 0..<count {
                    let number = Int.random(in: 0..<90, using: &random)
                    invoice += 1
                    let day = month < 10 ? "0\(month)" : "\(month)"
                    text += "\(invoice),\(10_000 + 100 * (customer % 4) + number),"
                    text += "KIND\(customer % 4) thing no \(number),\(pieces(month, number)),"
                    text += "2011-\(day)-15 10:00:00,2.50,\(customer),France\n"
                }
            }
        }
        return try orders(text)
    }

    private static func orders(_ text: String) throws -> Orders {
        let path = NSTemporaryDirectory() + "motet-cold-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try Orders(path: path)
    }

    /// A vector that says the kind and little else, as a text encoder might.
    private static func vectors(_ orders: Orders) -> Tensor {
        var random = RandomKey(seed: 2).generator()
        let rows = orders.descriptions.map { description in
            (0..<8).map { place -> Float in
                let isKind = description.hasPrefix("KIND\(place)")
                return (isKind ? 1 : 0) + 0.1 * Float(random.nextNormal())
            }
        }
        return Tensor(rows.flatMap { $0 }, shape: [rows.count, 8])
    }

    @Test func descriptionsTellOfNewItemsWhatNumbersCannot() throws {
        let orders = try Self.shop()
        let rows = try ColdStartItems.Rows(Pairs(orders))
        let vectors = Self.vectors(orders)
        func auc(_ variant: ColdStartItems.Variant, _ test: PreparedDataset) throws -> Double {
            let model = try ColdStartItems.makeModel(variant, vectors)
            let trainer = try ColdStartItems.makeTrainer(model, seed: 1)
            try ColdStartItems.fit(trainer, rows, epochs: 8)
            let report = MetricReport(evaluating: try trainer.evaluate(test))
            return try #require(report.estimate(task: "buys", metric: .auc)?.value.value)
        }
        let words = try auc(.descriptions, rows.new)
        let numbers = try auc(.numbers, rows.new)
        #expect(words > 0.85, "descriptions: \(words)")
        #expect(numbers < 0.65, "numbers: \(numbers)")
    }

    /// The vectors of the encoder are frozen.
    @Test func trainingLeavesTheVectors() throws {
        let orders = try Self.shop()
        let vectors = Self.vectors(orders)
        let model = try ColdStartItems.makeModel(.both, vectors)
        let trainer = try ColdStartItems.makeTrainer(model, seed: 1)
        try ColdStartItems.fit(trainer, ColdStartItems.Rows(Pairs(orders)), epochs: 1)
        #expect(trainer.parameters["descriptions/weight"] == vectors)
    }

    @Test func equalsPyTorch() throws {
        let golden = try ExampleGolden("cold_start_items")
        let vectors = try #require(golden.file.tensors["parameters/descriptions/weight"])
        let trainer = try Trainer(
            ColdStartItems.makeModel(.both, vectors),
            optimizer: .sgd(learningRate: 1),
            tasks: ColdStartItems.tasks,
            seed: 1
        )
        try golden.setParameters(of: trainer)
        let error = try golden.predictionError(trainer) { _, logits in
            logits.map { 1 / (1 + exp(-$0)) }
        }
        #expect(error < 1e-5)
        for (name, error) in try golden.gradientErrors(trainer) {
            #expect(error < 1e-4, "gradient of \(name): \(error)")
        }
    }

    @Test func newItemsAreInNoTrainingRow() throws {
        let pairs = try Pairs(Self.shop())
        let rows = try ColdStartItems.Rows(pairs)
        func items(_ data: PreparedDataset) throws -> Set<Int32> {
            Set(try data.withIntegers("description") { Array($0) })
        }
        func groups(_ items: Set<Int32>) -> Set<ItemGroup> {
            Set(items.map { pairs.groups[Int($0)] })
        }
        #expect(try groups(items(rows.training)) == [.known])
        #expect(try groups(items(rows.validation)) == [.known, .newInValidation])
        #expect(try groups(items(rows.known)) == [.known])
        #expect(try groups(items(rows.new)) == [.new])
        for data in [rows.training, rows.validation, rows.known, rows.new] {
            let history = try data.withRagged("history") { values, _ in Set(values) }
            #expect(!history.isEmpty && groups(history) == [.known])
        }
        #expect(try rows.new.withIntegers("item") { $0.allSatisfy { $0 == 0 } })
        let numbers = try rows.training.withIntegers("item") { Array($0) }
        let hidden = Double(numbers.count { $0 == 0 }) / Double(numbers.count)
        #expect(hidden > 0.05 && hidden < 0.15)
    }

    /// What is ordered in the days predicted changes labels, but no feature.
    @Test func featuresKnowTheDaysBeforeOnly() throws {
        func values(_ month: Int) throws -> (features: [Float], many: [Float]) {
            let orders = try Self.shop { at, number in at == month && number % 2 == 0 ? 24 : 6 }
            let rows = try Pairs(orders).rows(Pairs.test, of: [.known])
            let many = try rows.withFloats("label/many") { $0.map { $0.isNaN ? -1 : $0 } }
            return (try rows.withFloats("numbers") { Array($0) }, many)
        }
        let (plain, future, past) = (try values(0), try values(10), try values(3))
        #expect(plain.features == future.features && plain.many != future.many)
        #expect(plain.features != past.features && plain.many == past.many)
    }

    @Test func codesOfOneDescriptionAreOneItem() throws {
        let orders = try Self.orders(
            Self.header
                + """
                1,12345A,Red  mug,6,2011-01-02 10:00:00,2.5,7,France
                2,12345B,RED MUG.,6,2/1/2011 10:00,2.5,8,France
                2,12345b,blue mug,6,2/1/2011 10:00,2.5,8,France
                3,12346,RED MUG,6,2011-01-02 10:00:00,2.5,7,France
                C4,12346,RED MUG,-6,2011-01-03 10:00:00,2.5,7,France
                5,POST,POSTAGE,1,2011-01-03 10:00:00,18,7,France
                6,12347,CUP,6,2011-01-04 10:00:00,2.5,,France

                """
        )
        // 12345B is a red mug as often as a blue one: the first by letters is its name.
        #expect(orders.descriptions == ["", "RED MUG", "BLUE MUG"])
        #expect(orders.orders.map(\.item) == [1, 1, 2, 2])
        #expect(orders.orders.map(\.day) == [20_110_102, 20_110_102, 20_110_201, 20_110_201])
        #expect(Orders.day("yesterday") == nil)
    }
}
