import ExampleSupport
import Motet

/// When scenarios are better off with weights of their own.
///
/// Three scenarios, whose directions of taste have a known cosine: 1 for the same functions, 0 for functions that
/// have nothing in common.
struct ApartScenarios {
    var rows = 200_000
    var epochs = 10
    var similarity = 0.0
    var width = 32

    static let scenarios = ["home", "search", "mail"]

    /// The models, each with a bottom of the same width.
    func models(_ features: FeatureInputs) throws -> [(name: String, model: Model)] {
        let towers = TowerSettings(units: [8])
        let bottom = Architecture.sharedBottom(units: [width])
        func model(_ architecture: Architecture, feature: Int = 0) throws -> Model {
            try architecture.model(
                features: features,
                tasks: TruthData.heads,
                towers: towers,
                scenarios: feature > 0 || architecture.name != "shared_bottom" ? 3 : nil,
                scenarioFeature: feature
            )
        }
        return [
            ("Shared-Bottom", try model(bottom)),
            ("scenario as a feature", try model(bottom, feature: 8)),
            (
                "scenario towers",
                try bottom.model(
                    features: features,
                    tasks: TruthData.heads,
                    towers: TowerSettings(units: [8], scenarios: 3)
                )
            ),
            ("STAR", try model(.star { $0.starUnits = [width] })),
            (
                "PEPNet",
                try Architecture.pepnet().model(
                    features: features,
                    tasks: TruthData.heads,
                    towers: TowerSettings(units: [width, 8]),
                    scenarios: 3
                )
            ),
        ]
    }

    /// The shop of a seed.
    func settings(seed: UInt64) -> SimulationSettings {
        var settings = SimulationSettings.tastes(rows: rows, seed: 300 + seed)
        settings.scenarios = Self.scenarios
        settings.scenario.similarity = similarity
        settings.tasks.strength = 2
        settings.tasks.clickRate = 0.5
        settings.tasks.cartRate = 0.5
        return settings
    }

    /// Every model with each seed.
    func table(seeds: [UInt64]) throws -> SeedTable {
        var table = SeedTable(SharedTasks.metrics)
        for seed in seeds {
            let data = try TruthData.clicksAndCarts(SimulatedLog(settings(seed: seed)))
            for (name, model) in try models(data.features) {
                var options = FitOptions(epochs: epochs, batchSize: 512)
                options.scenarios = Self.scenarios
                try data.add(name, model, options: options, seed: seed, to: &table)
            }
        }
        return table
    }
}
