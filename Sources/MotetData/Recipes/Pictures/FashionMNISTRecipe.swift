import MotetCore

/// Fashion-MNIST: photos of garments from a shop, grey, 28 x 28.
public struct FashionMNISTRecipe: PictureRecipe {
    /// Creates the recipe.
    public init() {}

    /// The classes, by number.
    public static let classes = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
    ]

    private static let names = [
        ("train-images", "train-images-idx3-ubyte"), ("train-labels", "train-labels-idx1-ubyte"),
        ("test-images", "t10k-images-idx3-ubyte"), ("test-labels", "t10k-labels-idx1-ubyte"),
    ]

    /// What the data set is.
    public var card: DatasetCard {
        DatasetCard(
            name: "fashion_mnist",
            title: "Fashion-MNIST",
            origin: .package(
                DatasetPackage(
                    registry: .debian,
                    name: "dataset-fashion-mnist",
                    version: "0.0~git20200523.55506a9-1",
                    archive: "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
                    checksum: .sha256(
                        "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0"
                    )
                )
            ),
            licence: DatasetLicence("MIT", .stated),
            size: "60,000 + 10,000 grey pictures of 28 x 28",
            tasks: ["class (10 kinds of garments)"],
            scenarios: "none",
            layouts: [
                ("usr/share/datasets/fashion-mnist/", ".gz"), ("", ".gz"), ("", ""),
            ].map { folder, ending in
                FashionMNISTRecipe.names.map { DatasetFile($0.0, path: folder + $0.1 + ending) }
            },
            page: "docs/data/fashion-mnist.md"
        )
    }

    /// Reads the pictures; the official test set stays the test set, and a tenth of the official training
    /// set, by the number of the picture, becomes the validation set.
    public func pictures(
        _ files: DatasetFiles,
        seed: UInt64,
        progress: (DatasetEvent) -> Void
    ) throws -> PictureCollection {
        let train = try read(files, "train", side: 28)
        let test = try read(files, "test", side: 28)
        let split = RowSplit(seed: seed, train: 0.9, validation: 0.1).parts(train.pictures.count)
        let keys =
            (0..<train.pictures.count).map { "train/\($0)" }
            + (0..<test.pictures.count).map { "test/\($0)" }
        return PictureCollection(
            pictures: try ImageStack(
                count: train.pictures.count + test.pictures.count,
                height: 28,
                width: 28,
                channels: 1,
                bytes: train.pictures.bytes + test.pictures.bytes,
                name: card.name
            ),
            keys: keys,
            groups: keys,
            // The official training set has no test part of its own.
            parts: split.map { $0 == .validation ? .validation : .train }
                + [RecipePart](repeating: .test, count: test.pictures.count),
            labels: [
                PictureLabel(
                    "class",
                    classes: FashionMNISTRecipe.classes,
                    numbers: train.labels + test.labels
                )
            ]
        )
    }

    private func read(
        _ files: DatasetFiles,
        _ part: String,
        side: Int
    ) throws -> (pictures: ImageStack, labels: [Int32]) {
        let path = try files.path("\(part)-images")
        let pictures = try IDXFile(path: path).pictures(name: path)
        guard pictures.channels == 1, pictures.height == side, pictures.width == side else {
            throw ImageError(
                .imageSize,
                "images \"\(path)\": the size is wrong; expected \(side) x \(side) x 1; received "
                    + "\(pictures.height) x \(pictures.width) x \(pictures.channels)."
            )
        }
        let place = try files.path("\(part)-labels")
        let labels = try IDXFile(path: place).numbers(count: pictures.count, name: place)
        if let row = labels.firstIndex(where: { $0 >= FashionMNISTRecipe.classes.count }) {
            throw DatasetError(
                .datasetContent,
                "\(place), picture \(row): the label is no class; expected 0 to 9; received "
                    + "\(labels[row])."
            )
        }
        return (pictures, labels.map(Int32.init))
    }
}
