import MotetCore
import Testing

@testable import MotetMultiTask

@Suite("Aggregation against independent implementations") struct AggregationGoldenTests {
    private static let key = RandomKey(seed: 0)

    private func check(
        _ method: String,
        _ family: AggregationGolden.Family,
        _ weights: [Double]?,
        gradients: [[Double]]? = nil,
        tolerance: Double
    ) throws {
        let expected = try #require(family.directions[method])
        let weights = try #require(weights, "\(method) gave no weights")
        let gradients = gradients ?? family.gradients
        // Where the direction is zero, what counts is how short it is beside the gradients.
        let scale = 1e-4 * (Gramian(of: gradients).norms.max() ?? 0)
        let error = distance(direction(weights, gradients), expected, scale: scale)
        #expect(error < tolerance, "\(method) on \(family.name): \(error), weights \(weights)")
    }

    /// Tolerances: closed forms up to rounding and the conditions of the matrices; programs up to the
    /// ridges both sides add; CAGrad up to what cvxpy reaches: 1e-9 of an objective that is flat there.
    static let stateless: [(any GradientWeighting, Double)] = [
        (MGDA(), 1e-6), (UPGrad(), 1e-6), (IMTLG(), 1e-8), (AlignedMTL(), 1e-9), (ConFIG(), 1e-8),
        (CAGrad(c: 0.5), 1e-4), (NashMTL(), 1e-6),
    ]

    @Test(arguments: try AggregationGolden.read().families)
    func directionsAgree(family: AggregationGolden.Family) throws {
        let gramian = Gramian(of: family.gradients)
        for (rule, tolerance) in Self.stateless {
            let method = type(of: rule).name
            var state = AggregationState()
            let weights = rule.weights(gramian, &state, key: Self.key)
            try check(method, family, weights, tolerance: tolerance)
        }
        if family.directions["metabalance 2"] != nil {
            // The second step sees the gradients of the first in the opposite order, and half as long.
            let turned = family.gradients.reversed().map { $0.map { $0 / 2 } }
            let rule = MetaBalance(target: 0, relax: 0.7, beta: 0.9)
            var state = AggregationState()
            _ = rule.weights(gramian, &state, key: Self.key)
            let weights = rule.weights(Gramian(of: turned), &state, key: Self.key)
            try check("metabalance 2", family, weights, gradients: turned, tolerance: 1e-10)
        }
        for alpha in [0.5, 2.0] {
            var state = AggregationState()
            let weights = FairGrad(alpha: alpha).weights(gramian, &state, key: Self.key)
            try check("fairgrad \(alpha)", family, weights, tolerance: 1e-6)
        }
    }

    @Test(arguments: try AggregationGolden.read().families)
    func surgeryInAGivenOrderAgrees(family: AggregationGolden.Family) throws {
        let count = family.gradients.count
        let orders = (0..<count).map { task in (0..<count).filter { $0 != task } }
        let gramian = Gramian(of: family.gradients)
        try check(
            "pcgrad",
            family,
            PCGrad().weights(gramian, orders: orders),
            tolerance: 1e-10
        )
        // TorchJD adds 1e-8 to denominators.
        var state = AggregationState()
        let rule = GradVac(beta: 0.3)
        try check(
            "gradvac 1",
            family,
            rule.weights(gramian, &state, orders: orders),
            tolerance: 1e-4
        )
        let reversed = Array(family.gradients.reversed())
        try check(
            "gradvac 2",
            family,
            rule.weights(Gramian(of: reversed), &state, orders: orders),
            gradients: reversed,
            tolerance: 1e-4
        )
    }

    /// A task whose gradients are zero has no length that MetaBalance could bring to the target's.
    @Test func everyMethodIsHeldToEveryFamily() throws {
        var met: [String: Int] = [:]
        let families = try AggregationGolden.read().families
        #expect(families.count == 9)
        for family in families {
            for method in family.directions.keys { met[method, default: 0] += 1 }
        }
        let methods =
            Self.stateless.map { type(of: $0.0).name }
            + ["pcgrad", "gradvac 1", "gradvac 2", "fairgrad 0.5", "fairgrad 2.0"]
        for method in methods { #expect(met[method] == families.count, "\(method)") }
        #expect(met["metabalance 2"] == families.count - 1)
    }

    @Test func anotherRuleIsNoticed() throws {
        let families = try AggregationGolden.read().families
        let family = try #require(families.first { $0.name == "conflicting" })
        let mean = direction(MGDA.equal(family.gradients.count), family.gradients)
        for (method, expected) in family.directions {
            #expect(distance(mean, expected) > 1e-3, "\(method)")
        }
    }
}
