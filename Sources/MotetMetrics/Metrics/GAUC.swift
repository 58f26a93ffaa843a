/// AUC within groups, such as users, averaged over the groups.
///
/// `GAUC = Σ_g c_g AUC_g / Σ_g c_g`. Ranking is judged only among rows a group could choose between.
/// Groups with one class have no AUC: they are left out of both sums and counted. By default `c_g`
/// is the sum of the group's sample weights, which is its number of impressions if the rows are not
/// weighted and estimates it if the weights are inverse sampling probabilities.
///
/// - Complexity: O(rows).
/// - Source: Zhu et al., "Optimized Cost per Click in Taobao Display Advertising", KDD 2017, §6.1;
///   weighting by impressions: Zhou et al., "Deep Interest Network for Click-Through Rate
///   Prediction", KDD 2018, eq. 6. <https://doi.org/10.1145/3219819.3219823>
public enum GAUC {
    /// How much a group counts.
    public enum Weighting: String, Hashable, Sendable, CaseIterable {
        /// The sum of its rows' sample weights.
        case sampleWeight
        /// The number of its rows, whatever their weights.
        case rows
        /// One each.
        case equal

        var metricName: String {
            switch self {
            case .sampleWeight: "gauc"
            case .rows: "gauc_by_rows"
            case .equal: "gauc_equal"
            }
        }
    }

    static func prepare(
        _ observations: Observations,
        weighting: Weighting
    ) throws(MetricError) -> any PreparedMetric {
        guard let groups = observations.groups else {
            throw .undefined("GAUC needs the group of each row; received no group column")
        }
        try observations.requireBinaryLabels(for: "GAUC")
        let order = RadixSort.order(
            RadixSort.order(byScore: observations.predictions),
            byGroup: groups
        )
        return Prepared(
            ranked: RankedScores(observations, order: order, groups: groups),
            endsGroup: order.indices.map { rank in
                rank + 1 == order.count
                    || groups[Int(order[rank])] != groups[Int(order[rank + 1])]
            },
            weighting: weighting
        )
    }

    private struct Prepared: PreparedMetric {
        let ranked: RankedScores
        let endsGroup: [Bool]
        let weighting: Weighting

        func measure(_ counts: [UInt8]) throws(MetricError) -> Measurement {
            var (total, totalWeight) = (0.0, 0.0)
            var (used, leftOut) = (0, 0)
            var (sum, rows) = (RankSum(), 0.0)
            for rank in ranked.order.indices {
                let count = Double(counts[Int(ranked.order[rank])])
                sum.add(count * Double(ranked.signedWeights[rank]))
                rows += count
                if ranked.endsTie[rank] { sum.endTie() }
                guard endsGroup[rank] else { continue }
                if let share = sum.share {
                    let weight = groupWeight(sum, rows: rows)
                    total += weight * share
                    totalWeight += weight
                    used += 1
                } else if rows > 0 {
                    leftOut += 1
                }
                (sum, rows) = (RankSum(), 0)
            }
            guard totalWeight > 0 else {
                throw .undefined(
                    "GAUC needs a group with both classes; received \(leftOut) with one class"
                )
            }
            return Measurement(
                value: total / totalWeight,
                groups: MetricValue.Groups(used: used, leftOut: leftOut)
            )
        }

        private func groupWeight(_ sum: RankSum, rows: Double) -> Double {
            switch weighting {
            case .sampleWeight: sum.positives + sum.negatives
            case .rows: rows
            case .equal: 1
            }
        }
    }
}
