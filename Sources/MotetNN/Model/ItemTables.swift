public import MotetCore
import MotetGraph
import Synchronization

/// Where the columns of items come from that are known before requests name them.
public protocol ItemColumns: Sendable {
    /// The number of items.
    var count: Int { get }

    /// Gives the columns of some items.
    ///
    /// - Parameters:
    ///   - items: their numbers.
    ///   - inputs: the inputs of a model that are read.
    ///   - body: is given the value of every symbol, and the elements of each input by its place; they are valid
    ///     during the call.
    /// - Throws: what `body` throws, or where the columns cannot be read.
    func withColumns(
        of items: Range<Int>,
        _ inputs: [String],
        _ body: (_ sizes: [SizeSymbol: Int], _ elements: [UnsafeRawPointer]) throws -> Void
    ) throws
}

/// What models compute of items alone, once for each item: rows that predictors read in place of computing them.
///
/// Predictors that are given other inputs once share what they compute alike.
public final class ItemTables: Sendable {
    /// The items.
    public let columns: any ItemColumns
    /// The most bytes of all tables.
    public let mostBytes: Int
    /// The least FLOPs saved for each number stored.
    public let leastOperations: Int
    private let known = Mutex<Known>(Known())

    private struct Known: Sendable {
        let states = StateStore()
        var bytes = 0
    }

    /// The bytes of the tables there are.
    public var bytes: Int { known.withLock { $0.bytes } }

    /// Starts without a table.
    ///
    /// - Parameters:
    ///   - columns: the items.
    ///   - mostBytes: the most bytes of all tables; predictors that would need more compute items with each request.
    ///   - leastOperations: the least FLOPs saved for each number stored (`ItemFactoring`).
    public init(_ columns: any ItemColumns, mostBytes: Int, leastOperations: Int = 128) {
        self.columns = columns
        self.mostBytes = mostBytes
        self.leastOperations = leastOperations
    }

    /// Adds the tables of a program to its states; those that are not there yet are computed.
    ///
    /// - Parameters:
    ///   - factoring: the programs.
    ///   - states: the states of `factoring.graph`; they have those of `factoring.table` too.
    ///   - backend: what computes.
    /// - Returns: false, with nothing done, where the tables would take too many bytes.
    /// - Throws: `GraphError` where the program cannot be compiled, and where columns cannot be read.
    func add(
        _ factoring: ItemFactoring,
        to states: StateStore,
        _ backend: any Backend
    ) throws -> Bool {
        try known.withLock { known in
            let missing = factoring.stored.filter { known.states.type(of: $0.name) == nil }
            let bytes = missing.reduce(0) { $0 + $1.width * 4 * columns.count }
            guard known.bytes + bytes <= mostBytes else { return false }
            if !missing.isEmpty {
                for (name, tensor) in try tables(factoring, states, backend) {
                    known.states.set(name, tensor)
                }
                known.bytes += bytes
            }
            for table in factoring.stored { states.share(table.name, of: known.states) }
            return true
        }
    }

    /// The rows of all items, some at a time.
    private func tables(
        _ factoring: ItemFactoring,
        _ states: StateStore,
        _ backend: any Backend
    ) throws -> [(String, Tensor)] {
        let inputs = factoring.table.inputs.map(\.name)
        var tables = factoring.stored.map { Tensor(zeros: [columns.count, $0.width]) }
        var capacity: [SizeSymbol: Int] = [:]
        var compiled: (any Executable)?
        for start in stride(from: 0, to: columns.count, by: Self.itemsAtOnce) {
            let range = start..<min(start + Self.itemsAtOnce, columns.count)
            try columns.withColumns(of: range, inputs) { sizes, elements in
                if compiled == nil || sizes.contains(where: { $1 > capacity[$0] ?? 0 }) {
                    capacity.merge(
                        sizes.mapValues { Predictor.capacity(for: $0) },
                        uniquingKeysWith: max
                    )
                    compiled = try backend.compile(
                        factoring.table,
                        states: states,
                        capacity: capacity
                    )
                }
                guard let executable = compiled else { return }
                executable.setSizes(sizes)
                for (index, pointer) in elements.enumerated() {
                    executable.bind(index, to: pointer)
                }
                executable.run(.gradients)
                for index in tables.indices {
                    Self.keep(
                        executable.output(index).bindMemory(to: Float.self),
                        of: range,
                        slices: factoring.stored[index].slices ?? 1,
                        in: &tables[index]
                    )
                }
            }
        }
        return zip(factoring.stored.map(\.name), tables).map { ($0, $1) }
    }

    /// Writes the results of some items, `[slices, items, units]`, behind each other for each item.
    private static func keep(
        _ results: UnsafeBufferPointer<Float>,
        of items: Range<Int>,
        slices: Int,
        in table: inout Tensor
    ) {
        let width = table.shape[1]
        let units = width / slices
        table.withMutableBytes { bytes in
            let rows = bytes.bindMemory(to: Float.self)
            for slice in 0..<slices {
                for (row, item) in items.enumerated() {
                    let start = (slice * items.count + row) * units
                    let target = item * width + slice * units
                    for unit in 0..<units { rows[target + unit] = results[start + unit] }
                }
            }
        }
    }

    private static let itemsAtOnce = 1024
}
