import MotetTraining

extension RecommendationRules {
    /// Choices that have collapsed, and experts nobody uses.
    func experts(_ layers: [Experts]) -> [Recommendation] {
        var made: [Recommendation] = []
        for layer in layers {
            let recommendation: Recommendation?
            if let expert = layer.collapsed {
                recommendation = self.made(
                    "collapse",
                    "expert \(expert) of \(layer.use.layer) takes \(collapsedShare(layer, expert)) of every gate or more",
                    sharingLess() + fewer(layer, max(1, layer.use.experts.count / 2))
                )
            } else if !layer.dead.isEmpty {
                let numbers = layer.dead.map { "\($0)" }.joined(separator: ", ")
                let share = Self.percent(ExplanationThresholds.dead)
                recommendation = self.made(
                    "dead_experts",
                    "\(layer.dead.count == 1 ? "expert" : "experts") \(numbers) of \(layer.use.layer) "
                        + "\(layer.dead.count == 1 ? "gets" : "get") less than \(share) of every gate, in "
                        + "every scenario",
                    fewer(layer, layer.dead.count)
                )
            } else {
                recommendation = nil
            }
            if let recommendation { made.append(recommendation) }
        }
        return Array(made.prefix(ExplanationThresholds.perRule))
    }

    private func collapsedShare(_ layer: Experts, _ expert: Int) -> String {
        let shares = layer.use.gates.filter { $0.selection.count > 1 }.map { $0.shares[expert] }
        return Self.percent(shares.min() ?? 0)
    }

    /// Options with fewer experts, where the architecture has a key for them.
    private func fewer(_ layer: Experts, _ count: Int) -> [[Recommendation.Change]] {
        let dead = layer.dead.isEmpty ? Array(layer.use.experts.indices) : layer.dead
        let isShared = dead.allSatisfy { layer.use.experts[$0].tasks.count > 1 }
        let keys = isShared ? ["experts", "shared_experts"] : ["experts", "task_experts"]
        for key in keys {
            guard let now = integer("model", key) else { continue }
            let left = max(1, now - count)
            return left < now ? [[Recommendation.Change("model.\(key)", left)]] : []
        }
        return []
    }
}
