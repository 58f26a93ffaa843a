import CHNSW

/// Vectors of items, and the search for those with the greatest inner product with a user's.
///
/// Vectors of length 1 make it a search by cosine. An index does not change: a new catalogue is a new index.
public final class VectorIndex: Sendable {
    /// A vector found.
    public struct Match: Hashable, Sendable {
        /// Its place among the index's vectors.
        public let place: Int
        /// Its inner product with the query.
        public let product: Float
    }

    /// The number of vectors.
    public let count: Int
    /// How many numbers a vector has.
    public let dimension: Int
    private let handle: Handle

    /// Copies vectors and makes them ready to search.
    ///
    /// - Parameters:
    ///   - vectors: one after the other, `dimension` numbers each.
    ///   - dimension: at least 1.
    ///   - method: how they are searched.
    ///   - links: what ``links`` of an index of the same vectors and method told, which saves the making of its graph; nil
    ///     makes it.
    /// - Throws: ``RetrievalError`` (`retrieval_index`) if the numbers are not a multiple of the dimension, a vector has no
    ///   finite sum of squares, links are not those of so many vectors, or there is no memory.
    public init(
        _ vectors: [Float],
        dimension: Int,
        method: SearchMethod = .exact,
        links: [UInt32]? = nil
    ) throws(RetrievalError) {
        guard dimension > 0, vectors.count.isMultiple(of: dimension) else {
            throw RetrievalError(
                .retrievalIndex,
                "index: expected vectors of \(dimension) numbers; received \(vectors.count) numbers."
            )
        }
        for start in stride(from: 0, to: vectors.count, by: dimension) {
            let vector = vectors[start..<(start + dimension)]
            guard Self.hasLength(vector) else {
                throw RetrievalError(
                    .retrievalIndex,
                    "index, vector \(start / dimension): has no length; expected finite numbers whose squares have a finite sum; "
                        + "received \(vector.first { !$0.isFinite } ?? vector.map(abs).max() ?? 0) among them."
                )
            }
        }
        count = vectors.count / dimension
        self.dimension = dimension
        handle = try Handle(vectors, count, dimension, method, links)
    }

    /// The links of its graph; empty of an exact search, and without vectors.
    ///
    /// The vector a search begins at and its layer; then of each vector its highest layer, and for each layer up to it the
    /// number of links and the places they lead to. Another machine reads them as well.
    public var links: [UInt32] { handle.links }

    /// The vectors with the greatest inner products, greatest first; equal ones by their places.
    ///
    /// - Parameters:
    ///   - query: `dimension` numbers with a finite sum of squares.
    ///   - limit: how many are wanted. A graph may give fewer.
    /// - Returns: at most `limit` matches.
    /// - Throws: ``RetrievalError`` (`retrieval_index`) if the query is something else.
    public func nearest(to query: [Float], limit: Int) throws(RetrievalError) -> [Match] {
        guard query.count == dimension, Self.hasLength(query[...]) else {
            throw RetrievalError(
                .retrievalIndex,
                "search: expected a vector of \(dimension) finite numbers whose squares have a finite sum; received "
                    + "\(query.count) numbers\(Self.hasLength(query[...]) ? "" : " without a finite sum of squares")."
            )
        }
        guard limit > 0, count > 0 else { return [] }
        return try handle.search(query, limit: min(limit, count))
    }

    /// Whether the sum of squares is finite: then the inner product of two such vectors is a number too, of which
    /// neither sorting nor the graph could make anything otherwise.
    private static func hasLength(_ vector: ArraySlice<Float>) -> Bool {
        vector.reduce(0) { $0 + $1 * $1 }.isFinite
    }
}

/// Owns hnswlib's index.
///
/// It is Sendable: nothing writes to the index after `init`, and hnswlib's search takes a list of visited vectors of its
/// own for each call from a pool behind a lock; its counters are atomic.
private final class Handle: @unchecked Sendable {
    private let index: OpaquePointer

    init(
        _ vectors: [Float],
        _ count: Int,
        _ dimension: Int,
        _ method: SearchMethod,
        _ links: [UInt32]?
    ) throws(RetrievalError) {
        var settings = motet_nearest_settings()
        settings.is_exact = method.graph == nil ? 1 : 0
        settings.links = Int32(method.graph?.links ?? 0)
        settings.construction = Int32(method.graph?.construction ?? 0)
        settings.search = Int32(method.graph?.search ?? 0)
        settings.seed = method.graph?.seed ?? 0
        var made: OpaquePointer?
        let problem = Self.problem { error, size in
            guard let links else {
                return motet_nearest_create(
                    &settings,
                    vectors,
                    count,
                    dimension,
                    &made,
                    error,
                    size
                )
            }
            return motet_nearest_restore(
                &settings,
                vectors,
                count,
                dimension,
                links,
                links.count,
                &made,
                error,
                size
            )
        }
        guard problem == nil, let made else {
            throw RetrievalError(.retrievalIndex, "index: \(problem ?? "not made").")
        }
        index = made
    }

    deinit { motet_nearest_destroy(index) }

    var links: [UInt32] {
        let count = motet_nearest_link_words(index)
        return [UInt32](unsafeUninitializedCapacity: count) { buffer, written in
            if let start = buffer.baseAddress { motet_nearest_links(index, start) }
            written = count
        }
    }

    func search(_ query: [Float], limit: Int) throws(RetrievalError) -> [VectorIndex.Match] {
        var places = [UInt64](repeating: 0, count: limit)
        var products = [Float](repeating: 0, count: limit)
        var found = 0
        let problem = Self.problem { error, size in
            motet_nearest_search(index, query, limit, &places, &products, &found, error, size)
        }
        if let problem { throw RetrievalError(.retrievalIndex, "search: \(problem).") }
        return (0..<found).map { VectorIndex.Match(place: Int(places[$0]), product: products[$0]) }
    }

    /// The sentence of a call that failed.
    private static func problem(
        _ call: (UnsafeMutablePointer<CChar>, Int) -> Int32
    ) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            buffer.initialize(repeating: 0)
            guard let start = buffer.baseAddress, call(start, buffer.count) != 0 else { return nil }
            return String(cString: start)
        }
    }
}
