import CKernels
public import MotetCore

/// Which batches a loader makes.
public struct BatchLoaderOptions: Hashable, Sendable {
    /// The rows of a batch; the last of an epoch may have fewer.
    public var batchSize: Int
    /// The key of the order, or nil for the order of the data set.
    public var shuffleKey: RandomKey?
    /// How the rows are shuffled.
    public var shuffle: ShuffleOptions
    /// Whether a last batch with fewer rows is left out.
    public var dropsLastBatch: Bool
    /// The integer column whose values group each batch's rows, or nil.
    public var scenarioColumn: String?
    /// The number of scenarios `S`; values outside `0 ..< S` are unknown and grouped last.
    public var scenarioCount: Int
    /// The rows to go through.
    public var rows: BatchRows
    /// The lengths at which batches of padded sequences are cut; nil for whole rows.
    public var lengthBuckets: LengthBuckets?
    /// Whether pictures are changed as ``PreparedDataset/augmentations`` says.
    public var augments: Bool

    /// Creates options.
    public init(
        batchSize: Int,
        shuffleKey: RandomKey? = nil,
        shuffle: ShuffleOptions = ShuffleOptions(),
        dropsLastBatch: Bool = false,
        scenarioColumn: String? = nil,
        scenarioCount: Int = 0,
        rows: BatchRows = .all,
        lengthBuckets: LengthBuckets? = nil,
        augments: Bool = false
    ) {
        self.batchSize = batchSize
        self.shuffleKey = shuffleKey
        self.shuffle = shuffle
        self.dropsLastBatch = dropsLastBatch
        self.scenarioColumn = scenarioColumn
        self.scenarioCount = scenarioCount
        self.rows = rows
        self.lengthBuckets = lengthBuckets
        self.augments = augments
    }
}

/// Makes one batch after the other from a prepared data set, on the caller's thread.
final class BatchAssembler {
    let dataset: PreparedDataset
    let options: BatchLoaderOptions
    /// The inputs of a batch of each bucket; of one without buckets.
    let inputs: [[BatchInput]]
    let symbols: [SizeSymbol]
    private let capacities: [Int]
    private let columnIndices: [Int]
    let order: BatchOrder
    /// For each bucket the values of a row of each column.
    private let widths: [[Int]]
    private let plan: UnsafeMutablePointer<MotetGatherColumn>
    private let planCounts: UnsafeMutablePointer<Int64>
    private let scenario: UnsafePointer<Int32>?
    private let augmenters: [ImageAugmenter]
    private var epoch = 0
    private var step = 0

    init(_ dataset: PreparedDataset, columns: [String], options: BatchLoaderOptions) throws {
        try options.validate(dataset)
        self.dataset = dataset
        self.options = options
        columnIndices = try columns.map { try dataset.index(of: $0) }
        let layout = BatchLayout(dataset, columnIndices, options, bucket: nil)
        symbols = layout.symbols
        capacities = layout.capacities
        let order = try BatchOrder(dataset, options)
        self.order = order
        let columnsRead = columnIndices.map { dataset.columns[$0] }
        widths = (0..<order.bucketCount).map { bucket in
            columnsRead.map {
                options.lengthBuckets?.width($0, bucket: bucket) ?? $0.kind.width
            }
        }
        let indices = columnIndices
        inputs = (0..<order.bucketCount).map {
            BatchLayout(dataset, indices, options, bucket: $0).inputs
        }
        let first = inputs.first ?? []
        augmenters =
            options.augments
            ? try dataset.augmentations.compactMap {
                try ImageAugmenter($0, dataset, inputs: first)
            } : []
        plan = .allocate(capacity: max(columns.count, 1))
        planCounts = .allocate(capacity: max(columns.count, 1))
        for (index, column) in columnIndices.enumerated() {
            let description = dataset.columns[column]
            var entry = MotetGatherColumn()
            entry.values = dataset.values[column].bytes.baseAddress
            entry.offsets = dataset.rowOffsets(column).baseAddress
            entry.value_count = Int64(description.valueCount)
            entry.width = Int64(description.kind.width)
            entry.row_width = Int64(description.kind.width)
            entry.byte_scale = description.kind.byteScale ?? 0
            entry.maximum_length = Int64(description.maximumLength)
            (plan + index).initialize(to: entry)
        }
        scenario =
            try options.scenarioColumn.map { try dataset.index(of: $0) }
            .flatMap { dataset.values[$0].bytes.bindMemory(to: Int32.self).baseAddress }
        let memory = columnIndices.map { column in
            let kind = dataset.columns[column].kind
            return (dataset.values[column], dataset.offsets[column], kind.width * kind.elementSize)
        }
        order.setWillNeed { rows in
            for (values, offsets, rowBytes) in memory {
                // Ragged values are read through their offsets, whose pages may not be here yet.
                if let offsets {
                    offsets.willNeed(rows.lowerBound * 8..<(rows.upperBound + 1) * 8)
                } else {
                    values.willNeed(rows.lowerBound * rowBytes..<rows.upperBound * rowBytes)
                }
            }
        }
    }

