public import MotetGraph
import MotetCore

/// Appends the gradients of several losses, combined into one for each parameter with factors that follow from the
/// products of the tasks' gradients.
///
/// A parameter only one task depends on receives that task's gradient as it is. Into the shared part the gradient of
/// task *k* goes multiplied by `w_k`. What is compared to find `w` is, by choice, the gradients at the shared
/// values nearest the losses, or those of the shared dense parameters themselves.
///
/// - Source: for the two places Sener and Koltun, "Multi-Task Learning as Multi-Objective Optimization", NeurIPS
///   2018, sections 3.2 and 3.3; for the factored gates ours.
public struct TaskDifferentiation {
    /// A parameter to differentiate with respect to.
    public struct Target: Sendable {
        /// Its value in the graph.
        public let value: Value
        /// Whether its gradient is compared, where parameters are.
        public let isCompared: Bool
        /// Whether it is a table, whose gradient is made once, of the weighted losses, though it may be compared.
        public let isTable: Bool

        /// Describes a parameter.
        public init(value: Value, isCompared: Bool, isTable: Bool = false) {
            self.value = value
            self.isCompared = isCompared
            self.isTable = isTable
        }
    }

    /// Where gradients are compared.
    public enum Place: String, Hashable, Sendable, Codable, CaseIterable {
        /// At the shared values nearest the losses: one backward pass.
        case representation
        /// At the shared dense parameters: a backward pass for each task, and one for the rest.
        case parameters
    }

    /// Products of gradients of some tasks, which add up over all parts that are compared.
    public struct Products {
        /// `[n, n]`.
        public let value: Value
        /// The task of each row; a task may have several.
        public let tasks: [Int]
    }

    /// Appends what becomes of the tasks' gradients of a target: its position, the gradients, for each and each slice
    /// of it the place of its factor, and the factors.
    public typealias Combination =
        (inout GraphBuilder, Int, [Value], [[Int]], Value) throws(GraphError) -> Value

    /// The nodes before anything is appended.
    let regions: TaskRegions
    let losses: [Value]
    let targets: [Target]
    let place: Place
    /// The values that depend on a target that is compared.
    let compared: Set<Value>
    /// Mixtures of own gates over experts of the shared part: one operation makes the gradients of both, once the
    /// factors are known.
    let lateMixtures: Set<Int>
    /// Own nodes behind their gates.
    let lateNodes: Set<Int>
    /// The shared values nearest the losses, where those are compared.
    let border: [Value]
    /// Gradients that arrived at own values, as they are.
    var raw: [Value: [Gradient]] = [:]
    /// Gradients at the results of own nodes.
    var upstream: [Int: [Value?]] = [:]
    /// The tasks' gradients at values of the border, where they were made one by one.
    var met: [Value: [TaskPiece]] = [:]
    /// Gradients that arrived at shared values, with their factors.
    var shared: [Value: [Gradient]] = [:]

    /// Looks at a program.
    ///
    /// - Parameters:
    ///   - graph: the program up to the losses.
    ///   - losses: for each task a number, `[]`; at most 64.
    ///   - targets: the parameters.
    ///   - place: where gradients are compared.
    public init(_ graph: Graph, losses: [Value], targets: [Target], place: Place) {
        regions = TaskRegions(graph, losses: losses, targets: targets.map(\.value))
        self.losses = losses
        self.targets = targets
        self.place = place
        compared = TaskRegions.dependents(
            of: targets.filter(\.isCompared).map(\.value),
            in: graph.nodes
        )
        border = place == .representation ? regions.border(dependingOn: compared) : []
        let early = place == .representation ? Set(border) : compared
        (lateMixtures, lateNodes) = Self.late(regions, early)
    }

    /// Whether gradients of tasks meet at all where they are compared.
    public var hasMeetings: Bool {
        switch place {
        case .representation: !border.isEmpty
        case .parameters:
            targets.contains { $0.isCompared && !regions.owners(of: $0.value).isOwn }
        }
    }

    /// Appends the gradients.
    ///
    /// - Parameters:
    ///   - graph: the program the differentiation was made for.
    ///   - smooth: where parameters are compared, appends what is taken for the gradient of a task, by its position,
    ///     of a target, by its position; nil for the gradient itself.
    ///   - combine: where parameters are compared, appends what becomes of the tasks' gradients of a target, by its
    ///     position, with the places of their factors; nil for their weighted sum.
    ///   - makeFactors: appends what makes `[3 K]` numbers of the products: for each task the factor `w` of its
    ///     gradient in the shared part; then the one in its own part, `p`, 1 as a rule and 0 for a task that is left
    ///     out; then `w / p`, for what has `p` already where it enters a shared part further down.
    /// - Returns: for each target its gradient; nil where no loss depends on it.
    /// - Throws: `GraphError` when an operation on the way has no gradient.
    public mutating func append(
        to graph: inout GraphBuilder,
        smooth: ((inout GraphBuilder, Int, Int, Value) throws(GraphError) -> Value)? = nil,
        combine: Combination? = nil,
        factors makeFactors: (inout GraphBuilder, [Products]) throws(GraphError) -> Value
    ) throws(GraphError) -> [Gradient?] {
        let outerScope = graph.scope
        defer { graph.scope = outerScope }
        let one = graph.constant(Tensor([Float(1)], shape: []))
        for loss in losses { raw[loss, default: []].append(.dense(one)) }
        for index in regions.nodes.indices.reversed()
        where regions.isOwn[index] && !lateNodes.contains(index) {
            try differentiateOwn(index, in: &graph)
        }
        var products: [Products] = []
        var copies: [[Gradient?]] = []
        switch place {
        case .representation:
            for value in border { products += try self.products(at: value, in: &graph) }
        case .parameters:
            copies = try gradientsOfTasks(in: &graph)
            if let smooth { try self.smooth(&copies, by: smooth, in: &graph) }
            products = try self.products(of: copies, in: &graph)
        }
        graph.scope = "aggregation"
        let factors = try makeFactors(&graph, products)
        for index in regions.nodes.indices.reversed() {
            if lateMixtures.contains(index) { try crossMixture(index, factors, in: &graph) }
            if lateNodes.contains(index) { try differentiateOwn(index, in: &graph) }
        }
        for value in border {
            guard let pieces = met[value],
                let made = try combined(at: value, pieces, factors, in: &graph)
            else { continue }
            shared[value, default: []].append(.dense(made))
        }
        for crossing in regions.crossings
        where !lateMixtures.contains(crossing.node) && met[regions.value(crossing)] == nil {
            try cross(crossing, factors, in: &graph)
        }
        try differentiateShared(factors, in: &graph)
        var gradients: [Gradient?] = []
        for position in targets.indices {
            gradients.append(
                try gradient(position, copies, factors, by: combine, in: &graph)
            )
        }
        return gradients
    }

