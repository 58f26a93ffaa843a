public import MotetCore
public import MotetGraph
public import MotetNN
import MotetReference

/// What a layer is expected to be, beyond its shapes.
public struct LayerExpectations {
    /// Whether a training program computes something else than one that answers.
    public var trainingDiffers = false
    /// Whether gradients are smooth enough for finite differences.
    public var isSmooth = true
    /// Whether a row's result depends on that row alone when the layer answers.
    public var rowsAreIndependent = true
    /// Writes and reads parameters; other than this only to plant a fault.
    public var roundTrip: (SafetensorsFile) throws -> SafetensorsFile = { file in
        try SafetensorsFile(bytes: file.bytes, name: "parameters")
    }

    /// What most layers are.
    public init() {}

    /// The same with some expectations changed.
    public func with(_ change: (inout LayerExpectations) -> Void) -> LayerExpectations {
        var copy = self
        change(&copy)
        return copy
    }
}

/// Checks all that is expected of any layer.
///
/// Shape and element type of its result; number, names, shapes and first values of its parameters; one call
/// and two sharing them; gradients against finite differences, reaching every parameter; parameters written
/// and read; training and answering alike or not; statistics kept by training alone; rows on their own; the
/// backend against the reference.
///
/// - Parameters:
///   - layer: the layer, without a name of its own or with one.
///   - input: what it is called on.
///   - output: the shape of its result.
///   - parameters: names within the layer, and shapes, in order.
///   - expected: what else is expected.
///   - backend: what runs it, besides the reference.
/// - Returns: one result for each thing checked.
/// - Throws: what the layer or the backend throws.
public func checkLayer(
    _ layer: any Layer,
    input: [CaseInput],
    output: Shape,
    parameters: KeyValuePairs<String, [Int]> = [:],
    expected: LayerExpectations = LayerExpectations(),
    on backend: any Backend
) throws -> [LawResult] {
    let tested = try LayerUnderTest(layer, input)
    let check = LayerCheck(tested: tested, expected: expected, backend: backend)
    return try check.shape(output) + check.parameters(parameters) + check.sharing()
        + check.agreement() + check.gradients() + check.modes() + check.saving()
        + check.rows()
}

/// The parts of `checkLayer`.
private struct LayerCheck {
    let tested: LayerUnderTest
    let expected: LayerExpectations
    let backend: any Backend

    private func law(_ text: String) -> String { "\(tested.name): \(text)" }

    private func equal<Element: Equatable>(
        _ law: String,
        _ received: Element,
        _ expected: Element
    ) -> LawResult {
        LawResult(
            self.law(law),
            holds: received == expected,
            "expected \(expected); received \(received)"
        )
    }

    func shape(_ output: Shape) -> [LawResult] {
        [equal("shape and element type", tested.model.outputs[0].type, TensorType(output))]
    }

    func parameters(_ wanted: KeyValuePairs<String, [Int]>) -> [LawResult] {
        let descriptions = tested.model.parameters
        let store = ParameterStore(descriptions, key: RandomKey(seed: 1))
        let wrong = descriptions.filter { description in
            guard let tensor = store[description.name] else { return true }
            return tensor.shape != description.shape || !tensor.floats.allSatisfy(\.isFinite)
        }
        return [
            equal(
                "names and shapes of parameters",
                descriptions.map { "\($0.name) \($0.shape)" },
                wanted.map { "\(tested.name)/\($0.key) \($0.value)" }
            ),
            equal(
                "number of elements",
                store.elementCount,
                wanted.map { $0.value.reduce(1, *) }.reduce(0, +)
            ),
            equal("first values fit and are finite", wrong.map(\.name), []),
        ]
    }

    /// One layer called twice has one set of parameters.
    func sharing() throws -> [LawResult] {
        let twice = try LayerUnderTest.model(calls: 2, tested.layer, tested.inputs)
        return [
            equal(
                "two calls share parameters",
                twice.parameters.map(\.name),
                tested.model.parameters.map(\.name)
            )
        ]
    }

    /// The backend computes what the reference does, in either mode.
    func agreement() throws -> [LawResult] {
        try [ForwardMode.training, .inference].flatMap { mode in
            let operations = tested.operationCase(mode)
            let comparisons = try compareBackends(operations, ReferenceBackend(), backend)
            return comparisons.map { LawResult(law($0.what), holds: $0.isClose, "\($0)") }
        }
    }

    func gradients() throws -> [LawResult] {
        let operations = tested.operationCase(.training, isSmooth: expected.isSmooth)
        var results: [LawResult] = []
        if expected.isSmooth {
            results = try GradientChecker().check(operations, gradientsOn: backend)
                .map { LawResult(law($0.what), holds: $0.isClose, "\($0)") }
        }
        let received = try operations.results(on: backend)[0]
        for parameter in tested.model.parameters where parameter.isTrained {
            let gradient = received.first { $0.name == "gradient.\(parameter.name)" }?.tensor
            let isReached = gradient?.floats.contains { $0 != 0 && $0.isFinite } ?? false
            results.append(
                LawResult(
                    law("a gradient reaches \(parameter.name)"),
                    holds: isReached,
                    gradient == nil ? "there is none" : "greatest among \(gradient?.count ?? 0)"
                )
            )
        }
        return results
    }

