import MotetCandidates
import MotetConfiguration
import MotetRetrieval

extension ServingSettings.Recommend {
    /// The name of the candidates that requests bring.
    static let given = "given"

    init(reading reader: ConfigurationReader, folder: String, file: String) {
        let place = ReadingPlace(folder: folder, file: file)
        catalogue = reader.section("catalogue") { place.catalogue($0) }
        sources = reader.list(ifPresent: "sources") { Source(reading: $0, place) } ?? []
        formula = place.named(reader, "formula")
        rules = reader.section(orEmpty: "rules") { Rules(reading: $0, place) }
        (diversity, similarity) =
            reader.variant(ifPresent: "diversity", of: ["none", "mmr", "dpp"], place.diversity)
            ?? (.none, nil)
        maximumLimit = reader.integer(
            "maximum_limit",
            default: maximumLimit,
            in: .between(1, 1000)
        )
        limit = reader.integer(
            "limit",
            default: min(limit, maximumLimit),
            in: .between(1, maximumLimit)
        )
        fallback = reader.string(ifPresent: "fallback")
        check(reader)
    }

    /// What does not go together.
    private func check(_ reader: ConfigurationReader) {
        var names: Set<String> = [Self.given]
        for source in sources where !names.insert(source.name).inserted {
            reader.fail(
                "sources",
                "a source is called \"\(source.name)\" as another, or as the candidates of requests; expected names "
                    + "that differ. Name one by `as`."
            )
        }
        if let fallback, !sources.contains(where: { $0.name == fallback }) {
            reader.fail(
                "fallback",
                "there is no such source; expected one of \(sources.map(\.name).joined(separator: ", ")); "
                    + "received \"\(fallback)\"."
            )
        }
        let retrievals = sources.count { if case .retrieval = $0.kind { true } else { false } }
        if similarity == .vectors, retrievals != 1 {
            reader.fail(
                "diversity",
                "`similarity: vectors` needs the vectors of a source; expected one source `retrieval`; received "
                    + "\(retrievals). Choose `similarity: category`."
            )
        }
        if similarity == .category, catalogue.category == nil {
            reader.fail(
                "diversity",
                "`similarity: category` needs categories; expected `category` in `catalogue`; received none."
            )
        }
        if diversity != .none, similarity == nil, retrievals != 1, catalogue.category == nil {
            reader.fail(
                "diversity",
                "nothing tells how alike items are; expected one source `retrieval`, or `category` in "
                    + "`catalogue`; received neither."
            )
        }
        let needsCategory =
            !rules.blockedCategories.isEmpty || rules.perCategory != nil
            || !rules.categories.isEmpty
        if needsCategory, catalogue.category == nil {
            reader.fail(
                "rules",
                "a rule of categories needs them; expected `category` in `catalogue`; received none."
            )
        }
        if rules.requiresStock, catalogue.stock == nil {
            reader.fail(
                "rules",
                "`in_stock` needs a stock; expected `stock` in `catalogue`; received none."
            )
        }
    }
}

/// Where settings stand: what paths start from, and the file that sentences name.
struct ReadingPlace {
    let folder: String
    let file: String

    /// A text that must be there, with its place.
    func named(_ reader: ConfigurationReader, _ key: String) -> ServingSettings.Recommend.Named {
        let text = reader.string(key)
        return named(text, reader.value(key))
    }

    /// A text with its place.
    func named(
        _ text: String,
        _ value: ConfigurationValue?
    ) -> ServingSettings.Recommend.Named {
        ServingSettings.Recommend.Named(
            text,
            file: value?.node.file ?? file,
            line: value.flatMap { $0.node.line > 0 ? $0.node.line : nil },
            path: value?.path ?? ""
        )
    }

    func path(_ path: String) -> String { ServingSettings.path(path, folder) }

    func paths(_ reader: ConfigurationReader, _ key: String) -> [String] {
        reader.strings(key, count: .atLeast(1), allowsOne: true).map { path($0) }
    }

    func catalogue(_ reader: ConfigurationReader) -> CatalogueFiles {
        CatalogueFiles(
            files: paths(reader, "files"),
            item: reader.string("item"),
            category: reader.string(ifPresent: "category"),
            stock: reader.string(ifPresent: "stock"),
            numbers: reader.strings("numbers", default: [], allowsOne: true),
            columns: reader.has("columns") ? reader.strings("columns") : nil
        )
    }

