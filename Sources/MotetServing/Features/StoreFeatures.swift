import MotetData
import MotetFeatures

/// The features of a store as columns of a request.
///
/// They are what the files say that `motet data features` writes: NaN and a sequence of nothing are missing
/// values, and the texts of a sequence are a list.
struct StoreFeatures: FeatureSource {
    /// Answers what is asked.
    let read: @Sendable (FeatureRequest) -> FeatureTable
    /// The names of the store's features.
    let names: Set<String>
    /// Those of them that are the same for all items of a request, but for the place of the shop.
    let shared: Set<String>
    let fields: OnlineFields
    /// Asked for what is no feature of the store.
    let others: any FeatureSource
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64

    func features(_ columns: [String], for request: FeatureQuery) throws -> SourcedFeatures {
        let rest = columns.filter { !names.contains($0) }
        var sourced = SourcedFeatures()
        if !rest.isEmpty { sourced = try others.features(rest, for: request) }
        let wanted = Set(columns).intersection(names)
        guard !wanted.isEmpty else { return sourced }
        // What is not of the items is asked for without them.
        let parts = parts(of: request, withItems: !wanted.isSubset(of: shared))
        let tables = parts.map { read($0.request) }
        if tables.contains(where: \.isDegraded) { sourced.isDegraded = true }
        for (index, first) in (tables.first?.columns ?? []).enumerated()
        where wanted.contains(first.name) {
            if first.isShared, tables.count == 1 {
                sourced.columns[first.name] = .same(Self.raw(first[0]))
                continue
            }
            var values = [RawValue](repeating: .missing, count: request.itemIDs.count)
            for (part, table) in zip(parts, tables) {
                let column = table.columns[index]
                for (row, place) in part.rows.enumerated() { values[place] = Self.raw(column[row]) }
            }
            sourced.columns[first.name] = .each(values)
        }
        return sourced
    }

    /// A question to the store, and the items it is about.
    private struct Part {
        var rows: [Int]
        var request: FeatureRequest
    }

    /// One question for each place of the shop.
    private func parts(of query: FeatureQuery, withItems: Bool) -> [Part] {
        let count = query.itemIDs.count
        let scenarios = query.columns[fields.scenario] ?? .same(.missing)
        var rows: [(scenario: String?, rows: [Int])] = []
        switch scenarios {
        case .same(let value): rows = [(Self.name(value), Array(0..<count))]
        case .each(let values):
            var places: [String?: Int] = [:]
            for (row, value) in values.enumerated() {
                let name = Self.name(value)
                if let place = places[name] {
                    rows[place].rows.append(row)
                } else {
                    places[name] = rows.count
                    rows.append((name, [row]))
                }
            }
        }
        let time = query.time ?? now()
        let categories = query.columns[fields.category] ?? .same(.missing)
        return rows.map { scenario, rows in
            Part(
                rows: rows,
                request: FeatureRequest(
                    user: query.userID,
                    scenario: scenario,
                    items: withItems
                        ? rows.map { row in
                            FeatureCandidate(
                                item: query.itemIDs[row],
                                category: Self.name(categories[row])
                            )
                        } : [],
                    time: time
                )
            )
        }
    }

    /// A name as events have it: whole numbers as they are printed; nil where there is none.
    static func name(_ value: RawValue) -> String? {
        switch value {
        case .missing, .list: nil
        case .boolean(let isTrue): isTrue ? "1" : "0"
        case .integer(let integer): String(integer)
        case .number(let number):
            number.isNaN ? nil : Int64(exactly: number).map { String($0) } ?? "\(number)"
        case .text(let text): text.isEmpty ? nil : text
        }
    }

    /// A feature as it stands in a row.
    static func raw(_ value: FeatureValue) -> RawValue {
        switch value {
        case .number(let number): number.isNaN ? .missing : .number(Double(number))
        case .text(let text): text.isEmpty ? .missing : RawValue.text(text).list(delimitedBy: "|")
        }
    }
}
