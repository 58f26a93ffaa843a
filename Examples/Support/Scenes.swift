public import Motet

/// Pictures of 64 x 64 in which one product stands somewhere among clutter, or nothing but clutter.
///
/// They are composed of the pictures of one part of a collection, drawn by a seed: a picture depends on
/// the seed, the part and its number, so more of them leave the first ones as they are. The clutter is
/// small pieces of other products of the same part, so that a piece of texture alone tells nothing.
public struct Scenes: Sendable {
    /// The rows and columns of a picture.
    public static let side = 64
    /// The columns `image`, `label/class`, `label/object` (1 or 0) and `label/box` (shares of the
    /// picture); class and box are NaN where there is no product.
    public let data: PreparedDataset
    /// What the pictures show.
    public let objects: [LabelledObject]
    /// The pictures as they are, to look at.
    public let pictures: ImageStack

    /// Composes pictures.
    ///
    /// - Parameters:
    ///   - collection: the products, of fewer than 64 rows and columns.
    ///   - part: the part whose products are used.
    ///   - count: how many pictures are made.
    ///   - label: the label that names the class; products without one are not shown.
    ///   - isCutOut: whether products stand before black, which is left out; else they are shown with
    ///     their background, as a photo lying there.
    ///   - emptyShare: how many pictures show no product.
    ///   - seed: the seed.
    /// - Throws: when the collection has no products in the part, or none of the label.
    public init(
        _ collection: PictureCollection,
        part: RecipePart,
        count: Int,
        label: String = "class",
        isCutOut: Bool,
        emptyShare: Double = 0.25,
        seed: UInt64
    ) throws {
        let classes = try collection.label(label).numbers
        let rows = collection.rows(of: part).filter { classes[$0] >= 0 }
        guard !rows.isEmpty else {
            throw ExampleError("scenes: no product has a \(label) in the part \(part.rawValue).")
        }
        let key = RandomKey(seed: seed).split("scenes").split(part.rawValue)
        var (images, objects) = ([Image](), [LabelledObject]())
        var (labels, borders) = ([Float](), [Float]())
        for number in 0..<count {
            var painter = ScenePainter(collection.pictures, rows, isCutOut, key.split(number))
            guard painter.chance() >= emptyShare, let (row, box) = try painter.placeProduct()
            else {
                labels.append(.nan)
                borders += [.nan, .nan, .nan, .nan]
                images.append(painter.canvas)
                continue
            }
            let share = 1 / Float(Scenes.side)
            let object = LabelledObject(
                picture: number,
                label: Int(classes[row]),
                box: box.scaled(x: share, y: share)
            )
            objects.append(object)
            labels.append(Float(object.label))
            borders += object.box.borders
            images.append(painter.canvas)
        }
        pictures = try ImageStack(images)
        self.objects = objects
        data = try PreparedDataset(inMemory: [
            "image": pictures.column(),
            "label/class": .floats(labels),
            "label/object": .floats(labels.map { $0.isNaN ? 0 : 1 }),
            "label/box": .floats(borders, width: 4),
        ])
    }
}

extension Scenes {
    /// The pictures for training: mirrored, moved by up to 8 pixels and brightened anew in each epoch.
    public func augmented(seed: UInt64) throws -> PreparedDataset {
        try data.augmented(
            ImageAugmentation(
                "image",
                height: Scenes.side,
                width: Scenes.side,
                channels: pictures.channels,
                boxes: "label/box",
                flipProbability: 0.5,
                maximumShift: 8,
                brightness: 0.1,
                seed: seed
            )
        )
    }
}

/// Paints one scene.
private struct ScenePainter {
    private(set) var canvas: Image
    private let products: ImageStack
    private let rows: [Int]
    private let isCutOut: Bool
    private var numbers: RandomKeyGenerator
    /// What is darker stands for the black background of a product that is cut out.
    private static let dark: UInt8 = 24

    /// Paints a background with noise and three to six pieces of other products.
    init(_ products: ImageStack, _ rows: [Int], _ isCutOut: Bool, _ key: RandomKey) {
        (self.products, self.rows, self.isCutOut) = (products, rows, isCutOut)
        var numbers = key.generator()
        let base = (0..<products.channels).map { _ in UInt8.random(in: 16...96, using: &numbers) }
        canvas = Image(height: Scenes.side, width: Scenes.side, colour: base)
        for row in 0..<Scenes.side {
            for column in 0..<Scenes.side {
                let noise = UInt8.random(in: 0...24, using: &numbers)
                for channel in base.indices { canvas[row, column, channel] += noise }
            }
        }
        self.numbers = numbers
        for _ in 0..<Int.random(in: 3...6, using: &self.numbers) {
            let (height, width) = (whole(6...14), whole(6...14))
            let product = products[self.rows[whole(0...rows.count - 1)]]
            let top = whole(0...product.height - height)
            let left = whole(0...product.width - width)
            guard
                let piece = try? product.cropped(
                    rows: top..<top + height,
                    columns: left..<left + width
                )
            else { continue }
            lay(piece, whole(-4...Scenes.side - 4), whole(-4...Scenes.side - 4))
        }
    }

    private mutating func whole(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &numbers)
    }

    mutating func chance() -> Double { numbers.nextUniform() }

    private mutating func lay(_ image: Image, _ top: Int, _ left: Int) {
        let dark = isCutOut ? ScenePainter.dark : 0
        // Both have the channels of the collection, so nothing is refused.
        try? canvas.paste(image, top: top, left: left) { $1 >= dark ? $1 : $0 }
    }

    /// Puts a product of random size, mirrored or not, somewhere inside the picture.
    ///
    /// - Returns: which one, and the box around what is seen of it; nil when it is all dark.
    mutating func placeProduct() throws -> (row: Int, box: Box)? {
        let row = rows[whole(0...rows.count - 1)]
        let size = whole(26...46)
        var product = products[row].resized(height: size, width: size)
        if whole(0...1) == 1 { product = product.flippedHorizontally }
        let (top, left) = (whole(0...Scenes.side - size), whole(0...Scenes.side - size))
        lay(product, top, left)
        var box = Box(left: .infinity, top: .infinity, right: 0, bottom: 0)
        for y in 0..<size {
            for x in 0..<size
            where !isCutOut
                || (0..<product.channels).contains(where: {
                    product[y, x, $0] >= ScenePainter.dark
                })
            {
                box.left = min(box.left, Float(x))
                box.top = min(box.top, Float(y))
                box.right = max(box.right, Float(x + 1))
                box.bottom = max(box.bottom, Float(y + 1))
            }
        }
        return box.isEmpty ? nil : (row, box.moved(x: Float(left), y: Float(top)))
    }
}
