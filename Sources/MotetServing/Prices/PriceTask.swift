import Foundation
import HTTPTypes
import MotetConfiguration
import MotetData
import MotetDecisions
import MotetExperiments

/// The task of a model that tells the demand of items.
struct PriceTask: Sendable {
    /// Its name.
    let name: String
    /// The column of the price.
    let column: String
    /// Whether it predicts a probability, and not a number of units.
    private let isProbability: Bool
    private let settings: ServingSettings.Price

    /// Finds the task.
    ///
    /// - Parameters:
    ///   - settings: what names it.
    ///   - model: the model.
    /// - Throws: `ConfigurationError` where the model does not have it, or it has no head of demand.
    init(
        _ settings: ServingSettings.Price,
        _ model: ServedModel
    ) throws(ConfigurationError) {
        let named = settings.task
        guard let column = model.predictor.priceColumn(of: named.text) else {
            let known = model.predictor.demandTasks
            let isThere = model.tasks.contains(named.text)
            throw ConfigurationError([
                named.problem(
                    .pricesUnusable,
                    "the run \"\(model.path)\" has no "
                        + (isThere ? "head of demand of the task" : "task")
                        + " with the name; expected one of "
                        + (known.isEmpty
                            ? "its tasks with `demand`, of which there is none"
                            : known.map { "`\($0)`" }.joined(separator: ", "))
                        + "; received `\(named.text)`. Name one of them by `\(named.path)`, or serve a run whose task has "
                        + "`demand`."
                )
            ])
        }
        name = named.text
        self.column = column
        isProbability = model.predictor.run.experiment.tasks
            .contains { $0.name == named.text && $0.loss.isBinary }
        self.settings = settings
    }

    /// Compiles the curves for every number of rows up to a limit, so that no request waits for it.
    func warm(_ model: ServedModel, candidates: Int) throws {
        var rows = 16
        while true {
            let count = min(rows, candidates)
            _ = try model.predictor.demandCurves(
                model.predictor.run.fitted.acceptedRows(count),
                model.encoder
            )
            guard rows < candidates else { return }
            rows *= 2
        }
    }

    /// What is believed of the demand of the items of a request.
    ///
    /// A count's curve is the belief's own form. A probability's is nearly one near the present price `p`: its logarithm there, and
    /// `elasticity (1 - probability)`, are level and elasticity.
    ///
    /// - Parameters:
    ///   - scored: the items.
    ///   - presents: the price of each.
    ///   - model: what tells their demand.
    /// - Returns: the belief of each.
    /// - Throws: `RequestError` for a curve that is not finite, else what keeps the rows from being encoded.
    func beliefs(
        _ scored: Scorer.Scored,
        presents: [Money],
        _ model: ServedModel
    ) throws -> [DemandBelief] {
        let curves = try model.predictor.demandCurves(
            scored.request.rows(with: scored.sourced.columns, scored.items),
            items: scored.items.rows,
            model.encoder
        ) { "items[\($0)]" }
        return try zip(curves[name] ?? [], presents).enumerated().map { row, pair in
            let (curve, present) = pair
            let sum = curve.level + curve.elasticity * log(present.units / curve.reference)
            var (level, elasticity) = (sum, curve.elasticity)
            if isProbability {
                level = -log1p(exp(-sum))
                elasticity *= 1 / (1 + exp(sum))
            }
            guard level.isFinite, elasticity.isFinite else {
                throw RequestError(
                    .badRequest,
                    "score_not_finite",
                    field: "items[\(row)]",
                    message:
                        "items[\(row)]: the demand of \"\(name)\" is not finite; expected numbers such as those of the "
                        + "training; received some that the model cannot compute with."
                )
            }
            return try DemandBelief(
                reference: present,
                level: min(max(level, -50), 50),
                elasticity: min(max(elasticity, -50), 0),
                levelDeviation: settings.levelDeviation,
                elasticityDeviation: settings.elasticityDeviation
            )
        }
    }
}
