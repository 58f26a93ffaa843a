import MotetCore
public import MotetGraph
public import MotetReference

/// Compares an operation's gradient rule with finite differences of `sum(outputs * cotangents)`.
///
/// Differences are central, of fourth order: `(8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h`. With
/// `h = 1/32` the error left is about 3e-8 of the fifth derivative, and rounding of float32 results
/// adds some 1e-5 of their size; a step smaller by 10 would add ten times that. Inputs of many
/// elements are probed at a few elements and along two random directions of signs, which reach all;
/// there the step is an eighth, because all elements move at once.
public struct GradientChecker: Sendable {
    /// The step `h`.
    public let step: Float
    /// How far the two may differ; `absolute` is multiplied by the size of the terms of the sum.
    public let tolerance: Tolerance
    /// How many elements of an input are probed one by one.
    public let probes: Int

    /// Creates a checker.
    ///
    /// - Parameters:
    ///   - step: the step of the differences.
    ///   - tolerance: how far gradient and difference may lie apart.
    ///   - probes: how many elements of an input are probed one by one.
    public init(
        step: Float = 1 / 32,
        tolerance: Tolerance = Tolerance(relative: 2e-4, absolute: 5e-5),
        probes: Int = 8
    ) {
        self.step = step
        self.tolerance = tolerance
        self.probes = probes
    }

    /// Checks every differentiated input of every run.
    ///
    /// - Parameters:
    ///   - operationCase: the case; without differentiated outputs there is nothing to check.
    ///   - backend: what computes the gradients; differences are always the reference's.
    /// - Returns: one comparison for each probe of each input.
    /// - Throws: what a backend throws when it refuses the graph.
    public func check(
        _ operationCase: OperationCase,
        gradientsOn backend: any Backend = ReferenceBackend()
    ) throws -> [Comparison] {
        let graph = try operationCase.graph(withGradients: true)
        let results = try operationCase.results(on: backend, graph: graph)
        let forward = try operationCase.graph(withGradients: false)
        var comparisons: [Comparison] = []
        for run in operationCase.runs.indices {
            let objective = try Objective(operationCase, forward, graph, run: run)
            for input in operationCase.inputs where input.isDifferentiated {
                let gradient = results[run].first { $0.name == "gradient.\(input.name)" }?.tensor
                comparisons += probe(operationCase, input, run, objective, gradient)
            }
        }
        return comparisons
    }

    private func probe(
        _ operationCase: OperationCase,
        _ input: CaseInput,
        _ run: Int,
        _ objective: Objective,
        _ gradient: Tensor?
    ) -> [Comparison] {
        let start = operationCase.tensor(input, run: run)
        let slopes = gradient?.numbers ?? Array(repeating: 0, count: start.count)
        var generator = RandomKey(seed: 11).split(operationCase.name).split(input.name).generator()
        var directions: [[Float]] = []
        let chosen =
            start.count <= probes
            ? Array(0..<start.count)
            : (0..<start.count).shuffled(using: &generator).prefix(probes).sorted()
        for element in chosen {
            directions.append((0..<start.count).map { $0 == element ? 1 : 0 })
        }
        if start.count > probes {
            for _ in 0..<2 {
                directions.append(
                    (0..<start.count).map { _ in Bool.random(using: &generator) ? 1 : -1 }
                )
            }
        }
        return directions.enumerated().map { index, direction in
            // A direction moves sums over many weights far more than one element does.
            let length = index < chosen.count ? step : step / 8
            let (difference, size) = objective.difference(input.name, start, direction, length)
            let expected = zip(slopes, direction).map { $0 * Double($1) }.reduce(0, +)
            let what = index < chosen.count ? "element \(chosen[index])" : "a direction of signs"
            return Comparison(
                "\(operationCase.name), run \(run), gradient of \"\(input.name)\" at \(what)",
                received: Tensor([Float(expected)]),
                expected: Tensor([Float(difference)]),
                tolerance: Tolerance(
                    relative: tolerance.relative,
                    absolute: tolerance.absolute * max(size, 0.1)
                )
            )
        }
    }
}

/// `sum(outputs * cotangents)` of a case's run as a function of one input.
private struct Objective {
    let operationCase: OperationCase
    let run: Int
    let runner: CaseRunner
    let cotangents: [(name: String, elements: [Double])]

    init(
        _ operationCase: OperationCase,
        _ forward: Graph,
        _ graph: Graph,
        run: Int
    ) throws {
        self.operationCase = operationCase
        self.run = run
        runner = try CaseRunner(operationCase, forward, on: ReferenceBackend())
        for input in operationCase.inputs where !input.isState {
            runner.set(input.name, operationCase.tensor(input, run: run))
        }
        cotangents = operationCase.cotangents(graph).map { input in
            let output = "output." + input.name.dropFirst("cotangent.".count)
            return (output, operationCase.tensor(input, run: run).numbers)
        }
    }

    /// The derivative along a direction, and the root of the sum of squares of the terms of the sum,
    /// which is what rounding of the outputs is proportional to.
    func difference(
        _ name: String,
        _ start: Tensor,
        _ direction: [Float],
        _ step: Float
    ) -> (slope: Double, size: Double) {
        func terms(_ steps: Float) -> [Double] {
            let moved = zip(start.floats, direction).map { $0 + $1 * step * steps }
            runner.set(name, Tensor(moved, shape: start.shape))
            runner.run(operationCase.runs[run])
            defer { runner.set(name, start) }
            return cotangents.flatMap { output, cotangent in
                zip(runner.executable.tensor(output)?.numbers ?? [], cotangent).map { $0 * $1 }
            }
        }
        func sum(_ steps: Float) -> Double { terms(steps).reduce(0, +) }
        let near = sum(1) - sum(-1)
        let far = sum(2) - sum(-2)
        let size = terms(0).map { $0 * $0 }.reduce(0, +).squareRoot()
        return ((8 * near - far) / (12 * Double(step)), size)
    }
}
