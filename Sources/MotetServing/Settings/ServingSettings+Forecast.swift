import MotetConfiguration

extension ServingSettings {
    /// How demand is forecast; docs/serving/forecast.md.
    public struct Forecast: Hashable, Sendable {
        /// What an item without history gets.
        public enum Fallback: String, CaseIterable, Hashable, Sendable {
            /// The forecast of an average item of its category, or of all where that is not known.
            case average
            /// Nothing is expected to be sold.
            case zero
            /// The request is refused.
            case refuse
        }

        /// A task that predicts a quantile.
        public struct Quantile: Hashable, Sendable {
            /// Its level, strictly between 0 and 1.
            public var level: Double
            /// The task.
            public var task: Recommend.Named

            /// Names a level and its task.
            public init(level: Double, task: Recommend.Named) {
                self.level = level
                self.task = task
            }
        }

        /// What reorders have where a request does not say otherwise.
        public struct Reorders: Hashable, Sendable {
            /// What a unit costs that is left over.
            public var holding: Double?
            /// What a missing unit costs beside its margin.
            public var shortage = 0.0
            /// In how many periods an order arrives.
            public var lead = 1
            /// How many periods pass between two orders.
            public var review = 1
            /// How alike the errors of different periods are, from 0 to 1.
            public var correlation = 0.5

            /// The standard values.
            public init() {}
        }

        /// How forecasts are held against what is sold.
        public struct Outcomes: Hashable, Sendable {
            /// The folder that forecasts and counts are kept in; nil keeps them in memory alone.
            public var folder: String?
            /// The most items, and the most categories, whose forecasts are kept: those of which most is expected.
            public var series = 1000
            /// Whether purchases among the events are counted, where the server gets events.
            public var countsEvents = true

            /// The standard values.
            public init() {}
        }

        /// The folder that `motet data panel` wrote.
        public var history: String
        /// The task that predicts the units over `scale`.
        public var task: Recommend.Named
        /// The tasks of quantiles, by rising levels.
        public var quantiles: [Quantile]
        /// How many periods ahead may be asked for; nil for all that the history says models learned.
        public var maximumHorizon: Int?
        /// The most items, and the most categories, of a request.
        public var maximumItems = 200
        /// What an item without history gets.
        public var fallback = Fallback.average
        /// After how many whole periods beyond its end a history is old, and answers degraded.
        public var stalePeriods = 1
        /// What reorders have where a request does not say otherwise.
        public var reorder = Reorders()
        /// How forecasts are held against what is sold.
        public var outcomes = Outcomes()

        /// Creates settings.
        public init(history: String, task: Recommend.Named, quantiles: [Quantile]) {
            self.history = history
            self.task = task
            self.quantiles = quantiles
        }
    }
}

extension ServingSettings.Forecast {
    init(reading reader: ConfigurationReader, folder: String, file: String) {
        let place = ReadingPlace(folder: folder, file: file)
        self.init(
            history: place.path(reader.string("history")),
            task: place.named(reader, "task"),
            quantiles: reader.list("quantiles", count: .between(1, 99)) { value in
                value.section { quantile in
                    Quantile(
                        level: quantile.number("level", in: .strictlyBetween(0, 1)),
                        task: place.named(quantile, "task")
                    )
                }
            }
        )
        let levels = quantiles.map(\.level)
        if !zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 }) {
            reader.fail(
                "quantiles",
                "the levels are in no order; expected rising ones; received \(levels)."
            )
        }
        maximumHorizon = reader.integer(ifPresent: "maximum_horizon", in: .between(1, 365))
        maximumItems = reader.integer("maximum_items", default: 200, in: .between(1, 10_000))
        fallback = reader.choice("fallback", default: fallback)
        stalePeriods = reader.integer("stale_periods", default: 1, in: .between(0, 1000))
        reorder = reader.section(orEmpty: "reorder") { reader in
            var reorder = Reorders()
            reorder.holding = reader.number(ifPresent: "holding", in: .between(1e-9, 1e9))
            reorder.shortage = reader.number("shortage", default: 0, in: .between(0, 1e9))
            reorder.lead = reader.integer("lead", default: 1, in: .between(0, 365))
            reorder.review = reader.integer("review", default: 1, in: .between(1, 365))
            reorder.correlation = reader.number("correlation", default: 0.5, in: .between(0, 1))
            return reorder
        }
        outcomes = reader.section(orEmpty: "outcomes") { reader in
            var outcomes = Outcomes()
            let store = reader.string("store", default: "memory")
            outcomes.folder = store == "memory" ? nil : place.path(store)
            outcomes.series = reader.integer("series", default: 1000, in: .between(1, 100_000))
            outcomes.countsEvents = reader.boolean("events", default: true)
            return outcomes
        }
    }
}
