import MotetCore
public import MotetGraph
import MotetNN

/// Embeds texts in bulk with a frozen encoder.
///
/// Texts stand one after the other without padding: every product is over real positions only, and
/// attention stays inside each text. Programs are compiled for a few numbers of positions, and a text's
/// vector does not depend on the others beyond rounding.
///
/// An embedder has one owner.
public final class SentenceEmbedder {
    /// The encoder.
    public let encoder: PretrainedEncoder
    /// The width of a vector.
    public var width: Int { encoder.configuration.width }
    /// What it gives: a vector for each text, or for each position of each text.
    public let output: TextEncoder.Output
    /// The most positions computed at once.
    public let positionsAtOnce: Int
    private let backend: any Backend
    private let states = StateStore()
    private var programs: [Int: any Executable] = [:]
    /// The sizes of the programs, the one used last at the end.
    private var order: [Int] = []
    private static let programsKept = 6

    /// Creates an embedder.
    ///
    /// - Parameters:
    ///   - encoder: the encoder.
    ///   - backend: what runs it.
    ///   - output: a vector of length 1 for each text, or for each of its ids that of its position.
    ///   - positionsAtOnce: the most positions computed at once; at least the longest text.
    public init(
        _ encoder: PretrainedEncoder,
        backend: any Backend,
        output: TextEncoder.Output = .sentence,
        positionsAtOnce: Int = 2048
    ) {
        self.encoder = encoder
        self.backend = backend
        self.output = output
        self.positionsAtOnce = max(positionsAtOnce, encoder.configuration.maximumPositions)
        for (name, values) in encoder.weights
        where name != "position/weight" && name != "segment/weight" {
            states.set(name, values.tensor)
        }
        states.set("position/weight", SentenceEmbedder.positions(encoder))
    }

    /// Position vectors with that of the first segment added: texts have one segment.
    private static func positions(_ encoder: PretrainedEncoder) -> Tensor {
        guard var sum = encoder.weights["position/weight"]?.tensor,
            let segments = encoder.weights["segment/weight"]?.tensor.floats
        else { preconditionFailure("SentenceEmbedder: the encoder has no positions.") }
        let width = encoder.configuration.width
        sum.withMutableFloats { values in
            for index in values.indices { values[index] += segments[index % width] }
        }
        return sum
    }

    /// The vectors of some texts.
    ///
    /// - Parameter texts: the ids of each text, at least one, with `[CLS]` and `[SEP]`, at most as many as
    ///   the encoder has positions.
    /// - Returns: one vector after the other, each of ``width`` numbers: for each text one of length 1, or
    ///   for each text as many as it has ids.
    /// - Throws: `GraphError` when the program cannot be compiled.
    public func embed(_ texts: [[Int32]]) throws -> [Float] {
        var result: [Float] = []
        let vectors = output == .sentence ? texts.count : texts.reduce(0) { $0 + $1.count }
        result.reserveCapacity(vectors * width)
        try embed(texts) { _, vectors in
            result += vectors
            return true
        }
        return result
    }

    /// The vectors of some texts, a part at a time.
    ///
    /// - Parameters:
    ///   - texts: as of the other function.
    ///   - body: reads the vectors of a range of the texts, during the call; false ends the work.
    /// - Throws: `GraphError` when a program cannot be compiled, and what `body` throws.
    public func embed(
        _ texts: [[Int32]],
        _ body: (Range<Int>, UnsafeBufferPointer<Float>) throws -> Bool
    ) throws {
        var left = texts.reduce(0) { $0 + $1.count }
        var start = 0
        while start < texts.count {
            // The last two parts share what is left, so that no part is small.
            let isNearEnd = left > positionsAtOnce && left <= 2 * positionsAtOnce
            let wanted = isNearEnd ? (left + 1) / 2 : positionsAtOnce
            var (end, count) = (start, 0)
            while end < texts.count, count < wanted, count + texts[end].count <= positionsAtOnce {
                count += texts[end].count
                end += 1
            }
            precondition(end > start, "SentenceEmbedder: a text has \(texts[start].count) ids.")
            let goesOn = try run(texts[start..<end], count: count) { vectors in
                try body(start..<end, vectors)
            }
            guard goesOn else { return }
            left -= count
            start = end
        }
    }

    /// Computes texts that fit one program.
    private func run(
        _ texts: ArraySlice<[Int32]>,
        count: Int,
        _ body: (UnsafeBufferPointer<Float>) throws -> Bool
    ) throws -> Bool {
        let capacity = capacity(for: count)
        let program = try program(capacity)
        var ids: [Int32] = []
        var positions: [Int32] = []
        var offsets: [Int32] = [0]
        for text in texts {
            ids += text
            positions += 0..<Int32(text.count)
            offsets.append(Int32(ids.count))
        }
        // The program has one size: what is left over is computed and belongs to no text.
        ids += repeatElement(0, count: capacity - count)
        positions += repeatElement(0, count: capacity - count)
        program.setSizes([.batch: texts.count])
        return try ids.withUnsafeBytes { ids in
            try positions.withUnsafeBytes { positions in
                try offsets.withUnsafeBytes { offsets in
                    for (index, bytes) in [ids, positions, offsets].enumerated() {
                        if let base = bytes.baseAddress { program.bind(index, to: base) }
                    }
                    program.run(.gradients)
                    let vectors = program.output(0).bindMemory(to: Float.self)
                    guard output == .positions else { return try body(vectors) }
                    return try body(UnsafeBufferPointer(rebasing: vectors[..<(count * width)]))
                }
            }
        }
    }

