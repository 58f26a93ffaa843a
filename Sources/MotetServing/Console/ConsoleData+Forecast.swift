import MotetForecasting

extension ConsoleData {
    /// Forecasts of periods that are over beside what was sold.
    func writeForecasts(to writer: inout JSONWriter) {
        writer.key("forecasts")
        guard let forecasts else { return writer.null() }
        let figures = forecasts.outcomes.figures(forecasts)
        writer.object { writer in
            writer.key("period")
            writer.text(forecasts.panel.period.rawValue)
            writer.key("origin")
            writer.text(forecasts.panel.start(forecasts.origin).description)
            writer.key("stated")
            writer.number(figures.stated)
            writer.key("counts_events")
            writer.boolean(forecasts.outcomes.countsEvents)
            writer.key("scores")
            writer.array { writer in
                for score in figures.scores { writer.object { Self.write(score, to: &$0) } }
            }
            writer.key("series")
            writer.array { writer in
                for series in figures.series {
                    writer.object { writer in
                        writer.key("level")
                        writer.text(series.series.level.rawValue)
                        writer.key("name")
                        writer.text(series.series.name)
                        writer.key("points")
                        writer.array { writer in
                            for point in series.points {
                                writer.object { Self.write(point, forecasts, to: &$0) }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(_ score: ForecastFigures.Score, to writer: inout JSONWriter) {
        writer.key("level")
        writer.text(score.level.rawValue)
        for (name, value) in [
            ("ahead", score.ahead), ("periods", score.periods.count), ("count", score.count),
        ] {
            writer.key(name)
            writer.integer(value)
        }
        for (name, value) in [
            ("wape", score.wape), ("bias", score.bias), ("inside", score.share),
        ] {
            writer.key(name)
            writer.optional(value)
        }
    }

    private static func write(
        _ point: ForecastFigures.Point,
        _ store: ForecastStore,
        to writer: inout JSONWriter
    ) {
        writer.key("start")
        writer.text(store.panel.period.start(point.period).description)
        for (name, value) in [
            ("mean", point.mean), ("low", point.low), ("high", point.high),
            ("actual", point.actual),
        ] {
            writer.key(name)
            writer.optional(value)
        }
        writer.key("over")
        writer.boolean(point.isOver)
    }
}
