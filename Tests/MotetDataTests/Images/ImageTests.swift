import MotetCore
import MotetTestSupport
import Testing

@testable import MotetData

@Suite("Pictures") struct ImageTests {
    static func noise(
        _ height: Int,
        _ width: Int,
        _ channels: Int,
        seed: UInt64 = 1
    ) throws
        -> Image
    {
        var numbers = RandomKey(seed: seed).generator()
        let bytes = (0..<height * width * channels).map { _ in
            UInt8.random(in: 0...255, using: &numbers)
        }
        return try Image(height: height, width: width, channels: channels, bytes: bytes)
    }

    @Test(arguments: [
        "smaller", "half", "larger", "wider_and_lower", "a_little", "one_pixel", "from_one_pixel",
    ])
    func resizingIsThatOfPyTorch(name: String) throws {
        let golden = try GoldenFile("images/images.safetensors")
        let input = try #require(golden.tensor("resize/\(name)", "input"))
        let output = try #require(golden.tensor("resize/\(name)", "output"))
        let image = try Image(
            height: input.shape[0],
            width: input.shape[1],
            channels: input.shape[2],
            bytes: input.integers.map { UInt8($0) }
        )
        let resized = image.resized(height: output.shape[0], width: output.shape[1])
        let worst = zip(resized.bytes, output.floats).map { abs(Float($0) - $1) }.max() ?? 0
        // Half a level is lost by rounding to bytes; the rest is what float sums add.
        #expect(worst <= 0.501, "\(worst)")
    }

    @Test func resizingKeepsWhatIsEven() {
        let image = Image(height: 31, width: 17, colour: [200, 3, 77])
        let resized = image.resized(height: 9, width: 40)
        #expect(resized == Image(height: 9, width: 40, colour: [200, 3, 77]))
        #expect(image.resized(height: 31, width: 17) == image)
    }

    @Test func alphaIsLaidOverWhite() throws {
        let image = try Image(
            height: 1,
            width: 3,
            channels: 2,
            bytes: [100, 255, 100, 0, 100, 51]
        )
        // 100 at a fifth over 255: 51 * 100 + 204 * 255 = 57,120 = 224 * 255.
        #expect(image.grey.bytes == [100, 255, 224])
        #expect(image.composed(over: 0).bytes == [100, 0, 20])
        #expect(image.rgb.bytes.count == 9)
    }

    @Test func flipsAndCropsTakeBoxesAlong() throws {
        var image = Image(height: 6, width: 8, colour: [0])
        let box = Box(left: 1, top: 2, right: 4, bottom: 5)
        for row in 2..<5 { for column in 1..<4 { image[row, column, 0] = 255 } }
        let flipped = image.flippedHorizontally
        #expect(box.flippedHorizontally(width: 8) == Self.bounds(flipped))
        #expect(flipped.flippedHorizontally == image)
        let part = try image.cropped(rows: 1..<4, columns: 2..<7)
        let sizes: [Int] = [part.height, part.width]
        #expect(sizes == [3, 5])
        #expect(box.cropped(rows: 1..<4, columns: 2..<7) == Self.bounds(part))
        let outside = box.cropped(rows: 0..<2, columns: 5..<8)
        #expect(outside.isEmpty)
        #expect(box.scaled(x: 0.5, y: 2) == Box(left: 0.5, top: 4, right: 2, bottom: 10))
    }

    /// The box around all white pixels.
    private static func bounds(_ image: Image) -> Box? {
        var box: Box?
        for row in 0..<image.height {
            for column in 0..<image.width where image[row, column, 0] == 255 {
                let known = box ?? Box(left: .infinity, top: .infinity, right: 0, bottom: 0)
                box = Box(
                    left: min(known.left, Float(column)),
                    top: min(known.top, Float(row)),
                    right: max(known.right, Float(column + 1)),
                    bottom: max(known.bottom, Float(row + 1))
                )
            }
        }
        return box
    }

