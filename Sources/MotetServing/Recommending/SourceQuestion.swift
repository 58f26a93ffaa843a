import HTTPTypes
import MotetCandidates
import MotetCore
import MotetData
import MotetExperiments
import MotetRetrieval

/// Asks the sources of candidates for a request.
struct SourceQuestion {
    let request: RecommendRequest
    let catalogue: ModelCatalogue
    let features: any FeatureSource
    let online: OnlineFields?

    /// What sources brought.
    struct Answer {
        /// The candidates, those of the request first.
        var list: CandidateList
        /// What each source brought, in order.
        var reports: [RecommendRecord.Source] = []
        /// Whether the source of last resort was asked.
        var usedFallback = false
        /// Whether features of the user may have been old.
        var isDegraded = false
    }

    /// The number of the candidates that requests bring; sources are numbered from 0.
    static let given = -1

    private var resources: RecommendResources { catalogue.resources }

    /// Asks the sources a request is about.
    ///
    /// A source that fails brings nothing, and the others answer.
    ///
    /// - Parameter limit: the most candidates.
    /// - Returns: what they brought.
    func answer(limit: Int) -> Answer {
        var answer = Answer(list: CandidateList(limit: limit))
        addGiven(to: &answer)
        let asked = request.asked(of: resources.sources.count)
        let user = Result { try userColumns(asked) }
        if case .success(let columns) = user { answer.isDegraded = columns.isDegraded }
        for source in asked { ask(source, user, &answer) }
        let settings = resources.settings
        if answer.list.candidates.isEmpty, let name = settings.fallback,
            let fallback = settings.sources.firstIndex(where: { $0.name == name }),
            !asked.contains(fallback)
        {
            answer.usedFallback = true
            ask(fallback, Result { try userColumns([fallback]) }, &answer)
        }
        return answer
    }

    private func addGiven(to answer: inout Answer) {
        let names = request.scoring.itemNames
        guard !names.isEmpty else { return }
        for (rank, name) in names.enumerated() {
            answer.list.add(
                name,
                place: resources.catalogue.place(of: name),
                source: Self.given,
                rank: rank
            )
        }
        answer.reports.append(
            RecommendRecord.Source(
                name: ServingSettings.Recommend.given,
                outcome: .some,
                candidates: answer.list.candidates.count
            )
        )
    }

    /// Asks one source, and takes what it brings.
    private func ask(
        _ number: Int,
        _ user: Result<UserColumns, any Error>,
        _ answer: inout Answer
    ) {
        let settings = resources.settings.sources[number]
        var report = RecommendRecord.Source(name: settings.name, outcome: .empty)
        do {
            let found = try found(resources.sources[number], settings.candidates, user)
            for (rank, match) in found.enumerated() {
                answer.list.add(
                    resources.catalogue.items[match.place],
                    place: match.place,
                    source: number,
                    rank: rank,
                    score: match.score
                )
            }
            report.candidates = found.count
            if !found.isEmpty { report.outcome = .some }
        } catch {
            report.outcome = .failed
            report.error = Self.code(of: error)
        }
        answer.reports.append(report)
    }

    /// The code of what kept a source from answering.
    private static func code(of error: any Error) -> String {
        switch error {
        case let error as RequestError: error.code
        case let error as any ReportableError: error.code.rawValue
        default: "internal"
        }
    }

    private func found(
        _ source: RecommendResources.Source,
        _ limit: Int,
        _ user: Result<UserColumns, any Error>
    ) throws -> [(place: Int, score: Double?)] {
        switch source {
        case .retrieval(let tower, let vectors):
            let columns = try user.get().columns
            let own = columns.filter { tower.columns.contains($0.key) }
            let vector = try tower.vectors(RawRows(count: 1, columns: own)) { _ in "user" }
            return try vectors.nearest(to: vector, limit: limit).map {
                ($0.place, Double($0.product))
            }
        case .popularFeature(let counts):
            let scenario = try scenario(for: counts)
            let popular = try counts.items(in: scenario) { [features, resources, online] in
                try Self.counts(counts.feature, scenario, features, resources, online)
            }
            return zip(popular.places, popular.counts).map { ($0, $1) }
        case .popularColumn(let overall, let byScenario):
            let popular = scenario.flatMap { byScenario[$0] } ?? overall
            return zip(popular.places, popular.counts).map { ($0, $1) }
        case .recentlyViewed(let feature):
            let places = try self.places(of: feature, try user.get())
            return places.prefix(limit).map { ($0, nil) }
        case .boughtTogether(let together, let seeds):
            let columns = try user.get()
            var places = request.cart.compactMap { resources.catalogue.place(of: $0) }
            for seed in seeds { places += try self.places(of: seed, columns) }
            return together.companions(of: places, limit: limit).map { ($0.place, $0.score) }
        }
    }

