public import MotetCore
public import MotetGraph

/// An operation, or a few in a row, with inputs to try it on.
///
/// One case serves three tests: gradients against finite differences, one backend against another,
/// and the passes against the graph as it was built.
public struct OperationCase: Sendable, CustomStringConvertible {
    /// Builds the operations over the inputs and returns the outputs.
    public typealias Build = @Sendable (inout GraphBuilder, [Value]) throws -> [Value]

    /// What messages call it.
    public let name: String
    /// What the operations read.
    public let inputs: [CaseInput]
    /// The sizes of the runs, which one executable does one after the other.
    public let runs: [[SizeSymbol: Int]]
    /// The greatest size of each symbol.
    public let capacity: [SizeSymbol: Int]
    /// The outputs that gradients flow into; none when the operations have no gradient.
    public let differentiatedOutputs: [Int]
    /// Whether gradients are smooth enough for finite differences.
    public let isSmooth: Bool
    /// For each state that changes, the output it becomes.
    public let updates: [(state: String, output: Int)]
    /// Whether outputs 0 and 1 are meant only as far as the number in output 2 goes.
    public let isCounted: Bool
    /// How far backends may differ.
    public let tolerance: Tolerance
    /// Builds the operations.
    public let build: Build

    /// Creates a case.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - inputs: what the operations read.
    ///   - runs: the sizes of each run; one run without symbols unless given.
    ///   - spare: how far the capacity exceeds the greatest size of the runs.
    ///   - differentiatedOutputs: the outputs that gradients flow into.
    ///   - isSmooth: whether gradients are compared with finite differences.
    ///   - updates: for each state that changes, the output it becomes.
    ///   - isCounted: whether output 2 says how many rows of outputs 0 and 1 are meant.
    ///   - tolerance: how far backends may differ.
    ///   - build: builds the operations.
    public init(
        _ name: String,
        _ inputs: [CaseInput],
        runs: [[SizeSymbol: Int]] = [[:]],
        spare: Int = 0,
        differentiatedOutputs: [Int] = [0],
        isSmooth: Bool = true,
        updates: [(state: String, output: Int)] = [],
        isCounted: Bool = false,
        tolerance: Tolerance = .float32,
        build: @escaping Build
    ) {
        self.name = name
        self.inputs = inputs
        self.runs = runs
        var capacity: [SizeSymbol: Int] = [:]
        for run in runs { capacity.merge(run.mapValues { $0 + spare }, uniquingKeysWith: max) }
        self.capacity = capacity
        self.differentiatedOutputs = differentiatedOutputs
        self.isSmooth = isSmooth
        self.updates = updates
        self.isCounted = isCounted
        self.tolerance = tolerance
        self.build = build
    }

    /// The name.
    public var description: String { name }

    /// The program of the case.
    ///
    /// Results are called `output.0`, `output.1`, ... and `gradient.<input>`; the gradients that
    /// arrive at the outputs are inputs called `cotangent.0`, ...
    ///
    /// - Parameter withGradients: whether gradients of the differentiated inputs are computed too.
    /// - Returns: the graph as built, before any pass.
    /// - Throws: `GraphError` when a shape or gradient rule refuses.
    public func graph(withGradients: Bool) throws -> Graph {
        var builder = GraphBuilder()
        let values = try inputs.map { input in
            try input.isState
                ? builder.state(input.name, input.type) : builder.input(input.name, input.type)
        }
        builder.scope = name
        let outputs = try build(&builder, values)
        for (index, output) in outputs.enumerated() { builder.output("output.\(index)", output) }
        for update in updates { builder.update(update.state, outputs[update.output]) }
        guard withGradients, !differentiatedOutputs.isEmpty else { return builder.graph }
        let seeds = try differentiatedOutputs.map { index in
            let type = builder.type(of: outputs[index])
            return (value: outputs[index], gradient: try builder.input("cotangent.\(index)", type))
        }
        let targets = inputs.indices.filter { inputs[$0].isDifferentiated }
        let made = try builder.gradients(of: seeds, withRespectTo: targets.map { values[$0] })
        for (target, gradient) in zip(targets, made) {
            switch gradient {
            case .dense(let value)?: builder.output("gradient.\(inputs[target].name)", value)
            case .rows(let rows)?:
                let dense = try builder.densified(rows, like: values[target])
                builder.output("gradient.\(inputs[target].name)", dense)
            case nil: break
            }
        }
        return builder.graph
    }

    /// The elements of an input in one of the runs.
    ///
    /// - Parameters:
    ///   - input: the input, or one that holds a cotangent.
    ///   - run: the number of the run; states have the same elements in all.
    /// - Returns: elements that depend only on the names of case and input and on the run.
    public func tensor(_ input: CaseInput, run: Int) -> Tensor {
        let key = RandomKey(seed: 7).split(name).split(input.name).split(input.isState ? 0 : run)
        let shape = input.type.shape.resolved(runs[run]) ?? []
        return input.fill(key, shape, runs[run])
    }
}
