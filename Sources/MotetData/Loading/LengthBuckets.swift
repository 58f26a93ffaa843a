import MotetCore

/// Lengths at which batches of padded sequences are cut, so that short rows do not pay for long ones.
///
/// Columns that share an axis of steps (ids of tokens, and numbers or labels of each step) have the width of
/// the longest row. With buckets an epoch's batches hold rows of one bucket each, and only as many steps as
/// the bucket has. A row's length is the place behind its last id that is not 0, in any of the columns of
/// ids; it falls into the shortest bucket that holds all of it.
///
/// Memory: 16 bytes for each row.
public struct LengthBuckets: Hashable, Sendable {
    /// The most buckets: each has a program of its own.
    public static let maximumCount = 16
    /// The steps of each bucket, ascending; the last is the width of the columns.
    public var lengths: [Int]
    /// The columns that share the axis of steps; those a batch does not read are passed over.
    public var columns: [String]

    /// Creates buckets.
    ///
    /// - Parameters:
    ///   - lengths: the steps of each bucket, ascending; the last is the width of the columns.
    ///   - columns: the columns that share the axis of steps, by their names in the prepared data
    ///     (`label/<task>` for labels); at least one of them has ids.
    public init(_ lengths: [Int], columns: [String]) {
        self.lengths = lengths
        self.columns = columns
    }

    /// How many batches an epoch of some rows has.
    ///
    /// - Parameters:
    ///   - dataset: the data.
    ///   - rows: the rows of the epoch.
    ///   - batchSize: the rows of a batch; the last one of each bucket may have fewer.
    /// - Returns: the sum over the buckets.
    /// - Throws: `TableError` when the buckets do not fit the data.
    public func batchCount(
        of dataset: PreparedDataset,
        rows: BatchRows = .all,
        batchSize: Int
    ) throws(TableError) -> Int {
        try self.rows(of: dataset, among: rows).reduce(0) {
            $0 + ($1.count + batchSize - 1) / batchSize
        }
    }

    /// The values of a row that a bucket keeps of a column: all of them where it has no steps.
    func width(_ column: PreparedColumn, bucket: Int) -> Int {
        guard columns.contains(column.name), let whole = lengths.last else {
            return column.kind.width
        }
        return column.kind.width / whole * lengths[bucket]
    }

    /// The rows of each bucket, in the order in which they are listed.
    func rows(
        of dataset: PreparedDataset,
        among selection: BatchRows
    ) throws(TableError) -> [[Int]] {
        let ids = try columnsOfIDs(dataset)
        var buckets = lengths.map { _ in [Int]() }
        func add(_ row: Int) {
            var length = 0
            for column in ids {
                let first = row * column.width
                var end = column.width
                while end > length, column.values[first + end - 1] == 0 { end -= 1 }
                length = max(length, end)
            }
            let bucket = lengths.firstIndex { $0 >= length } ?? lengths.count - 1
            buckets[bucket].append(row)
        }
        switch selection {
        case .all: for row in 0..<dataset.rowCount { add(row) }
        case .range(let range): for row in range { add(row) }
        case .indices(let indices): for row in indices { add(row) }
        }
        return buckets
    }

    private func columnsOfIDs(
        _ dataset: PreparedDataset
    ) throws(TableError) -> [(values: UnsafeBufferPointer<Int32>, width: Int)] {
        guard let whole = lengths.last, lengths.count <= Self.maximumCount, lengths[0] >= 1,
            zip(lengths, lengths.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw TableError(
                .tableOption,
                "length buckets: 'lengths' is out of range; expected 1 to \(Self.maximumCount) ascending numbers from 1; received \(lengths)."
            )
        }
        var ids: [(values: UnsafeBufferPointer<Int32>, width: Int)] = []
        for (index, column) in dataset.columns.enumerated() where columns.contains(column.name) {
            let isFloats = !column.kind.isRagged && !column.kind.isInteger
            let fits = isFloats ? column.kind.width % whole == 0 : column.kind.width == whole
            guard fits, !column.kind.isRagged else {
                throw TableError(
                    .tableOption,
                    "length buckets, column \"\(column.name)\": the width does not fit; expected the last length, \(whole), for each row; received \(column.kind.isRagged ? "lists" : "\(column.kind.width)")."
                )
            }
            if column.kind.isInteger {
                ids.append((dataset.values[index].bytes.bindMemory(to: Int32.self), whole))
            }
        }
        guard !ids.isEmpty else {
            throw TableError(
                .tableOption,
                "length buckets: 'columns' names no column of ids; expected at least 1 of the data's; received \(columns)."
            )
        }
        return ids
    }
}
