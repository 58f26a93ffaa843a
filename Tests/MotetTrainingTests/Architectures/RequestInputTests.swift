import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetRecommenders
import Testing

@testable import MotetTraining

/// Models that answer with the user's part computed once, against the same models that compute it in every row.
@Suite("Inputs of a request") struct RequestInputTests {
    /// Numbers far enough from zero that every part of a model matters.
    private static func parameters(_ model: Model) -> ParameterStore {
        let key = RandomKey(seed: 11)
        var parameters = ParameterStore(model.parameters, key: key)
        for parameter in model.parameters where parameter.role == .bias {
            let stream = key.split(parameter.name).split("bias")
            let values = (0..<parameter.count).map { Float(stream.bits($0) >> 40) * 0x1p-24 - 0.5 }
            parameters[parameter.name] = Tensor(values, shape: parameter.shape)
        }
        return parameters
    }

    /// The first row of the inputs of a request in place of all rows, or in all rows.
    private static func request(
        _ batch: [String: Tensor],
        _ names: Set<String>,
        repeated: Bool
    ) -> [String: Tensor] {
        var batch = batch
        for name in names {
            guard let tensor = batch[name] else { continue }
            if name.hasSuffix(".values") || name.hasSuffix(".offsets") { continue }
            let (rows, width) = (tensor.shape[0], tensor.count / tensor.shape[0])
            let count = repeated ? rows : 1
            let shape = [count] + tensor.shape.dropFirst()
            if tensor.dtype == .int32 {
                let first = Array(tensor.integers[..<width])
                let values = (0..<count).flatMap { _ in first }
                batch[name] = Tensor(values, shape: shape)
            } else {
                let first = Array(tensor.floats[..<width])
                let values = (0..<count).flatMap { _ in first }
                batch[name] = Tensor(values, shape: shape)
            }
        }
        if names.contains("history.values"), let offsets = batch["history.offsets"],
            let values = batch["history.values"]
        {
            let length = Int(offsets.integers[1])
            let list = Array(values.integers[..<length])
            let count = repeated ? offsets.count - 1 : 1
            batch["history.values"] = Tensor((0..<count).flatMap { _ in list })
            batch["history.offsets"] = Tensor((0...count).map { Int32($0 * length) })
        }
        return batch
    }

    /// Compares the predictions, and returns the inputs that were given with one row.
    private static func check(
        _ model: Model,
        _ batch: [String: Tensor],
        _ names: Set<String>,
        _ label: String
    ) throws -> [String] {
        let parameters = parameters(model)
        let whole = try Predictor(model, parameters: parameters, backend: OneDNNBackend())
        let once = try Predictor(
            model,
            parameters: parameters,
            requestInputs: names,
            backend: OneDNNBackend()
        )
        let expected = try whole(request(batch, names, repeated: true))
        var mixed = request(batch, names, repeated: true)
        let single = request(batch, names, repeated: false)
        for name in once.requestInputs { mixed[name] = single[name] }
        let found = try once(mixed)
        compare(found, expected, label)
        try checkItems(model, batch, names, expected, whole, label)
        return once.requestInputs
    }

