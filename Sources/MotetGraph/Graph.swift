public import MotetCore

/// A program as data: nodes in execution order, over values with known types.
///
/// A graph has *inputs* (a batch's columns and scalars such as the learning rate), *states*
/// (parameters, optimizer moments, running statistics), *outputs*, and *updates*: what each state
/// becomes when the program has run. Nodes only read values of earlier nodes.
public struct Graph: Sendable {
    /// An operation applied to values.
    public struct Node: Sendable {
        /// What is computed.
        public var operation: any Operation
        /// What it reads.
        public var inputs: [Value]
        /// What it makes.
        public var outputs: [Value]
        /// The layer or part of the program it belongs to, for messages.
        public var scope: String
        /// Whether it belongs to the part that runs after the gradients are known.
        public var stage: Stage
    }

    /// The two parts of a training program; between them gradients may be changed from outside.
    public enum Stage: String, Sendable, Codable {
        /// Forward, losses and gradients.
        case gradients
        /// Clipping and updates of states.
        case update
    }

    /// Where a value comes from.
    public enum Source: Sendable {
        /// Given at each run.
        case input(String)
        /// Kept between runs.
        case state(String)
        /// The same at each run.
        case constant(Tensor)
        /// An output of a node.
        case node
    }

    /// The type of each value, by id.
    public internal(set) var types: [TensorType] = []
    /// The source of each value, by id.
    public internal(set) var sources: [Source] = []
    /// The nodes in execution order.
    public package(set) var nodes: [Node] = []
    /// The named results.
    public internal(set) var outputs: [(name: String, value: Value)] = []
    /// The states that change, and what they become.
    public internal(set) var updates: [(state: String, value: Value)] = []

    /// An empty graph.
    public init() {}

    /// The type of a value.
    public func type(of value: Value) -> TensorType { types[value.id] }

    /// The inputs in the order they were declared.
    public var inputs: [(name: String, value: Value)] {
        sources.indices.compactMap { id in
            if case .input(let name) = sources[id] { (name, Value(id: id)) } else { nil }
        }
    }

    /// The states in the order they were declared.
    public var states: [(name: String, value: Value)] {
        sources.indices.compactMap { id in
            if case .state(let name) = sources[id] { (name, Value(id: id)) } else { nil }
        }
    }

    /// The named result, if there is one.
    public func output(_ name: String) -> Value? { outputs.first { $0.name == name }?.value }

    /// A listing with one node a line, for people.
    public var listing: String {
        nodes.map { node in
            let made = node.outputs.map { "%\($0.id): \(type(of: $0))" }.joined(separator: ", ")
            let read = node.inputs.map { "%\($0.id)" }.joined(separator: ", ")
            let kind = Swift.type(of: node.operation).name
            return "\(made) = \(kind)(\(read))  // \(node.scope)"
        }.joined(separator: "\n")
    }
}
