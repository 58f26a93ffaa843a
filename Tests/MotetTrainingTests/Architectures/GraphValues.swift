import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN

/// Runs a small graph on given inputs.
struct GraphValues {
    private(set) var graph = GraphBuilder()
    private var inputs: [String: Tensor] = [:]

    /// An input `[B]`.
    mutating func input(_ name: String, _ values: [Float]) throws -> Value {
        inputs[name] = Tensor(values)
        return try graph.input(name, TensorType([.batch]))
    }

    /// Labels as a training program has them.
    mutating func labels(
        _ labels: [(task: String, values: [Float])],
        sampleWeight: [Float]? = nil
    ) throws -> LabelledRows {
        var columns: [String: Value] = [:]
        for (task, values) in labels { columns[task] = try input("label/\(task)", values) }
        let weight = try sampleWeight.map { try input("sample_weight", $0) }
        return LabelledRows(labels: columns, sampleWeight: weight)
    }

    /// The values of what a closure appends.
    mutating func values(_ body: (inout GraphBuilder) throws -> Value) throws -> [Float] {
        let made = try body(&graph)
        graph.output("made", made)
        let rows = inputs.values.map { $0.shape[0] }.max() ?? 1
        let executable = try OneDNNBackend().compile(
            graph.graph,
            states: StateStore(),
            capacity: [.batch: rows]
        )
        executable.setSizes([.batch: rows])
        let memory = executable.graph.inputs.map { _ in
            UnsafeMutableRawPointer.allocate(byteCount: max(64, 4 * rows), alignment: 64)
        }
        defer { memory.forEach { $0.deallocate() } }
        for (index, input) in executable.graph.inputs.enumerated() {
            inputs[input.name]?.withBytes { bytes in
                if let base = bytes.baseAddress {
                    memory[index].copyMemory(from: base, byteCount: bytes.count)
                }
            }
            executable.bind(index, to: memory[index])
        }
        executable.run()
        return executable.tensor("made")?.floats ?? []
    }
}