    /// Mixtures and own nodes whose gradients may wait until the factors are known.
    private static func late(
        _ regions: TaskRegions,
        _ early: Set<Value>
    ) -> (mixtures: Set<Int>, nodes: Set<Int>) {
        var mixtures = Set<Int>()
        var nodes = Set<Int>()
        for crossing in regions.crossings where crossing.input == 1 {
            let node = regions.nodes[crossing.node]
            guard node.operation is Mixture, !regions.isCrossed(crossing.node, 0) else { continue }
            let behind = regions.ownNodes(behind: node.inputs[0])
            let meets = regions.crossings.contains {
                behind.contains($0.node) && early.contains(regions.value($0))
            }
            if meets { continue }
            mixtures.insert(crossing.node)
            nodes.formUnion(behind)
        }
        return (mixtures, nodes)
    }

    private func smooth(
        _ copies: inout [[Gradient?]],
        by smooth: (inout GraphBuilder, Int, Int, Value) throws(GraphError) -> Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) {
        for task in copies.indices {
            for (position, target) in targets.enumerated()
            where !regions.owners(of: target.value).isOwn {
                guard case .dense(let value)? = copies[task][position] else { continue }
                copies[task][position] = .dense(try smooth(&graph, task, position, value))
            }
        }
    }

    /// Makes the gradients of what an own node reads from its own part.
    mutating func differentiateOwn(
        _ index: Int,
        in graph: inout GraphBuilder
    ) throws(GraphError) {
        let node = regions.nodes[index]
        graph.scope = node.scope
        var arriving: [Value?] = []
        for output in node.outputs {
            arriving.append(try graph.accumulated(raw[output], like: output))
        }
        guard arriving.contains(where: { $0 != nil }) else { return }
        upstream[index] = arriving
        if lateMixtures.contains(index) { return }
        let made = try node.operation.gradients(node, arriving, in: &graph)
        for (position, gradient) in made.enumerated() {
            guard let gradient, regions.needed.contains(node.inputs[position]),
                !regions.isCrossed(index, position)
            else { continue }
            raw[node.inputs[position], default: []].append(gradient)
        }
    }

    /// The gradient of a target, from its own part, the shared part, and the copies of the tasks.
    private func gradient(
        _ position: Int,
        _ copies: [[Gradient?]],
        _ factors: Value,
        by combine: Combination?,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Gradient? {
        let target = targets[position]
        let owners = regions.owners(of: target.value)
        graph.scope = "aggregation"
        if place == .parameters, target.isCompared, !target.isTable, !owners.isOwn {
            var values: [Value] = []
            var places: [[Int]] = []
            for (task, copy) in copies.enumerated() {
                guard case .dense(let value)? = copy[position] else { continue }
                values.append(value)
                places.append(owners.slices.map { $0.isShared ? task : losses.count + task })
            }
            guard !values.isEmpty else { return nil }
            if let combine {
                return .dense(try combine(&graph, position, values, places, factors))
            }
            return .dense(try graph.add(WeightedSum(places: places), values + [factors])[0])
        }
        var gradients = shared[target.value] ?? []
        let places = owners.slices.map { $0.only.map { losses.count + $0 } ?? -1 }
        for gradient in raw[target.value] ?? [] {
            gradients.append(try scaled(gradient, places, factors, in: &graph))
        }
        return try graph.accumulatedGradient(gradients, like: target.value)
    }

    /// A gradient of an own parameter, left out where the task is.
    private func scaled(
        _ gradient: Gradient,
        _ places: [Int],
        _ factors: Value,
        in graph: inout GraphBuilder
    ) throws(GraphError) -> Gradient {
        switch gradient {
        case .dense(let value):
            return .dense(try graph.apply(WeightedSum(places: [places]), value, factors))
        case .rows(let rows):
            var kept: [RowGradient] = []
            for row in rows {
                let one = WeightedSum(places: [Array(places.prefix(1))])
                kept.append(
                    RowGradient(ids: row.ids, rows: try graph.apply(one, row.rows, factors))
                )
            }
            return .rows(kept)
        }
    }
}