    deinit {
        plan.deallocate()
        planCounts.deallocate()
    }

    func makeBuffer() -> BatchBuffer {
        BatchBuffer(
            inputs: inputs[inputs.count - 1],
            symbols: symbols,
            capacities: capacities,
            batchSize: options.batchSize
        )
    }

    /// Goes to a batch of an epoch.
    func start(epoch: Int, step: Int) {
        self.epoch = epoch
        self.step = step
        order.start(epoch: epoch, step: step)
    }

    /// Fills a buffer with the next batch; false when the epoch is over.
    func fill(_ buffer: BatchBuffer) throws(TableError) -> Bool {
        guard let bucket = order.nextBucket else { return false }
        let (count, isRun) = order.take(bucket, into: buffer.rowMemory)
        buffer.bucket = bucket
        if order.bucketCount > 1 {
            buffer.inputs = inputs[bucket]
            for index in columnIndices.indices { plan[index].width = Int64(widths[bucket][index]) }
        }
        buffer.rowCount = count
        buffer.step = step
        step += 1
        try gather(buffer, isContiguous: isRun)
        for augmenter in augmenters { augmenter.apply(to: buffer, epoch: epoch) }
        return true
    }

    /// Fills a buffer with some rows, at most as many as a batch has; one may stand there more than once.
    func fill(_ buffer: BatchBuffer, rows: [Int]) throws(TableError) {
        for index in rows.indices { buffer.rowMemory[index] = Int64(rows[index]) }
        buffer.rowCount = rows.count
        try gather(buffer, isContiguous: false)
    }

    /// Groups the buffer's rows by scenario, where asked for, and copies their columns.
    private func gather(_ buffer: BatchBuffer, isContiguous isRun: Bool) throws(TableError) {
        let isGrouped = options.scenarioColumn != nil
        if isGrouped { group(buffer) }
        let count = buffer.rowCount
        var input = 0
        for index in columnIndices.indices {
            plan[index].batch_values = buffer.pointers[input]
            input += 1
            guard plan[index].offsets != nil else { continue }
            plan[index].batch_offsets = buffer.pointers[input].assumingMemoryBound(to: Int32.self)
            buffer.counts[input] = count + 1
            input += 1
        }
        let failed = motet_gather_batch(
            plan,
            Int64(columnIndices.count),
            buffer.rowMemory,
            Int64(count),
            isRun && !isGrouped ? 1 : 0,
            planCounts
        )
        guard failed < 0 else { throw damaged(columnIndices[Int(failed)]) }
        setSizes(buffer)
    }

    private func group(_ buffer: BatchBuffer) {
        let last = buffer.inputs.count - 1
        let offsets = buffer.pointers[last].assumingMemoryBound(to: Int32.self)
        buffer.counts[last] = options.scenarioCount + 2
        guard let scenario else { return }
        motet_group_rows(
            buffer.rowMemory,
            Int64(buffer.rowCount),
            scenario,
            Int32(options.scenarioCount),
            buffer.scratch,
            offsets
        )
    }

