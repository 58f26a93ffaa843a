import MotetCore
public import MotetGraph
public import MotetNN

/// Parameter and embedding personalised network: gates on the features by scenario, and on each task's hidden
/// units by the user and item.
///
/// - EPNet: `x' = gate([e_s; sg(x)]) * x`
/// - PPNet: for task *k*, layer *l*: `h_l = f(h_{l-1} W + b) * gate_{k,l}([prior; sg(x')])`, `h_0 = x'`
///
/// with `gate(z) = 2 sigmoid(relu(z W_1 + b_1) W_2 + b_2)`; `sg` lets no gradient through, and `prior` is the
/// vectors of the features that are named (user, item, author).
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `scenarios/weight` `[S, D]`; `embedding_gate/dense_i/weight`; for each tower layer
///   `parameter_gate_l/dense_i/weight` `[K, I, U]` and `dense_l/weight` `[K, I, U]`
/// - Source: Chang et al., "PEPNet: Parameter and Embedding Personalized Network for Infusing with Personalized
///   Prior Information", KDD 2023. <https://doi.org/10.1145/3580305.3599884>
/// - Departures: the scenario is known by its vector only, not by statistics of it. Gates of all tasks have one
///   width of hidden units.
public final class PEPNet: ScenarioNetwork {
    /// `pepnet`.
    public static let kind = "pepnet"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// The columns of the prior; empty for the gated features alone.
    private var prior: [Range<Int>] { parts.columns }

    /// Runs the gates and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("towerUnits", towers.units)
        let x = inputs[0]
        var value = x
        if settings.gates != .parameters {
            let embedding = ScenarioEmbedding(
                settings.scenarioDimension,
                scenarios: scenarios,
                name: "scenarios"
            )
            let gate = try gates(
                [try context.call(embedding, inputs)[0], x],
                count: 1,
                width: context.graph.shape(of: x).last.fixedSize ?? 1,
                name: "embedding_gate",
                in: &context
            )
            let factors = try context.slices(gate)[0]
            value = try context.graph.apply(Arithmetic(.multiply), factors, x)
        }
        let known = settings.gates == .embedding ? [] : try priorColumns(of: x, in: &context)
        let hidden = try hidden(value, known, in: &context)
        var outputs: [Value] = []
        for (index, task) in tasks.enumerated() {
            let output = Dense(task.towerWidth, name: "output_\(task.name)")
            let slice = hidden.count == 1 ? hidden[0] : hidden[index]
            outputs.append(try context.call(output, [slice])[0])
        }
        return outputs
    }

    /// The towers' last hidden units for each task, or the features where towers have no hidden layer.
    private func hidden(
        _ features: Value,
        _ prior: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        var value = features
        for (index, width) in towers.units.enumerated() {
            let layer = StackedDense(
                width,
                sources: index == 0 ? tasks.map { _ in 0 } : Array(tasks.indices),
                activation: towers.activation,
                name: "dense_\(index + 1)"
            )
            value = try context.call(layer, [value])[0]
            if settings.gates != .embedding {
                let gate = try gates(
                    prior + [features],
                    count: tasks.count,
                    width: width,
                    name: "parameter_gate_\(index + 1)",
                    in: &context
                )
                value = try context.graph.apply(Arithmetic(.multiply), value, gate)
            }
            if towers.dropout > 0 {
                let drop = MotetNN.Dropout(towers.dropout, name: "dropout_\(index + 1)")
                value = try context.call(drop, [value])[0]
            }
        }
        return towers.units.isEmpty ? [value] : try context.slices(value)
    }

    /// Gates on the known context and, as a constant, the last value given.
    private func gates(
        _ parts: [Value],
        count: Int,
        width: Int,
        name: String,
        in context: inout ForwardContext
    ) throws(GraphError) -> Value {
        var parts = parts
        if let last = parts.popLast() {
            parts.append(try context.graph.apply(StopGradient(), last))
        }
        let joined =
            parts.count == 1
            ? parts[0] : try context.graph.add(MotetGraph.Concatenate(axis: 1), parts)[0]
        let layer = GateUnits(count, hidden: settings.gateUnits, width: width, name: name)
        return try context.call(layer, [joined])[0]
    }

    /// The columns of the prior, cut out of the features.
    private func priorColumns(
        of x: Value,
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        let width = context.graph.shape(of: x).last.fixedSize ?? 0
        let ranges = prior.sorted { $0.lowerBound < $1.lowerBound }
        var sizes: [Int] = []
        var chosen: [Int] = []
        var end = 0
        for range in ranges {
            guard range.lowerBound >= end, range.upperBound <= width, !range.isEmpty else {
                throw GraphError(
                    .outOfRange,
                    "the columns of the prior overlap or leave the features; expected ranges within \(width) columns; received \(prior)."
                )
            }
            if range.lowerBound > end { sizes.append(range.lowerBound - end) }
            chosen.append(sizes.count)
            sizes.append(range.count)
            end = range.upperBound
        }
        if end < width { sizes.append(width - end) }
        guard sizes.count > 1 else { return chosen.isEmpty ? [] : [x] }
        let pieces = try context.graph.add(MotetGraph.Split(axis: 1, sizes: sizes), [x])
        return chosen.map { pieces[$0] }
    }
}

extension PEPNet {
    /// Which gates there are.
    public enum Gates: String, Sendable, Hashable, CaseIterable {
        /// PEPNet: both.
        case both
        /// EPNet: on the features, by scenario.
        case embedding
        /// PPNet: on hidden units, by the prior.
        case parameters
    }

    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = PEPNet
        /// `pepnet`.
        public static let name = "pepnet"
        /// Which gates there are.
        public var gates = Gates.both
        /// The features whose vectors the gates on hidden units read; empty for the gated features alone.
        public var priorFeatures: [String] = []
        /// The width of the gates' hidden layer.
        public var gateUnits = 32
        /// The width of the vector a scenario is known by.
        public var scenarioDimension = 8

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .choice("gates", \.gates), .names("prior_features", \.priorFeatures),
                .count("gate_units", \.gateUnits),
                .count("scenario_dimension", \.scenarioDimension),
            ]
        }

        /// The columns of the features of the prior.
        public func columns(_ features: DeclaredFeatures) -> [Range<Int>] {
            priorFeatures.compactMap { features.columns(of: $0) }
        }

        /// Features of the prior that are none.
        public func problems(_ experiment: ArchitectureExperiment) -> [String] {
            let names = experiment.features
            return priorFeatures.filter { !names.contains($0) }.map {
                "`prior_features` names a feature there is not; expected some of \(names); received `\($0)`."
                    + Suggestion.sentence(for: $0, in: names)
            }
        }
    }
}

extension Architecture {
    /// Gates on the features by scenario, and on hidden units by user and item.
    public static func pepnet(_ change: (inout PEPNet.Settings) -> Void = { _ in }) -> Architecture
    {
        changed(change)
    }
}
