import MotetCore

extension Graph {
    /// A new value made by a node.
    mutating func appendValue(_ type: TensorType) -> Value {
        types.append(type)
        sources.append(.node)
        return Value(id: types.count - 1)
    }

    /// How often each value is read: by nodes, as a result, or as a new state.
    func useCounts() -> [Int] {
        var counts = [Int](repeating: 0, count: types.count)
        for node in nodes {
            for input in node.inputs { counts[input.id] += 1 }
        }
        for output in outputs { counts[output.value.id] += 1 }
        for update in updates { counts[update.value.id] += 1 }
        return counts
    }

    /// The position of the node that makes each value.
    func producers() -> [Value: Int] {
        var producers: [Value: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for output in node.outputs { producers[output] = index }
        }
        return producers
    }

    /// Replaces values everywhere they are read.
    mutating func replace(_ replacements: [Value: Value]) {
        guard !replacements.isEmpty else { return }
        func target(_ value: Value) -> Value {
            var value = value
            while let next = replacements[value] { value = next }
            return value
        }
        for index in nodes.indices { nodes[index].inputs = nodes[index].inputs.map(target) }
        for index in outputs.indices { outputs[index].value = target(outputs[index].value) }
        for index in updates.indices { updates[index].value = target(updates[index].value) }
    }
}
