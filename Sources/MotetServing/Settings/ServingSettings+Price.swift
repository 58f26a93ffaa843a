public import MotetDecisions
public import MotetLedger

extension ServingSettings {
    /// How prices are chosen; docs/serving/price.md.
    public struct Price: Hashable, Sendable {
        /// The folder of the journal; nil keeps prices in memory alone.
        public var folder: String?
        /// How the journal is kept.
        public var journal = LineJournal.Options()
        /// The task with a demand curve.
        public var task: Recommend.Named
        /// The currency of everything.
        public var currency: String
        /// What prices are chosen for.
        public var objective = Objective.margin
        /// How sure the level of a demand is: the standard deviation of its logarithm.
        public var levelDeviation = 0.5
        /// How sure its elasticity is.
        public var elasticityDeviation = 0.5
        /// How prices are chosen for a period.
        public var book = PriceBook.Settings()
        /// Whether each place of the shop has prices of its own.
        public var isPerScenario = false
        /// The prices that items may have.
        public var rules: PriceRules
        /// Those of some items and categories.
        public var overrides: [Override] = []
        /// Where the table of items says more of them.
        public var columns = Columns()
        /// In how many periods an item must have been sold, by `columns.history`; 0 for none.
        public var history = 0.0
        /// What becomes of an item whose demand is not known.
        public var fallback = Fallback.keep
        /// The columns of persons, which no price depends on.
        public var neverUse: [Recommend.Named] = []
        /// Whether the identity of the user may reach the price.
        public var usesUser = false
        /// The greatest amount of anything.
        public var maximum = 1e6

        /// What prices are chosen for.
        public enum Objective: String, CaseIterable, Hashable, Sendable {
            /// Units times price less cost.
            case margin
            /// Units times price.
            case revenue
            /// Units.
            case units
        }

        /// What becomes of an item whose demand is not known.
        public enum Fallback: String, CaseIterable, Hashable, Sendable {
            /// It keeps its price.
            case keep
            /// It gets its list price.
            case list
        }

        /// The rules of an item or a category.
        public struct Override: Hashable, Sendable {
            /// The item; nil for those of a category.
            public var item: String?
            /// The category; nil for an item.
            public var category: String?
            /// The prices it may have.
            public var rules: PriceRules

            /// States the rules of an item or a category.
            public init(item: String?, category: String?, rules: PriceRules) {
                self.item = item
                self.category = category
                self.rules = rules
            }
        }

        /// The columns of the table of items that pricing reads.
        public struct Columns: Hashable, Sendable {
            /// What a unit costs.
            public var cost: String?
            /// The list price.
            public var list: String?
            /// The category, for overrides.
            public var category: String?
            /// In how many periods the item was sold.
            public var history: String?

            /// No columns.
            public init() {}

            /// Those that are named.
            var named: [String] { [cost, list, category, history].compactMap { $0 } }
        }

        /// Creates settings.
        public init(task: Recommend.Named, currency: String, rules: PriceRules) {
            self.task = task
            self.currency = currency
            self.rules = rules
        }

        /// The rules of an item: its own, else those of its category, else those of all.
        func rules(of item: String, category: String?) -> PriceRules {
            overrides.first { $0.item == item }?.rules
                ?? category.flatMap { name in overrides.first { $0.category == name }?.rules }
                ?? rules
        }
    }
}
