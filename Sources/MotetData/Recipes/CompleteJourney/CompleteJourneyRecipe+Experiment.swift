extension CompleteJourneyRecipe {
    /// The experiment a user can start from.
    static let experiment: String = {
        let identifiers = [
            ("product_id", 16), ("household_id", 16), ("store_id", 8), ("product_type", 16),
            ("category_id", 16), ("manufacturer_id", 8), ("department", 8), ("brand", 4),
            ("package_size", 8), ("display_location", 4), ("mailer_location", 4),
            ("price_source", 4),
        ]
        let questions = JourneyHouseholds.questions.map { ($0, 4) }
        let inPrices = Set(["price_last", "price_card_last", "discount_last", "price_relative"])
        let plain = Set(["week_sin", "week_cos", "coupon_available"])
        var lines = [
            "# The Complete Journey: will a household buy a promoted product it can see?",
            "# Simulated from real shopping patterns by its authors, for education.",
            "name: complete_journey",
            "seed: 42",
            "data:",
            "  train: train.parquet",
            "  validation: validation.parquet",
            "  test: test.parquet",
            "  sample_weight: weight  # the inverse of the probability that a row was sampled",
            "  group: household_id",
            "  scenario: { column: exposure, values: [display, mailer, both] }",
            "features:",
        ]
        for (name, dimension) in identifiers + questions {
            let rare = dimension >= 16 ? ", minimum_frequency: 5" : ""
            lines.append("  - { name: \(name), type: categorical, dimension: \(dimension)\(rare) }")
        }
        for (name, owner) in [
            ("recent_products", "product_id"), ("recent_categories", "category_id"),
        ] {
            lines.append(
                "  - { name: \(name), type: sequence, shares: \(owner), maximum_length: "
                    + "\(HouseholdHistory.memory), pooling: mean }"
            )
        }
        for name in ExposureRows.numberColumns {
            let transform = plain.contains(name) ? "standardise" : "[log1p, standardise]"
            let missing = inPrices.contains(name) ? ", missing: own_bucket" : ""
            lines.append("  - { name: \(name), type: numeric, transform: \(transform)\(missing) }")
        }
        lines += [
            "tasks:",
            "  - { name: bought, label: bought, loss: binary_cross_entropy, metrics: [auc, log_loss] }",
            "  - { name: quantity, label: quantity, within: bought, loss: poisson, metrics: [mae] }",
            "  - { name: coupon, label: coupon_used, within: bought, loss: binary_cross_entropy, "
                + "metrics: [auc] }",
            "model: { architecture: mmoe, experts: 4, expert_units: [64], tower_units: [32] }",
            "training:",
            "  optimizer: { name: adam, learning_rate: 1.0e-3 }",
            "  batch_size: 2048",
            "  epochs: 2",
        ]
        return lines.joined(separator: "\n") + "\n"
    }()
}
