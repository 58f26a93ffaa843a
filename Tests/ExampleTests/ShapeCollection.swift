import Foundation
import Motet

/// Made-up products: white bars, crosses and frames on black, 28 x 28, so that tests need no files.
enum ShapeCollection {
    static let side = 28

    /// Products of `classes` classes, in turn; of five of a class one is for validation, one for test.
    static func make(_ count: Int, classes: Int = 4, channels: Int = 1) throws -> PictureCollection
    {
        var numbers = RandomKey(seed: 12).generator()
        var images: [Image] = []
        for row in 0..<count {
            var image = Image(
                height: side,
                width: side,
                colour: [UInt8](repeating: 0, count: channels)
            )
            let bright = UInt8.random(in: 150...255, using: &numbers)
            let thick = Int.random(in: 4...7, using: &numbers)
            for y in 3..<25 {
                for x in 3..<25 where isInside(row % classes % 4, y - 3, x - 3, thick) {
                    for channel in 0..<channels { image[y, x, channel] = bright }
                }
            }
            images.append(image)
        }
        let parts = (0..<count).map { row -> RecipePart in
            row / classes % 5 == 4 ? .validation : row / classes % 5 == 3 ? .test : .train
        }
        let names = (0..<classes).map { "shape \($0)" }
        return PictureCollection(
            pictures: try ImageStack(images),
            keys: (0..<count).map(String.init),
            groups: (0..<count).map(String.init),
            parts: parts,
            labels: [
                PictureLabel(
                    "class",
                    classes: names,
                    numbers: (0..<count).map { Int32($0 % classes) }
                )
            ]
        )
    }

    private static func isInside(_ shape: Int, _ y: Int, _ x: Int, _ thick: Int) -> Bool {
        let middle = 11 - thick / 2..<11 - thick / 2 + thick
        return switch shape {
        case 0: middle.contains(y)
        case 1: middle.contains(x)
        case 2: middle.contains(x) || middle.contains(y)
        default: min(y, x, 21 - y, 21 - x) < thick - 2
        }
    }
}

/// The real pictures, where they are at hand.
enum RealPictures {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let sentence =
        "the pictures are not here: run the example once, which fetches them, or name their folder in "
        + "MOTET_SHARED_DATA"

    /// The files of a recipe: in `MOTET_SHARED_DATA`, in `shared/data` beside the package, in `data/`
    /// where the examples keep them, or installed by Debian.
    static func files(_ recipe: any PictureRecipe) -> DatasetFiles? {
        let name = recipe.card.name
        let kept = package.appendingPathComponent("data/\(name)/original/\(name)").path
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: kept)) ?? []
        let folders =
            [
                ProcessInfo.processInfo.environment["MOTET_SHARED_DATA"],
                package.deletingLastPathComponent().appendingPathComponent("shared/data").path,
                "/usr/share/datasets/fashion-mnist",
            ].compactMap { $0 } + versions.map { "\(kept)/\($0)" }
        return folders.lazy.compactMap { try? DatasetFiles.locate(recipe.card, in: $0) }.first
    }
}
