import CKernels
import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

@testable import MotetOneDNN

/// Products with weights that never change: right, and the same bits whatever stands beside a row.
@Suite("Frozen weights", .serialized) struct FrozenWeightsTests {
    private static let capacity = [SizeSymbol.batch: 64]
    private static let groupCount = 3

    /// Three experts of two layers, and a layer, one of groups of rows, and one column: every product a model
    /// has, with odd sizes and every activation a product can have.
    private static func graph(_ kind: ActivationKind = .relu) throws -> Graph {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 45]))
        let offsets = try builder.input("offsets", TensorType([4], .int32))
        var layers = 0
        func layer(
            _ input: Value,
            _ shape: Shape,
            _ product: any Operation,
            _ more: [Value] = []
        ) throws -> Value {
            let name = "layer_\(layers)"
            layers += 1
            let weight = try builder.state("\(name)/weight", TensorType(shape))
            let made = try builder.add(product, [input, weight] + more)[0]
            guard more.isEmpty else { return made }
            let bias = try builder.state(
                "\(name)/bias",
                TensorType(Shape(shape.dimensions.dropLast(2) + [shape.last]))
            )
            return try builder.apply(Activation(kind), builder.apply(AddBias(), made, bias))
        }
        let first = try layer(x, [3, 45, 70], StackedMatMul(sources: [0, 0, 0]))
        let second = try layer(first, [3, 70, 40], StackedMatMul(sources: [0, 1, 2]))
        let flat = try layer(x, [45, 40], MatMul())
        let grouped = try layer(flat, [3, 40, 33], GroupedMatMul(), [offsets])
        let last = try layer(grouped, [33, 1], MatMul())
        builder.output("experts", second)
        builder.output("grouped", grouped)
        builder.output("last", last)
        return builder.graph
    }

    private static func numbers(_ name: String, _ count: Int) -> [Float] {
        let key = RandomKey(seed: 7).split(name)
        return (0..<count).map { Float(key.bits($0) >> 40) * 0x1p-24 - 0.5 }
    }

    private static func states(_ graph: Graph) -> StateStore {
        let states = StateStore()
        for state in graph.states {
            let shape = graph.type(of: state.value).shape.dimensions.map { $0.fixedSize ?? 0 }
            states.set(state.name, Tensor(numbers(state.name, shape.reduce(1, *)), shape: shape))
        }
        return states
    }

    /// The outputs of some rows of `x`, row by row: the elements of a row stand together.
    private static func results(
        _ executable: any Executable,
        rows: Range<Int>
    ) throws -> [[[UInt32]]] {
        let x = numbers("x", 64 * 45)
        let part = Array(x[(rows.lowerBound * 45)..<(rows.upperBound * 45)])
        // Groups: rows 0 to 19, 20 to 40, 41 to 59; those behind have none.
        let ends = [0, 20, 41, 60].map {
            Int32(min(max($0 - rows.lowerBound, 0), rows.count))
        }
        executable.setSizes([.batch: rows.count])
        var outputs: [[[UInt32]]] = []
        part.withUnsafeBytes { part in
            ends.withUnsafeBytes { ends in
                guard let part = part.baseAddress, let ends = ends.baseAddress else { return }
                for (index, input) in executable.graph.inputs.enumerated() {
                    executable.bind(index, to: input.name == "x" ? part : ends)
                }
                executable.run(.gradients)
                outputs = executable.graph.outputs.indices.map { index in
                    let bits = executable.output(index).bindMemory(to: UInt32.self)
                    let shape = executable.graph.type(of: executable.graph.outputs[index].value)
                        .shape
                    let stack = shape.rank == 3 ? shape[0].fixedSize ?? 1 : 1
                    let width = bits.count / rows.count / stack
                    return (0..<rows.count).map { row in
                        (0..<stack).flatMap { slice in
                            let start = (slice * rows.count + row) * width
                            return Array(bits[start..<(start + width)])
                        }
                    }
                }
            }
        }
        return outputs
    }

    private static func compiled(
        _ graph: Graph,
        _ states: StateStore,
        _ precision: ProductPrecision? = .float32
    ) throws -> any Executable {
        let backend =
            try precision.map { OneDNNBackend(frozen: try FrozenWeights(precision: $0)) }
            ?? OneDNNBackend()
        return try backend.compile(graph, states: states, capacity: capacity)
    }

    private static func worst(_ left: [[[UInt32]]], _ right: [[[UInt32]]]) -> Float {
        zip(left.joined().joined(), right.joined().joined()).map {
            abs(Float(bitPattern: $0) - Float(bitPattern: $1))
        }.max() ?? .infinity
    }

    @Test(arguments: OperationCase.all)
    func everyOperationAgreesWithTheReference(operationCase: OperationCase) throws {
        let backend = OneDNNBackend(frozen: try FrozenWeights())
        for comparison in try compareBackends(operationCase, ReferenceBackend(), backend) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test(
        arguments: [
            .relu, .leakyReLU(slope: 0.2), .sigmoid, .tanh, .softplus, .gelu, .swish,
        ] as [ActivationKind]
    )
    func modelsAnswerAsWithOneDNN(_ kind: ActivationKind) throws {
        let graph = try Self.graph(kind)
        let states = Self.states(graph)
        let expected = try Self.results(Self.compiled(graph, states, nil), rows: 0..<64)
        let found = try Self.results(Self.compiled(graph, states), rows: 0..<64)
        #expect(expected.map(\.count) == [64, 64, 64])
        // Sums of at most 70 products of numbers below 1/2, in another order.
        #expect(Self.worst(expected, found) < 1e-5)
        #expect(Set(found[2].joined()).count > 20)
    }

    @Test(arguments: ProductPrecision.allCases.filter { FrozenWeights.isSupported($0) })
    func aRowHasTheSameBitsWhateverStandsBesideIt(_ precision: ProductPrecision) throws {
        let graph = try Self.graph()
        let states = Self.states(graph)
        let executable = try Self.compiled(graph, states, precision)
        let whole = try Self.results(executable, rows: 0..<64)
        for rows in [0..<1, 0..<13, 5..<64, 30..<55, 63..<64] {
            let part = try Self.results(executable, rows: rows)
            #expect(part == whole.map { Array($0[rows]) }, "\(rows)")
        }
        let threads = OneDNNBackend.threadCount
        defer { OneDNNBackend.useThreads(threads) }
        for count in [1, 2, 3] {
            OneDNNBackend.useThreads(count)
            let other = try Self.compiled(graph, states, precision)
            #expect(try Self.results(other, rows: 0..<64) == whole, "\(count) threads")
        }
    }

    @Test func aPlantedFaultOfALaidOutWeightIsSeen() throws {
        let graph = try Self.graph()
        let states = Self.states(graph)
        let expected = try Self.results(Self.compiled(graph, states, nil), rows: 0..<64)
        let name = "layer_1/weight"
        var weight = try #require(states.tensor(name))
        weight.withMutableFloats { $0[70 * 40 + 39] += 0.01 }
        states.set(name, weight)
        let found = try Self.results(Self.compiled(graph, states), rows: 0..<64)
        #expect(Self.worst(expected, found) > 1e-4)
    }

    @Test func programsShareWhatIsLaidOut() throws {
        let graph = try Self.graph()
        let states = Self.states(graph)
        let frozen = try FrozenWeights()
        let backend = OneDNNBackend(frozen: frozen)
        #expect(frozen.byteCount == 0)
        _ = try backend.compile(graph, states: states, capacity: [.batch: 16])
        let bytes = frozen.byteCount
        // Columns are filled up to multiples of 32.
        #expect(bytes == 4 * (3 * 45 * 96 + 3 * 70 * 64 + 45 * 64 + 3 * 40 * 64 + 33 * 32))
        _ = try backend.compile(graph, states: states, capacity: [.batch: 64])
        #expect(frozen.byteCount == bytes)
        // A store that shares memory shares what was made of it.
        let other = StateStore()
        for name in states.names { other.share(name, of: states) }
        _ = try backend.compile(graph, states: other, capacity: [.batch: 64])
        #expect(frozen.byteCount == bytes)
    }

    @Test func programsThatLearnAreNotFrozen() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, 4]))
        let weight = try builder.state("w", TensorType([4, 40]))
        builder.output("y", try builder.apply(MatMul(), x, weight))
        builder.update("w", try builder.apply(Scale(0.5), weight))
        let frozen = try FrozenWeights()
        let states = Self.states(builder.graph)
        _ = try OneDNNBackend(frozen: frozen)
            .compile(builder.graph, states: states, capacity: Self.capacity)
        #expect(frozen.byteCount == 0)
    }
}

