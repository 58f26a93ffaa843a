import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetMultiTask
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetRecommenders

@testable import MotetTraining

/// A small shop made from a seed: two tasks, one within the other, three scenarios, a list of ids.
struct TinyMarket {
    static let scenarios = ["home", "search", "mail"]

    static func data(
        rows: Int,
        seed: UInt64,
        missing: Bool = false,
        places: Int32 = 3
    ) throws -> PreparedDataset {
        let key = RandomKey(seed: seed)
        var random = key.generator()
        var items: [Int32] = []
        var lists: [[Int32]] = []
        var numeric: [Float] = []
        var (clicks, buys): ([Float], [Float]) = ([], [])
        var scenario: [Int32] = []
        for _ in 0..<rows {
            let item = Int32.random(in: 0..<30, using: &random)
            let place = Int32.random(in: 0..<places, using: &random)
            let price = Float(random.nextNormal())
            let length = Int.random(in: 0..<4, using: &random)
            let logit = 0.2 * Double(item % 7) - 0.6 - 0.8 * Double(price) + 0.5 * Double(place)
            let isClicked = random.nextUniform() < 1 / (1 + exponential(-logit))
            let isBought = isClicked && random.nextUniform() < 0.3 + 0.1 * Double(item % 3)
            items.append(item)
            lists.append((0..<length).map { _ in Int32.random(in: 0..<30, using: &random) })
            numeric += [price, Float(place)]
            scenario.append(place)
            clicks.append(missing && random.nextUniform() < 0.1 ? .nan : isClicked ? 1 : 0)
            buys.append(isBought ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "item": .integers(items), "history": .ragged(lists),
            "numeric": .floats(numeric, width: 2), "scenario": .integers(scenario),
            "label/click": .floats(clicks), "label/buy": .floats(buys),
            "weight": .floats([Float](repeating: 2, count: rows)),
        ])
    }

    static func model(
        _ architecture: Architecture = .mmoe(experts: 3, expertUnits: [8]),
        scenarioTowers: Bool = false,
        dropout: Float = 0
    ) throws -> Model {
        try architecture.model(
            features: FeatureInputs(
                features: [
                    FeatureInput(name: "item", vocabularySize: 30, dimension: 4),
                    FeatureInput(
                        name: "history",
                        kind: .sequence(.mean),
                        vocabularySize: 30,
                        dimension: 4,
                        table: "item"
                    ),
                ],
                numericWidth: 2
            ),
            tasks: [TaskHead(name: "click"), TaskHead(name: "buy", within: "click")],
            towers: TowerSettings(
                units: [4],
                dropout: dropout,
                scenarios: scenarioTowers ? 3 : nil
            )
        )
    }

    static func trainer(
        _ model: Model,
        seed: UInt64 = 7,
        optimizer: Optimizer = .adam(learningRate: 0.01),
        weighting: LossWeighting = .fixed,
        aggregation: GradientAggregation? = nil
    ) throws -> Trainer {
        try Trainer(
            model,
            optimizer: optimizer,
            tasks: [
                NamedTask("click", .binary(metrics: [.auc, .logLoss])),
                NamedTask("buy", .binary(weight: 0.5, within: "click", metrics: [.auc])),
            ],
            weighting: weighting,
            aggregation: aggregation,
            seed: seed,
            backend: OneDNNBackend()
        )
    }
}