    /// The positions of the program for so many: powers of two up to 256, then multiples of 64.
    private func capacity(for count: Int) -> Int {
        var capacity = 32
        while capacity < count, capacity < 256 { capacity *= 2 }
        return min(max(capacity, (count + 63) / 64 * 64), positionsAtOnce)
    }

    private func program(_ capacity: Int) throws -> any Executable {
        if let known = programs[capacity] {
            order.removeAll { $0 == capacity }
            order.append(capacity)
            return known
        }
        let graph = try EncoderGraph(encoder.configuration, positions: capacity, output).graph
        let made = try backend.compile(graph, states: states, capacity: [.batch: capacity])
        programs[capacity] = made
        order.append(capacity)
        // The program of full size is used over and over; others come and go.
        if order.count > Self.programsKept {
            programs[order.removeFirst()] = nil
        }
        return made
    }
}

/// The computation of an encoder over texts that stand one after the other.
private struct EncoderGraph {
    private var builder = GraphBuilder()
    private let sizes: EncoderConfiguration

    var graph: Graph { builder.graph }

    init(
        _ sizes: EncoderConfiguration,
        positions count: Int,
        _ output: TextEncoder.Output
    ) throws(GraphError) {
        self.sizes = sizes
        let type = TensorType(Shape(fixed: [count]), .int32)
        let ids = try builder.input("ids", type)
        let places = try builder.input("positions", type)
        let ends = TensorType([.symbol(.batch, offset: 1)], .int32)
        let offsets = try builder.input("offsets", ends)
        let words = try lookup("word/weight", ids, rows: sizes.vocabularySize)
        let placed = try lookup("position/weight", places, rows: sizes.maximumPositions)
        let sum = try builder.apply(AddN(), words, placed)
        var value = try normalized(sum, "normalization")
        for block in 1...sizes.blocks { value = try self.block(value, offsets, block) }
        guard output == .sentence else {
            builder.output("positions", value)
            return
        }
        let rows = builder.constant(Tensor((0..<Int32(count)).map { $0 }))
        let mean = try builder.apply(PooledEmbedding(.mean), value, rows, offsets)
        builder.output("embedding", try builder.add(L2Normalization(), [mean])[0])
    }

    private mutating func lookup(
        _ name: String,
        _ ids: Value,
        rows: Int
    ) throws(GraphError) -> Value {
        let table = try state(name, [rows, sizes.width])
        return try builder.apply(EmbeddingLookup(), table, ids)
    }

    private mutating func state(_ name: String, _ shape: [Int]) throws(GraphError) -> Value {
        try builder.state(name, TensorType(Shape(fixed: shape)))
    }

    private mutating func dense(
        _ value: Value,
        _ name: String,
        _ shape: [Int]
    ) throws(GraphError) -> Value {
        let weight = try state(name + "/weight", shape)
        let product = try builder.apply(MatMul(), value, weight)
        return try builder.apply(AddBias(), product, state(name + "/bias", [shape[1]]))
    }

    private mutating func normalized(
        _ value: Value,
        _ name: String
    ) throws(GraphError) -> Value {
        let scale = try state(name + "/scale", [sizes.width])
        let shift = try state(name + "/shift", [sizes.width])
        let operation = MotetGraph.LayerNormalization(epsilon: sizes.epsilon)
        return try builder.add(operation, [value, scale, shift])[0]
    }

    private mutating func block(
        _ value: Value,
        _ offsets: Value,
        _ number: Int
    ) throws(GraphError) -> Value {
        let (name, width) = ("block_\(number)/", sizes.width)
        builder.scope = name
        let projected = try dense(value, name + "attention/projection", [width, 3 * width])
        let parts = try builder.add(Split(axis: 1, sizes: [width, width, width]), [projected])
        let attended = try builder.add(ListAttention(heads: sizes.heads), parts + [offsets])[0]
        let output = try dense(attended, name + "attention/output", [width, width])
        let first = try normalized(
            builder.apply(AddN(), output, value),
            name + "attention_normalization"
        )
        let hidden = try dense(first, name + "hidden", [width, sizes.hiddenUnits])
        let active = try builder.apply(MotetGraph.Activation(kind), hidden)
        let second = try dense(active, name + "output", [sizes.hiddenUnits, width])
        return try normalized(builder.apply(AddN(), second, first), name + "output_normalization")
    }

    private var kind: ActivationKind { sizes.activation == .relu ? .relu : .gelu }
}