    private static func compare(
        _ found: [String: Tensor],
        _ expected: [String: Tensor],
        _ label: String
    ) {
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, values) in expected {
            let (left, right) = (values.floats, found[name]?.floats ?? [])
            #expect(left.count == right.count && left.count == 32)
            #expect(Set(left).count > 1, "\(label), \(name): every row has one answer")
            let scale = left.map { abs($0) }.max() ?? 0
            let worst = zip(left, right).map { abs($0 - $1) }.max() ?? .infinity
            // Sums are taken in two parts.
            #expect(worst <= 1e-5 * max(scale, 1), "\(label), \(name): \(worst) of \(scale)")
        }
    }

    /// The same with the other columns read from a table of items, whose rows are those of the batch backwards.
    private static func checkItems(
        _ model: Model,
        _ batch: [String: Tensor],
        _ names: Set<String>,
        _ expected: [String: Tensor],
        _ whole: Predictor,
        _ label: String
    ) throws {
        // Lists and the order of scenarios are the request's here.
        let inputs = Set(whole.inputs.map(\.name)).subtracting(names).filter { name in
            whole.inputs.contains { $0.name == name && $0.type.shape.dimensions.first == .batch }
        }
        let backwards = inputs.reduce(into: [String: Tensor]()) { columns, name in
            columns[name] = batch[name].map { rows($0, reversed(0..<$0.shape[0])) }
        }
        let items = ItemTables(Columns(tensors: backwards), mostBytes: 1 << 24, leastOperations: 1)
        let known = try Predictor(whole, requestInputs: names, items: (items, inputs))
        guard known.isReadingItems else {
            #expect(items.bytes == 0, "\(label): tables nobody reads")
            return
        }
        #expect(items.bytes > 0)
        var mixed = request(batch, names, repeated: true)
        let single = request(batch, names, repeated: false)
        for name in known.requestInputs { mixed[name] = single[name] }
        let count = items.columns.count
        mixed[ItemFactoring.rowInput] = Tensor((0..<count).map { Int32(count - 1 - $0) })
        compare(try known(mixed), expected, label)
        // What does not fit is computed.
        let small = ItemTables(
            Columns(tensors: backwards),
            mostBytes: items.bytes - 1,
            leastOperations: 1
        )
        let other = try Predictor(whole, requestInputs: names, items: (small, inputs))
        #expect(!other.isReadingItems && small.bytes == 0)
    }

    private static func reversed(_ range: Range<Int>) -> [Int] { range.reversed() }

    /// Some rows of a tensor.
    private static func rows(_ tensor: Tensor, _ rows: [Int]) -> Tensor {
        let width = tensor.count / max(tensor.shape[0], 1)
        let shape = [rows.count] + tensor.shape.dropFirst()
        if tensor.dtype == .int32 {
            let values = tensor.integers
            return Tensor(
                rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] },
                shape: Array(shape)
            )
        }
        let values = tensor.floats
        return Tensor(
            rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] },
            shape: Array(shape)
        )
    }

    /// Columns of items in memory.
    private struct Columns: ItemColumns {
        let tensors: [String: Tensor]

        var count: Int { tensors.values.first?.shape[0] ?? 0 }

        func withColumns(
            of items: Range<Int>,
            _ inputs: [String],
            _ body: ([SizeSymbol: Int], [UnsafeRawPointer]) throws -> Void
        ) throws {
            let taken = inputs.compactMap { name in
                tensors[name].map { RequestInputTests.rows($0, Array(items)) }
            }
            func with(_ rest: ArraySlice<Tensor>, _ elements: [UnsafeRawPointer]) throws {
                guard let first = rest.first else {
                    return try body([.batch: items.count], elements)
                }
                try first.withBytes { bytes in
                    guard let base = bytes.baseAddress else { return }
                    try with(rest.dropFirst(), elements + [base])
                }
            }
            try with(taken[...], [])
        }
    }

    private static let fields: Set<String> = ["field_0", "field_2", "field_3"]

    @Test(arguments: GoldenModel.all)
    func architecturesAnswerTheSame(_ described: GoldenModel) throws {
        let golden = try ModelGolden(described)
        let taken = try Self.check(
            golden.model(),
            golden.batch(0),
            Self.fields,
            described.name
        )
        #expect(Set(taken) == Self.fields)
    }

    @Test(arguments: ScenarioGolden.all)
    func architecturesOfScenariosAnswerTheSame(_ golden: ScenarioGolden) throws {
        let batch = try ScenarioGolden.batch(ScenarioGolden.file("batches"), 0)
        let taken = try Self.check(golden.model(), batch, Self.fields, golden.name)
        #expect(Set(taken) == Self.fields)
    }

    @Test(arguments: SequenceGolden.all)
    func listsOfTheUserAreReadOnce(_ golden: SequenceGolden) throws {
        let batch = try SequenceGolden.batch(SequenceGolden.file("batches"), 0)
        let names: Set = ["field_0", "numeric", "history.values", "history.offsets"]
        let taken = try Self.check(golden.model(), batch, names, golden.name)
        #expect(Set(taken) == names)
    }

    /// Of the models of this suite some have enough work of items alone that it is worth storing.
    @Test func someModelsReadItems() throws {
        var reading = 0
        for described in GoldenModel.all {
            let golden = try ModelGolden(described)
            let model = try golden.model()
            let whole = try Predictor(
                model,
                parameters: Self.parameters(model),
                backend: OneDNNBackend()
            )
            let inputs = Set(whole.inputs.map(\.name)).subtracting(Self.fields)
            let columns = Columns(tensors: try golden.batch(0))
            let tables = ItemTables(columns, mostBytes: 1 << 24, leastOperations: 1)
            let known = try Predictor(whole, requestInputs: Self.fields, items: (tables, inputs))
            if known.isReadingItems { reading += 1 }
        }
        #expect(reading > 0)
    }

    @Test func inputsThatDoNotExistAreNamed() throws {
        let model = try TinyMarket.model()
        let error = #expect(throws: GraphError.self) {
            try Predictor(
                model,
                parameters: Self.parameters(model),
                requestInputs: ["histroy.values"],
                backend: OneDNNBackend()
            )
        }
        #expect(
            error?.message
                == "request input \"histroy.values\": the program has no such input; expected one of item, history.values, history.offsets, numeric. Did you mean `history.values`?"
        )
    }
}
