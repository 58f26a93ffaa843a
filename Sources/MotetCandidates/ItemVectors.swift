import MotetCore
import MotetData
public import MotetRetrieval

/// The vectors of a catalogue's items, and the search among them.
public struct ItemVectors: Sendable {
    /// How many numbers a vector has.
    public let dimension: Int
    /// How many of the file's vectors are of no item of the catalogue.
    public let strangers: Int
    private let method: SearchMethod
    private let index: VectorIndex
    /// The vectors one after the other, and the places of their items in the catalogue.
    private let vectors: [Float]
    private let places: [Int]
    /// For each item of the catalogue the number of its vector, or -1.
    private let rows: [Int]

    /// How many items of the catalogue have a vector.
    public var count: Int { places.count }

    /// Reads the file that `motet vectors` wrote: a column that names the item, then `vector_0`, `vector_1`, ...
    ///
    /// - Parameters:
    ///   - files: files, folders and patterns.
    ///   - catalogue: the items; vectors of others are left out.
    ///   - method: how vectors are searched.
    ///   - earlier: vectors that were read before: an index of the same ones, searched alike, is not made again.
    ///   - makeIndex: makes an index of vectors one after the other, of a dimension; an index of the same vectors and method.
    /// - Throws: `TableError` where a file cannot be read, ``CandidateError`` (`item_vectors`) where it has no
    ///   vectors or names an item twice, `RetrievalError` where a vector has no length.
    public init(
        _ files: [String],
        of catalogue: Catalogue,
        method: SearchMethod,
        earlier: ItemVectors? = nil,
        makeIndex: ([Float], _ dimension: Int, SearchMethod) throws -> VectorIndex = {
            try VectorIndex($0, dimension: $1, method: $2)
        }
    ) throws {
        let source = TableSource(files)
        let columns = try Self.columns(of: source, files)
        let reader = try source.reader(of: [columns.name] + columns.vector)
        let dimension = columns.vector.count
        var (vectors, places, strangers): ([Float], [Int], Int) = ([], [], 0)
        var rows = [Int](repeating: -1, count: catalogue.count)
        while let batch = try reader.next() {
            let names = batch.columns[0].rawValues() ?? []
            var numbers = [[Float]](
                repeating: [Float](repeating: 0, count: batch.rowCount),
                count: dimension
            )
            for (place, column) in batch.columns.dropFirst().enumerated() {
                numbers[place].withUnsafeMutableBufferPointer { column.copyFloats(into: $0) }
            }
            for (row, value) in names.enumerated() {
                guard let place = value.name.flatMap({ catalogue.place(of: $0) }) else {
                    strangers += 1
                    continue
                }
                guard rows[place] < 0 else {
                    throw CandidateError(
                        .itemVectors,
                        "\(reader.place(ofRow: row, in: batch)): the item \"\(catalogue.items[place])\" is there "
                            + "before; expected one vector for each item."
                    )
                }
                rows[place] = places.count
                places.append(place)
                for number in numbers { vectors.append(number[row]) }
            }
        }
        guard !places.isEmpty else {
            throw CandidateError(
                .itemVectors,
                "vectors \"\(files.joined(separator: ", "))\": none of its items is in the catalogue; expected "
                    + "the vectors of the catalogue's items. Write them by `motet vectors`."
            )
        }
        self.dimension = dimension
        self.strangers = strangers
        self.places = places
        self.rows = rows
        self.method = method
        if let earlier, earlier.method == method, earlier.vectors == vectors {
            self.vectors = earlier.vectors
            index = earlier.index
        } else {
            self.vectors = vectors
            index = try makeIndex(vectors, dimension, method)
        }
    }

    /// The items whose vectors have the greatest inner products with a user's, greatest first.
    ///
    /// - Parameters:
    ///   - vector: the user's, of `dimension` numbers.
    ///   - limit: how many are wanted; a graph may give fewer.
    /// - Returns: places in the catalogue and inner products.
    /// - Throws: `RetrievalError` where the vector has another size, or no length.
    public func nearest(
        to vector: [Float],
        limit: Int
    ) throws(RetrievalError) -> [(place: Int, product: Float)] {
        try index.nearest(to: vector, limit: limit).map { (places[$0.place], $0.product) }
    }

    /// The vectors of items one after the other; zeros, which are like nothing, for those without one.
    ///
    /// - Parameter items: places in the catalogue, nil for an item that is not there.
    /// - Returns: `dimension` numbers for each.
    public func vectors(of items: [Int?]) -> [Float] {
        var found = [Float](repeating: 0, count: items.count * dimension)
        for (position, item) in items.enumerated() {
            guard let item, rows[item] >= 0 else { continue }
            let start = rows[item] * dimension
            for number in 0..<dimension {
                found[position * dimension + number] = vectors[start + number]
            }
        }
        return found
    }

    /// The column of names, and those of the numbers in their order.
    private static func columns(
        of source: TableSource,
        _ files: [String]
    ) throws -> (name: String, vector: [String]) {
        let columns = try source.columns()
        let vector = (0..<columns.count).map { "vector_\($0)" }.prefix { name in
            columns.contains { $0.name == name && $0.type.isNumeric }
        }
        let others = columns.map(\.name).filter { !vector.contains($0) }
        guard !vector.isEmpty, others.count == 1, let name = others.first else {
            throw CandidateError(
                .itemVectors,
                "vectors \"\(files.joined(separator: ", "))\": not a file of vectors; expected a column that names the "
                    + "item, then vector_0, vector_1, ... and no other; received "
                    + "\(columns.prefix(8).map(\.name).joined(separator: ", ")). Write it by `motet vectors`."
            )
        }
        return (name, Array(vector))
    }
}