/// Products of bfloat16 against the same numbers rounded beforehand.
@Suite(
    "Products of bfloat16",
    .enabled(if: FrozenWeights.isSupported(.bfloat16), "the processor has no bfloat16")
) struct BFloat16ProductTests {
    /// The nearest number of 8 bits, ties to even.
    private static func rounded(_ x: Float) -> Float {
        let bits = x.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    private static func product(
        rows: Int,
        inner: Int,
        columns: Int
    ) throws -> (x: [Float], w: [Float], y: [Float]) {
        var builder = GraphBuilder()
        let x = try builder.input("x", TensorType([.batch, .fixed(inner)]))
        let weight = try builder.state("w", TensorType([.fixed(inner), .fixed(columns)]))
        builder.output("y", try builder.apply(MatMul(), x, weight))
        let key = RandomKey(seed: 3)
        func numbers(_ name: String, _ count: Int) -> [Float] {
            let key = key.split(name)
            return (0..<count).map { Float(key.bits($0) >> 40) * 0x1p-24 - 0.5 }
        }
        let values = (numbers("x", rows * inner), numbers("w", inner * columns))
        let states = StateStore()
        states.set("w", Tensor(values.1, shape: [inner, columns]))
        let backend = OneDNNBackend(frozen: try FrozenWeights(precision: .bfloat16))
        let executable = try backend.compile(
            builder.graph,
            states: states,
            capacity: [.batch: rows]
        )
        executable.setSizes([.batch: rows])
        var y: [Float] = []
        values.0.withUnsafeBytes { x in
            guard let x = x.baseAddress else { return }
            executable.bind(0, to: x)
            executable.run(.gradients)
            y = Array(executable.output(0).bindMemory(to: Float.self))
        }
        return (values.0, values.1, y)
    }

    @Test(arguments: [(5, 3, 32), (13, 64, 33), (50, 97, 70), (2, 1, 40), (130, 368, 64)])
    func sumsOfRoundedFactorsAreExactToFloat32(
        _ rows: Int,
        _ inner: Int,
        _ columns: Int
    ) throws {
        let (x, w, y) = try Self.product(rows: rows, inner: inner, columns: columns)
        var (worst, unrounded): (Double, Double) = (0, 0)
        for row in 0..<rows {
            for column in 0..<columns {
                var (sum, plain): (Double, Double) = (0, 0)
                for k in 0..<inner {
                    let (a, b) = (x[row * inner + k], w[k * columns + column])
                    sum += Double(Self.rounded(a)) * Double(Self.rounded(b))
                    plain += Double(a) * Double(b)
                }
                worst = max(worst, abs(sum - Double(y[row * columns + column])))
                unrounded = max(unrounded, abs(plain - Double(y[row * columns + column])))
            }
        }
        // Products of 8 bits are exact in float32; what is left is the rounding of sums.
        #expect(worst < 1e-6 * Double(inner))
        // The comparison would see factors that were not rounded.
        #expect(unrounded > 10 * worst || inner == 1)
    }

    /// The kernels of bfloat16: the processor's tiles where it has them, and its vectors.
    @Test(arguments: [(1, 100, 100), (16, 32, 32), (17, 33, 31), (33, 31, 64), (70, 368, 129)])
    func tilesAndVectorsMultiplyTheSameNumbers(
        _ rows: Int,
        _ inner: Int,
        _ columns: Int
    ) throws {
        let key = RandomKey(seed: 5)
        func numbers(_ name: String, _ count: Int) -> [Float] {
            let key = key.split(name)
            return (0..<count).map { Float(key.bits($0) >> 40) * 0x1p-24 - 0.5 }
        }
        let (a, b) = (numbers("a", rows * (inner + 3)), numbers("b", inner * columns))
        let bias = numbers("bias", columns)
        let bytes = Int(motet_packed_bytes(Int64(inner), Int64(columns), 1))
        let packed = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        defer { packed.deallocate() }
        motet_pack_columns(b, Int64(columns), Int64(inner), Int64(columns), 1, packed)
        let exact = (0..<(rows * columns)).map { place in
            let (row, column) = (place / columns, place % columns)
            let sum = (0..<inner).reduce(Double(bias[column])) { sum, k in
                sum + Double(Self.rounded(a[row * (inner + 3) + k]))
                    * Double(Self.rounded(b[k * columns + column]))
            }
            return max(sum, 0)
        }
        for kernel: Int32 in [1, 2] {
            // What stands behind a row's last column is not touched.
            var c = [Float](repeating: 7, count: rows * (columns + 2))
            a.withUnsafeBufferPointer { a in
                bias.withUnsafeBufferPointer { bias in
                    c.withUnsafeMutableBufferPointer { c in
                        var product = motet_packed_product(
                            rows: Int64(rows),
                            columns: Int64(columns),
                            inner: Int64(inner),
                            a: a.baseAddress,
                            a_stride: Int64(inner + 3),
                            packed: UnsafeRawPointer(packed),
                            bias: bias.baseAddress,
                            c: c.baseAddress,
                            c_stride: Int64(columns + 2),
                            bfloat16: kernel,
                            activation: ActivationKind.relu.code.0,
                            slope: 0
                        )
                        motet_packed_products(&product, 1)
                    }
                }
            }
            let worst = exact.indices.map { place in
                let (row, column) = (place / columns, place % columns)
                return abs(exact[place] - Double(c[row * (columns + 2) + column]))
            }.max()
            #expect(try #require(worst) < 1e-6 * Double(inner))
            #expect((0..<rows).allSatisfy { c[$0 * (columns + 2) + columns] == 7 })
        }
    }

    @Test func fewColumnsAndOneRowStayInFloat32() throws {
        let (x, w, y) = try Self.product(rows: 20, inner: 64, columns: 31)
        var worst = 0.0
        for row in 0..<20 {
            for column in 0..<31 {
                let sum = (0..<64).reduce(0.0) {
                    $0 + Double(x[row * 64 + $1]) * Double(w[$1 * 31 + column])
                }
                worst = max(worst, abs(sum - Double(y[row * 31 + column])))
            }
        }
        #expect(worst < 1e-5)
    }
}
