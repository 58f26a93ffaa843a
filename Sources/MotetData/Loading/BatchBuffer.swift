public import MotetCore

/// The memory of one batch, allocated once and filled again and again.
///
/// `@unchecked Sendable`: the loader hands a buffer from its thread to the consumer and back under a
/// lock, so that at any time one of them alone uses it.
public final class BatchBuffer: @unchecked Sendable {
    /// The inputs, in the order of their indices; with length buckets those of this batch.
    public internal(set) var inputs: [BatchInput]
    /// The names of the sizes that differ from batch to batch: `B`, and `N.<column>` for each ragged
    /// column.
    public let symbols: [SizeSymbol]
    /// The number of rows.
    public internal(set) var rowCount = 0
    /// The number of this batch in its epoch, from 0.
    public internal(set) var step = 0
    /// The position of this batch's length among the length buckets; 0 without.
    public internal(set) var bucket = 0
    let rowMemory: UnsafeMutablePointer<Int64>
    let scratch: UnsafeMutablePointer<Int64>
    let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let counts: UnsafeMutablePointer<Int>
    let sizeMemory: UnsafeMutablePointer<Int>

    /// Allocates a buffer.
    ///
    /// - Parameters:
    ///   - inputs: the inputs.
    ///   - symbols: the names of the sizes.
    ///   - capacities: the most elements of each input.
    ///   - batchSize: the most rows.
    init(inputs: [BatchInput], symbols: [SizeSymbol], capacities: [Int], batchSize: Int) {
        self.inputs = inputs
        self.symbols = symbols
        rowMemory = .allocate(capacity: batchSize)
        scratch = .allocate(capacity: batchSize)
        rowMemory.initialize(repeating: 0, count: batchSize)
        scratch.initialize(repeating: 0, count: batchSize)
        pointers = .allocate(capacity: max(inputs.count, 1))
        counts = .allocate(capacity: max(inputs.count, 1))
        counts.initialize(repeating: 0, count: inputs.count)
        sizeMemory = .allocate(capacity: symbols.count)
        sizeMemory.initialize(repeating: 0, count: symbols.count)
        for (index, capacity) in capacities.enumerated() {
            let memory = UnsafeMutableRawPointer.allocate(
                byteCount: max(capacity, 1) * 4,
                alignment: 64
            )
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(capacity, 1) * 4)
            (pointers + index).initialize(to: memory)
        }
    }

    deinit {
        for index in inputs.indices { pointers[index].deallocate() }
        pointers.deallocate()
        counts.deallocate()
        sizeMemory.deallocate()
        rowMemory.deallocate()
        scratch.deallocate()
    }

    /// Where an input's elements begin; aligned to 64 bytes.
    public func pointer(_ input: Int) -> UnsafeMutableRawPointer {
        precondition(inputs.indices.contains(input), "BatchBuffer: no input \(input).")
        return pointers[input]
    }

    /// The number of elements of an input in this batch.
    public func count(_ input: Int) -> Int {
        precondition(inputs.indices.contains(input), "BatchBuffer: no input \(input).")
        return counts[input]
    }

    /// The value of a size in this batch, by its index in `symbols`.
    public func size(_ symbol: Int) -> Int {
        precondition(symbols.indices.contains(symbol), "BatchBuffer: no size \(symbol).")
        return sizeMemory[symbol]
    }

    /// The values of all sizes; makes a dictionary, so not for the inner loop.
    public var sizes: [SizeSymbol: Int] {
        Dictionary(uniqueKeysWithValues: symbols.indices.map { (symbols[$0], sizeMemory[$0]) })
    }

    /// The numbers of the batch's rows in the data set.
    public var rows: UnsafeBufferPointer<Int64> {
        UnsafeBufferPointer(start: rowMemory, count: rowCount)
    }

    /// The index of an input.
    public func index(of name: String) -> Int? { inputs.firstIndex { $0.name == name } }

    /// A copy of an input as a tensor, for tests and tools.
    public func tensor(_ name: String) -> Tensor? {
        guard let index = index(of: name) else { return nil }
        let input = inputs[index]
        let known = sizes
        guard let shape = input.shape.resolved(known) else { return nil }
        var tensor = Tensor(zeros: shape, dtype: input.dtype)
        tensor.withMutableBytes { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: pointers[index], count: bytes.count)
            )
        }
        return tensor
    }
}
