import Foundation
import MotetCore

/// Photos from grocery stores with a hierarchy of classes and a description of each.
public struct GroceryRecipe: PictureRecipe {
    /// Creates the recipe.
    public init() {}

    /// The rows and columns of the prepared pictures.
    public static let side = 48
    static let parts: [(name: String, part: RecipePart)] = [
        ("train", .train), ("val", .validation), ("test", .test),
    ]

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "grocery",
            title: "Grocery Store Dataset",
            origin: .archive(
                DatasetArchive(
                    address: "https://github.com/marcusklasson/GroceryStoreDataset/archive/refs/"
                        + "heads/master.zip",
                    folder: "GroceryStoreDataset-master"
                ),
                homepage: "https://github.com/marcusklasson/GroceryStoreDataset"
            ),
            licence: DatasetLicence("MIT", .stated),
            size: "2,640 + 296 + 2,485 photos, prepared as 48 x 48 in colour; 81 descriptions",
            tasks: ["class (81 products)", "coarse_class (43)", "family (3)"],
            scenarios: "none",
            layouts: [
                [DatasetFile("classes", path: "dataset/classes.csv")]
                    + GroceryRecipe.parts.map {
                        DatasetFile("\($0.name)-list", path: "dataset/\($0.name).txt")
                    },
                [DatasetFile("classes", path: "classes_with_text.csv")]
                    + GroceryRecipe.parts.flatMap {
                        [
                            DatasetFile("\($0.name)-labels", path: "\($0.name).csv"),
                            DatasetFile("\($0.name)-pictures", path: "\($0.name)_rgb48_idx4.gz"),
                        ]
                    },
            ],
            page: "docs/data/grocery.md"
        )
    }

    /// Reads the pictures, from IDX files in the order of the tables or from the repository's folders of
    /// JPEGs; the official parts stay as they are.
    public func pictures(
        _ files: DatasetFiles,
        seed: UInt64,
        progress: (DatasetEvent) -> Void
    ) throws -> PictureCollection {
        let classes = try GroceryClasses(files)
        var (bytes, keys, parts, fine) = ([UInt8](), [String](), [RecipePart](), [Int32]())
        for (name, part) in GroceryRecipe.parts {
            let read = try read(files, name, progress)
            bytes += read.pictures.bytes
            keys += read.keys
            fine += try classes.checked(read.classes, name)
            parts += [RecipePart](repeating: part, count: read.keys.count)
        }
        let side = GroceryRecipe.side
        let families = Set(keys.map(GroceryRecipe.family)).sorted()
        return PictureCollection(
            pictures: try ImageStack(
                count: keys.count,
                height: side,
                width: side,
                channels: 3,
                bytes: bytes,
                name: card.name
            ),
            keys: keys,
            groups: keys,
            parts: parts,
            labels: [
                PictureLabel(
                    "class",
                    classes: classes.names,
                    descriptions: classes.descriptions,
                    numbers: fine
                ),
                PictureLabel(
                    "coarse_class",
                    classes: classes.coarseNames,
                    numbers: fine.map { classes.coarse[Int($0)] }
                ),
                PictureLabel(
                    "family",
                    classes: families,
                    numbers: keys.map { key in
                        Int32(families.firstIndex(of: GroceryRecipe.family(key)) ?? -1)
                    }
                ),
            ]
        )
    }

    /// `Fruit` of `train/Fruit/Apple/Golden-Delicious/Golden-Delicious_001.jpg`.
    private static func family(_ key: String) -> String {
        let folders = key.split(separator: "/")
        return folders.count > 1 ? String(folders[1]) : ""
    }

    private struct Part {
        var pictures: ImageStack
        var keys: [String]
        var classes: [String]
    }

    private func read(
        _ files: DatasetFiles,
        _ name: String,
        _ progress: (DatasetEvent) -> Void
    ) throws -> Part {
        guard files.paths["\(name)-pictures"] != nil else {
            let list = try files.path("\(name)-list")
            let lines = try String(contentsOfFile: list, encoding: .utf8)
                .split(whereSeparator: \.isNewline)
                .map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
            let folder = (list as NSString).deletingLastPathComponent
            let (pictures, rows) = try ImageStack.photos(
                lines.map { "\(folder)/\($0[0])" },
                side: GroceryRecipe.side,
                name: "\(card.name), \(name)",
                progress: progress
            )
            return Part(
                pictures: pictures,
                keys: rows.map { lines[$0][0] },
                classes: rows.map { lines[$0].count > 1 ? lines[$0][1] : "" }
            )
        }
        let place = try files.path("\(name)-pictures")
        let table = try OriginalTable(
            TableSource(try files.path("\(name)-labels"), format: .csv),
            texts: ["path", "class_id"]
        )
        let pictures = try IDXFile(path: place).pictures(name: place)
        try pictures.require(table.rowCount, side: GroceryRecipe.side, name: place)
        func texts(_ column: String) -> [String] {
            (0..<table.rowCount).map { table.texts(column).text($0) ?? "" }
        }
        return Part(pictures: pictures, keys: texts("path"), classes: texts("class_id"))
    }
}
