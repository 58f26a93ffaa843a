public import MotetDecisions
public import MotetFeatureStore

extension ServingSettings {
    /// How orders and reviews are judged; docs/serving/risk.md.
    public struct Risk: Hashable, Sendable {
        /// The folder that orders and answers are kept in; nil keeps them in memory alone.
        public var folder: String?
        /// What an answer survives once it is given.
        public var durability = StoreDurability.process
        /// The most orders that are counted.
        public var orders = 1_000_000
        /// The most answers that are given again.
        public var answers = 100_000
        /// The currency of amounts and costs, as requests name it.
        public var currency: String
        /// The greatest amount of an order.
        public var maximumAmount = 1_000_000.0
        /// How far in the future an order's time may be, in seconds: clocks differ.
        public var aheadSeconds = 300.0
        /// How orders are judged; nil where they are not.
        public var order: Subject?
        /// How reviews are judged; nil where they are not.
        public var review: Subject?

        /// How one kind of thing is judged.
        public struct Subject: Hashable, Sendable {
            /// The task that tells the probability of fraud.
            public var task: Recommend.Named
            /// Rules and costs.
            public var policy: RiskPolicy

            /// Names task and policy.
            public init(task: Recommend.Named, policy: RiskPolicy) {
                self.task = task
                self.policy = policy
            }
        }

        /// What may be judged.
        public enum Kind: String, CaseIterable, Hashable, Sendable {
            /// An order.
            case order
            /// A review of an item.
            case review
        }

        /// Creates settings.
        public init(currency: String) { self.currency = currency }

        /// How a kind is judged; nil where it is not.
        public subscript(_ kind: Kind) -> Subject? {
            switch kind {
            case .order: order
            case .review: review
            }
        }

        /// The kinds that are judged.
        public var kinds: [Kind] { Kind.allCases.filter { self[$0] != nil } }
    }
}
