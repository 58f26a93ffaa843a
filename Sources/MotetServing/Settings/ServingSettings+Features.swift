import MotetConfiguration
public import MotetFeatureStore
import MotetFeatures

extension ServingSettings {
    /// Where the online features of the run are kept, and what requests tell of them.
    public struct Features: Hashable, Sendable {
        /// The folder of a durable store; nil keeps them in Redis, or in memory alone.
        public var folder: String?
        /// The Redis that keeps them; nil keeps them in the folder, or in memory alone.
        public var redis: Redis?
        /// What an event survives once it is acknowledged.
        public var durability = StoreDurability.power
        /// The field of items that tells their category.
        public var category = "category"
        /// The field that tells the place of the shop; nil is the run's column of scenarios, else `scenario`.
        public var scenario: String?
        /// How far in the future an event's time may be, in seconds: clocks differ.
        public var aheadSeconds = 300.0
        /// Files with the categories of items, for events and requests that do not tell them.
        public var items: Items?

        /// Files with the categories of items.
        public struct Items: Hashable, Sendable {
            /// Files, folders and patterns.
            public var files: [String]
            /// The column of items.
            public var item: String
            /// The column of categories.
            public var category: String

            /// Names files and columns.
            public init(files: [String], item: String, category: String) {
                self.files = files
                self.item = item
                self.category = category
            }
        }

        /// Creates settings.
        ///
        /// - Parameter folder: the folder of a durable store; nil keeps features in memory alone.
        public init(folder: String? = nil) { self.folder = folder }
    }
}

extension ServingSettings.Features {
    init(reading reader: ConfigurationReader, folder place: String) {
        let store = reader.string("store")
        let isFolder = store != "memory" && store != "redis"
        self.init(folder: isFolder ? ServingSettings.path(store, place) : nil)
        let redis = reader.section(ifPresent: "redis") { Redis(reading: $0, folder: place) }
        if store == "redis" {
            self.redis = redis ?? Redis()
        } else if redis != nil {
            reader.fail(
                "redis",
                "another store was chosen; expected it with `store: redis`; received `store: \(store)`."
            )
        }
        durability = reader.choice("durability", default: durability)
        category = reader.string("category", default: category)
        scenario = reader.string(ifPresent: "scenario")
        aheadSeconds = reader.number(
            "ahead_seconds",
            default: aheadSeconds,
            in: .between(0, 86_400)
        )
        items = reader.section(ifPresent: "items") { items in
            Items(
                files: items.strings("files", count: .atLeast(1), allowsOne: true)
                    .map { ServingSettings.path($0, place) },
                item: items.string("item"),
                category: items.string("category")
            )
        }
        for (key, name) in [("category", category), ("scenario", scenario ?? "scenario")]
        where name == "id" || name.isEmpty {
            reader.fail(
                key,
                "the field cannot be called so; expected a name that is not `id`; received \"\(name)\"."
            )
        }
    }
}