    /// The items of a sequence of the user, the latest first, each once.
    private func places(of feature: String, _ user: UserColumns) throws -> [Int] {
        guard case .same(.list(let values))? = user.columns[feature] else { return [] }
        var seen: Set<Int> = []
        return values.reversed().compactMap { value in
            guard let place = value.name.flatMap({ resources.catalogue.place(of: $0) }) else {
                return nil
            }
            return seen.insert(place).inserted ? place : nil
        }
    }
}

// MARK: What the store knows

extension SourceQuestion {
    /// What is known of the user, by column.
    private struct UserColumns {
        var columns: [String: RawRows.Column]
        var isDegraded: Bool
    }

    /// The columns of the user that sources read: those of the request, else those of the store.
    private func userColumns(_ asked: [Int]) throws -> UserColumns {
        var names: [String] = []
        for source in asked {
            switch resources.sources[source] {
            case .retrieval(let tower, _): names += tower.columns
            case .recentlyViewed(let feature): names.append(feature)
            case .boughtTogether(_, let seeds): names += seeds
            case .popularFeature, .popularColumn: continue
            }
        }
        let shared = request.scoring.shared
        var columns = shared.mapValues { RawRows.Column.same($0) }
        var missing: [String] = []
        for name in names where shared[name] == nil && !missing.contains(name) {
            missing.append(name)
        }
        guard !missing.isEmpty else { return UserColumns(columns: columns, isDegraded: false) }
        let sourced = try features.features(
            missing,
            for: FeatureQuery(
                userID: request.scoring.userID,
                itemIDs: [],
                context: request.scoring.context,
                columns: columns,
                time: request.scoring.time
            )
        )
        columns.merge(sourced.columns) { own, _ in own }
        return UserColumns(columns: columns, isDegraded: sourced.isDegraded)
    }

    /// The place of the shop; nil where the request names none.
    private var scenario: String? {
        let column = online?.scenario ?? catalogue.scenarioColumn
        return column.flatMap { request.scoring.shared[$0]?.name }
    }

    /// The place whose counts are asked for.
    ///
    /// - Throws: `RequestError` for a place the model does not know: nobody is to make the server count for ever new
    ///   ones.
    private func scenario(for counts: PopularCounts) throws(RequestError) -> String? {
        guard counts.isOfScenarios else { return nil }
        guard let scenario, catalogue.scenarios.contains(scenario) else {
            throw RequestError(
                .badRequest,
                "unknown_scenario",
                message: "the request names no scenario of the run; expected one of "
                    + "\(catalogue.scenarios.joined(separator: ", "))."
            )
        }
        return scenario
    }

    /// The number of items the store is asked about at once: between two questions events have their turn.
    private static let block = 1024

    /// A feature of every item of the catalogue now; NaN where there is none.
    static func counts(
        _ feature: String,
        _ scenario: String?,
        _ features: any FeatureSource,
        _ resources: RecommendResources,
        _ online: OnlineFields?
    ) throws -> [Double] {
        let catalogue = resources.catalogue
        var counts: [Double] = []
        counts.reserveCapacity(catalogue.count)
        for start in stride(from: 0, to: catalogue.count, by: block) {
            let end = min(start + block, catalogue.count)
            var query = FeatureQuery(
                userID: nil,
                itemIDs: Array(catalogue.items[start..<end]),
                context: [:]
            )
            if let online, let scenario {
                query.columns[online.scenario] = .same(.text(scenario))
            }
            switch try features.features([feature], for: query).columns[feature] {
            case .each(let values)?: counts += values.map { $0.double ?? .nan }
            case .same(let value)?:
                counts += [Double](repeating: value.double ?? .nan, count: end - start)
            case nil: counts += [Double](repeating: .nan, count: end - start)
            }
        }
        return counts
    }
}
