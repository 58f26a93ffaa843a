import MotetConfiguration
public import MotetData

/// What makes a task's prediction fall with a price.
public struct DemandSettings: Hashable, Sendable {
    /// The column of the price.
    public var price: String
    /// The price at which the tower gives the level; nil for the geometric mean of the training rows.
    public var reference: Double?

    init(reading reader: ConfigurationReader) {
        price = reader.string("price")
        reference = reader.number(ifPresent: "reference", in: .above(0))
    }

    /// The section as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("price", .string(price)), ("reference", reference.map(ConfigurationNode.number)),
        ])
    }
}

extension TaskSettings {
    /// The number that the task's head of demand reads: `log(price / reference)`.
    public var priceFeature: FeatureSpecification? {
        demand.map { demand in
            FeatureSpecification(
                "\(name)_log_price",
                column: demand.price,
                kind: .numeric,
                transforms: [.logRatio(reference: demand.reference)],
                missing: .error
            )
        }
    }

    /// Records what of a head of demand does not fit the task.
    func checkDemand(_ reader: ConfigurationReader) {
        guard demand != nil else { return }
        if !loss.isBinary, loss.name != "poisson" {
            reader.fail(
                "demand",
                "demand is a rate or a probability; expected the loss `poisson` or a binary one; "
                    + "received `\(loss.name)`."
            )
        }
        if calibration != nil {
            reader.fail(
                "demand",
                "its curve is what the model predicts; expected no `calibration` beside it; received "
                    + "one."
            )
        }
    }
}

extension Experiment {
    /// Records where a price reaches a model by another way than the head of demand.
    func checkDemand(_ reader: ConfigurationReader) {
        for task in tasks {
            guard let demand = task.demand else { continue }
            for feature in features where feature.column == demand.price {
                reader.fail(
                    "features",
                    "feature \"\(feature.name)\": reads the price of task \"\(task.name)\"; expected "
                        + "`\(demand.price)` in `demand` only, so that the prediction falls with the "
                        + "price whatever the model learns; received it as a feature. Take the feature "
                        + "out."
                )
            }
            if data.scenario?.column == demand.price {
                reader.fail(
                    "data",
                    "the scenario is the price of task \"\(task.name)\"; expected `\(demand.price)` in "
                        + "`demand` only; received it as `scenario`."
                )
            }
        }
    }

    /// The reference price of a task's head of demand; nil where it has none.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - fitted: what was learnt from the training rows.
    /// - Returns: the price at which the tower gives the level.
    public func referencePrice(of task: TaskSettings, _ fitted: FittedSchema) -> Double? {
        guard let feature = task.priceFeature,
            case .logRatio(let reference) = fitted.numerics[feature.name]?.transforms.first
        else { return nil }
        return reference
    }
}
