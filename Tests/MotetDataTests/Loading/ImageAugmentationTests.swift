import MotetCore
import Testing

@testable import MotetData

@Suite("Augmentation of pictures") struct ImageAugmentationTests {
    static let side = 12

    /// Dark pictures with one bright rectangle, its box beside it; every fourth picture is empty.
    static func dataset(_ count: Int) throws -> PreparedDataset {
        var numbers = RandomKey(seed: 8).generator()
        var images: [Image] = []
        var borders: [Float] = []
        for row in 0..<count {
            var image = Image(height: side, width: side, colour: [10, 20])
            if row % 4 == 3 {
                borders += [.nan, .nan, .nan, .nan]
            } else {
                let left = Int.random(in: 0...6, using: &numbers)
                let top = Int.random(in: 0...6, using: &numbers)
                let right = left + Int.random(in: 1...5, using: &numbers)
                let bottom = top + Int.random(in: 1...5, using: &numbers)
                for y in top..<bottom { for x in left..<right { image[y, x, 0] = 200 } }
                borders += [left, top, right, bottom].map { Float($0) / Float(side) }
            }
            images.append(image)
        }
        return try PreparedDataset(inMemory: [
            "image": ImageStack(images).column(), "label/box": .floats(borders, width: 4),
            "id": .integers((0..<Int32(count)).map { $0 }),
        ])
    }

    static func rule(
        flip: Double = 0.5,
        shift: Int = 3,
        brightness: Double = 0.2,
        seed: UInt64 = 1
    ) -> ImageAugmentation {
        ImageAugmentation(
            "image",
            height: side,
            width: side,
            channels: 2,
            boxes: "label/box",
            flipProbability: flip,
            maximumShift: shift,
            brightness: brightness,
            seed: seed
        )
    }

    struct Row: Equatable {
        var pixels: [Float]
        var box: [UInt32]
    }

    /// The rows of an epoch by number, from a step on.
    static func epoch(
        _ data: PreparedDataset,
        _ epoch: Int,
        from step: Int = 0,
        columns: [String] = ["image", "label/box", "id"],
        batchSize: Int = 7,
        augments: Bool = true
    ) throws -> [Int: Row] {
        let loader = try BatchLoader(
            data,
            columns: columns,
            options: BatchLoaderOptions(
                batchSize: batchSize,
                shuffleKey: RandomKey(seed: 3),
                augments: augments
            )
        )
        loader.start(epoch: epoch, step: step)
        var rows: [Int: Row] = [:]
        while let batch = try loader.next() {
            let pixels = batch.tensor("image")?.floats ?? []
            let boxes = batch.tensor("label/box")?.floats ?? []
            let size = side * side * 2
            for (place, row) in batch.rows.enumerated() {
                rows[Int(row)] = Row(
                    pixels: pixels.isEmpty
                        ? [] : Array(pixels[place * size..<(place + 1) * size]),
                    box: boxes.isEmpty
                        ? [] : boxes[4 * place..<4 * place + 4].map(\.bitPattern)
                )
            }
        }
        return rows
    }

    /// The rectangle brighter than its surroundings in the first channel.
    static func bounds(_ row: Row) -> [Float]? {
        var found: (left: Int, top: Int, right: Int, bottom: Int)?
        for y in 0..<side {
            for x in 0..<side where row.pixels[(y * side + x) * 2] > 0.4 {
                let known = found ?? (side, side, 0, 0)
                found = (
                    min(known.left, x), min(known.top, y), max(known.right, x + 1),
                    max(known.bottom, y + 1)
                )
            }
        }
        return found.map { [$0.left, $0.top, $0.right, $0.bottom].map { Float($0) / Float(side) } }
    }

    @Test func boxesFollowTheirPictures() throws {
        let data = try Self.dataset(200).augmented(Self.rule())
        for epoch in 0..<3 {
            let rows = try Self.epoch(data, epoch)
            #expect(rows.count == 200)
            for (number, row) in rows {
                let box = row.box.map(Float.init(bitPattern:))
                guard let bounds = Self.bounds(row) else {
                    #expect(number % 4 == 3 && box.allSatisfy(\.isNaN))
                    continue
                }
                let worst = zip(box, bounds).map { abs($0 - $1) }.max() ?? 1
                // Twelfths in float.
                #expect(worst < 1e-6, "row \(number): \(box) and \(bounds)")
            }
        }
    }

