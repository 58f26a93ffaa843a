import MotetCandidates
import MotetData
import MotetFeatures

/// The memory of an answer of a store: the question, the tables it reads, and the columns they become.
///
/// A request that asks for the columns of one before takes no memory.
///
/// `@unchecked Sendable`: `MemoryPool` hands it to one request at a time, and what it gave is read only until the
/// request lets it go.
final class FeatureMemory: @unchecked Sendable {
    /// The columns that were read last.
    private(set) var columns: [String: RawRows.Column] = [:]
    /// Those of the columns asked for that are no features of the store.
    private(set) var others: [String] = []
    /// Whether the store could not be asked for all of it.
    private(set) var isDegraded = false
    private var asked: [String] = []
    private var features: [Feature] = []
    private var request = FeatureRequest(user: nil, scenario: nil, items: [], time: 0)
    /// The places of the shop that items are asked for in.
    private var places: [String?] = []
    /// For each place what was read.
    private var tables: [FeatureTable] = []
    /// For each place the number of its items.
    private var counts: [Int] = []
    /// For each item its place, and its row there.
    private var rows: [(place: Int, row: Int)] = []

    /// Memory for some features.
    init(_ definitions: [FeatureDefinition]) {
        features = definitions.map {
            Feature(name: $0.name, isShared: !$0.entity.dependsOnItem)
        }
    }

    /// A feature of the store.
    private struct Feature {
        let name: String
        let isShared: Bool
        var isWanted = false
        var values = FeatureValues()
    }

    /// Whether a feature of the store is asked for.
    var asksStore: Bool { features.contains { $0.isWanted } }

    /// Notes which columns are asked for.
    func choose(_ names: [String]) {
        guard asked != names else { return }
        asked = names
        for index in features.indices {
            features[index].isWanted = names.contains(features[index].name)
        }
        others.removeAll(keepingCapacity: true)
        for name in names where !features.contains(where: { $0.name == name }) {
            others.append(name)
        }
    }

    /// Asks the store, and makes columns of what it answers.
    ///
    /// - Parameters:
    ///   - query: whom and what it is about.
    ///   - fields: what tells the category and the place of the shop.
    ///   - time: the time asked for.
    ///   - read: the store.
    func read(
        _ query: FeatureQuery,
        _ fields: OnlineFields,
        at time: Int64,
        _ read: StoreFeatures.Reader
    ) {
        // The columns given last stand in this memory too.
        columns.removeAll(keepingCapacity: true)
        findPlaces(query, fields.scenario)
        while tables.count < places.count { tables.append(FeatureTable()) }
        // What is not of the items is asked for without them.
        let withItems = features.contains { $0.isWanted && !$0.isShared }
        isDegraded = false
        for place in places.indices {
            request.user = query.userID
            request.scenario = places[place]
            request.time = time
            request.items.removeAll(keepingCapacity: true)
            if withItems {
                for item in rows.indices where rows[item].place == place {
                    request.items.append(
                        FeatureCandidate(
                            item: query.itemIDs[item],
                            category: query.value(fields.category, item).name
                        )
                    )
                }
            }
            read(request, &tables[place])
            isDegraded = isDegraded || tables[place].isDegraded
        }
        for index in features.indices where features[index].isWanted { makeColumn(index) }
    }

    /// Sorts the items by the place of the shop they are asked for in.
    private func findPlaces(_ query: FeatureQuery, _ field: String) {
        places.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        if query.isShared(field) {
            places.append(query.columns[field]?[0].name)
            for item in query.itemIDs.indices { rows.append((0, item)) }
            return
        }
        for item in query.itemIDs.indices {
            let name = query.value(field, item).name
            let place = places.firstIndex(of: name) ?? places.count
            if place == places.count {
                places.append(name)
                counts.append(0)
            }
            rows.append((place, counts[place]))
            counts[place] += 1
        }
    }

    /// Makes the column of a feature of the tables' values.
    private func makeColumn(_ index: Int) {
        let name = features[index].name
        if features[index].isShared, places.count == 1 {
            features[index].values.resize(1)
            features[index].values.set(0, tables[0].columns[index], 0)
            columns[name] = .same(features[index].values.list[0])
            return
        }
        features[index].values.resize(rows.count)
        for (item, place) in rows.enumerated() {
            let column = tables[place.place].columns[index]
            features[index].values.set(item, column, column.isShared ? 0 : place.row)
        }
        columns[name] = .each(features[index].values.list)
    }
}

/// Raw values of a feature, whose lists keep their memory.
private struct FeatureValues {
    private(set) var list: [RawValue] = []
    /// The memory of lists that are not used now.
    private var spare: [[RawValue]] = []

    /// Makes it as many values.
    mutating func resize(_ count: Int) {
        while list.count > count {
            if case .list(let values)? = list.popLast() { spare.append(values) }
        }
        while list.count < count { list.append(.missing) }
    }

    /// Puts a feature's value for an item in a row: NaN and a sequence of nothing are missing.
    mutating func set(_ row: Int, _ column: FeatureTable.Column, _ item: Int) {
        guard column.isText else {
            let number = column.numbers[item]
            list[row] = number.isNaN ? .missing : .number(Double(number))
            return
        }
        let names = column.sequences[item]
        if names.isEmpty || (names.count == 1 && names.first?.isEmpty == true) {
            if case .list(let values) = list[row] { spare.append(values) }
            list[row] = .missing
            return
        }
        guard names.allSatisfy({ $0.isPlain }) else {
            // A list written as text has no such names: what training makes of the text counts.
            list[row] = RawValue.text(names.joined(separator: "|")).list(delimitedBy: "|")
            return
        }
        var values = spareList(row)
        values.removeAll(keepingCapacity: true)
        for name in names { values.append(.text(name)) }
        list[row] = .list(values)
    }

    /// The memory of a list, out of its row.
    private mutating func spareList(_ row: Int) -> [RawValue] {
        if case .list(let values) = list[row] {
            list[row] = .missing
            return values
        }
        return spare.popLast() ?? []
    }
}

extension String {
    /// Whether the name comes out of a text of names with `|` between them as it went in.
    fileprivate var isPlain: Bool {
        func isEdge(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "[")
                || byte == UInt8(ascii: "]")
        }
        guard let first = utf8.first, let last = utf8.last, !isEdge(first), !isEdge(last) else {
            return false
        }
        return !utf8.contains(UInt8(ascii: "|"))
    }
}
