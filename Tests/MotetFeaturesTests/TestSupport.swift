import Foundation
import MotetConfiguration
import MotetCore
import MotetData
import MotetTestSupport

@testable import MotetFeatures

/// Features of every form and of several entities.
let everyForm = """
    online_features:
      lateness: 30d
      features:
        - { name: user_clicks_1d, of: user, type: count, events: click, window: 1d }
        - { name: user_events, of: user, type: count, events: [view, click, cart, purchase], window: all }
        - { name: user_spend_7d, of: user, type: sum, value: amount, window: 7d, tiles: 7,
            events: { purchase: 1, return: -1 } }
        - { name: item_ctr_2d, of: item, type: rate, events: click, per: exposure, window: 2d, prior: 0.1,
            strength: 5 }
        - { name: item_scenario_cvr, of: [scenario, item], type: rate, events: purchase, per: [click, view],
            window: all, prior: 0.05, strength: 2 }
        - { name: category_price_7d, of: category, type: mean, events: [view, click, purchase], value: price,
            window: 7d, prior: 20, strength: 1 }
        - { name: user_category_affinity, of: [user, category], type: decayed, half_life: 1d,
            events: { view: 1, click: 2.5, purchase: 10, return: -3 } }
        - { name: user_item_recency, of: [user, item], type: recency, events: [view, click] }
        - { name: user_recency, of: user, type: recency, events: purchase, default: 1000000 }
        - { name: item_price_seen, of: [user, item], type: last, events: [view, exposure], value: price,
            default: -1 }
        - { name: user_items, of: user, type: sequence, events: [click, purchase], value: item, length: 5 }
        - { name: user_categories, of: user, type: sequence, events: view, value: category, length: 3,
            distinct: true }
        - { name: user_different_items, of: user, type: distinct, events: view, value: item, window: 3d,
            limit: 8 }
        - { name: session_events, of: user, type: session, gap: 2h }
        - { name: session_seconds, of: user, type: session, gap: 2h, measure: seconds }
        - { name: all_clicks, of: all, type: count, events: click, window: 12h, tiles: 12 }
    """

/// Definitions from YAML text.
func definitions(_ text: String = everyForm) throws -> FeatureDefinitions {
    try ConfigurationDocument(parsing: text, name: "features.yaml").read { reader in
        reader.section("online_features") { FeatureDefinitions($0) }
    }
}

/// Noon of a day in 2026, in milliseconds.
let start: Int64 = 1_780_000_000_000
let hour: Int64 = 3_600_000
let day: Int64 = 86_400_000

/// A made-up log: few users and items, so that everything meets, over some days, in order of time.
func log(_ count: Int, days: Int64 = 20, key: RandomKey) -> [Event] {
    var random = key.generator()
    let times = (0..<count).map { _ in
        // Whole quarters of an hour now and then, so that ends of tiles and ties are met.
        let time = start + Int64.random(in: 0..<days * day, using: &random)
        return Bool.random(using: &random) ? time : time / (hour / 4) * (hour / 4)
    }.sorted()
    return times.enumerated().map { index, time in
        let kind = EventKind.allCases[Int.random(in: 0..<7, using: &random)]
        let item = Int.random(in: 0..<9, using: &random)
        return Event(
            id: "e\(index)",
            time: time,
            kind: kind,
            user: "u\(Int.random(in: 0..<4, using: &random))",
            item: kind == .search ? nil : "i\(item)",
            category: kind == .search ? nil : "c\(item % 4)",
            scenario: Int.random(in: 0..<5, using: &random) == 0 ? nil : "s\(item % 2)",
            query: kind == .search ? "query \(item)" : nil,
            quantity: Double(Int.random(in: 1...4, using: &random)),
            price: Int.random(in: 0..<4, using: &random) == 0
                ? nil : Double(Int.random(in: 1...9_999, using: &random)) / 100
        )
    }
}

/// The state after some events in the order given.
func state(_ events: [Event], _ definitions: FeatureDefinitions) -> FeatureState {
    var state = FeatureState(FeaturePlan(definitions))
    for event in events { _ = state.apply(event) }
    return state
}

/// A question about every user with every item.
func requests(at time: Int64) -> [FeatureRequest] {
    (0..<5).map { user in
        FeatureRequest(
            user: user == 4 ? nil : "u\(user)",
            scenario: "s\(user % 2)",
            items: (0..<10).map { FeatureCandidate(item: "i\($0)", category: "c\($0 % 4)") },
            time: time
        )
    }
}

/// Whether what a function makes of events depends on the order it gets them in.
func dependsOnOrder<Result: Equatable>(
    _ events: [Event],
    key: RandomKey,
    tries: Int = 4,
    _ make: ([Event]) -> Result
) -> Bool {
    let expected = make(events)
    var random = key.generator()
    return (0..<tries).contains { _ in make(events.shuffled(using: &random)) != expected }
        || make(events.reversed()) != expected
}

extension ScratchFolder {
    /// Writes events as a table, in the order given; gives its path.
    func write(_ events: [Event], _ name: String) throws -> String {
        let file = path + "/" + name
        let writer = try TableWriter(
            path: file,
            columns: [
                ColumnDescription(name: "id", type: .string),
                ColumnDescription(name: "time", type: .int64),
                ColumnDescription(name: "kind", type: .string),
                ColumnDescription(name: "user", type: .string),
                ColumnDescription(name: "item", type: .string),
                ColumnDescription(name: "category", type: .string),
                ColumnDescription(name: "scenario", type: .string),
                ColumnDescription(name: "pieces", type: .float64),
                ColumnDescription(name: "price", type: .float64),
            ]
        )
        try writer.append([
            .string(events.map(\.id)), .int64(events.map(\.time)),
            .string(events.map(\.kind.rawValue)), .string(events.map(\.user)),
            .string(events.map(\.item)), .string(events.map(\.category)),
            .string(events.map(\.scenario)), .float64(events.map(\.quantity)),
            .float64(events.map { $0.price ?? .nan }),
        ])
        try writer.finish()
        return file
    }
}

extension FeatureState {
    /// The features of a request, in a table of their own.
    func features(_ request: FeatureRequest, _ items: ItemTable) -> FeatureTable {
        var table = FeatureTable()
        read(request, items, into: &table)
        return table
    }
}
