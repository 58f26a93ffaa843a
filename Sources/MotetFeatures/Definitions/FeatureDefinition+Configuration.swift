import MotetConfiguration
import MotetCore

extension FeatureDefinition {
    /// The names of the forms.
    private enum FormName: String, CaseIterable {
        case count
        case sum
        case rate
        case mean
        case decayed
        case recency
        case last
        case sequence
        case distinct
        case session
    }

    /// Reads the keys of a feature.
    init(_ reader: ConfigurationReader) {
        let name = reader.string("name")
        let formName = reader.choice("type", as: FormName.self)
        let entity = FeatureEntity(Set(reader.dimensions("of")))
        let form: Form
        switch formName {
        case .count:
            form = .count(reader.kinds("events"), window: reader.window())
        case .sum:
            form = .sum(
                reader.weights("events"),
                of: reader.choice("value", as: EventNumber.self),
                window: reader.window()
            )
        case .rate:
            form = .rate(
                reader.kinds("events"),
                per: reader.kinds("per"),
                window: reader.window(),
                prior: reader.number("prior", in: .between(0, 1e9)),
                strength: reader.number("strength", in: .between(1e-3, 1e9))
            )
        case .mean:
            form = .mean(
                reader.kinds("events"),
                of: reader.choice("value", as: EventNumber.self),
                window: reader.window(),
                prior: reader.number("prior", in: .between(0, 1e12)),
                strength: reader.number("strength", in: .between(1e-3, 1e9))
            )
        case .decayed:
            form = .decayed(
                reader.weights("events"),
                of: reader.choice("value", default: EventNumber.one),
                halfLife: reader.span("half_life")
            )
        case .recency:
            form = .recency(reader.kinds("events"), fallback: reader.fallback())
        case .last:
            form = .last(
                reader.kinds("events"),
                of: reader.choice("value", as: EventNumber.self),
                fallback: reader.fallback()
            )
        case .sequence:
            form = .sequence(
                reader.kinds("events"),
                of: reader.choice("value", as: EventText.self),
                length: reader.integer("length", default: 20, in: .between(1, 1_000)),
                isDistinct: reader.boolean("distinct", default: false)
            )
        case .distinct:
            form = .distinct(
                reader.kinds("events"),
                of: reader.choice("value", as: EventText.self),
                window: reader.spanOrAll("window"),
                limit: reader.integer("limit", default: 100, in: .between(1, 1_000))
            )
        case .session:
            form = .session(
                reader.kinds("events", default: Self.actions),
                gap: reader.span("gap", default: 1_800_000),
                measure: reader.choice("measure", default: SessionMeasure.events)
            )
        }
        self.init(name, of: entity, form)
    }

    /// What a user does: everything but being shown something, and giving it back.
    static let actions: Set<EventKind> = [.view, .click, .cart, .purchase, .search]
}

extension ProfileRules {
    /// Reads the keys of `profile`; nil where profiles are not wanted.
    static func read(_ reader: ConfigurationReader) -> ProfileRules? {
        let standard = ProfileRules()
        let rules = ProfileRules(
            weights: reader.has("weights") ? reader.weights("weights") : standard.weights,
            halfLife: reader.span("half_life", default: standard.halfLife),
            gap: reader.span("gap", default: standard.gap),
            actions: reader.integer("actions", default: standard.actions, in: .between(1, 1_000))
        )
        return reader.boolean("enabled", default: true) ? rules : nil
    }
}

extension ConfigurationReader {
    /// The dimensions of an entity: one, a list, or `all` for none.
    fileprivate func dimensions(_ key: String) -> [FeatureDimension] {
        let names = strings(key, allowsOne: true)
        guard names != ["all"] else { return [] }
        let known = FeatureDimension.allCases.map(\.rawValue)
        var dimensions: [FeatureDimension] = []
        for name in names {
            guard let dimension = FeatureDimension(rawValue: name) else {
                fail(
                    key,
                    "unknown value; expected `all` or some of "
                        + known.map { "`\($0)`" }.joined(separator: ", ")
                        + "; received \"\(name)\"." + Suggestion.sentence(for: name, in: known)
                )
                continue
            }
            if dimensions.contains(dimension) {
                fail(key, "`\(name)` stands twice; expected each dimension once.")
            }
            dimensions.append(dimension)
        }
        if names.isEmpty, has(key) {
            fail(key, "empty; expected `all` or at least one dimension.")
        }
        return dimensions
    }

    private func kind(_ name: String, _ key: String) -> EventKind? {
        if let kind = EventKind(rawValue: name) { return kind }
        let known = EventKind.allCases.map(\.rawValue)
        fail(
            key,
            "unknown kind of event; expected some of "
                + known.map { "`\($0)`" }.joined(separator: ", ") + "; received \"\(name)\"."
                + Suggestion.sentence(for: name, in: known)
        )
        return nil
    }

    /// Kinds of events: one or a list.
    fileprivate func kinds(
        _ key: String,
        default fallback: Set<EventKind>? = nil
    ) -> Set<EventKind> {
        let names: [String]
        if let fallback {
            guard has(key) else { return fallback }
            names = strings(key, default: [], count: .atLeast(1), allowsOne: true)
        } else {
            names = strings(key, count: .atLeast(1), allowsOne: true)
        }
        return Set(names.compactMap { kind($0, key) })
    }

    /// Kinds of events with weights: a map, or one or a list of them for weights of 1.
    fileprivate func weights(_ key: String) -> EventWeights {
        guard let value = value(key), case .map = value.node.content else {
            return EventWeights(kinds(key))
        }
        return value.section { section in
            var weights: [EventKind: Double] = [:]
            for name in section.keys {
                let weight = section.number(name, in: .between(-1_000, 1_000))
                if let kind = kind(name, key) { weights[kind] = weight }
            }
            if section.keys.isEmpty { fail(key, "empty; expected at least one kind of event.") }
            return EventWeights(weights)
        }
    }

    /// A length of time that must be there.
    fileprivate func span(_ key: String) -> Int64 {
        guard has(key) else {
            _ = string(key)
            return 1_000
        }
        return span(key, default: 1_000)
    }

    /// A length of time that may be left out.
    fileprivate func span(_ key: String, default fallback: Int64) -> Int64 {
        parsed(key, default: fallback) { try TimeSpan.parse($0) }
    }

    /// A length of time that must be there, or `all`, which is nil.
    fileprivate func spanOrAll(_ key: String) -> Int64? {
        guard let value = value(key) else {
            _ = string(key)
            return nil
        }
        return value.parsed { $0 == "all" ? nil : try TimeSpan.parse($0) } ?? nil
    }

    /// `window` cut into `tiles`; nil for `all`.
    fileprivate func window() -> FeatureWindow? {
        let length = spanOrAll("window")
        let tiles = integer("tiles", default: 24, in: .between(1, 1_000))
        guard let length else { return nil }
        let hop = length / Int64(max(1, tiles))
        guard tiles > 0, hop * Int64(tiles) == length, hop > 0 else {
            fail(
                "window",
                "cannot be cut into \(tiles) tiles of whole milliseconds; expected a multiple of them. Set "
                    + "`tiles`."
            )
            return nil
        }
        return FeatureWindow(hop: hop, tiles: tiles)
    }

    /// The value where nothing was seen; missing unless given.
    fileprivate func fallback() -> Double? { number(ifPresent: "default") }
}
