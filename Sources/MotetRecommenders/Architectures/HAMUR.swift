import MotetCore
public import MotetGraph
public import MotetNN

/// Hyper adapters for multi-domain recommendation: one network for all, and behind each of its layers an adapter that
/// depends on the scenario and the row.
///
/// `h_l = adapter_{s,l}(f(h_{l-1} W_l + b_l), M(x))`, then a tower for each task; `M(x)`, a small square matrix, comes
/// from a network shared by all scenarios.
///
/// - Shapes: inputs `[B, I]`, rows sorted by scenario, and the offsets of the scenarios `[S + 1]`; output for each
///   task `[B, C_k]`
/// - Learned: `dense_i/weight` `[I, U]`; `hyper/dense_i/weight`; for each layer an adapter: see `HyperAdapter`
/// - Cost: an adapter costs about `2 R (2 U + 2 A)` products for each row, and `R^2` for each of its two matrices.
/// - Source: Li et al., "HAMUR: Hyper Adapter for Multi-Domain Recommendation", CIKM 2023.
///   <https://doi.org/10.1145/3583780.3615137>
/// - Departures: several tasks, each with a tower above the adapted layers. The adapter normalises over the units of a
///   row, not over rows, so that an answer does not depend on other rows of the batch. Outer factors of weights
///   belong to scenarios and layers to all; in the authors' program it is the other way round.
public final class HAMUR: ScenarioNetwork {
    /// `hamur`.
    public static let kind = "hamur"
    /// What it is made of.
    public let parts: ScenarioParts<Settings>

    /// Creates the architecture from its parts.
    public init(_ parts: ScenarioParts<Settings>) { self.parts = parts }

    /// Runs the layers with their adapters, and the towers.
    public func forward(
        _ inputs: [Value],
        in context: inout ForwardContext
    ) throws(GraphError) -> [Value] {
        try checkWidths("bottomUnits", settings.bottomUnits, atLeast: 1)
        try checkWidths("hyperUnits", settings.hyperUnits)
        let rank = settings.rank
        let hyper = settings.hyperUnits.enumerated().map {
            Dense($1, activation: towers.activation, name: "hyper_\($0 + 1)")
        }
        let matrix = Dense(rank * rank, name: "hyper_matrix")
        let flat = try context.perceptron(hyper + [matrix], inputs[0])
        let batch = context.graph.shape(of: inputs[0])[0]
        let matrices = try context.graph.apply(
            MotetGraph.Reshape([batch, .fixed(rank), .fixed(rank)]),
            flat
        )
        var value = inputs[0]
        for (index, width) in settings.bottomUnits.enumerated() {
            let layer = Dense(width, activation: towers.activation, name: "dense_\(index + 1)")
            let adapter = HyperAdapter(
                settings.adapterUnits,
                scenarios: scenarios,
                activation: towers.activation,
                name: "adapter_\(index + 1)"
            )
            value = try context.perceptron([layer], value, dropout: towers.dropout)
            value = try context.call(adapter, [value, matrices, inputs[1]])[0]
        }
        return try context.call(
            towers.towers(tasks, sharesInput: true),
            [value] + inputs.dropFirst()
        )
    }
}

extension HAMUR {
    /// The settings in configurations.
    public struct Settings: ScenarioSettings {
        /// The layer.
        public typealias Network = HAMUR
        /// `hamur`.
        public static let name = "hamur"
        /// Widths of the layers all share, each followed by an adapter.
        public var bottomUnits = [128]
        /// The width inside an adapter.
        public var adapterUnits = 32
        /// The rows and columns of the matrix that a row makes, `R`.
        public var rank = 8
        /// Widths of the hidden layers of the network that makes it.
        public var hyperUnits = [32]

        /// The defaults.
        public init() {}

        /// The keys in configurations.
        public static var keys: [ArchitectureKey<Self>] {
            [
                .widths("bottom_units", \.bottomUnits), .count("adapter_units", \.adapterUnits),
                .count("rank", \.rank), .widths("hyper_units", \.hyperUnits, atLeast: 0),
            ]
        }
    }
}

extension Architecture {
    /// One network, with adapters that depend on the scenario and the row.
    public static func hamur(_ change: (inout HAMUR.Settings) -> Void = { _ in }) -> Architecture {
        changed(change)
    }
}
