import MotetCore
import MotetData
import MotetNN
import MotetRecommenders
import MotetTraining

/// How often training rows hold each item, for models whose loss takes that out.
enum SamplingShares {
    /// Counts the items of the training rows, and keeps the logarithms of their shares in a model.
    ///
    /// A batch is drawn evenly from the rows, so that a share of the rows is the probability that one row of a
    /// batch holds the item. Models of other kinds stay as they are.
    ///
    /// - Parameters:
    ///   - trainer: the model.
    ///   - experiment: the experiment.
    ///   - data: its prepared rows.
    /// - Throws: `TableError` when the rows have no such column.
    static func fill(
        _ trainer: Trainer,
        _ experiment: Experiment,
        _ data: ExperimentData
    ) throws {
        guard let settings = experiment.model.architecture.settings as? TwoTower.Settings,
            settings.correctsSampling, let item = settings.itemFeature,
            let size = data.fitted.vocabularySize(for: item)
        else { return }
        var counts = [Int](repeating: 0, count: size)
        for source in data.sources where source.tasks?.isEmpty != true {
            try source.splits.training.withIntegers(item) { ids in
                // An id outside the table reads its row 0.
                for id in ids { counts[counts.indices.contains(Int(id)) ? Int(id) : 0] += 1 }
            }
        }
        var kept = ParameterStore()
        kept[TwoTower.logSharesName] = TwoTower.logShares(counts)
        trainer.parameters = kept
    }
}
