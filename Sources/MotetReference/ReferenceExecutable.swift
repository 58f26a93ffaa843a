import MotetCore
import MotetGraph

/// A graph with the values of its last run.
final class ReferenceExecutable: Executable {
    let graph: Graph
    private let states: StateStore
    private let capacity: [SizeSymbol: Int]
    private let stages: [Value: Graph.Stage]
    private var sizes: [SizeSymbol: Int] = [:]
    private var bindings: [Int: UnsafeRawPointer] = [:]
    private var values: [Tensor?]
    private var results: [UnsafeMutableRawBufferPointer]

    init(graph: Graph, states: StateStore, capacity: [SizeSymbol: Int]) {
        self.graph = graph
        self.states = states
        self.capacity = capacity
        var stages: [Value: Graph.Stage] = [:]
        for node in graph.nodes {
            for output in node.outputs { stages[output] = node.stage }
        }
        self.stages = stages
        values = Array(repeating: nil, count: graph.types.count)
        results = graph.outputs.map { _ in .allocate(byteCount: 0, alignment: 64) }
    }

    deinit {
        for result in results { result.deallocate() }
    }

    func setSizes(_ symbols: [SizeSymbol], _ values: UnsafePointer<Int>) {
        for (index, symbol) in symbols.enumerated() {
            let (size, limit) = (values[index], capacity[symbol, default: values[index]])
            precondition(
                size >= 0 && size <= limit,
                "reference backend: the size \(symbol) is out of range; expected 0 to \(limit); received \(size)."
            )
            sizes[symbol] = size
        }
    }

    func bind(_ index: Int, to elements: UnsafeRawPointer) { bindings[index] = elements }

    func run(_ stage: Graph.Stage) {
        load(stage)
        for node in graph.nodes where node.stage == stage { evaluate(node) }
        writeBack(stage)
    }

    func firstNonFiniteNode() -> Graph.Node? {
        load(.gradients)
        for node in graph.nodes where node.stage == .gradients {
            evaluate(node)
            for output in node.outputs where graph.type(of: output).dtype == .float32 {
                guard let value = values[output.id] else { continue }
                if value.floats.contains(where: { !$0.isFinite }) { return node }
            }
        }
        return nil
    }

    func output(_ index: Int) -> UnsafeRawBufferPointer {
        let value = graph.outputs[index].value
        let tensor: Tensor
        if case .state(let name) = graph.sources[value.id] {
            tensor = state(name)
        } else {
            tensor = known(value, "the result \"\(graph.outputs[index].name)\"")
        }
        if results[index].count != tensor.byteCount {
            results[index].deallocate()
            results[index] = .allocate(byteCount: tensor.byteCount, alignment: 64)
        }
        tensor.withBytes { results[index].copyMemory(from: $0) }
        return UnsafeRawBufferPointer(results[index])
    }

    /// Reads states, and at the start of a run inputs and constants.
    private func load(_ stage: Graph.Stage) {
        if stage == .gradients {
            for (index, input) in graph.inputs.enumerated() {
                values[input.value.id] = bound(index, input.name, graph.type(of: input.value))
            }
        }
        for id in graph.sources.indices {
            switch graph.sources[id] {
            case .constant(let tensor): values[id] = tensor
            case .state(let name): values[id] = state(name)
            case .input, .node: break
            }
        }
    }

    private func bound(_ index: Int, _ name: String, _ type: TensorType) -> Tensor {
        guard let shape = type.shape.resolved(sizes) else {
            preconditionFailure("input \"\(name)\": a size of \(type) was not set before the run.")
        }
        var tensor = Tensor(zeros: shape, dtype: type.dtype)
        guard tensor.count > 0 else { return tensor }
        guard let elements = bindings[index] else {
            preconditionFailure("input \"\(name)\": no elements were given before the run.")
        }
        tensor.withMutableBytes { destination in
            destination.copyMemory(
                from: UnsafeRawBufferPointer(start: elements, count: destination.count)
            )
        }
        return tensor
    }

    private func state(_ name: String) -> Tensor {
        guard let tensor = states.tensor(name) else {
            preconditionFailure("state \"\(name)\": not in the store.")
        }
        return tensor
    }

    private func known(_ value: Value, _ what: String) -> Tensor {
        guard let tensor = values[value.id] else {
            preconditionFailure("reference backend: \(what) was read before a run made it.")
        }
        return tensor
    }

    private func evaluate(_ node: Graph.Node) {
        let inputs = node.inputs.map { known($0, "%\($0.id)") }
        let made: [Tensor]
        if let kernel = node.operation as? any ReferenceKernel {
            made = kernel.evaluate(inputs, sizes: sizes)
        } else if let operation = node.operation as? any HostOperation {
            made = operation.evaluate(inputs)
        } else {
            preconditionFailure("reference backend: no kernel for \(type(of: node.operation)).")
        }
        for (output, tensor) in zip(node.outputs, made) {
            let type = graph.type(of: output)
            precondition(
                tensor.dtype == type.dtype && type.shape.resolved(sizes) == tensor.shape,
                "reference backend: \(node.operation) made \(tensor.dtype) \(tensor.shape) for \(type)."
            )
            values[output.id] = tensor
        }
    }

    /// Stores what the stage made of states, after all of it was computed.
    private func writeBack(_ stage: Graph.Stage) {
        let due = graph.updates.filter { stages[$0.value, default: .update] == stage }
        let tensors = due.map { known($0.value, "the update of \"\($0.state)\"") }
        for (update, tensor) in zip(due, tensors) { states.set(update.state, tensor) }
    }
}
