import ExampleSupport
import Motet
import Testing

@Suite("Scenes") struct SceneTests {
    private func scenes(
        _ count: Int,
        part: RecipePart = .train,
        isCutOut: Bool = true,
        seed: UInt64 = 1
    ) throws -> Scenes {
        try Scenes(
            ShapeCollection.make(60),
            part: part,
            count: count,
            isCutOut: isCutOut,
            seed: seed
        )
    }

    @Test(arguments: [true, false]) func boxesLieInsideAroundAProduct(isCutOut: Bool) throws {
        let scenes = try scenes(200, isCutOut: isCutOut)
        #expect((120...175).contains(scenes.objects.count))
        for object in scenes.objects {
            try object.box.requireInside(width: 1, height: 1, name: "\(object.picture)")
            // A product of 26 to 46 pixels, of which a shape fills 22/28 along one side at least.
            #expect(max(object.box.width, object.box.height) * 64 >= 19)
            #expect(object.box.width * 64 <= 46)
        }
        let labels = try scenes.data.withFloats("label/object") { Array($0) }
        let classes = try scenes.data.withFloats("label/class") { Array($0) }
        let boxes = try scenes.data.withFloats("label/box") { Array($0) }
        let shown = Set(scenes.objects.map(\.picture))
        for picture in 0..<200 {
            #expect(labels[picture] == (shown.contains(picture) ? 1 : 0))
            #expect(classes[picture].isNaN != shown.contains(picture))
            #expect(boxes[4 * picture].isNaN != shown.contains(picture))
        }
    }

    /// A frame touches all four sides of its box: the outermost lines hold its bright pixels, the lines
    /// around them rarely do.
    @Test func boxesOfCutOutProductsAreTight() throws {
        let scenes = try scenes(150)
        let frames = scenes.objects.filter { $0.label == 3 }
        try #require(frames.count > 10)
        for object in frames {
            let image = scenes.pictures[object.picture]
            let box = object.box.scaled(x: 64, y: 64)
            let (top, left) = (Int(box.top), Int(box.left))
            let (bottom, right) = (Int(box.bottom) - 1, Int(box.right) - 1)
            let row = (left + right) / 2
            let column = (top + bottom) / 2
            // A resized edge is at least as bright as what counts as seen.
            for (y, x) in [(top, row), (bottom, row), (column, left), (column, right)] {
                #expect(image[y, x, 0] >= 24)
            }
        }
    }

    @Test func aPictureDependsOnItsNumberAlone() throws {
        let (few, many) = (try scenes(20), try scenes(60))
        for picture in 0..<20 { #expect(few.pictures[picture] == many.pictures[picture]) }
        #expect(many.pictures[0] != many.pictures[1])
        #expect(try scenes(20, seed: 2).pictures != few.pictures)
        #expect(try scenes(20, part: .test).pictures != few.pictures)
    }

    /// Clutter and products of a part come from that part: here only test products are bright.
    @Test func productsOfOtherPartsNeverAppear() throws {
        let size = 28 * 28
        let rows = 0..<40
        let stack = try ImageStack(
            count: 40,
            height: 28,
            width: 28,
            channels: 1,
            bytes: rows.flatMap { [UInt8](repeating: $0 % 2 == 0 ? 130 : 250, count: size) }
        )
        let collection = PictureCollection(
            pictures: stack,
            keys: rows.map(String.init),
            groups: rows.map(String.init),
            parts: rows.map { $0 % 2 == 0 ? .train : .test },
            labels: [PictureLabel("class", classes: ["a"], numbers: rows.map { _ in 0 })]
        )
        for (part, other) in [(RecipePart.train, UInt8(250)), (.test, 130)] {
            let scenes = try Scenes(collection, part: part, count: 50, isCutOut: true, seed: 3)
            #expect(!scenes.pictures.bytes.contains(other))
            #expect(scenes.pictures.bytes.contains(other == 250 ? 130 : 250))
        }
        #expect(throws: ExampleError.self) {
            try Scenes(collection, part: .validation, count: 5, isCutOut: true, seed: 3)
        }
    }

    /// Answers that know everything, then with one thing wrong at a time.
    @Test func scoresTellWhatIsWrong() throws {
        let scenes = try scenes(100)
        func answers(
            wrongClass: Bool = false,
            wrongBox: Bool = false,
            wrongObject: Bool = false
        ) -> [String: Tensor] {
            var classes = [Float](repeating: 0.1, count: 400)
            var object = [Float](repeating: wrongObject ? 0.9 : 0.1, count: 100)
            var boxes = [Float](repeating: 0.4, count: 400)
            for place in 0..<100 {
                boxes[4 * place + 2] = 0.6
                boxes[4 * place + 3] = 0.6
            }
            for known in scenes.objects {
                classes[4 * known.picture + (known.label + (wrongClass ? 1 : 0)) % 4] = 0.7
                object[known.picture] = wrongObject ? 0.1 : 0.9
                guard !wrongBox else { continue }
                boxes.replaceSubrange(
                    4 * known.picture..<4 * known.picture + 4,
                    with: known.box.borders
                )
            }
            return [
                "class": Tensor(classes, shape: [100, 4]),
                "object": Tensor(object, shape: [100, 1]), "box": Tensor(boxes, shape: [100, 4]),
            ]
        }
        let right = try SceneScores.values(answers(), scenes)
        #expect(right == ["accuracy": 1, "mean IoU": 1, "AP@0.5": 1, "mAP": 1])
        let classes = try SceneScores.values(answers(wrongClass: true), scenes)
        #expect(classes["accuracy"] == 0 && classes["mAP"] == 0 && classes["AP@0.5"] == 1)
        let boxes = try SceneScores.values(answers(wrongBox: true), scenes)
        #expect(boxes["accuracy"] == 1 && (boxes["mean IoU"] ?? 1) < 0.5)
        #expect((boxes["AP@0.5"] ?? 1) < 0.5)
        // Empty pictures ranked first: precision never exceeds the share of pictures with a product.
        let object = try SceneScores.values(answers(wrongObject: true), scenes)
        #expect((object["AP@0.5"] ?? 1) < Double(scenes.objects.count) / 100 + 0.001)
        #expect(throws: ExampleError.self) { try SceneScores.values([:], scenes) }
    }
}
