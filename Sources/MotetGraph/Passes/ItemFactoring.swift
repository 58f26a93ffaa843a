import MotetCore

/// A program that answers, with what depends only on an item read from a table made beforehand.
///
/// Where the items are known before they are asked for, and the weights no longer change, all that is computed of an
/// item's columns alone is the same in every request: lookups, the items' part of the first layers, a whole tower. It is
/// computed once for each item by `table`, and `graph` reads the rows (`StoredRows`) by the items' numbers, an input of
/// its own.
///
/// Results are those of the program given, bit for bit where a sum is not taken in another order by it.
public struct ItemFactoring: Sendable {
    /// Rows that are stored for each item.
    public struct Stored: Hashable, Sendable {
        /// The state that has them, `[items, width]`: the same name in every program that computes the same of the same
        /// inputs and states.
        public let name: String
        /// The numbers of a row.
        public let width: Int
        /// The slices they stand in, where the result is a stack `[E, B, U]`.
        public let slices: Int?
    }

    /// The input with the items' numbers, `[B]`, int32.
    public static let rowInput = "items.row"

    /// The program that answers.
    public let graph: Graph
    /// The program that computes rows of items; its outputs are named as the states.
    public let table: Graph
    /// What is stored.
    public let stored: [Stored]

    /// Takes a program apart.
    ///
    /// It is not worth it where little is computed of an item for each number that must be read instead: memory gives a
    /// core about one number for a hundred multiplications and additions. The result is nil where nothing is computed of
    /// items alone, or too little.
    ///
    /// - Parameters:
    ///   - graph: a program that answers, before a backend's passes; of `RequestFactoring` with the same items, if
    ///     something is given once.
    ///   - items: the inputs whose rows are those of the items.
    ///   - count: the number of items.
    ///   - leastOperations: the least FLOPs saved for each number stored.
    /// - Throws: `GraphError` where a program cannot be built.
    public init?(
        _ graph: Graph,
        items: Set<String>,
        count: Int,
        leastOperations: Int = 128
    ) throws(GraphError) {
        guard graph.updates.isEmpty else { return nil }
        let parting = ItemParting(graph, items)
        let width = parting.stored.reduce(0) { $0 + $1.width }
        guard width > 0, parting.operations >= leastOperations * width else { return nil }
        stored = parting.stored
        table = try parting.table()
        self.graph = try parting.program(count: count)
    }
}
