import CKernels

/// Encodes rows in memory as the training rows were, for requests: the same repairs, cleaning rules,
/// transforms, vocabularies and policies as ``FittedSchema/prepare(_:into:purpose:progress:)`` with the
/// purpose `prediction`, and the same code behind them, but no files.
///
/// Vocabularies are numbered once, in `init`; encoding looks values up and adds none, so the cost of a
/// request does not depend on their size. Every row is kept, in order.
///
/// `@unchecked Sendable`: after `init` nothing is written; dictionaries are only looked into, which
/// changes nothing (`motet_interner_find_text`).
public final class RowEncoder: @unchecked Sendable {
    /// What was learnt, with a schema of what predictions need only.
    let fitted: FittedSchema
    let plan: ColumnPlan
    let repairs: [String: [TextRepair]]
    let dictionaries: [Interner]
    let scenarios: ScenarioIndex?
    /// Columns that a text may stand in.
    let textColumns: Set<String>
    /// The id of every code by feature.
    let knownIDs: [String: [Int32]]
    /// The id of every code by column, of each of its features that have a vocabulary.
    let vocabularies: [String: [[Int32]]]

    /// The columns rows may have: those of features, and the scenario's.
    public let columns: [String]

    /// Numbers the vocabularies of a fitted schema.
    ///
    /// - Parameter fitted: what was learnt from the training rows.
    /// - Throws: ``PreparationError`` where memory runs out.
    public init(_ fitted: FittedSchema) throws {
        var names: [String] = []
        for column in fitted.schema.features.map(\.column)
            + [fitted.schema.scenario?.column].compactMap({ $0 })
        where !names.contains(column) { names.append(column) }
        columns = names
        repairs = ColumnPlan(fitted.schema).repairs
        scenarios = ScenarioIndex(fitted)
        let fitted = fitted.forRequests
        let plan = ColumnPlan(fitted.schema)
        var texts = Set(fitted.schema.features.filter { $0.kind != .numeric }.map(\.column))
        if let scenarios { texts.insert(scenarios.column) }
        textColumns = texts.union(repairs.keys)
        let data = RawData(
            schema: fitted.schema,
            plan: plan,
            sources: [],
            dictionaries: (0..<plan.dictionaryCount).map { _ in Interner() },
            directory: "",
            dropsRows: false
        )
        let coded = fitted.schema.features.filter {
            plan.role(of: $0, in: fitted.schema).usesDictionary
        }
        for feature in coded {
            guard let vocabulary = fitted.vocabulary(of: feature.name) else { continue }
            _ = try data.dictionary(of: feature.column).codes(of: vocabulary)
        }
        var known: [String: [Int32]] = [:]
        var vocabularies: [String: [[Int32]]] = [:]
        for feature in coded {
            // The code behind the last is every value that no vocabulary has.
            let ids = try IDEncoder.table(feature, fitted, data) + [Vocabulary.unknownID]
            known[feature.name] = ids
            guard fitted.vocabulary(of: feature.name) != nil else { continue }
            vocabularies[feature.column, default: []].append(ids)
        }
        self.vocabularies = vocabularies
        self.fitted = fitted
        self.plan = plan
        dictionaries = data.dictionaries
        knownIDs = known
    }

    /// Whether a text may stand in a column: where its values are categories, or texts to be repaired.
    public func acceptsText(_ column: String) -> Bool { textColumns.contains(column) }

    /// Encodes rows into the prepared columns of a model.
    ///
    /// - Parameters:
    ///   - rows: the rows, at least one.
    ///   - names: the prepared columns to make: names of features, `numeric`, `scenario`.
    ///   - labels: labels of tasks, NaN where missing, that become columns beside them.
    ///   - place: how a row is called in error sentences.
    /// - Returns: the prepared columns, in memory.
    /// - Throws: ``PreparationError`` with the row and the column of the first value that cannot be
    ///   encoded.
    public func encode(
        _ rows: RawRows,
        into names: Set<String>,
        labels: [String: [Float]] = [:],
        place: @escaping (Int) -> String = { "row \($0)" }
    ) throws -> PreparedDataset {
        let columns = try EncodedColumns(names, capacity: max(rows.count, 1), self)
        try columns.encode(rows.count, { RowValues(rows.columns[$0]) }, place: place)
        var made = columns.outputs.map { PreparedDataset.Made($0) }
        if let scenarios = columns.scenarios {
            made.append(PreparedDataset.Made("scenario", scenarios))
        }
        for (task, values) in labels.sorted(by: { $0.key < $1.key }) {
            made.append(PreparedDataset.Made("label/\(task)", values))
        }
        return PreparedDataset(rowCount: rows.count, made)
    }

    /// The number of the scenario that a value stands for, as rows with it are encoded.
    ///
    /// - Parameter value: a value of the scenario's column.
    /// - Returns: its place among the scenarios; nil where there are none, and where the schema refuses the
    ///   value.
    public func scenario(of value: RawValue) -> Int? {
        guard let scenarios else { return nil }
        let text = try? spelled(value, scenarios.column, 0) { _ in "" }
        let number = text.flatMap { scenarios.known($0) } ?? scenarios.other
        return number >= 0 ? Int(number) : nil
    }

    /// The column of the scenario; nil where there is none.
    package var scenarioColumn: String? { scenarios?.column }

