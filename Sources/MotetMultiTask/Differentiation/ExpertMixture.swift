public import MotetGraph
import MotetCore

/// A weighted sum of experts in a program, and the tasks its gates and experts serve.
///
/// Found from the graph: whatever layer made it, a `Mixture` is a choice among experts.
public struct ExpertMixture: Sendable {
    /// The layer that made it.
    public let layer: String
    /// The weights, `[K, B, J]` for `K` gates over `J` experts each.
    public let gates: Value
    /// For each gate the experts its weights belong to.
    public let selections: [[Int]]
    /// For each gate the positions of the outputs that depend on what it chooses; empty where none does.
    public let gateTasks: [[Int]]
    /// For each expert the positions of the outputs that depend on it through any way.
    public let expertTasks: [[Int]]

    /// All mixtures of a program, in its order.
    ///
    /// - Parameters:
    ///   - graph: the program.
    ///   - outputs: one output for each task, 64 at most.
    /// - Returns: the mixtures an output depends on.
    public static func all(in graph: Graph, outputs: [Value]) -> [ExpertMixture] {
        let regions = TaskRegions(graph, losses: outputs, targets: graph.states.map(\.value))
        return graph.nodes.compactMap { node in
            guard let mixture = node.operation as? Mixture else { return nil }
            let owners = regions.owners(of: node.outputs[0])
            guard owners.all != .none else { return nil }
            let count = graph.type(of: node.inputs[1]).shape[0].fixedSize ?? 0
            return ExpertMixture(
                layer: node.scope,
                gates: node.inputs[0],
                selections: mixture.selections,
                gateTasks: owners.expanded(mixture.selections.count).map(\.positions),
                expertTasks: regions.owners(of: node.inputs[1]).expanded(count).map(\.positions)
            )
        }
    }
}

extension TaskSet {
    /// The positions of the tasks, in order.
    var positions: [Int] { (0..<64).filter { bits & (1 << UInt64($0)) != 0 } }
}
