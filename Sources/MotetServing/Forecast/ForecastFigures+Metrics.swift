import MotetForecasting

extension ForecastFigures {
    /// Writes what came of forecasts.
    func write(to text: inout MetricsText) {
        func write(_ name: String, _ help: String, _ value: (Score) -> Double?) {
            text.metric(name, "gauge", help)
            for score in scores {
                guard let value = value(score) else { continue }
                text.value(
                    name,
                    ["level": score.level.rawValue, "ahead": "\(score.ahead)"],
                    value
                )
            }
        }
        write(
            "motet_forecast_outcomes",
            "Forecasts of periods that are over and whose sales are known."
        ) { Double($0.count) }
        write(
            "motet_forecast_outcome_wape",
            "The sum of their absolute errors over what was sold."
        ) { $0.wape }
        write(
            "motet_forecast_outcome_bias",
            "How much more was expected than sold, over what was sold."
        ) { $0.bias }
        write(
            "motet_forecast_outcome_inside",
            "The share of outcomes between the least and the greatest quantile."
        ) { $0.share }
        text.metric(
            "motet_forecast_outcome_stated",
            "gauge",
            "The share that is said to lie between these quantiles."
        )
        text.value("motet_forecast_outcome_stated", [:], stated)
    }
}
