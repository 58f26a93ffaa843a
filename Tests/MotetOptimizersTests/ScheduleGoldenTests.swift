import MotetCore
import MotetOptimizers
import MotetTestSupport
import Testing

/// Learning rates against PyTorch's schedulers.
@Suite("Schedules against PyTorch") struct ScheduleGoldenTests {
    /// Factors such as 0.9 are in single precision here, wrong by up to 3e-8 of themselves; the 14th power is
    /// wrong by 14 times that, and rates are rounded on both sides.
    private static let tolerance = Tolerance(relative: 6e-7, absolute: 0)

    private static let names: [String] = {
        guard let golden = try? GoldenFile("optimizers/schedules.safetensors") else { return [] }
        return golden.cases.keys.sorted()
    }()

    @Test func everyCaseIsThere() {
        #expect(
            Self.names == [
                "cosine", "cosine_warm_up", "exponential", "exponential_warm_up",
                "plateau_cooldown", "plateau_max", "plateau_min", "step",
            ]
        )
    }

    @Test(arguments: names)
    func ratesOfEveryStep(name: String) throws {
        let golden = try GoldenFile("optimizers/schedules.safetensors")
        let attributes = try #require(golden.cases[name])
        let base = try #require(attributes.number("base"))
        let schedule = try Self.schedule(name, attributes, base: base)
        let expected = try #require(golden.tensor(name, "rates"))
        let metrics = golden.tensor(name, "metrics")?.floats
        let sign: Double = attributes.text("mode") == "max" ? -1 : 1
        var plateau = PlateauState()
        var rates: [Float] = []
        for index in expected.floats.indices {
            // A schedule that watches a metric is asked once an epoch, here of one step.
            rates.append(Float(base) * schedule.factor(step: index + 1, plateau: plateau))
            if let metrics { schedule.observe(sign * Double(metrics[index]), &plateau) }
        }
        let comparison = Comparison(
            name,
            received: Tensor(rates),
            expected: expected,
            tolerance: Self.tolerance
        )
        #expect(comparison.isClose, "\(comparison)")
    }

    private static func schedule(
        _ name: String,
        _ attributes: GoldenAttributes,
        base: Double
    ) throws -> LearningRateSchedule {
        func number(_ key: String) throws -> Double { try #require(attributes.number(key)) }
        // PyTorch names least rates, we name factors of the base.
        func share(_ key: String) throws -> Float { Float(try number(key) / base) }
        let schedule: LearningRateSchedule
        switch name.split(separator: "_")[0] {
        case "step":
            schedule = .step(
                every: Int(try number("step_size")),
                factor: Float(try number("gamma"))
            )
        case "exponential": schedule = .exponential(every: 1, factor: Float(try number("gamma")))
        case "cosine":
            schedule = .cosine(steps: Int(try number("total")), minimum: try share("minimum"))
        default:
            schedule = .reduceOnPlateau(
                factor: Float(try number("factor")),
                patience: Int(try number("patience")),
                threshold: Float(try number("threshold")),
                minimum: try share("min_lr"),
                cooldown: Int(try number("cooldown"))
            )
        }
        return schedule.warmingUp(steps: Int(attributes.number("warm_up") ?? 0))
    }
}