    @Test func pastingLeavesOutWhatIsOutside() throws {
        let base = Image(height: 4, width: 5, colour: [9])
        let patch = try ImageTests.noise(3, 3, 1)
        for (top, left) in [(0, 0), (-1, -2), (2, 4), (3, 1), (-3, 0), (9, 9)] {
            var image = base
            try image.paste(patch, top: top, left: left)
            for row in 0..<4 {
                for column in 0..<5 {
                    let inside = (0..<3).contains(row - top) && (0..<3).contains(column - left)
                    let expected = inside ? patch[row - top, column - left, 0] : 9
                    #expect(image[row, column, 0] == expected, "\(top) \(left)")
                }
            }
        }
        var brighter = base
        try brighter.paste(patch, top: 0, left: 0) { max($0, $1) }
        #expect(brighter[0, 0, 0] == max(9, patch[0, 0, 0]))
        #expect(throws: ImageError.self) {
            var image = base
            try image.paste(Image(height: 1, width: 1, colour: [1, 2, 3]), top: 0, left: 0)
        }
    }

    @Test func normalisedPixelsHaveMeanZeroAndDeviationOne() throws {
        let images = try (0..<4).map { try Self.noise(5, 6, 3, seed: UInt64($0)) }
        let stack = try ImageStack(images)
        let statistics = ChannelStatistics(of: stack)
        let floats = try stack.normalised(by: statistics)
        for channel in 0..<3 {
            let values = stride(from: channel, to: floats.count, by: 3).map { Double(floats[$0]) }
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            // Sums of 120 floats of about 1.
            #expect(abs(mean) < 1e-5)
            #expect(abs(square - 1) < 1e-5)
        }
        let even = ChannelStatistics(
            of: try ImageStack([Image(height: 2, width: 2, colour: [51])])
        )
        #expect(even.means == [0.2])
        #expect(even.deviations == [1])
        #expect(throws: ImageError.self) { try stack.normalised(by: even) }
    }

    @Test func picturesOfOtherSizesAreRefusedInASentence() throws {
        let images = try [Self.noise(5, 6, 3), Self.noise(5, 7, 3)]
        let size = #expect(throws: ImageError.self) { try ImageStack(images) }
        #expect(
            size?.description
                == "image \"1\": the size is wrong; expected 5 x 6; received 5 x 7. Resize it first."
        )
        let grey = #expect(throws: ImageError.self) {
            try ImageStack([Self.noise(5, 6, 3), Self.noise(5, 6, 1)])
        }
        #expect(
            grey?.description
                == "image \"1\": the number of channels is wrong; expected 3; received 1. Convert it "
                + "to RGB first."
        )
        #expect(throws: ImageError.self) { try ImageStack([]) }
        #expect(throws: ImageError.self) {
            try Image(height: 2, width: 2, channels: 5, bytes: [UInt8](repeating: 0, count: 20))
        }
        #expect(throws: ImageError.self) {
            try Image(height: 2, width: 2, channels: 1, bytes: [0, 0, 0])
        }
        #expect(throws: ImageError.self) {
            try Self.noise(4, 4, 1).cropped(rows: 2..<6, columns: 0..<2)
        }
    }

    @Test(arguments: [
        Box(left: -0.1, top: 0, right: 0.5, bottom: 0.5),
        Box(left: 0, top: 0, right: 1.01, bottom: 0.5),
        Box(left: 0.5, top: 0, right: 0.5, bottom: 0.5),
        Box(left: 0, top: 0.6, right: 0.5, bottom: 0.5),
        Box(left: .nan, top: 0, right: 0.5, bottom: 0.5),
    ])
    func boxesOutsideAreRefusedInASentence(box: Box) throws {
        let error = #expect(throws: ImageError.self) {
            try box.requireInside(width: 1, height: 1, name: "photo 3")
        }
        #expect(error?.code == .boxOutside)
        #expect(error?.description.hasPrefix("image \"photo 3\": a box is outside") == true)
        try Box(left: 0, top: 0, right: 1, bottom: 1)
            .requireInside(width: 1, height: 1, name: "x")
    }

    @Test func theSamePhotoIsFoundAgainAfterChanges() throws {
        // Photos are smooth: large patches, interpolated.
        let photos = try (0..<6).map {
            try Self.noise(6, 6, 3, seed: UInt64(10 + $0)).resized(height: 48, width: 48)
        }
        var brighter = photos[4]
        for place in brighter.bytes.indices {
            brighter.bytes[place] = brighter.bytes[place] / 2 + 60
        }
        let again = photos[1].resized(height: 60, width: 60).resized(height: 48, width: 48)
        let stack = try ImageStack(photos + [again, brighter])
        let pairs = NearDuplicates(stack).pairs(within: 12)
        let found: [[Int]] = pairs.map { [$0.first, $0.second] }
        #expect(found == [[1, 6], [4, 7]])
    }
}
