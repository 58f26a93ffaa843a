public import MotetTraining

/// Which experts of a layer serve which tasks and scenarios, and which serve none.
public struct Experts: Codable, Hashable, Sendable {
    /// The weights of the gates.
    public var use: ExpertUse
    /// The expert that takes at least 0.9 of every gate, where there is one: the choice has collapsed.
    public var collapsed: Int?
    /// The experts with less than 0.02 of every gate that could choose them, in every scenario.
    public var dead: [Int]

    /// Judges the weights of a layer's gates.
    init(_ use: ExpertUse) {
        self.use = use
        let choosing = use.gates.filter { $0.selection.count > 1 && $0.rows > 0 }
        collapsed = use.experts.indices.first { expert in
            !choosing.isEmpty
                && choosing.allSatisfy { $0.shares[expert] >= ExplanationThresholds.collapse }
        }
        dead = use.experts.indices.filter { expert in
            let gates = choosing.filter { $0.selection.contains(expert) }
            return !gates.isEmpty
                && gates.allSatisfy { gate in
                    ([gate.shares] + gate.scenarios.compactMap { $0 }).allSatisfy {
                        $0[expert] < ExplanationThresholds.dead
                    }
                }
        }
    }
}
