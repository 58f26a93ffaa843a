import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetRecommenders
import Testing

/// A head of demand on the towers of every architecture.
@Suite("Demand in architectures") struct DemandArchitectureTests {
    /// A model whose second task falls with the price.
    struct Variant: Sendable, CustomTestStringConvertible {
        let architecture: Architecture
        var note = ""
        var interactions: [Interaction] = []
        var towerScenarios: Int?
        var scenarioFeature = 0

        var testDescription: String { architecture.name + note }

        var towers: TowerSettings { TowerSettings(units: [6], scenarios: towerScenarios) }

        func features(_ numeric: [String]) -> FeatureInputs {
            FeatureInputs(
                features: ["user", "item"].map {
                    FeatureInput(name: $0, vocabularySize: 40, dimension: 4)
                },
                numericFeatures: numeric,
                interactions: interactions
            )
        }

        static let tasks = [
            TaskHead(name: "click"),
            TaskHead(name: "buy", within: "click", price: "buy_log_price"),
        ]
        static let numbers = ["age", "buy_log_price", "rank"]
        static let scenarios = 3

        func model() throws -> Model {
            try architecture.model(
                features: features(Self.numbers),
                tasks: Self.tasks,
                towers: towers,
                scenarios: Self.scenarios,
                scenarioFeature: scenarioFeature
            )
        }

        func curves() throws -> Model {
            try architecture.curves(
                features: features(Self.numbers),
                tasks: Self.tasks,
                towers: towers,
                scenarios: Self.scenarios,
                scenarioFeature: scenarioFeature
            )
        }
    }

    /// All but `two_tower`, which has no towers of tasks.
    static let variants: [Variant] =
        Architecture.all.filter { $0 != TwoTower.Settings.self && $0 != HoME.Settings.self }
        .map { type in Variant(architecture: Architecture(type.init())) } + [
            // Every task must be in a group.
            Variant(architecture: .home(["all": ["click", "buy"]], expertUnits: [8])),
            Variant(
                architecture: .mmoe(experts: 2, expertUnits: [8]),
                note: ", fm",
                interactions: [.fm]
            ),
            Variant(
                architecture: .mmoe(experts: 2, expertUnits: [8]),
                note: ", towers of scenarios",
                towerScenarios: Variant.scenarios
            ),
            Variant(
                architecture: .ple(levels: 1, sharedExperts: 1, taskExperts: 1, expertUnits: [8]),
                note: ", scenarios as a feature",
                scenarioFeature: 4
            ),
        ]

    /// Every parameter at random, three times as large as at the start of a training.
    private static func parameters(_ model: Model, seed: UInt64) -> ParameterStore {
        let key = RandomKey(seed: seed)
        var parameters = ParameterStore(model.parameters, key: key)
        for parameter in model.parameters where parameter.isTrained {
            let stream = key.split(parameter.name).split("values")
            let first = parameters[parameter.name]?.floats ?? []
            let values = first.indices.map { index in
                3 * first[index] + Float(stream.bits(index) >> 40) * 0x1p-24 - 0.5
            }
            parameters[parameter.name] = Tensor(values, shape: parameter.shape)
        }
        return parameters
    }

    private static let rows = 24

    /// Random rows, all at one price.
    private static func batch(logPrice: Float) -> [String: Tensor] {
        let key = RandomKey(seed: 5)
        func ids(_ name: String) -> Tensor {
            let stream = key.split(name)
            return Tensor((0..<rows).map { Int32(stream.bits($0) % 40) })
        }
        let stream = key.split("numbers")
        func number(_ place: Int) -> Float { Float(stream.bits(place) >> 40) * 0x1p-23 - 1 }
        let numbers = (0..<rows).flatMap { [number(2 * $0), logPrice, number(2 * $0 + 1)] }
        return [
            "user": ids("user"), "item": ids("item"),
            "numeric": Tensor(numbers, shape: [rows, 3]),
            "scenario_offsets": Tensor([Int32(0), 9, 9, 24]),
        ]
    }

    @Test(arguments: variants)
    func everyRowBuysLessAtAHigherPrice(variant: Variant) throws {
        let (model, curveModel) = (try variant.model(), try variant.curves())
        #expect(curveModel.outputs.map(\.name) == ["buy"])
        for seed: UInt64 in 1...3 {
            let parameters = Self.parameters(model, seed: seed)
            let whole = try Predictor(model, parameters: parameters, backend: OneDNNBackend())
            let curves = try Predictor(
                curveModel,
                parameters: parameters,
                backend: OneDNNBackend()
            )
            let curve = try #require(try curves(Self.batch(logPrice: 9))["buy"]).floats
            #expect(curve.count == 2 * Self.rows)
            var before: [Float]?
            var clicks: [Float]?
            for logPrice: Float in [-2, -0.5, -0.1, 0, 0.3, 1, 2.5] {
                let answers = try whole(Self.batch(logPrice: logPrice))
                let buy = try #require(answers["buy"]).floats
                let click = try #require(answers["click"]).floats
                for row in 0..<Self.rows {
                    let (level, elasticity) = (curve[2 * row], curve[2 * row + 1])
                    #expect(elasticity < 0)
                    let expected = level + elasticity * logPrice
                    let scale = abs(level) + abs(elasticity * logPrice) + 1
                    // The same sums in another order.
                    #expect(abs(buy[row] - expected) < 1e-4 * scale, "\(variant), row \(row)")
                    if let before {
                        // Beside a level of thousands a fall of a ten-thousandth is rounded away.
                        let isVisible = 0.1 * abs(elasticity) > 4 * abs(level).ulp
                        #expect(
                            isVisible ? buy[row] < before[row] : buy[row] <= before[row],
                            "\(variant) at \(logPrice), row \(row)"
                        )
                    }
                }
                // The price reaches nothing else.
                #expect(clicks == nil || clicks == click)
                (before, clicks) = (buy, click)
            }
            #expect(Set(curve).count > 2, "every row has one curve")
        }
    }

    /// A block of nothing but prices is not asked for where curves are.
    @Test func curvesNeedNoPrice() throws {
        let variant = Variant(architecture: .sharedBottom(units: [8]))
        let features = variant.features(["buy_log_price"])
        let whole = try variant.architecture.model(
            features: features,
            tasks: Variant.tasks,
            towers: variant.towers
        )
        #expect(whole.inputs.map(\.name) == ["user", "item", "numeric"])
        let curves = try variant.architecture.curves(
            features: features,
            tasks: Variant.tasks,
            towers: variant.towers
        )
        #expect(curves.inputs.map(\.name) == ["user", "item"])
    }

    @Test func aPriceThatIsNotThereIsNamed() throws {
        let variant = Variant(architecture: .sharedBottom(units: [8]))
        let error = #expect(throws: GraphError.self) {
            try variant.architecture.model(
                features: variant.features(["age"]),
                tasks: Variant.tasks,
                towers: variant.towers
            )
        }
        #expect(error?.message.contains("price \"buy_log_price\": there is no such number") == true)
    }

    @Test func twoTowersHaveNoPlaceForIt() throws {
        let problems = TwoTower.Settings().problems(
            ArchitectureExperiment(tasks: [.init(name: "buy", hasDemand: true)])
        )
        #expect(
            problems.contains(
                "`two_tower` answers with the product of two vectors; expected task \"buy\" to have no "
                    + "`demand`, which bends the output of a tower; received it."
            )
        )
    }
}
