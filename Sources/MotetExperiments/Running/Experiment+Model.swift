import Foundation
public import MotetData
import MotetGraph
public import MotetNN
import MotetRecommenders
public import MotetTraining

extension Experiment {
    /// Builds the model for the vocabularies and scenarios of prepared data.
    ///
    /// - Parameter fitted: what was learnt from the training rows.
    /// - Returns: the model, one output for each task.
    /// - Throws: `GraphError` when a setting does not fit.
    public func model(_ fitted: FittedSchema) throws -> Model {
        try model.architecture.model(
            features: featureInputs(fitted),
            tasks: heads(fitted),
            towers: towers(fitted),
            scenarios: model.groupsByScenario ? fitted.scenarios.count : nil,
            scenarioFeature: model.scenarioFeature
        )
    }

    /// Builds the model of the curves of demand, which reads the parameters of the whole one.
    ///
    /// - Parameter fitted: what was learnt from the training rows.
    /// - Returns: the model; of each task with `demand` level and elasticity, `[B, 2]`.
    /// - Throws: `GraphError` when a setting does not fit, or no task has `demand`.
    public func demandModel(_ fitted: FittedSchema) throws -> Model {
        try model.architecture.curves(
            features: featureInputs(fitted),
            tasks: heads(fitted),
            towers: towers(fitted),
            scenarios: model.groupsByScenario ? fitted.scenarios.count : nil,
            scenarioFeature: model.scenarioFeature
        )
    }

    /// The outputs of the model.
    private func heads(_ fitted: FittedSchema) -> [TaskHead] {
        tasks.map { task in
            TaskHead(
                name: task.name,
                width: classes(of: task, fitted)?.count ?? 1,
                within: task.within,
                price: task.priceFeature?.name
            )
        }
    }

    /// The towers of tasks.
    func towers(_ fitted: FittedSchema) -> TowerSettings {
        let activation = LayerActivation.named.first { $0.name == model.activation }?.activation
        return TowerSettings(
            units: model.towerUnits,
            activation: activation ?? .relu,
            dropout: model.dropout,
            scenarios: model.scenarioTowers ? fitted.scenarios.count : nil
        )
    }

    /// The inputs of the model.
    func featureInputs(_ fitted: FittedSchema) -> FeatureInputs {
        let schema = fitted.schema
        let inputs = features.filter { !$0.isFloat }.map { feature in
            let owner = schema.vocabularyOwner(of: feature)
            return FeatureInput(
                name: feature.name,
                kind: feature.inputKind,
                vocabularySize: fitted.vocabularySize(for: feature.name) ?? 1,
                dimension: owner.dimension ?? FeatureSpecification.defaultDimension,
                table: owner.name,
                length: feature.maximumLength
            )
        }
        return FeatureInputs(
            features: inputs,
            numericFeatures: fitted.numericFeatures,
            interactions: model.interactions
        )
    }

    /// The tasks as a trainer takes them.
    public var namedTasks: [NamedTask] {
        tasks.map { task in
            NamedTask(
                task.name,
                TaskObjective(
                    loss: task.loss.loss,
                    weight: task.weight,
                    within: task.within,
                    metrics: task.metrics
                )
            )
        }
    }

    /// Prepares the experiment's files, or finds them prepared in its cache.
    ///
    /// - Parameter progress: told how far it is.
    /// - Returns: the prepared parts.
    /// - Throws: `SchemaError`, `TableError` or `PreparationError` with what is wrong in the data.
    public func prepare(
        progress: ((PreparationProgress) -> Void)? = nil
    ) throws -> PreparedSplits {
        let isNew = !FileManager.default.fileExists(atPath: data.cache)
        do {
            let splits = try Preparer(schema: schema, cacheFolder: data.cache)
                .prepare(data.sources, progress: progress)
            if isNew { keepCacheOutOfRepositories() }
            return splits
        } catch {
            // Goes only where it is empty.
            if isNew { rmdir(data.cache) }
            throw error
        }
    }

    /// Keeps a cache that was made beside an experiment from being committed with it.
    ///
    /// Git passes over a folder whose own ignore file says `*`.
    private func keepCacheOutOfRepositories() {
        try? "*\n".write(toFile: data.cache + "/.gitignore", atomically: true, encoding: .utf8)
    }
}

extension FeatureSpecification {
    /// What a model makes of it.
    fileprivate var inputKind: FeatureInput.Kind {
        guard kind == .sequence else { return .categorical }
        return switch pooling {
        case .sum: .sequence(.sum)
        case .mean: .sequence(.mean)
        case .unpooled: .list
        }
    }

    /// Whether it has a vector of its own among the features that architectures read.
    var hasVector: Bool { !isFloat && (kind != .sequence || pooling != .unpooled) }
}
