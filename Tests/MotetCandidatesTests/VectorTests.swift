import MotetCore
import MotetData
import MotetRetrieval
import Testing

@testable import MotetCandidates

@Suite("Vectors of a catalogue's items") struct ItemVectorTests {
    private let files: TemporaryFiles

    init() throws { files = try TemporaryFiles() }

    private func catalogue(_ names: [String]) throws -> Catalogue {
        let text = "id\n" + names.joined(separator: "\n") + "\n"
        return try Catalogue(
            CatalogueFiles(files: [try files.write("items.csv", text)], item: "id")
        )
    }

    /// A file as `motet vectors` writes it.
    private func write(_ names: [String], _ vectors: [[Float]]) throws -> String {
        let path = files.path("vectors.parquet")
        let width = vectors[0].count
        let writer = try TableWriter(
            path: path,
            columns: [ColumnDescription(name: "id", type: .string)]
                + (0..<width).map { ColumnDescription(name: "vector_\($0)", type: .float32) }
        )
        try writer.append(
            [.string(names)] + (0..<width).map { place in .float32(vectors.map { $0[place] }) }
        )
        try writer.finish()
        return path
    }

    @Test(arguments: [false, true])
    func theNearestAreThoseOfComparingAll(usesGraph: Bool) throws {
        var random = RandomKey(seed: 3).generator()
        let names = (0..<300).map { "i\($0)" }
        let vectors = names.map { _ in
            (0..<12).map { _ in Float(random.nextUniform() * 2 - 1) }
        }
        // The file stands in another order than the catalogue, with items nobody knows among them.
        let order = names.indices.sorted { ($0 * 7919) % 300 < ($1 * 7919) % 300 }
        let path = try write(order.map { names[$0] }, order.map { vectors[$0] })
        let known = names.filter { $0.hasSuffix("3") == false }
        let catalogue = try catalogue(known + ["without"])
        let found = try ItemVectors(
            [path],
            of: catalogue,
            method: usesGraph ? .graph(search: 400, seed: 1) : .exact
        )
        #expect(found.count == 270)
        #expect(found.strangers == 30)
        #expect(found.dimension == 12)
        for query in 0..<20 {
            let user = (0..<12).map { _ in Float(random.nextUniform() * 2 - 1) }
            let nearest = try found.nearest(to: user, limit: 15)
            let products = known.map { name -> Float in
                let vector = vectors[names.firstIndex(of: name) ?? 0]
                return zip(vector, user).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let naive = known.indices.sorted { products[$0] > products[$1] }.prefix(15)
            #expect(nearest.map(\.place) == Array(naive), "query \(query)")
            for match in nearest {
                // Sums of twelve products in another order.
                #expect(abs(match.product - products[match.place]) < 1e-5)
            }
        }
    }

    @Test func anIndexOfTheSameVectorsIsNotMadeAgain() throws {
        let names = (0..<40).map { "i\($0)" }
        let vectors = names.indices.map { [Float($0 % 7) - 3, Float($0 % 5), Float($0)] }
        let path = try write(names, vectors)
        let method = try SearchMethod.graph(seed: 1)
        var made = 0
        func read(
            _ path: String,
            _ catalogue: Catalogue,
            _ method: SearchMethod,
            _ earlier: ItemVectors?
        ) throws -> ItemVectors {
            try ItemVectors([path], of: catalogue, method: method, earlier: earlier) {
                made += 1
                return try VectorIndex($0, dimension: $1, method: $2)
            }
        }
        let first = try read(path, catalogue(names), method, nil)
        #expect(made == 1)
        // The catalogue stands in another order: the same vectors, the items in other places.
        let turned = try read(path, catalogue(names.reversed()), method, first)
        #expect(made == 1)
        let places = try first.nearest(to: [1, 2, 3], limit: 5).map(\.place)
        #expect(try turned.nearest(to: [1, 2, 3], limit: 5).map { 39 - $0.place } == places)
        _ = try read(path, catalogue(names), .exact, first)
        #expect(made == 2)
        _ = try read(path, catalogue(Array(names.dropLast())), method, first)
        #expect(made == 3)
        var others = vectors
        others[17][1] += 1
        _ = try read(write(names, others), catalogue(names), method, first)
        #expect(made == 4)
    }

    @Test func itemsWithoutAVectorAreLikeNothing() throws {
        let path = try write(["a", "b"], [[1, 2], [3, 4]])
        let found = try ItemVectors([path], of: catalogue(["x", "b", "a"]), method: .exact)
        #expect(found.vectors(of: [2, nil, 1, 0]) == [1, 2, 0, 0, 3, 4, 0, 0])
    }

    @Test func aFileThatIsNotOfTheCatalogueIsRefused() throws {
        let path = try write(["a", "a"], [[1, 2], [3, 4]])
        let doubled = #expect(throws: CandidateError.self) {
            try ItemVectors([path], of: catalogue(["a"]), method: .exact)
        }
        #expect(doubled?.description.contains("row 2: the item \"a\" is there before") == true)
        let foreign = #expect(throws: CandidateError.self) {
            try ItemVectors([path], of: catalogue(["b"]), method: .exact)
        }
        #expect(foreign?.description.contains("none of its items is in the catalogue") == true)
        let text = try files.write("other.csv", "id,price\na,2\n")
        let other = #expect(throws: CandidateError.self) {
            try ItemVectors([text], of: catalogue(["a"]), method: .exact)
        }
        #expect(other?.description.contains("not a file of vectors") == true)
        let infinite = try write(["a"], [[.infinity, 1]])
        #expect(throws: RetrievalError.self) {
            try ItemVectors([infinite], of: catalogue(["a"]), method: .exact)
        }
    }
}
