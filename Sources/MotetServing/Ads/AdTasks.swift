import MotetConfiguration
import MotetCore
import MotetExperiments

/// The tasks of a model that value ads.
struct AdTasks: Sendable {
    /// The task of clicks, by its place among the model's.
    let click: Int
    /// The task of conversions; nil where only clicks are bid for.
    let conversion: Int?
    /// Whether the conversion is predicted for clicked ads, and not for shown ones.
    let isOfClicked: Bool

    /// Finds the tasks.
    ///
    /// - Parameters:
    ///   - settings: what names them.
    ///   - model: the model.
    /// - Throws: `ConfigurationError` where the model does not have them, or they are no tasks of yes or no.
    init(_ settings: ServingSettings.Ads, _ model: ServedModel) throws(ConfigurationError) {
        let tasks = model.predictor.run.experiment.tasks
        let binary = tasks.filter(\.loss.isBinary).map(\.name)
        func place(_ named: ServingSettings.Recommend.Named) throws(ConfigurationError) -> Int {
            guard binary.contains(named.text), let place = model.tasks.firstIndex(of: named.text)
            else {
                throw ConfigurationError([
                    named.problem(
                        .adsUnusable,
                        "the run \"\(model.path)\" has no task of yes or no with the name; expected one of "
                            + "\(binary.joined(separator: ", ")); received `\(named.text)`. Name one of them "
                            + "by `\(named.path)`, or serve a run that was trained with the task."
                    )
                ])
            }
            return place
        }
        click = try place(settings.click)
        conversion = try settings.conversion.map { (named) throws(ConfigurationError) in
            try place(named)
        }
        let within = tasks.first { $0.name == settings.conversion?.text }?.within
        isOfClicked = within == settings.click.text
    }

    /// The probabilities of a click, and of a conversion after it.
    func probabilities(
        _ scores: [[ServedModel.Score]],
        _ row: Int
    ) -> (click: Double, conversion: Double) {
        let click = Double(scores[self.click][row].value)
        guard let conversion else { return (click, 1) }
        let told = Double(scores[conversion][row].value)
        guard !isOfClicked else { return (click, told) }
        return (click, click > 0 ? min(told / click, 1) : 0)
    }
}
