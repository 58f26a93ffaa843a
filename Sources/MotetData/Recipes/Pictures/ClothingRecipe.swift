import MotetCore

/// Photos of clothes, each taken by one of a few hundred people.
public struct ClothingRecipe: PictureRecipe {
    /// Creates the recipe.
    public init() {}

    /// The rows and columns of the prepared pictures.
    public static let side = 48
    /// Labels that name no class.
    static let unclear: Set<String> = ["Not sure", "Other", "Skip"]

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "clothing",
            title: "Clothing dataset",
            origin: .archive(
                DatasetArchive(
                    address: "https://github.com/alexeygrigorev/clothing-dataset/archive/refs/"
                        + "heads/master.zip",
                    folder: "clothing-dataset-master"
                ),
                homepage: "https://github.com/alexeygrigorev/clothing-dataset"
            ),
            licence: DatasetLicence("CC0", .stated),
            size: "5,398 photos of clothes, prepared as 48 x 48 in colour",
            tasks: ["class (17 kinds of clothes)", "kids (clothes for children)"],
            scenarios: "348 senders",
            layouts: [
                [
                    DatasetFile("labels", path: "images.csv"),
                    DatasetFile("folder", path: "images"),
                ],
                [
                    DatasetFile("labels", path: "images48.csv"),
                    DatasetFile("pictures", path: "images_rgb48_idx4.gz"),
                ],
            ],
            page: "docs/data/clothing.md"
        )
    }

    /// Reads the pictures, from an IDX file in the order of the table or from a folder of JPEGs; photos
    /// of one sender, and of senders who sent the same photo, stay in one part.
    public func pictures(
        _ files: DatasetFiles,
        seed: UInt64,
        progress: (DatasetEvent) -> Void
    ) throws -> PictureCollection {
        let path = try files.path("labels")
        let table = try OriginalTable(
            TableSource(path, format: .csv),
            texts: ["image", "sender_id", "label", "kids"]
        )
        func texts(_ name: String, _ rows: [Int]) -> [String] {
            let column = table.texts(name)
            return rows.map { column.text($0) ?? "" }
        }
        var rows = Array(0..<table.rowCount)
        let pictures: ImageStack
        if files.paths["pictures"] != nil {
            let place = try files.path("pictures")
            pictures = try IDXFile(path: place).pictures(name: place)
            try pictures.require(table.rowCount, side: ClothingRecipe.side, name: place)
        } else {
            let folder = try files.path("folder")
            let paths = texts("image", rows).map { "\(folder)/\($0).jpg" }
            (pictures, rows) = try ImageStack.photos(
                paths,
                side: ClothingRecipe.side,
                name: card.name,
                progress: progress
            )
        }
        let groups = PictureGroups.joined(texts("sender_id", rows), pictures, within: 8)
        let classes = texts("label", rows).map { ClothingRecipe.unclear.contains($0) ? nil : $0 }
        return PictureCollection(
            pictures: pictures,
            keys: texts("image", rows),
            groups: groups,
            parts: PictureGroups.parts(groups, seed: seed, validation: 0.15, test: 0.15),
            labels: [
                PictureLabel("class", texts: classes),
                PictureLabel(
                    "kids",
                    classes: ["adults", "kids"],
                    numbers: texts("kids", rows).map { $0.lowercased() == "true" ? 1 : 0 }
                ),
            ]
        )
    }
}
