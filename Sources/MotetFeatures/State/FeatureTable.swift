/// The features of a request, column by column, in the order of the definitions.
///
/// Stores can read the features of one request after the other into the same table, whose memory stays.
public struct FeatureTable: Hashable, Sendable {
    /// The values of a column.
    public enum Values: Hashable, Sendable {
        /// Numbers; NaN stands for missing.
        case numbers([Float])
        /// Texts; empty where nothing was seen.
        case texts([String])

        /// Whether two columns are the same in every bit.
        public static func == (left: Values, right: Values) -> Bool {
            switch (left, right) {
            case (.numbers(let left), .numbers(let right)):
                left.elementsEqual(right) { $0.bitPattern == $1.bitPattern }
            case (.texts(let left), .texts(let right)): left == right
            default: false
            }
        }

        /// Hashes every bit.
        public func hash(into hasher: inout Hasher) {
            switch self {
            case .numbers(let numbers): for number in numbers { hasher.combine(number.bitPattern) }
            case .texts(let texts): hasher.combine(texts)
            }
        }
    }

    /// A column.
    public struct Column: Hashable, Sendable {
        /// The feature's name.
        public let name: String
        /// Whether all items have one value, which is then the only one.
        public let isShared: Bool
        /// Whether the values are sequences of names, and not numbers.
        package let isText: Bool
        /// The numbers; none in a column of texts.
        package internal(set) var numbers: [Float] = []
        /// The sequences; none in a column of numbers.
        package internal(set) var sequences = FeatureSequences()

        init(_ column: FeaturePlan.Column, _ entity: FeatureEntity) {
            name = column.name
            isShared = !entity.dependsOnItem
            isText = column.isText
        }

        /// One value, or one for each item.
        public var values: Values {
            isText ? .texts((0..<sequences.count).map { sequences.text($0) }) : .numbers(numbers)
        }

        /// The value of an item.
        public subscript(row: Int) -> FeatureValue {
            let row = isShared ? 0 : row
            return isText ? .text(sequences.text(row)) : .number(numbers[row])
        }

        /// Whether two columns are the same in every bit.
        public static func == (left: Column, right: Column) -> Bool {
            left.name == right.name && left.isShared == right.isShared
                && left.isText == right.isText
                && left.sequences == right.sequences
                && left.numbers.elementsEqual(right.numbers) { $0.bitPattern == $1.bitPattern }
        }

        /// Hashes every bit.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            hasher.combine(sequences)
            for number in numbers { hasher.combine(number.bitPattern) }
        }

        fileprivate mutating func removeAll() {
            numbers.removeAll(keepingCapacity: true)
            sequences.removeAll()
        }
    }

    /// The number of items.
    public private(set) var rowCount: Int
    /// The columns.
    public internal(set) var columns: [Column]
    /// Whether the store could not be asked for all of it: the rest is what was known last, or as without events.
    public internal(set) var isDegraded = false

    /// A table of nothing, which features are then read into.
    package init() {
        rowCount = 0
        columns = []
    }

    /// The values of an item, column by column.
    public func row(_ row: Int) -> [FeatureValue] { columns.map { $0[row] } }

    /// Removes all values, and brings the columns into the form of a plan; its memory stays.
    mutating func begin(_ plan: FeaturePlan, rows: Int) {
        rowCount = rows
        isDegraded = false
        let isSame =
            columns.count == plan.columns.count
            && columns.indices.allSatisfy { columns[$0].name == plan.columns[$0].name }
        guard isSame else {
            columns = plan.columns.map { Column($0, plan.entities[$0.entity].entity) }
            return
        }
        for index in columns.indices { columns[index].removeAll() }
    }
}

/// The names of sequences, one sequence after the other.
package struct FeatureSequences: Hashable, Sendable {
    /// The names of all sequences.
    private(set) var names: [String] = []
    /// For each sequence the end of its names.
    private var ends: [Int] = []

    /// The number of sequences.
    package var count: Int { ends.count }

    /// The names of a sequence, the oldest first.
    package subscript(row: Int) -> ArraySlice<String> {
        names[(row == 0 ? 0 : ends[row - 1])..<ends[row]]
    }

    /// The names of a sequence as one text, `|` between them.
    func text(_ row: Int) -> String { self[row].joined(separator: "|") }

    /// Adds a sequence: the texts of the latest events.
    mutating func append(_ texts: LatestTexts?) {
        if let texts { for entry in texts.entries { names.append(entry.text) } }
        ends.append(names.count)
    }

    fileprivate mutating func removeAll() {
        names.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}
