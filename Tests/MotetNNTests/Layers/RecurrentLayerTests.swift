import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

@Suite("Recurrent layers") struct RecurrentLayerTests {
    private static let sequence = CaseInput.features("x", [.batch, 4, 5])
    private static let lstm: KeyValuePairs<String, [Int]> = [
        "weight": [5, 12], "bias": [12], "recurrent_weight": [3, 12],
    ]
    private static let gru: KeyValuePairs<String, [Int]> = [
        "weight": [5, 9], "bias": [9], "recurrent_weight": [3, 9], "recurrent_bias": [9],
    ]

    private func check(
        _ layer: any Layer,
        _ output: Shape,
        _ parameters: KeyValuePairs<String, [Int]> = [:],
        input: [CaseInput] = [sequence],
        trainingDiffers: Bool = false
    ) throws {
        let results = try checkLayer(
            layer,
            input: input,
            output: output,
            parameters: parameters,
            expected: LayerExpectations().with { $0.trainingDiffers = trainingDiffers },
            on: OneDNNBackend()
        )
        #expect(results.count > 5)
        for result in results { #expect(result.holds, "\(result)") }
    }

    @Test(arguments: [false, true])
    func lstm(reversed: Bool) throws {
        try check(
            LSTM(3, returnsSequences: true, reversed: reversed),
            [.batch, 4, 3],
            Self.lstm
        )
        try check(LSTM(3, reversed: reversed), [.batch, 3], Self.lstm)
    }

    @Test(arguments: [false, true])
    func gru(reversed: Bool) throws {
        try check(GRU(3, returnsSequences: true, reversed: reversed), [.batch, 4, 3], Self.gru)
        try check(GRU(3, reversed: reversed), [.batch, 3], Self.gru)
    }

    @Test func statesToStartFrom() throws {
        let states = (0..<2).map { CaseInput.features("state.\($0)", [.batch, 3]) }
        try check(LSTM(3), [.batch, 3], Self.lstm, input: [Self.sequence] + states)
        try check(GRU(3), [.batch, 3], Self.gru, input: [Self.sequence] + states.prefix(1))
    }

    @Test(arguments: [Bidirectional.Merge.concatenate, .sum, .average, .multiply])
    func bidirectional(merge: Bidirectional.Merge) throws {
        let width: Dimension = merge == .concatenate ? 6 : 3
        let parameters: KeyValuePairs<String, [Int]> = [
            "forward/weight": [5, 9], "forward/bias": [9], "forward/recurrent_weight": [3, 9],
            "forward/recurrent_bias": [9], "backward/weight": [5, 9], "backward/bias": [9],
            "backward/recurrent_weight": [3, 9], "backward/recurrent_bias": [9],
        ]
        try check(
            Bidirectional(GRU(3, returnsSequences: true), merge: merge),
            [.batch, 4, width],
            parameters
        )
        try check(Bidirectional(GRU(3), merge: merge), [.batch, width], parameters)
    }

    @Test func timeDistributed() throws {
        try check(
            TimeDistributed(Dense(2, activation: .tanh)),
            [.batch, 4, 2],
            ["dense_1/weight": [5, 2], "dense_1/bias": [2]]
        )
        try check(
            TimeDistributed(Embedding(vocabularySize: 6, dimension: 3)),
            [.batch, 4, 3],
            ["embedding_1/weight": [6, 3]],
            input: [.ids("id", [.batch, 4], table: 6)]
        )
    }

    /// The layer with a mask that is its last input.
    private final class Masked: Layer {
        static let kind = "masked"
        let name: String? = nil
        let layer: any Layer

        init(_ layer: any Layer) { self.layer = layer }

        func forward(
            _ inputs: [Value],
            in context: inout ForwardContext
        ) throws(GraphError) -> [Value] {
            // A value of its own, so that the input itself stays without a mask.
            let copy = try context.graph.apply(Scale(1), inputs[0])
            context.setMask(inputs[inputs.count - 1], of: copy)
            return try context.call(layer, [copy] + inputs[1..<inputs.count - 1])
        }
    }

    private static func mask(_ rows: [[Float]]) -> CaseInput {
        .data("mask", [.batch, 4]) { _, sizes, _ in
            Tensor((0..<sizes[0]).flatMap { rows[$0 % rows.count] }, shape: sizes)
        }
    }

    private static let holes = mask([[1, 1, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]])

    @Test func masksReachBothDirections() throws {
        let layers: [(any Layer, Shape)] = [
            (LSTM(3, returnsSequences: true), [.batch, 4, 3]),
            (GRU(3, reversed: true), [.batch, 3]),
            (
                Bidirectional(LSTM(3, returnsSequences: true, zeroesPadding: true)),
                [.batch, 4, 6]
            ),
        ]
        for (layer, output) in layers {
            let tested = try LayerUnderTest(Masked(layer), [Self.sequence, Self.holes])
            #expect(tested.model.outputs[0].type.shape == output)
            let operations = tested.operationCase(.training)
            for comparison in try compareBackends(operations, ReferenceBackend(), OneDNNBackend())
                + GradientChecker().check(operations, gradientsOn: OneDNNBackend())
            {
                #expect(comparison.isClose, "\(comparison)")
            }
        }
    }

    /// The results of a layer over given numbers, by the reference.
    private func output(_ layer: any Layer, _ x: Tensor, mask: Tensor?) throws -> Tensor {
        let inputs: [CaseInput] = [Self.sequence] + (mask == nil ? [] : [Self.holes])
        let named: any Layer = mask == nil ? layer : Masked(layer)
        let operations = try LayerUnderTest(named, inputs).operationCase(.inference)
        let owner = OperationCase("weights", operations.inputs) { _, _ in [] }
        let graph = try operations.graph(withGradients: false)
        let runner = try CaseRunner(operations, graph, on: ReferenceBackend())
        for input in operations.inputs where input.isState {
            // The same weights whatever stands around the layer.
            let plain = input.name.split(separator: "/").suffix(1).joined()
            let key = RandomKey(seed: 3).split(plain)
            runner.set(input.name, TinyData.normal(owner.tensor(input, run: 0).shape, key))
        }
        runner.set(ProgramInput.step, Tensor([Int32(3)], shape: []))
        runner.set("x", x)
        if let mask { runner.set("mask", mask) }
        runner.run([.batch: x.shape[0]])
        return runner.outputs[0].tensor
    }

    /// What stands at padded steps is not read, and a padded row equals the same row without padding.
    @Test(arguments: [false, true])
    func paddedStepsChangeNothing(reversed: Bool) throws {
        let key = RandomKey(seed: 5)
        let real = TinyData.normal([2, 5], key).floats
        let nonsense: [Float] = [1e6, -3, .nan, 7, 0.5]
        func row(_ steps: [Float]...) -> Tensor { Tensor(steps.flatMap { $0 }, shape: [1, 4, 5]) }
        let (first, second) = (Array(real[0..<5]), Array(real[5..<10]))
        let layers: [any Layer] = [LSTM(3, reversed: reversed), GRU(3, reversed: reversed)]
        for layer in layers {
            let after = try output(
                layer,
                row(first, second, nonsense, nonsense),
                mask: Tensor([Float]([1, 1, 0, 0]), shape: [1, 4])
            )
            let between = try output(
                layer,
                row(nonsense, first, nonsense, second),
                mask: Tensor([Float]([0, 1, 0, 1]), shape: [1, 4])
            )
            #expect(after == between)
            #expect(after.floats.allSatisfy { $0.isFinite && $0 != 0 })
            let other = try output(
                layer,
                row(second, first, nonsense, nonsense),
                mask: Tensor([Float]([1, 1, 0, 0]), shape: [1, 4])
            )
            #expect(other != after)
        }
    }

    @Test func aPaddedStepKeepsTheStateOrIsZero() throws {
        let x = TinyData.normal([1, 4, 5], RandomKey(seed: 6))
        let mask = Tensor([Float]([1, 1, 0, 0]), shape: [1, 4])
        let kept = try output(LSTM(3, returnsSequences: true), x, mask: mask).floats
        #expect(kept[6..<9] == kept[3..<6] && kept[9..<12] == kept[3..<6])
        let zeroed = try output(
            LSTM(3, returnsSequences: true, zeroesPadding: true),
            x,
            mask: mask
        ).floats
        #expect(zeroed[0..<6] == kept[0..<6] && zeroed[6..<12].allSatisfy { $0 == 0 })
    }

    @Test func theLastStatesCanBeUsed() throws {
        let input = try Input("x", shape: [4, 5])
        let run = try LSTM(3, returnsSequences: true).withStates(input)
        #expect(run.output.shape == [.batch, 4, 3])
        #expect(run.states.map(\.shape) == [[.batch, 3], [.batch, 3]])
        let next = try LSTM(3).withStates(input, from: run.states)
        #expect(next.output.shape == [.batch, 3])
        let both = try Bidirectional(GRU(3)).withStates(input)
        #expect(both.states.map(\.shape) == [[.batch, 3], [.batch, 3]])
        #expect(try Bidirectional(GRU(3)).withStates(input, from: both.states).states.count == 2)
    }

    @Test func mistakesAreSentences() throws {
        let flat = try Input("x", shape: [4])
        let input = try Input("x", shape: [4, 5])
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return "nothing was thrown"
        }
        #expect(
            message { _ = try LSTM(3)(flat) }.hasPrefix(
                "LSTM \"lstm\": the input has the wrong shape; expected [B, T, I]; received [B, 4]."
            )
        )
        #expect(
            message { _ = try GRU(0)(input) }.hasPrefix(
                "GRU \"gru\": 'units' is out of range; expected at least 1; received 0."
            )
        )
        #expect(
            message { _ = try LSTM(3).withStates(input, from: [flat.tensor]) }.hasPrefix(
                "LSTM \"lstm\": wrong number of initial states; expected none or 2; received 1."
            )
        )
    }

    /// Recurrent weights start with orthonormal rows, and the forget gate with ones.
    @Test func firstValues() throws {
        let model = try LayerUnderTest(LSTM(3), [Self.sequence]).model
        let store = ParameterStore(model.parameters, key: RandomKey(seed: 2))
        let bias = try #require(store["lstm_1/bias"]).floats
        #expect(bias == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
        let weight = try #require(store["lstm_1/recurrent_weight"]).floats.map(Double.init)
        for left in 0..<3 {
            for right in 0..<3 {
                let product = (0..<12).reduce(0) {
                    $0 + weight[left * 12 + $1] * weight[right * 12 + $1]
                }
                #expect(product.isClose(to: left == right ? 1 : 0, absolute: 1e-6))
            }
        }
        let tall = Initializer.orthogonal.tensor(shape: [5, 2], key: RandomKey(seed: 4)).floats
        let dot = (0..<5).reduce(0) { $0 + Double(tall[2 * $1] * tall[2 * $1 + 1]) }
        #expect(dot.isClose(to: 0, absolute: 1e-6))
    }
}
