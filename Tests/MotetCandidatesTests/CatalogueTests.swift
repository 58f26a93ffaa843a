import MotetCandidates
import MotetData
import Testing

@Suite("Catalogue") struct CatalogueTests {
    private let files: TemporaryFiles

    init() throws { files = try TemporaryFiles() }

    private static let rows = """
        product,department,left,price,brand,organic,tags
        17,wine,3,9.5,Acme,true,a|b
        18,,0,,bolt,false,
        x y,tea,,2,,true,c

        """

    @Test func itKeepsNamesCategoriesStockNumbersAndEveryColumn() throws {
        let path = try files.write("items.csv", Self.rows)
        let catalogue = try Catalogue(
            CatalogueFiles(
                files: [path],
                item: "product",
                category: "department",
                stock: "left",
                numbers: ["price"]
            )
        )
        #expect(catalogue.items == ["17", "18", "x y"])
        #expect(catalogue.categories == ["wine", nil, "tea"])
        #expect(catalogue.stock == [3, 0, nil])
        #expect(catalogue.numbers["price"]?.map { $0.isNaN ? -1 : $0 } == [9.5, -1, 2])
        #expect(catalogue.place(of: "18") == 1)
        #expect(catalogue.place(of: "19") == nil)
        #expect(
            catalogue.columns["organic"] == [.boolean(true), .boolean(false), .boolean(true)]
        )
        #expect(catalogue.columns["tags"] == [.text("a|b"), .missing, .text("c")])
        #expect(
            Set(catalogue.columns.keys) == [
                "product", "department", "left", "price", "brand", "organic", "tags",
            ]
        )
    }

    @Test func wholeNumbersOfAFileAreTheNamesThatTextsSpell() throws {
        let numbers = try files.write("numbers.csv", "id,v\n1,2\n2,3\n")
        let path = files.path("numbers.parquet")
        let writer = try TableWriter(
            path: path,
            columns: [
                ColumnDescription(name: "id", type: .float64),
                ColumnDescription(name: "v", type: .int64),
            ]
        )
        try writer.append([.float64([1, 2]), .int64([2, 3])])
        try writer.finish()
        for file in [numbers, path] {
            let catalogue = try Catalogue(CatalogueFiles(files: [file], item: "id"))
            #expect(catalogue.items == ["1", "2"])
            #expect(catalogue.columns["v"] == [.integer(2), .integer(3)])
            #expect(catalogue.categories == [nil, nil])
            #expect(catalogue.stock == [nil, nil])
        }
    }

    @Test func listsAreListsAndNamedColumnsAloneAreRead() throws {
        let path = files.path("lists.parquet")
        let writer = try TableWriter(
            path: path,
            columns: [
                ColumnDescription(name: "id", type: .string),
                ColumnDescription(name: "tags", type: .list(.int32)),
                ColumnDescription(name: "other", type: .int32),
            ]
        )
        try writer.append([.string(["a", "b"]), .list([[1, 2], []]), .int32([1, 2])])
        try writer.finish()
        let catalogue = try Catalogue(
            CatalogueFiles(files: [path], item: "id", columns: ["tags"])
        )
        #expect(catalogue.columns["tags"] == [.list([.integer(1), .integer(2)]), .list([])])
        #expect(Set(catalogue.columns.keys) == ["id", "tags"])
    }

    @Test func severalFilesAreOneCatalogue() throws {
        _ = try files.write("part-1.csv", "id,n\na,1\nb,2\n")
        _ = try files.write("part-2.csv", "id,n\nc,3\n")
        let catalogue = try Catalogue(
            CatalogueFiles(files: [files.path("part-*.csv")], item: "id", numbers: ["n"])
        )
        #expect(catalogue.items == ["a", "b", "c"])
        #expect(catalogue.numbers["n"] == [1, 2, 3])
    }

    @Test(
        arguments: [
            ("id,n\na,1\na,2\n", "items.csv:3: the item \"a\" is there before"),
            ("id,n\na,1\n,2\n", "items.csv:3: the item has no name"),
            ("id,n\na,much\n", "column \"n\": no numbers"),
            ("name,n\na,1\n", "there is no column \"id\""),
        ]
    )
    func whatCannotBeACatalogueIsToldWithItsPlace(text: String, sentence: String) throws {
        let path = try files.write("items.csv", text)
        let error = #expect(throws: CandidateError.self) {
            try Catalogue(CatalogueFiles(files: [path], item: "id", numbers: ["n"]))
        }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("expected") == true)
    }

    @Test func aCatalogueOfNothingIsRefused() throws {
        let path = try files.write("items.csv", "id,n\n")
        let error = #expect(throws: CandidateError.self) {
            try Catalogue(CatalogueFiles(files: [path], item: "id"))
        }
        #expect(error?.description.contains("there is no item; expected") == true)
    }

    @Test func halfAPieceCannotBeSold() {
        #expect(Catalogue.pieces(0.5) == 0)
        #expect(Catalogue.pieces(-0.5) == -1)
        #expect(Catalogue.pieces(.infinity) == 1_000_000_000_000_000)
    }
}
