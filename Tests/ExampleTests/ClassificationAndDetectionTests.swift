import ExampleSupport
import Foundation
import Motet
import Testing

@testable import ClassificationAndDetection

@Suite("ClassificationAndDetection") struct ClassificationAndDetectionTests {
    /// Shapes are easy: a few epochs of a small model must find them.
    @Test func bothWaysLearnMadeUpShapes() throws {
        var program = try ClassificationAndDetection(
            ShapeCollection.make(200),
            isCutOut: true,
            counts: (train: 768, measured: 200)
        )
        (program.model.filters, program.epochs) = (8, 30)
        let table = try program.compare(seeds: [0])
        for variant in ["multi-task", "single-task"] {
            func value(_ metric: String) throws -> Double {
                try #require(table.values(metric, of: variant).first)
            }
            // Four classes: guessing gives 0.25. The box in the middle has a mean IoU of about 0.3.
            #expect(try value("accuracy") > 0.5, "\(variant)")
            #expect(try value("mean IoU") > 0.45, "\(variant)")
            #expect(try value("AP@0.5") > 0.4, "\(variant)")
            #expect(try value("mAP") > 0.1, "\(variant)")
        }
        #expect(table.plain().contains("multi-task"))
    }

    /// The wider trunk of the one model costs no more than the second trunk of the other way, and it uses most of that.
    @Test func theOneModelIsNotLargerThanTwo() throws {
        let program = try ClassificationAndDetection(
            ShapeCollection.make(40),
            isCutOut: true,
            counts: (train: 16, measured: 16)
        )
        func count(_ model: SceneModel, _ tasks: [String]) throws -> Int {
            try model.model(tasks).parameters.map(\.count).reduce(0, +)
        }
        let one = try count(program.shared, SceneModel.questions)
        let two = try count(program.model, ["class"]) + count(program.model, ["object", "box"])
        #expect(one <= two, "\(one) and \(two)")
        #expect(one > two * 9 / 10, "\(one) and \(two)")
    }

    private static let fashion = RealPictures.files(FashionMNISTRecipe())
    private static let clothing = RealPictures.files(ClothingRecipe())

    @Test(.enabled(if: fashion != nil, "\(RealPictures.sentence)"))
    func learnsGarments() throws { try learns(FashionMNISTRecipe(), Self.fashion, isFashion: true) }

    @Test(.enabled(if: clothing != nil, "\(RealPictures.sentence)"))
    func learnsPhotosOfClothes() throws {
        try learns(ClothingRecipe(), Self.clothing, isFashion: false)
    }

    private func learns(
        _ recipe: any PictureRecipe,
        _ files: DatasetFiles?,
        isFashion: Bool
    ) throws {
        let files = try #require(files)
        var program = try ClassificationAndDetection(
            recipe.pictures(files),
            isCutOut: isFashion,
            counts: (train: 960, measured: 300)
        )
        (program.model.filters, program.epochs) = (8, 10)
        let table = try program.compare(seeds: [0])
        let accuracy = try #require(table.values("accuracy", of: "multi-task").first)
        let overlap = try #require(table.values("mean IoU", of: "multi-task").first)
        // Ten garments are as frequent as each other. So few photos teach no class yet.
        if isFashion { #expect(accuracy > 0.2, "\(accuracy)") }
        #expect(overlap > 0.35, "\(overlap)")
    }

    /// The same weights and the same batch as PyTorch: predictions, and the gradient of every parameter.
    @Test func predictionsAndGradientsAreThoseOfPyTorch() throws {
        let golden = try ExampleGolden("classification_and_detection")
        var model = SceneModel(channels: 1, classes: 10)
        (model.filters, model.trunkFilters, model.boxWeight) = (2, 3, 4)
        let trainer = try model.trainer(
            SceneModel.questions,
            optimizer: .sgd(learningRate: 1),
            seed: 1
        )
        try golden.setParameters(of: trainer)
        let error = try golden.predictionError(trainer) { task, outputs in
            switch task {
            case "class": Self.softmax(outputs, classes: 10)
            case "object": outputs.map { 1 / (1 + exp(-$0)) }
            default: outputs
            }
        }
        // Float sums of a few hundred terms of about 1.
        #expect(error < 1e-5, "\(error)")
        for (name, error) in try golden.gradientErrors(trainer) {
            #expect(error < 1e-4, "\(name): \(error)")
        }
    }

    private static func softmax(_ logits: [Float], classes: Int) -> [Float] {
        stride(from: 0, to: logits.count, by: classes).flatMap { start in
            let row = logits[start..<start + classes]
            let greatest = row.max() ?? 0
            let powers = row.map { exp($0 - greatest) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
    }
}
