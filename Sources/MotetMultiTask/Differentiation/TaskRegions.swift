import MotetGraph

/// The part of a program each task has for itself, and the shared part below it.
///
/// Seen from the losses, a node is *own* while its results serve one task each and nothing shared lies between
/// it and the losses. Values that own nodes read from the shared part are the *border*: there the gradients
/// of the tasks meet.
struct TaskRegions {
    /// What a node reads from the shared part.
    struct Crossing: Hashable {
        let node: Int
        let input: Int
    }

    let nodes: [Graph.Node]
    let owners: [Value: TaskOwners]
    /// The values that depend on a target.
    let needed: Set<Value>
    /// For each node whether it is on the way from a target to a loss and own.
    let isOwn: [Bool]
    /// For each node whether it is on the way from a target to a loss.
    let isOnTheWay: [Bool]
    /// What own nodes read from the shared part, in reverse order of the nodes.
    let crossings: [Crossing]
    private let producers: [Value: Int]
    private let blocked: Set<Value>

    init(_ graph: Graph, losses: [Value], targets: [Value]) {
        nodes = graph.nodes
        needed = Self.dependents(of: targets, in: nodes)
        var owners: [Value: TaskOwners] = [:]
        for (task, loss) in losses.enumerated() {
            owners[loss] = (owners[loss] ?? .none).union(TaskOwners([TaskSet(task)]))
        }
        var producers: [Value: Int] = [:]
        var blocked = Set<Value>()
        var isOwn = nodes.map { _ in false }
        var isOnTheWay = isOwn
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            for output in node.outputs { producers[output] = index }
            let outputs = node.outputs.map { owners[$0] ?? .none }
            guard Self.passesGradients(node), outputs.contains(where: { $0 != .none }) else {
                continue
            }
            for (input, more) in zip(
                node.inputs,
                OwnershipRules.owners(node, outputs, in: graph)
            ) {
                owners[input] = (owners[input] ?? .none).union(more)
            }
            guard node.outputs.contains(where: needed.contains) else { continue }
            isOnTheWay[index] = true
            isOwn[index] =
                outputs.allSatisfy(\.isOwn) && !node.outputs.contains(where: blocked.contains)
            if !isOwn[index] { blocked.formUnion(node.inputs) }
        }
        self.owners = owners
        self.producers = producers
        self.isOwn = isOwn
        self.isOnTheWay = isOnTheWay
        self.blocked = blocked
        var crossings: [Crossing] = []
        for index in nodes.indices.reversed() where isOwn[index] {
            for (position, input) in nodes[index].inputs.enumerated()
            where needed.contains(input) {
                let isInside =
                    producers[input].map { isOwn[$0] }
                    ?? ((owners[input] ?? .none).isOwn && !blocked.contains(input))
                if !isInside { crossings.append(Crossing(node: index, input: position)) }
            }
        }
        self.crossings = crossings
    }

    /// The values that depend on some values, these included.
    static func dependents(of values: [Value], in nodes: [Graph.Node]) -> Set<Value> {
        var found = Set(values)
        for node in nodes where passesGradients(node) && node.inputs.contains(where: found.contains)
        {
            found.formUnion(node.outputs)
        }
        return found
    }

    /// Factors of losses are constants for the gradient: rules in Swift look at losses, and pass nothing on.
    private static func passesGradients(_ node: Graph.Node) -> Bool {
        !(node.operation is any HostOperation)
    }

    /// Whether what an own node reads belongs to the shared part.
    func isCrossed(_ node: Int, _ input: Int) -> Bool {
        crossings.contains(Crossing(node: node, input: input))
    }

    func value(_ crossing: Crossing) -> Value { nodes[crossing.node].inputs[crossing.input] }

    func owners(of value: Value) -> TaskOwners { owners[value] ?? .none }

    /// The node that makes a value; nil for inputs and states.
    func producer(of value: Value) -> Graph.Node? { producers[value].map { nodes[$0] } }

    /// The shared values nearest the losses that depend on a target that is compared.
    ///
    /// What lies below another such value is left out: a gate that reads the input of the experts it chooses
    /// from adds nothing that is looked at.
    func border(dependingOn compared: Set<Value>) -> [Value] {
        var candidates: [Value] = []
        for crossing in crossings {
            let value = value(crossing)
            guard compared.contains(value), !owners(of: value).isOwn, !candidates.contains(value)
            else { continue }
            candidates.append(value)
        }
        let below = candidates.map { ancestors(of: $0) }
        return candidates.enumerated().filter { position, value in
            !below.enumerated().contains { $0 != position && $1.contains(value) }
        }.map(\.element)
    }

    /// The values something is computed from, itself left out.
    private func ancestors(of value: Value) -> Set<Value> {
        var found = Set<Value>()
        var open = [value]
        while let next = open.popLast() {
            guard let producer = producers[next] else { continue }
            for input in nodes[producer].inputs where found.insert(input).inserted {
                open.append(input)
            }
        }
        return found
    }

    /// The own nodes a value is computed by.
    func ownNodes(behind value: Value) -> Set<Int> {
        var found = Set<Int>()
        var open = [value]
        while let next = open.popLast() {
            guard let producer = producers[next], isOwn[producer], found.insert(producer).inserted
            else { continue }
            open += nodes[producer].inputs
        }
        return found
    }
}