    /// The number of the scenario of a row, 0 where there are none.
    ///
    /// - Parameters:
    ///   - value: the value of the scenario's column.
    ///   - row: the row.
    ///   - place: how a row is called in error sentences.
    /// - Returns: its place among the scenarios.
    /// - Throws: ``PreparationError`` for a value that the schema refuses.
    package func scenario(
        _ value: RawValue,
        row: Int,
        place: (Int) -> String
    ) throws -> Int32 {
        try scenarios.map { try scenario($0, value, row, place) } ?? 0
    }

    /// The number of the scenario of a row.
    ///
    /// - Throws: ``PreparationError`` for a value that the schema refuses.
    func scenario(
        _ scenarios: ScenarioIndex,
        _ value: RawValue,
        _ row: Int,
        _ place: (Int) -> String
    ) throws -> Int32 {
        let text = try spelled(value, scenarios.column, row, place)
        let known = text.flatMap { scenarios.known($0) } ?? scenarios.other
        guard known >= 0 else {
            throw PreparationError(
                "unknown_scenario",
                "\(place(row)), column \"\(scenarios.column)\": \(scenarios.problem(text))",
                row: row,
                column: scenarios.column
            )
        }
        return known
    }
}

extension FittedSchema {
    /// The same vocabularies and statistics with a schema of what predictions need only; repairs are left
    /// out, for values are repaired before they are looked up.
    fileprivate var forRequests: FittedSchema {
        var fitted = self
        fitted.schema.labels = []
        fitted.schema.sampleWeight = nil
        fitted.schema.group = nil
        fitted.schema.keep = []
        fitted.schema.scenario = nil
        fitted.schema.split = .given
        let read = Set(schema.features.map(\.column))
        var limits = outliers[...]
        fitted.schema.cleaning = []
        fitted.outliers = []
        for rule in schema.cleaning {
            var limit: OutlierBounds?
            if case .outliers = rule { limit = limits.popFirst() }
            switch rule {
            case .range(let column, _, _, _) where read.contains(column):
                fitted.schema.cleaning.append(rule)
            case .outliers(let column, _, _) where read.contains(column):
                guard let limit else { continue }
                fitted.schema.cleaning.append(rule)
                fitted.outliers.append(limit)
            case .range, .outliers, .repair, .duplicates: continue
            }
        }
        return fitted
    }
}

extension PreparedDataset {
    /// A column that was encoded.
    fileprivate struct Made {
        var column: PreparedColumn
        let values: PreparedMemory
        let offsets: PreparedMemory?

        init(_ name: String, _ indices: UnsafeBufferPointer<Int32>) {
            column = PreparedColumn(name: name, kind: .int32)
            column.valueCount = indices.count
            values = PreparedMemory(indices)
            offsets = nil
        }

        init(_ name: String, _ floats: [Float]) {
            column = PreparedColumn(name: name, kind: .float32(width: 1))
            column.valueCount = floats.count
            values = floats.withUnsafeBufferPointer { PreparedMemory($0) }
            offsets = nil
        }

        init(_ output: any OutputColumn) {
            column = PreparedColumn(name: output.name, kind: output.kind)
            switch output.block {
            case .floats(let floats):
                column.valueCount = floats.count
                values = PreparedMemory(UnsafeBufferPointer(floats))
                offsets = nil
            case .integers(let integers):
                column.valueCount = integers.count
                values = PreparedMemory(UnsafeBufferPointer(integers))
                offsets = nil
            case .lists(let elements, let starts):
                column.valueCount = elements.count
                values = PreparedMemory(UnsafeBufferPointer(elements))
                let wide = starts.map { Int64($0) }
                column.maximumLength =
                    zip(wide, wide.dropFirst()).map { Int($1 - $0) }.max() ?? 0
                offsets = wide.withUnsafeBufferPointer { PreparedMemory($0) }
            }
        }
    }

    fileprivate convenience init(rowCount: Int, _ made: [Made]) {
        self.init(
            rowCount: rowCount,
            columns: made.map(\.column),
            contentKey: "",
            values: made.map(\.values),
            offsets: made.map(\.offsets)
        )
    }

    /// All rows as one batch, made on the caller's thread.
    ///
    /// - Parameters:
    ///   - columns: the columns of the batch.
    ///   - scenarioCount: the number of scenarios whose rows stand together; 0 keeps the order.
    /// - Returns: the batch; `rows` tells the order of its rows.
    /// - Throws: `TableError` when a column is unknown.
    public func batch(_ columns: [String], scenarioCount: Int = 0) throws -> BatchBuffer {
        try batch(
            columns,
            BatchLoaderOptions(
                batchSize: max(rowCount, 1),
                scenarioColumn: scenarioCount > 0 ? "scenario" : nil,
                scenarioCount: scenarioCount
            )
        )
    }

    /// Some rows as one batch, made on the caller's thread.
    ///
    /// - Parameters:
    ///   - columns: the columns of the batch.
    ///   - rows: the rows, in the order of the batch; one may stand there more than once.
    /// - Returns: the batch.
    /// - Throws: `TableError` when a column is unknown, or a row is not there.
    public func batch(_ columns: [String], rows: [Int]) throws -> BatchBuffer {
        try batch(
            columns,
            BatchLoaderOptions(batchSize: max(rows.count, 1), rows: .indices(rows))
        )
    }

    private func batch(
        _ columns: [String],
        _ options: BatchLoaderOptions
    ) throws -> BatchBuffer {
        let assembler = try BatchAssembler(self, columns: columns, options: options)
        let buffer = assembler.makeBuffer()
        assembler.start(epoch: 0, step: 0)
        _ = try assembler.fill(buffer)
        return buffer
    }
}
