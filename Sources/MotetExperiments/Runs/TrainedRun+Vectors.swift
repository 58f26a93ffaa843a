public import MotetData
public import MotetGraph
public import MotetNN
public import MotetRecommenders

/// One side of a trained two-tower run: what its files need, and what makes vectors of them.
public struct RetrievalSide: Sendable {
    /// The side.
    public let side: TwoTower.Side
    /// The names of its features.
    public let features: [String]
    /// How its rows are prepared: as in training, from its columns alone.
    public let fitted: FittedSchema
    /// From its features to the output `vector`, `[B, D]`, of length 1.
    public let model: Model
    /// The width of a vector, `D`.
    public let dimension: Int
}

extension TrainedRun {
    /// One side of a run of the architecture `two_tower`.
    ///
    /// - Parameters:
    ///   - side: the side.
    ///   - keep: columns of its files carried along unchanged.
    /// - Returns: the side.
    /// - Throws: `ExperimentError` (`run_mismatch`) when the run has no towers.
    public func side(_ side: TwoTower.Side, keep: [String] = []) throws -> RetrievalSide {
        let settings = try twoTower()
        let items = Set(settings.itemFeatures)
        let names = experiment.features.map(\.name).filter {
            items.contains($0) == (side == .item)
        }
        return RetrievalSide(
            side: side,
            features: names,
            fitted: fitted.with(features: Set(names), keep: keep),
            model: try settings.model(
                of: side,
                features: experiment.featureInputs(fitted),
                towers: experiment.towers(fitted)
            ),
            dimension: settings.dimension
        )
    }

    /// Freezes the tower of one side; any number of threads may ask it at once.
    ///
    /// - Parameters:
    ///   - side: the side.
    ///   - backend: what runs it.
    /// - Returns: a predictor with the output `vector`.
    /// - Throws: `ExperimentError` (`run_mismatch`) when the run has no towers.
    public func tower(_ side: TwoTower.Side, backend: any Backend) throws -> Predictor {
        try Predictor(try self.side(side).model, parameters: parameters, backend: backend)
    }

    /// The column that names the rows of a side: of items that of the item's id, of users the group.
    func column(naming side: TwoTower.Side) throws -> String? {
        let settings = try twoTower()
        guard side == .item else { return experiment.data.group }
        return settings.itemFeature.flatMap { fitted.schema.feature($0)?.column }
    }

    private func twoTower() throws -> TwoTower.Settings {
        let architecture = experiment.model.architecture
        guard let settings = architecture.settings as? TwoTower.Settings else {
            throw ExperimentError(
                .runMismatch,
                "run \"\(directory.path)\": the model has no towers of users and items; expected the "
                    + "architecture `two_tower`; received `\(architecture.name)`."
            )
        }
        return settings
    }
}