    @Test func everyEpochDrawsAnew() throws {
        let data = try Self.dataset(200).augmented(Self.rule())
        let (first, second) = (try Self.epoch(data, 0), try Self.epoch(data, 1))
        let same = first.count { second[$0.key] == $0.value }
        #expect(same < 5, "\(same)")
        let again = try Self.dataset(200).augmented(Self.rule())
        #expect(try Self.epoch(again, 1) == second)
        let other = try Self.dataset(200).augmented(Self.rule(seed: 2))
        #expect(try Self.epoch(other, 1) != second)
    }

    /// What is drawn depends on the row, not on the batch it is in, where the epoch was begun, or
    /// whether the batch holds the boxes too.
    @Test func resumedAndRearrangedEpochsAreBitEqual() throws {
        let data = try Self.dataset(100).augmented(Self.rule())
        let whole = try Self.epoch(data, 4)
        let rest = try Self.epoch(data, 4, from: 9)
        #expect(rest.count == 100 - 63)
        for (number, row) in rest { #expect(row == whole[number]) }
        #expect(try Self.epoch(data, 4, batchSize: 33) == whole)
        let alone = try Self.epoch(data, 4, columns: ["image"])
        #expect(alone.mapValues(\.pixels) == whole.mapValues(\.pixels))
        let without = try Self.epoch(data, 4, columns: ["label/box"], augments: true)
        #expect(without.count == 100)
    }

    @Test func flipsShiftsAndBrightnessAreIndependent() throws {
        let plain = try Self.dataset(400)
        func changed(_ rule: ImageAugmentation) throws -> Int {
            let before = try Self.epoch(plain, 0)
            return try Self.epoch(plain.augmented(rule), 0).count { before[$0.key] != $0.value }
        }
        #expect(try changed(Self.rule(flip: 0, shift: 0, brightness: 0)) == 0)
        let flipped = try changed(Self.rule(flip: 0.5, shift: 0, brightness: 0))
        // Of 300 pictures that are not mirror images of themselves about half.
        #expect((90...210).contains(flipped), "\(flipped)")
        #expect(try changed(Self.rule(flip: 1, shift: 0, brightness: 0)) > 250)
        let bright = try Self.epoch(
            plain.augmented(Self.rule(flip: 0, shift: 0, brightness: 0.2)),
            0
        )
        let before = try Self.epoch(plain, 0)
        for (number, row) in bright {
            let old = before[number]?.pixels ?? []
            let factors = zip(row.pixels, old).map { $0 / $1 }
            #expect(factors.allSatisfy { (0.799...1.201).contains($0) })
            #expect((factors.max() ?? 0) - (factors.min() ?? 0) < 1e-5)
        }
    }

    @Test func withoutTheOptionRowsAreAsTheyWere() throws {
        let plain = try Self.dataset(50)
        let data = try plain.augmented(Self.rule())
        let read = try Self.epoch(data, 2, augments: false)
        #expect(try read == Self.epoch(plain, 2))
        #expect(data.augmentations.count == 1 && plain.augmentations.isEmpty)
    }

    @Test func mistakesAreSentences() throws {
        let data = try Self.dataset(8)
        func message(_ change: (inout ImageAugmentation) -> Void) -> String {
            var rule = Self.rule()
            change(&rule)
            do { _ = try data.augmented(rule) } catch { return "\(error)" }
            return ""
        }
        #expect(message { $0.flipProbability = 1.5 }.contains("expected 0 to 1; received 1.5"))
        #expect(message { $0.maximumShift = 12 }.contains("expected 0 to 11; received 12"))
        #expect(message { $0.brightness = 1 }.contains("'brightness' is out of range"))
        #expect(message { $0.channels = 3 }.contains("expected 432 floats or bytes"))
        #expect(message { $0.column = "imge" }.contains("Did you mean `image`?"))
        #expect(message { $0.boxes = "id" }.contains("expected 4 floats a row"))
        let outside = try PreparedDataset(inMemory: [
            "image": .bytes([UInt8](repeating: 0, count: 576), width: 288),
            "label/box": .floats([0, 0, 1, 1, 0.5, 0.5, 1.25, 0.75], width: 4),
        ])
        let error = #expect(throws: ImageError.self) { try outside.augmented(Self.rule()) }
        #expect(error?.code == .boxOutside)
        #expect(error?.description.contains("row 1 of label/box") == true)
    }
}