    private func setSizes(_ buffer: BatchBuffer) {
        buffer.sizeMemory[0] = buffer.rowCount
        var input = 0
        var symbol = 1
        for index in columnIndices.indices {
            buffer.counts[input] = Int(planCounts[index])
            input += 1
            guard plan[index].offsets != nil else { continue }
            buffer.sizeMemory[symbol] = Int(planCounts[index])
            symbol += 1
            input += 1
        }
    }

    private func damaged(_ column: Int) -> TableError {
        TableError(
            .fileDamaged,
            "prepared data, column \"\(dataset.columns[column].name)\": offsets do not fit the "
                + "values; expected rows of at most \(dataset.columns[column].maximumLength) values. "
                + "Prepare the data again."
        )
    }
}

/// The inputs of a batch, their sizes and their room.
private struct BatchLayout {
    var inputs: [BatchInput] = []
    var symbols: [SizeSymbol] = [.batch]
    var capacities: [Int] = []

    init(
        _ dataset: PreparedDataset,
        _ columns: [Int],
        _ options: BatchLoaderOptions,
        bucket: Int?
    ) {
        for index in columns {
            let column = dataset.columns[index]
            let room = options.batchSize * column.maximumLength
            func add(_ suffix: String, _ kind: BatchInputKind, _ capacity: Int) {
                inputs.append(
                    BatchInput(name: column.name + suffix, column: column.name, kind: kind)
                )
                capacities.append(capacity)
            }
            let width =
                bucket.flatMap { options.lengthBuckets?.width(column, bucket: $0) }
                ?? column.kind.width
            switch column.kind {
            case .float32, .bytes: add("", .floats(width: width), room)
            case .int32: add("", .integers(width: width), room)
            case .ragged: add(".values", .raggedIntegers, room)
            case .raggedFloat32: add(".values", .raggedFloats, room)
            }
            guard column.kind.isRagged else { continue }
            add(".offsets", .raggedOffsets, options.batchSize + 1)
            symbols.append(BatchInput.valueCount(ofColumn: column.name))
        }
        guard let scenario = options.scenarioColumn else { return }
        inputs.append(
            BatchInput(
                name: BatchInput.scenarioOffsetsName,
                column: scenario,
                kind: .scenarioOffsets(scenarios: options.scenarioCount)
            )
        )
        capacities.append(options.scenarioCount + 2)
    }
}

extension BatchLoaderOptions {
    fileprivate func validate(_ dataset: PreparedDataset) throws(TableError) {
        func check(
            _ isRight: Bool,
            _ name: String,
            _ expected: String,
            _ value: Any
        ) throws(TableError) {
            guard !isRight else { return }
            throw TableError(
                .tableOption,
                "batch loader: '\(name)' is out of range; expected \(expected); received \(value)."
            )
        }
        try check(batchSize > 0, "batchSize", "at least 1", batchSize)
        try check(shuffle.blockRows > 0, "blockRows", "at least 1", shuffle.blockRows)
        try check(shuffle.windowBlocks > 0, "windowBlocks", "at least 1", shuffle.windowBlocks)
        let all = 0..<dataset.rowCount
        switch rows {
        case .all: break
        case .range(let range):
            let fits = range.lowerBound >= 0 && range.upperBound <= dataset.rowCount
            try check(fits, "rows", "rows within \(all)", range)
        case .indices(let indices):
            if let outside = indices.first(where: { !all.contains($0) }) {
                try check(false, "rows", "rows within \(all)", outside)
            }
        }
        guard let scenarioColumn else { return }
        try check(scenarioCount > 0, "scenarioCount", "at least 1", scenarioCount)
        let column = dataset.columns[try dataset.index(of: scenarioColumn)]
        try check(column.kind == .int32, "scenarioColumn", "an integer column", column.kind)
    }
}
