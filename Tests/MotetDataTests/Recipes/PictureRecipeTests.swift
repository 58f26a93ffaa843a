import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Picture recipes") struct PictureRecipeTests {
    private func photo(_ seed: UInt64) throws -> Image {
        try ImageTests.noise(6, 6, 3, seed: seed).resized(height: 48, width: 48)
    }

    /// A folder as `clothing` is prepared: an IDX file and a table; the last photo was sent twice.
    private func clothing(_ count: Int, in folder: TemporaryFolder) throws -> PictureCollection {
        var photos = try (0..<count).map { try photo(UInt64($0)) }
        photos[count - 1] = photos[0]
        let bytes = photos.flatMap(\.bytes)
        _ = try folder.write(
            "images_rgb48_idx4.gz",
            IDXFileTests.compressed(IDXFileTests.file([count, 48, 48, 3], bytes))
        )
        var table = "image,sender_id,label,kids\n"
        for row in 0..<count {
            let label = row % 7 == 6 ? "Not sure" : ["Pants", "Hat"][row % 2]
            table += "photo\(row),\(row / 3),\(label),\(row % 5 == 0 ? "True" : "False")\n"
        }
        _ = try folder.write("images48.csv", table)
        let files = try DatasetFiles.locate(ClothingRecipe().card, in: folder.path)
        return try ClothingRecipe().pictures(files)
    }

    @Test func photosOfOneSenderAndThePhotoSentTwiceStayTogether() throws {
        let folder = try TemporaryFolder()
        let collection = try clothing(120, in: folder)
        #expect(collection.pictures.count == 120)
        let parts = Dictionary(grouping: 0..<120) { collection.groups[$0] }
        for rows in parts.values { #expect(Set(rows.map { collection.parts[$0] }).count == 1) }
        // The senders of the first and the last photo sent the same one.
        #expect(collection.groups[0] == collection.groups[119])
        #expect(parts.count == 39)
        for part in RecipePart.allCases { #expect(collection.rows(of: part).count >= 18) }
        let label = try collection.label("class")
        #expect(label.classes == ["Hat", "Pants"])
        #expect(label.numbers.prefix(8) == [1, 0, 1, 0, 1, 0, -1, 0])
        #expect(try collection.label("kids").numbers.prefix(6) == [1, 0, 0, 0, 0, 1])
        #expect(throws: DatasetError.self) { try collection.label("clas") }
        let data = try collection.dataset(.test)
        #expect(data.columns.map(\.name) == ["image", "label/class", "label/kids"])
    }

    /// The repository's own layout: JPEGs of any size; one is missing, one is damaged.
    @Test func photosOfTheRepositoryAreResized() throws {
        let folder = try TemporaryFolder()
        var table = "image,sender_id,label,kids\n"
        for row in 0..<12 {
            table += "photo\(row),\(row),Hat,False\n"
            let image = try photo(UInt64(row)).resized(height: 40 + row, width: 60)
            let data = Data(try image.encoded(as: .jpeg))
            guard row != 5 else { continue }
            _ = try folder.write("images/photo\(row).jpg", row == 7 ? data.prefix(200) : data)
        }
        _ = try folder.write("images.csv", table)
        let files = try DatasetFiles.locate(ClothingRecipe().card, in: folder.path)
        var notes: [String] = []
        let collection = try ClothingRecipe().pictures(files, seed: 1) { event in
            if case .note(let note) = event { notes.append(note) }
        }
        #expect(collection.keys == [0, 1, 2, 3, 4, 6, 8, 9, 10, 11].map { "photo\($0)" })
        let sizes: [Int] = [collection.pictures.height, collection.pictures.channels]
        #expect(sizes == [48, 3])
        #expect(notes.count == 1 && notes[0].contains("2 photos are left out"))
    }

    @Test func preparationWritesPartsAPreviewAndClassNames() throws {
        let (folder, output) = (try TemporaryFolder(), try TemporaryFolder())
        _ = try clothing(60, in: folder)
        let report = try ClothingRecipe().prepare(from: folder.path, to: output.path)
        #expect(report["pictures"] == 60)
        #expect(report["pictures without class"] == 8)
        let train = try PreparedDataset(path: output.path + "/train")
        #expect(train.rowCount == report["pictures, train"])
        let classes = try String(contentsOfFile: output.path + "/class.txt", encoding: .utf8)
        #expect(classes == "Hat\nPants\n")
        let preview = try Image(path: output.path + "/preview.png")
        #expect(preview.width == 480)
    }

    @Test func tablesAndPicturesMustAgree() throws {
        let folder = try TemporaryFolder()
        _ = try clothing(30, in: folder)
        _ = try folder.write("images48.csv", "image,sender_id,label,kids\na,1,Hat,False\n")
        let files = try DatasetFiles.locate(ClothingRecipe().card, in: folder.path)
        let error = #expect(throws: ImageError.self) { try ClothingRecipe().pictures(files) }
        #expect(error?.description.contains("expected 1 x 48 x 48 x 3") == true)
    }

    @Test(arguments: [false, true])
    func groceryClassesHaveDescriptionsAndCoarseClasses(isRepository: Bool) throws {
        let folder = try TemporaryFolder()
        let keys = ["Fruit/Kiwi/Kiwi_1", "Fruit/Apple/Pink_1", "Packages/Milk/Milk_1"]
        if isRepository {
            _ = try folder.write(
                "dataset/classes.csv",
                "Class Name (str),Class ID (int),Coarse Class Name (str),Coarse Class ID (int),"
                    + "Iconic Image Path (str),Product Description Path (str)\n"
                    + "Kiwi,0,Kiwi,0,/x.jpg,/texts/Kiwi.txt\nPink,1,Apple,1,/x.jpg,/texts/Pink\n"
                    + "Milk,2,Milk,2,/x.jpg,/texts/Milk.txt\n"
            )
            for name in ["Kiwi", "Pink", "Milk"] {
                _ = try folder.write("dataset/texts/\(name).txt", "About \(name).\n")
            }
        } else {
            _ = try folder.write(
                "classes_with_text.csv",
                "class_id,class_name,coarse_id,coarse_name,description\n0,Kiwi,0,Kiwi,About Kiwi.\n"
                    + "1,Pink,1,Apple,About Pink.\n2,Milk,2,Milk,About Milk.\n"
            )
        }
        for (index, part) in ["train", "val", "test"].enumerated() {
            let photos = try keys.indices.map { try photo(UInt64(10 * index + $0)) }
            if isRepository {
                var lines = ""
                for (row, key) in keys.enumerated() {
                    lines += "\(part)/\(key).jpg, \(row), \(row)\n"
                    let data = Data(try photos[row].encoded(as: .jpeg))
                    _ = try folder.write("dataset/\(part)/\(key).jpg", data)
                }
                _ = try folder.write("dataset/\(part).txt", lines)
            } else {
                var table = "path,class_id,coarse_id\n"
                for (row, key) in keys.enumerated() {
                    table += "\(part)/\(key).jpg,\(row),\(row)\n"
                }
                _ = try folder.write("\(part).csv", table)
                let bytes = photos.flatMap(\.bytes)
                _ = try folder.write(
                    "\(part)_rgb48_idx4.gz",
                    IDXFileTests.compressed(IDXFileTests.file([3, 48, 48, 3], bytes))
                )
            }
        }
        let files = try DatasetFiles.locate(GroceryRecipe().card, in: folder.path)
        let collection = try GroceryRecipe().pictures(files)
        #expect(collection.pictures.count == 9)
        #expect(collection.rows(of: .validation) == [3, 4, 5])
        let label = try collection.label("class")
        #expect(label.classes == ["Kiwi", "Pink", "Milk"])
        #expect(label.descriptions == ["About Kiwi.", "About Pink.", "About Milk."])
        #expect(try collection.label("coarse_class").classes == ["Kiwi", "Apple", "Milk"])
        #expect(try collection.label("family").classes == ["Fruit", "Packages"])
        #expect(try collection.label("family").numbers.suffix(3) == [0, 0, 1])
    }

    @Test func fashionMNISTIsReadFromItsFourFiles() throws {
        let folder = try TemporaryFolder()
        for (name, count) in [("train", 40), ("t10k", 10)] {
            let pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: $0 / 784) }
            _ = try folder.write(
                "\(name)-images-idx3-ubyte",
                IDXFileTests.file([count, 28, 28], pixels)
            )
            let labels = (0..<count).map { UInt8($0 % 10) }
            _ = try folder.write("\(name)-labels-idx1-ubyte", IDXFileTests.file([count], labels))
        }
        let recipe = FashionMNISTRecipe()
        let files = try DatasetFiles.locate(recipe.card, in: folder.path)
        let collection = try recipe.pictures(files)
        #expect(collection.pictures.count == 50)
        #expect(collection.rows(of: .test) == Array(40..<50))
        #expect(collection.pictures[12][27, 27, 0] == 12)
        let label = try collection.label("class")
        #expect(label.numbers[13] == 3 && label.classes[3] == "Dress")
        _ = try folder.write("t10k-labels-idx1-ubyte", IDXFileTests.file([9], [UInt8](0..<9)))
        #expect(throws: ImageError.self) { try recipe.pictures(files) }
        _ = try folder.write("t10k-labels-idx1-ubyte", IDXFileTests.file([10], [UInt8](1..<11)))
        let error = #expect(throws: DatasetError.self) { try recipe.pictures(files) }
        #expect(error?.description.contains("picture 9: the label is no class") == true)
    }

    @Test(.enabled(if: SharedData.has("clothing"), "\(SharedData.sentence)"))
    func realClothing() throws {
        let recipe = ClothingRecipe()
        let files = try DatasetFiles.locate(recipe.card, in: SharedData.folder)
        let collection = try recipe.pictures(files)
        #expect(collection.pictures.count == 5_398)
        // Counted with Python's `csv` and `collections`.
        let label = try collection.label("class")
        #expect(label.classes.count == 17)
        #expect(label.numbers.count { $0 < 0 } == 228 + 67 + 7)
        #expect(label.numbers.count { label.classes[Int(max($0, 0))] == "Pants" } == 692)
        #expect(try collection.label("kids").numbers.count { $0 == 1 } == 476)
        // Two senders sent the same photo.
        #expect(Set(collection.groups).count == 347)
        for part in RecipePart.allCases {
            let rows = collection.rows(of: part)
            #expect(rows.count > 800, "\(part): \(rows.count)")
            #expect(Set(label.floats(rows).filter { !$0.isNaN }).count >= 15)
        }
        let pairs = NearDuplicates(collection.pictures).pairs(within: 8)
        #expect(pairs.allSatisfy { collection.parts[$0.first] == collection.parts[$0.second] })
    }

    @Test(.enabled(if: SharedData.has("grocery"), "\(SharedData.sentence)"))
    func realGrocery() throws {
        let recipe = GroceryRecipe()
        let files = try DatasetFiles.locate(recipe.card, in: SharedData.folder)
        let collection = try recipe.pictures(files)
        let counts = RecipePart.allCases.map { collection.rows(of: $0).count }
        #expect(counts == [2_640, 296, 2_485])
        let label = try collection.label("class")
        #expect(label.classes.count == 81 && Set(label.descriptions).count == 81)
        #expect(try collection.label("coarse_class").classes.count == 43)
        #expect(try collection.label("family").classes == ["Fruit", "Packages", "Vegetables"])
        let pairs = NearDuplicates(collection.pictures).pairs(within: 8)
        #expect(pairs.allSatisfy { collection.parts[$0.first] == collection.parts[$0.second] })
    }
}
