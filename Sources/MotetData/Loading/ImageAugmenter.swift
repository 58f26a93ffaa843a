import MotetCore

/// Changes the pictures and boxes of batches by an ``ImageAugmentation``.
final class ImageAugmenter {
    private let augmentation: ImageAugmentation
    private let key: RandomKey
    private let images: Int
    private let boxes: Int?
    private let top: Float
    /// The boxes of all rows, read although a batch may leave their column out: they limit shifts.
    private let known: UnsafePointer<Float>?
    /// One picture as it was.
    private let picture: UnsafeMutablePointer<Float>
    private let size: Int

    /// Prepares for the batches of a data set, which must outlive this object; nil when batches hold no
    /// pictures.
    init?(
        _ augmentation: ImageAugmentation,
        _ dataset: PreparedDataset,
        inputs: [BatchInput]
    ) throws(TableError) {
        guard let images = inputs.firstIndex(where: { $0.name == augmentation.column }) else {
            return nil
        }
        self.augmentation = augmentation
        self.images = images
        key = RandomKey(seed: augmentation.seed).split("augmentation").split(augmentation.column)
        boxes = inputs.firstIndex { $0.name == augmentation.boxes }
        let column = dataset.columns[try dataset.index(of: augmentation.column)]
        top = 255 * (column.kind.byteScale ?? 0)
        var known: UnsafePointer<Float>?
        if let name = augmentation.boxes {
            let index = try dataset.index(of: name)
            known = dataset.values[index].bytes.bindMemory(to: Float.self).baseAddress
        }
        self.known = known
        size = augmentation.height * augmentation.width * augmentation.channels
        picture = .allocate(capacity: size)
    }

    deinit { picture.deallocate() }

    /// Changes a batch.
    ///
    /// - Parameters:
    ///   - buffer: a batch that was just gathered.
    ///   - epoch: the epoch it belongs to.
    func apply(to buffer: BatchBuffer, epoch: Int) {
        let epochKey = key.split(epoch)
        let pixels = buffer.pointers[images].assumingMemoryBound(to: Float.self)
        for place in 0..<buffer.rowCount {
            let row = Int(buffer.rowMemory[place])
            var borders = SIMD4<Float>(repeating: .nan)
            if let known { borders = ImageAugmenter.borders(known + 4 * row) }
            let isMissing = borders[0].isNaN
            let change = Change(augmentation, &borders, epochKey.split(row))
            apply(change, to: pixels + place * size)
            // A box that is missing stays as it is.
            guard let boxes, !isMissing else { continue }
            let target = buffer.pointers[boxes].assumingMemoryBound(to: Float.self) + 4 * place
            for border in 0..<4 { target[border] = borders[border] }
        }
    }

    private static func borders(_ values: UnsafePointer<Float>) -> SIMD4<Float> {
        SIMD4(values[0], values[1], values[2], values[3])
    }

    private func apply(_ change: Change, to pixels: UnsafeMutablePointer<Float>) {
        let (height, width) = (augmentation.height, augmentation.width)
        let channels = augmentation.channels
        if change.flips || change.right != 0 || change.down != 0 {
            picture.update(from: pixels, count: size)
            for row in 0..<height {
                let above = row - change.down
                let from = picture + min(max(above, 0), height - 1) * width * channels
                let to = pixels + row * width * channels
                for column in 0..<width {
                    let moved = column - change.right
                    guard above >= 0, above < height, moved >= 0, moved < width else {
                        for channel in 0..<channels { to[column * channels + channel] = 0 }
                        continue
                    }
                    let source = from + (change.flips ? width - 1 - moved : moved) * channels
                    for channel in 0..<channels {
                        to[column * channels + channel] = source[channel]
                    }
                }
            }
        }
        if change.factor != 1 {
            for place in 0..<size { pixels[place] = min(pixels[place] * change.factor, top) }
        }
    }
}

/// What is done to one picture: mirrored first, then moved, then made brighter or darker.
private struct Change {
    var flips: Bool
    var right: Int
    var down: Int
    var factor: Float

    /// Draws a change, and changes the box of the picture with it.
    ///
    /// Four numbers are drawn whatever the options are, so that an option changes no other draw.
    init(_ rule: ImageAugmentation, _ borders: inout SIMD4<Float>, _ key: RandomKey) {
        var numbers = key.generator()
        let draws = (
            numbers.nextUniform(), numbers.nextUniform(), numbers.nextUniform(),
            numbers.nextUniform()
        )
        flips = draws.0 < rule.flipProbability
        if flips { borders = SIMD4(1 - borders[2], borders[1], 1 - borders[0], borders[3]) }
        right = Change.shift(draws.1, rule.maximumShift, rule.width, borders[0], borders[2])
        down = Change.shift(draws.2, rule.maximumShift, rule.height, borders[1], borders[3])
        let (x, y) = (Float(right) / Float(rule.width), Float(down) / Float(rule.height))
        borders += SIMD4(x, y, x, y)
        // What rounding adds must not put a border outside the picture.
        borders = borders.clamped(lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 1))
        factor = Float(1 + rule.brightness * (2 * draws.3 - 1))
    }

    /// A shift among those that leave a box inside its picture.
    private static func shift(
        _ draw: Double,
        _ most: Int,
        _ size: Int,
        _ start: Float,
        _ end: Float
    ) -> Int {
        guard most > 0 else { return 0 }
        var (least, most) = (-most, most)
        if !start.isNaN {
            // A border that is a pixel's border but for rounding counts as one.
            least = max(least, -Int(start * Float(size) + 0.001))
            most = min(most, Int((1 - end) * Float(size) + 0.001))
        }
        return least + min(Int(draw * Double(most - least + 1)), most - least)
    }
}
