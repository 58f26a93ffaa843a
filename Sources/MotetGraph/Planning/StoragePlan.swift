public import MotetCore

/// Where each value of a program lives: in one arena, in a state, or in memory bound at each run.
///
/// Reshapes, splits and concatenations cost nothing where the kernels around them can work on views:
/// pieces of a concatenation are written in place, pieces of a split are read in place. Values whose
/// lifetimes do not overlap share memory.
public struct StoragePlan: Sendable {
    /// A value's place inside a buffer.
    public struct View: Sendable, Hashable {
        /// The buffer.
        public let buffer: Int
        /// Elements from the start of the buffer.
        public let offset: Dimension
        /// Elements from one row to the next, or nil when rows are adjacent.
        public let rowStride: Int?
    }

    /// A piece of memory that several values may share.
    public enum Buffer: Sendable, Hashable {
        /// Bytes of the arena, from the offset.
        case arena(offset: Int, byteCount: Int)
        /// The memory of an input, a state or a constant.
        case external(Value)
    }

    /// For each value its place; nil for values no node uses.
    public let views: [View?]
    /// The buffers.
    public let buffers: [Buffer]
    /// The size of the arena.
    public let arenaByteCount: Int

    /// Plans the memory of a graph.
    ///
    /// - Parameters:
    ///   - graph: a verified graph.
    ///   - capacity: the greatest value of every symbol.
    ///   - traits: what the backend's kernels can do.
    ///   - concurrent: neighbouring nodes that run at the same time, by their positions; what one of
    ///     them reads or writes is not written by another.
    /// - Throws: `GraphError` when a symbol has no capacity.
    public init(
        _ graph: Graph,
        capacity: [SizeSymbol: Int],
        traits: some StorageTraits,
        concurrent: [ClosedRange<Int>] = []
    ) throws(GraphError) {
        var aliases = StorageAliases(graph, capacity: capacity)
        aliases.mergeUpdates()
        aliases.mergeViews(traits)
        aliases.mergeReusedInputs(traits)
        let lifetimes = aliases.lifetimes(concurrent)

        var buffers: [Buffer] = []
        var bufferOfRoot: [Int: Int] = [:]
        var requests: [ArenaAllocator.Request] = []
        for root in lifetimes.keys.sorted() {
            bufferOfRoot[root] = buffers.count
            if aliases.isExternal(root) {
                buffers.append(.external(Value(id: root)))
                continue
            }
            guard let count = graph.types[root].shape.resolved(capacity) else {
                throw GraphError(
                    .invalidGraph,
                    "graph: \(graph.types[root].shape) has a size without capacity."
                )
            }
            let bytes = max(count.reduce(1, *) * graph.types[root].dtype.byteCount, 64)
            let lifetime = lifetimes[root] ?? 0...0
            requests.append(.init(id: buffers.count, byteCount: bytes, lifetime: lifetime))
            buffers.append(.arena(offset: 0, byteCount: bytes))
        }
        let arena = ArenaAllocator.allocate(requests)
        for (request, offset) in arena.offsets {
            buffers[request.id] = .arena(offset: offset, byteCount: request.byteCount)
        }
        self.buffers = buffers
        arenaByteCount = arena.byteCount
        views = graph.types.indices.map { id in
            let place = aliases.resolved(id)
            return bufferOfRoot[place.root].map {
                View(buffer: $0, offset: place.offset, rowStride: place.rowStride)
            }
        }
    }
}
