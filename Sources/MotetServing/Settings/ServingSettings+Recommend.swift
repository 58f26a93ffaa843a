public import MotetCandidates
public import MotetRetrieval

extension ServingSettings {
    /// Where recommendations come from and how they are ranked; docs/serving/recommend.md.
    public struct Recommend: Hashable, Sendable {
        /// The items.
        public var catalogue: CatalogueFiles
        /// What brings candidates, in the order in which they are merged.
        public var sources: [Source]
        /// How task outputs and numbers of items become the score of an item.
        public var formula: Named
        /// What may be shown.
        public var rules = Rules()
        /// How lists are kept diverse.
        public var diversity = DiversityChoice.none
        /// What the likeness of items is read from.
        public var similarity: SimilarityChoice?
        /// The items of an answer, where the request does not say.
        public var limit = 20
        /// The most items a request may ask for.
        public var maximumLimit = 100
        /// The source that is asked where no other brings a candidate; nil answers with an empty list.
        public var fallback: String?

        /// A name of something else, and where it was written, for error sentences.
        public struct Named: Hashable, Sendable {
            /// The name, or the formula.
            public var text: String
            /// The file.
            public var file: String
            /// The line, from 1; nil where it is not known.
            public var line: Int?
            /// The keys that lead to it.
            public var path: String

            /// A name that stands in no file.
            public init(
                _ text: String,
                file: String = "settings",
                line: Int? = nil,
                path: String = "recommend"
            ) {
                self.text = text
                self.file = file
                self.line = line
                self.path = path
            }
        }

        /// Something that brings candidates.
        public struct Source: Hashable, Sendable {
            /// What requests, explanations and metrics call it.
            public var name: String
            /// How many it brings at most.
            public var candidates: Int
            /// What it does.
            public var kind: Kind

            /// Creates a source.
            public init(_ name: String, candidates: Int, _ kind: Kind) {
                self.name = name
                self.candidates = candidates
                self.kind = kind
            }
        }

        /// What a source does.
        public enum Kind: Hashable, Sendable {
            /// The items nearest to the user's vector: of a two-tower run, among vectors of a file; by a graph that a file
            /// keeps, or is made at each start.
            case retrieval(run: String, vectors: [String], SearchMethod, graph: String?)
            /// The most wanted items by a feature of the store, counted again after so many seconds.
            case popularFeature(Named, refreshSeconds: Double)
            /// The most wanted items by a column of the catalogue, or by one for each scenario.
            case popularColumn(Named, byScenario: [String: Named])
            /// The items of a sequence of the user in the store, the latest first.
            case recentlyViewed(Named)
            /// What is bought with the user's latest items, by a file of pairs.
            case boughtTogether([String], seeds: [Named])
        }

        /// What may be shown.
        public struct Rules: Hashable, Sendable {
            /// Whether items without stock are left out.
            public var requiresStock = false
            /// Items that are never shown.
            public var blockedItems: [String] = []
            /// Categories of which nothing is shown.
            public var blockedCategories: [String] = []
            /// How often a user may be shown an item, by counts of the store.
            public var frequencyCaps: [FrequencyCap] = []
            /// The most items of a category.
            public var perCategory: Int?
            /// The same of single categories.
            public var categories: [String: Int] = [:]

            /// Everything may be shown.
            public init() {}
        }

        /// How often a user may be shown an item.
        public struct FrequencyCap: Hashable, Sendable {
            /// The feature that counts.
            public var feature: Named
            /// The count at which the item is not shown again.
            public var maximum: Int

            /// Creates a cap.
            public init(_ feature: Named, maximum: Int) {
                self.feature = feature
                self.maximum = maximum
            }
        }

        /// How lists are kept diverse.
        public enum DiversityChoice: Hashable, Sendable {
            /// By score alone.
            case none
            /// Maximal marginal relevance.
            case mmr(relevance: Double)
            /// A determinantal point process.
            case dpp(relevance: Double)
        }

        /// What the likeness of items is read from.
        public enum SimilarityChoice: String, CaseIterable, Hashable, Sendable {
            /// The vectors of the source that retrieves.
            case vectors
            /// Their categories.
            case category
        }

        /// Creates settings.
        public init(catalogue: CatalogueFiles, sources: [Source], formula: Named) {
            self.catalogue = catalogue
            self.sources = sources
            self.formula = formula
        }
    }
}