    func diversity(
        _ name: String,
        _ reader: ConfigurationReader
    ) -> (
        ServingSettings.Recommend.DiversityChoice, ServingSettings.Recommend.SimilarityChoice?
    ) {
        if name == "none" { return (.none, nil) }
        let relevance = reader.number(
            "relevance",
            in: name == "mmr" ? .between(0, 1) : .from(0, below: 1)
        )
        let similarity: ServingSettings.Recommend.SimilarityChoice? =
            reader.has("similarity") ? reader.choice("similarity") : nil
        return (name == "mmr" ? .mmr(relevance: relevance) : .dpp(relevance: relevance), similarity)
    }
}

extension ServingSettings.Recommend.Source {
    private static let kinds = ["retrieval", "popular", "recently_viewed", "bought_together"]

    init(reading value: ConfigurationValue, _ place: ReadingPlace) {
        self = value.variant(of: Self.kinds) { kind, reader in
            Self(
                reader.string("as", default: kind),
                candidates: reader.integer("candidates", default: 100, in: .between(1, 1 << 16)),
                Self.kind(kind, reader, place)
            )
        }
    }

    private static func kind(
        _ kind: String,
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) -> ServingSettings.Recommend.Kind {
        switch kind {
        case "retrieval":
            let (method, file) =
                reader.variant(ifPresent: "search", of: ["exact", "graph"]) { name, reader in
                    search(name, reader, place)
                } ?? (.exact, nil)
            return .retrieval(
                run: place.path(reader.string("run")),
                vectors: place.paths(reader, "vectors"),
                method,
                graph: file
            )
        case "popular": return popular(reader, place)
        case "recently_viewed": return .recentlyViewed(place.named(reader, "feature"))
        default:
            let seeds = reader.list("seeds", count: .atLeast(1)) { value in
                value.string().map { place.named($0, value) }
            }
            return .boughtTogether(place.paths(reader, "files"), seeds: seeds)
        }
    }

    private static func popular(
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) -> ServingSettings.Recommend.Kind {
        if reader.has("feature") == reader.has("column") {
            reader.fail(
                nil,
                "what is popular is told by a feature of the store or by a column of the catalogue; expected one of "
                    + "`feature` and `column`; received \(reader.has("feature") ? "both" : "neither")."
            )
        }
        if reader.has("column") {
            let byScenario = reader.section(orEmpty: "by_scenario") { scenarios in
                Dictionary(
                    scenarios.keys.map { ($0, place.named(scenarios, $0)) },
                    uniquingKeysWith: { first, _ in first }
                )
            }
            return .popularColumn(place.named(reader, "column"), byScenario: byScenario)
        }
        let seconds = reader.number("refresh_seconds", default: 10, in: .between(0.1, 86_400))
        let feature = reader.has("feature") ? place.named(reader, "feature") : .init("")
        return .popularFeature(feature, refreshSeconds: seconds)
    }

    private static func search(
        _ name: String,
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) -> (SearchMethod, file: String?) {
        guard name == "graph" else { return (.exact, nil) }
        let file = reader.string(ifPresent: "file").map { place.path($0) }
        let links = reader.integer("links", default: 16, in: .between(2, 128))
        let construction = reader.integer("construction", default: 200, in: .between(1, 10_000))
        let search = reader.integer("search", default: 100, in: .between(1, 10_000))
        let seed = reader.integer("seed", default: 42, in: .atLeast(0))
        do {
            let method = try SearchMethod.graph(
                links: links,
                construction: construction,
                search: search,
                seed: UInt64(seed)
            )
            return (method, file)
        } catch {
            reader.fail(nil, "\(error)")
            return (.exact, nil)
        }
    }
}

extension ServingSettings.Recommend.Rules {
    init(reading reader: ConfigurationReader, _ place: ReadingPlace) {
        self.init()
        requiresStock = reader.boolean("in_stock", default: false)
        blockedItems = reader.strings("blocked_items", default: [])
        blockedCategories = reader.strings("blocked_categories", default: [])
        frequencyCaps =
            reader.list(ifPresent: "frequency_caps") { value in
                value.section { cap in
                    ServingSettings.Recommend.FrequencyCap(
                        place.named(cap, "feature"),
                        maximum: cap.integer("maximum", in: .atLeast(1))
                    )
                }
            } ?? []
        perCategory = reader.integer(ifPresent: "per_category", in: .atLeast(1))
        categories = reader.section(orEmpty: "categories") { categories in
            Dictionary(
                categories.keys.map { ($0, categories.integer($0, in: .atLeast(0))) },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }
}
