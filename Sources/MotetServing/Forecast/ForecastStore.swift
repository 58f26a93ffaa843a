import MotetConfiguration
import MotetCore
import MotetData
import MotetExperiments
import MotetForecasting

/// What demand is forecast from: the history of sales, and how its items add up.
final class ForecastStore: Sendable {
    /// The settings.
    let settings: ServingSettings.Forecast
    /// The sales.
    let panel: SalesPanel
    /// Everything, the categories, the items: the series in the order of tables.
    let series: [SalesSeries]
    /// How many periods ahead is forecast at most.
    let horizon: Int
    /// What models are told of each series and period ahead, but for planned prices.
    let rows: OriginRows
    /// The first days of the periods ahead, as answers have them.
    let starts: [String]
    /// The levels of the quantiles, as answers have them.
    let levelMembers: [[UInt8]]
    /// The category of each item at the end of the history.
    let hierarchy: Hierarchy
    /// Milliseconds that the shop's clock is ahead of UTC.
    let offset: Int64
    /// What was forecast of periods, and what was sold in them.
    let outcomes: ForecastOutcomes
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// The levels of the quantiles.
    var levels: [Double] { settings.quantiles.map(\.level) }
    /// The place of the last period that is known.
    var origin: Int { panel.count - 1 }
    /// The place of the first category among ``series``, and of the first item.
    var firstCategory: Int { 1 }
    /// The place of the first item among ``series``.
    var firstItem: Int { 1 + panel.categories.count }

    /// Reads the history.
    ///
    /// - Parameters:
    ///   - settings: where it is.
    ///   - hasEvents: whether the server gets events.
    ///   - now: the server's clock.
    /// - Throws: `ForecastError` or `TableError` where it cannot be read, `ServingError` where it is too short for the settings.
    init(
        _ settings: ServingSettings.Forecast,
        hasEvents: Bool = false,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.settings = settings
        outcomes = ForecastOutcomes(settings.outcomes, hasEvents: hasEvents)
        self.now = now
        let (panel, manifest) = try PanelFolder.read(settings.history)
        self.panel = panel
        series = panel.series
        offset = Int64((manifest.offsetHours * 3_600_000).rounded())
        horizon = settings.maximumHorizon ?? manifest.horizon
        guard horizon <= manifest.horizon else {
            throw ServingError(
                .forecastUnusable,
                "forecast.maximum_horizon: farther than models learned to forecast; expected at most \(manifest.horizon), "
                    + "the `horizon` of \(settings.history); received \(horizon)."
            )
        }
        let origin = panel.count - 1
        hierarchy = try Hierarchy(
            parents: panel.items.map { $0.category(at: origin) ?? 0 },
            categories: panel.categories.count
        )
        rows = OriginRows(series, of: panel, origin: origin, horizon: horizon)
        starts = (0..<horizon).map { panel.start(panel.count + $0).description }
        levelMembers = settings.quantiles.map { Array("\"level\":\($0.level)".utf8) }
    }

    /// The tasks of a model, by their places: of the mean, then of the quantiles.
    ///
    /// - Parameter model: the model.
    /// - Returns: the places.
    /// - Throws: `ConfigurationError` where the model lacks one, `ServingError` where it reads what a history does not have.
    func tasks(of model: ServedModel) throws -> [Int] {
        let known = model.predictor.run.experiment.tasks
            .filter { !$0.loss.isBinary && model.classes[$0.name] == nil }.map(\.name)
        let places = try ([settings.task] + settings.quantiles.map(\.task)).map { named in
            guard known.contains(named.text), let place = model.tasks.firstIndex(of: named.text)
            else {
                throw ConfigurationError([
                    named.problem(
                        .forecastUnusable,
                        "the run \"\(model.path)\" has no task of numbers with the name; expected "
                            + (known.isEmpty
                                ? "one of its tasks of numbers, of which there is none"
                                : "one of " + known.joined(separator: ", "))
                            + "; received `\(named.text)`. Name one of them by `\(named.path)`, or serve a run that "
                            + "was trained with the task."
                    )
                ])
            }
            return place
        }
        let columns = ForecastColumns(panel.period).names
        for column in model.encoder.columns where !columns.contains(column) {
            throw ServingError(
                .forecastUnusable,
                "forecast: the run \"\(model.path)\" reads the column \"\(column)\", which a history by the "
                    + "\(panel.period.rawValue) does not have; expected columns of `motet data panel`: "
                    + columns.joined(separator: ", ") + "."
                    + Suggestion.sentence(for: column, in: columns)
            )
        }
        return places
    }

    /// How many whole periods are over since the end of the history.
    func periodsPassed(at time: Int64) -> Int {
        panel.period.index(of: time, offset: offset) - panel.first - panel.count
    }
}
