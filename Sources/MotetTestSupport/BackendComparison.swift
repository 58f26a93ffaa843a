public import MotetCore
public import MotetGraph

extension OperationCase {
    /// Runs all runs of the case on one executable.
    ///
    /// - Parameters:
    ///   - backend: what runs the case.
    ///   - graph: the program; the case's own with gradients unless given.
    /// - Returns: for each run the results, then the states after it as `state.<name>`.
    /// - Throws: what the backend throws when it refuses the graph.
    public func results(
        on backend: any Backend,
        graph: Graph? = nil
    ) throws -> [[(name: String, tensor: Tensor)]] {
        let graph = try graph ?? self.graph(withGradients: true)
        let runner = try CaseRunner(self, graph, on: backend)
        return runs.indices.map { run in
            for input in inputs where !input.isState {
                runner.set(input.name, tensor(input, run: run))
            }
            for cotangent in cotangents(graph) {
                runner.set(cotangent.name, tensor(cotangent, run: run))
            }
            runner.run(runs[run])
            var results = runner.outputs
            for name in runner.states.names {
                if let tensor = runner.states.tensor(name) {
                    results.append(("state.\(name)", tensor))
                }
            }
            return isCounted ? OperationCase.counted(results) : results
        }
    }

    /// The inputs that hold the gradients arriving at outputs.
    func cotangents(_ graph: Graph) -> [CaseInput] {
        graph.inputs.filter { $0.name.hasPrefix("cotangent.") }.map { input in
            .features(input.name, graph.type(of: input.value).shape)
        }
    }

    /// Cuts outputs 0 and 1 down to the rows that output 2 says are meant.
    private static func counted(
        _ results: [(name: String, tensor: Tensor)]
    ) -> [(name: String, tensor: Tensor)] {
        let count = results.first { $0.name == "output.2" }.map { Int($0.tensor.integers[0]) } ?? 0
        let total = results.first { $0.name == "output.0" }?.tensor.count ?? 0
        return results.map { name, tensor in
            switch name {
            case "output.0": (name, Tensor(Array(tensor.integers.prefix(count))))
            case "output.1":
                (name, Tensor(Array(tensor.floats.prefix(count * tensor.count / max(total, 1)))))
            default: (name, tensor)
            }
        }
    }
}

/// Runs a case on two backends and compares all results, gradients and states of all runs.
///
/// - Parameters:
///   - operationCase: the case.
///   - reference: the backend that is taken to be right.
///   - other: the backend to judge.
/// - Returns: one comparison for each result of each run.
/// - Throws: what a backend throws when it refuses the graph.
public func compareBackends(
    _ operationCase: OperationCase,
    _ reference: any Backend,
    _ other: any Backend
) throws -> [Comparison] {
    let expected = try operationCase.results(on: reference)
    let received = try operationCase.results(on: other)
    return compareResults(operationCase, expected: expected, received: received)
}

/// Compares the results of two ways to run a case.
///
/// - Parameters:
///   - operationCase: the case, for its name and tolerance.
///   - expected: the results that are taken to be right.
///   - received: the results to judge.
///   - tolerance: how far they may differ; the case's own unless given.
/// - Returns: one comparison for each result of each run.
public func compareResults(
    _ operationCase: OperationCase,
    expected: [[(name: String, tensor: Tensor)]],
    received: [[(name: String, tensor: Tensor)]],
    tolerance: Tolerance? = nil
) -> [Comparison] {
    zip(expected, received).enumerated().flatMap { run, pair in
        zip(pair.0, pair.1).map { expected, received in
            Comparison(
                "\(operationCase.name), run \(run) \(operationCase.runs[run]), \(expected.name)",
                received: received.tensor,
                expected: expected.tensor,
                tolerance: tolerance ?? operationCase.tolerance
            )
        }
    }
}