    /// Training differs from answering where it should, and only it changes statistics.
    func modes() throws -> [LawResult] {
        let training = tested.operationCase(.training)
        let inference = tested.operationCase(.inference)
        let (runner, answering) = (
            try runner(training, named: training.name), try runner(inference, named: training.name)
        )
        func output(_ runner: CaseRunner) -> Tensor {
            runner.outputs.first { $0.name == "output.0" }?.tensor ?? Tensor([Float]())
        }
        let differs = output(runner) != output(answering)
        var results = [
            LawResult(
                law("training \(expected.trainingDiffers ? "differs" : "does not differ")"),
                holds: differs == expected.trainingDiffers,
                "the results \(differs ? "differ" : "are equal")"
            )
        ]
        for parameter in tested.model.parameters {
            let before = value(parameter.name, training, named: training.name)
            let isKept = runner.states.tensor(parameter.name) == before
            results.append(
                LawResult(
                    law("training changes \(parameter.name) if it is a statistic"),
                    holds: isKept == (parameter.role != .statistic),
                    isKept ? "it stays" : "it changes"
                )
            )
            results.append(
                LawResult(
                    law("answering leaves \(parameter.name)"),
                    holds: answering.states.tensor(parameter.name) == before,
                    "after one run"
                )
            )
        }
        return results
    }

    /// The elements of an input as the case of another name makes them.
    private func value(_ input: String, _ operations: OperationCase, named name: String) -> Tensor?
    {
        let owner = OperationCase(name, operations.inputs, runs: operations.runs) { _, _ in [] }
        return owner.inputs.first { $0.name == input }.map { owner.tensor($0, run: 0) }
    }

    /// Runs the first sizes of a case with the elements of the case of another name.
    private func runner(_ operations: OperationCase, named name: String) throws -> CaseRunner {
        let graph = try operations.graph(withGradients: false)
        let runner = try CaseRunner(operations, graph, on: ReferenceBackend())
        for input in operations.inputs {
            if let tensor = value(input.name, operations, named: name) {
                runner.set(input.name, tensor)
            }
        }
        runner.run(operations.runs[0])
        return runner
    }

    /// Parameters that were written and read give the same bits; one that is missing is named.
    func saving() throws -> [LawResult] {
        let store = ParameterStore(tested.model.parameters, key: RandomKey(seed: 1))
        var tensors: [String: Tensor] = [:]
        for name in store.names { tensors[name] = store[name] }
        let file = try expected.roundTrip(SafetensorsFile(tensors: tensors))
        var read = ParameterStore()
        for name in store.names { read[name] = file.tensors[name] }
        var results = [
            equal("names survive writing and reading", read.names, store.names),
            LawResult(
                law("parameters survive writing and reading"),
                holds: read == store,
                "\(store.elementCount) elements"
            ),
        ]
        for name in store.names {
            var incomplete = store
            incomplete[name] = nil
            var sentence = "nothing was thrown"
            do {
                _ = try Predictor(tested.model, parameters: incomplete, backend: backend)
            } catch {
                sentence = "\(error)"
            }
            let isNamed = sentence.contains("\"\(name)\"")
            // Only a training program may read a parameter; all of ours are read by both.
            results.append(LawResult(law("missing \(name) is named"), holds: isNamed, sentence))
        }
        return results
    }

    /// A row gets what it gets alone.
    func rows() throws -> [LawResult] {
        let isSliceable = tested.inputs.allSatisfy { $0.type.shape.dimensions.first == .batch }
        guard expected.rowsAreIndependent, isSliceable else { return [] }
        let operations = tested.operationCase(.inference)
        let whole = try runner(operations, named: operations.name)
        let all = whole.outputs[0].tensor
        let alone = try runner(operations, named: operations.name)
        let row = 3
        for input in tested.inputs {
            guard let tensor = value(input.name, operations, named: operations.name) else {
                continue
            }
            let width = tensor.count / tensor.shape[0]
            let range = row * width..<(row + 1) * width
            let shape = [1] + tensor.shape.dropFirst()
            alone.set(
                input.name,
                tensor.dtype == .int32
                    ? Tensor(Array(tensor.integers[range]), shape: shape)
                    : Tensor(Array(tensor.floats[range]), shape: shape)
            )
        }
        var sizes = operations.runs[0]
        sizes[.batch] = 1
        alone.run(sizes)
        let width = all.count / 5
        return [
            LawResult(
                law("a row gets what it gets alone"),
                received: alone.outputs[0].tensor,
                expected: Tensor(Array(all.floats[row * width..<(row + 1) * width])),
                tolerance: .float32
            )
        ]
    }
}
