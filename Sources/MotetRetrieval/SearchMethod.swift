/// How the nearest vectors are found.
public struct SearchMethod: Hashable, Sendable {
    /// Parameters of a graph of near neighbours.
    package struct Graph: Hashable, Sendable {
        /// How many neighbours a vector is linked to in each layer.
        package let links: Int
        /// How many candidates are looked at to link one.
        package let construction: Int
        /// How many candidates are looked at in a search; it makes no other graph.
        package let search: Int
        /// The seed of the layers.
        package let seed: UInt64
    }

    /// nil for an exact search.
    package let graph: Graph?

    /// All vectors are compared: right for catalogues of up to some ten thousand items.
    public static let exact = SearchMethod(graph: nil)

    /// A hierarchical navigable small world graph: approximate, in a time that grows with the logarithm of the number of
    /// vectors.
    ///
    /// - Parameters:
    ///   - links: how many neighbours a vector is linked to in each layer (`M`), from 2 to 128.
    ///   - construction: how many candidates are looked at to link one (`ef_construction`), from 1 to 10,000.
    ///   - search: how many candidates are looked at in a search (`ef`), from 1 to 10,000; as many as are asked for if
    ///     those are more.
    ///   - seed: of the layers. The graph is a function of the vectors and it.
    /// - Returns: the method.
    /// - Throws: ``RetrievalError`` (`retrieval_index`) if a parameter is out of range.
    /// - Source: Malkov and Yashunin, "Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical
    ///   Navigable Small World Graphs", TPAMI 2020. <https://doi.org/10.1109/TPAMI.2018.2889473>
    public static func graph(
        links: Int = 16,
        construction: Int = 200,
        search: Int = 100,
        seed: UInt64
    ) throws(RetrievalError) -> SearchMethod {
        try check(links, 2...128, "links")
        try check(construction, 1...10_000, "construction")
        try check(search, 1...10_000, "search")
        let graph = Graph(links: links, construction: construction, search: search, seed: seed)
        return SearchMethod(graph: graph)
    }

    private static func check(
        _ value: Int,
        _ range: ClosedRange<Int>,
        _ name: String
    ) throws(RetrievalError) {
        guard range.contains(value) else {
            throw RetrievalError(
                .retrievalIndex,
                "search method \"graph\", \(name): out of range; expected from \(range.lowerBound) to \(range.upperBound); "
                    + "received \(value)."
            )
        }
    }
}
