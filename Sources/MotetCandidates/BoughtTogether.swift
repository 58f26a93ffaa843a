import MotetData

/// Which items of a catalogue are bought together with which.
public struct BoughtTogether: Sendable {
    /// How many pairs name an item that the catalogue does not have.
    public let strangers: Int
    private let starts: [Int]
    private let others: [Int32]
    private let scores: [Double]

    /// How many pairs there are.
    public var count: Int { others.count }

    /// Reads the file that `motet data together` wrote: the columns `item`, `other` and `score`.
    ///
    /// - Parameters:
    ///   - files: files, folders and patterns.
    ///   - catalogue: the items; pairs with others are left out.
    /// - Throws: `TableError` where a file cannot be read or lacks a column, ``CandidateError``
    ///   (`bought_together`) for a score that is no positive number.
    public init(_ files: [String], of catalogue: Catalogue) throws {
        let reader = try TableSource(files).reader(of: ["item", "other", "score"])
        var pairs: [(item: Int, other: Int, score: Double)] = []
        var strangers = 0
        while let batch = try reader.next() {
            let items = batch.columns[0].rawValues() ?? []
            let others = batch.columns[1].rawValues() ?? []
            let scores = batch.columns[2].rawValues() ?? []
            for row in 0..<batch.rowCount {
                guard let score = scores[row].double, score > 0, score.isFinite else {
                    throw CandidateError(
                        .boughtTogether,
                        "\(reader.place(ofRow: row, in: batch)), column \"score\": no positive number; expected how "
                            + "alike the items are. Write the file by `motet data together`."
                    )
                }
                guard let item = items[row].name.flatMap({ catalogue.place(of: $0) }),
                    let other = others[row].name.flatMap({ catalogue.place(of: $0) })
                else {
                    strangers += 1
                    continue
                }
                pairs.append((item, other, score))
            }
        }
        var starts = [Int](repeating: 0, count: catalogue.count + 1)
        for pair in pairs { starts[pair.item + 1] += 1 }
        for item in 0..<catalogue.count { starts[item + 1] += starts[item] }
        var next = starts
        var others = [Int32](repeating: 0, count: pairs.count)
        var scores = [Double](repeating: 0, count: pairs.count)
        for pair in pairs {
            others[next[pair.item]] = Int32(pair.other)
            scores[next[pair.item]] = pair.score
            next[pair.item] += 1
        }
        self.starts = starts
        self.others = others
        self.scores = scores
        self.strangers = strangers
    }

    /// The items that go best with some: those with the greatest sum of scores over them, greatest first.
    ///
    /// - Parameters:
    ///   - seeds: places in the catalogue; one that is there twice counts once, and none is an answer.
    ///   - limit: how many are wanted.
    /// - Returns: places and sums; equal ones in the order of the catalogue.
    public func companions(of seeds: [Int], limit: Int) -> [(place: Int, score: Double)] {
        var sums: [Int: Double] = [:]
        var taken: Set<Int> = []
        for seed in seeds where taken.insert(seed).inserted {
            for entry in starts[seed]..<starts[seed + 1] {
                sums[Int(others[entry]), default: 0] += scores[entry]
            }
        }
        let order = sums.filter { !taken.contains($0.key) }.sorted { left, right in
            left.value == right.value ? left.key < right.key : left.value > right.value
        }
        return order.prefix(limit).map { ($0.key, $0.value) }
    }
}
