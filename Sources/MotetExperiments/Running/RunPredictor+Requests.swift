import MotetCore
public import MotetData
import MotetGraph
import MotetNN
import Synchronization

extension RunPredictor {
    /// Encodes a table of items for requests that name its rows.
    ///
    /// - Parameters:
    ///   - rows: the items; columns that the run does not read are left out.
    ///   - encoder: what encodes them as the training rows were.
    ///   - storedBytes: the most bytes of what is computed of items alone, once for each.
    ///   - leastOperations: the least FLOPs saved for each number stored (`ItemFactoring`).
    ///   - place: how a row is called in error sentences.
    /// - Returns: the table.
    /// - Throws: `PreparationError` for the first value that cannot be encoded.
    public func items(
        _ rows: RawRows,
        _ encoder: RowEncoder,
        storedBytes: Int = 0,
        leastOperations: Int = 128,
        place: @escaping (Int) -> String
    ) throws -> EncodedItems {
        let read = Set(encoder.columns)
        var raw: [String: [RawValue]] = [:]
        for (name, column) in rows.columns where read.contains(name) {
            switch column {
            case .same(let value): raw[name] = [RawValue](repeating: value, count: rows.count)
            case .each(let values): raw[name] = values
            }
        }
        let alone = columns.filter { column in
            column != "scenario" && sources[column]?.allSatisfy { raw[$0] != nil } == true
        }
        // Of other columns nothing is encoded; the schema wants to see a value in some.
        let known = RawRows(
            count: rows.count,
            columns: accepted.merging(raw.mapValues { .each($0) }) { _, own in own }
        )
        return EncodedItems(
            raw: raw,
            encoded: try encoder.encode(known, into: alone, place: place),
            tables: (storedBytes, leastOperations)
        )
    }

    /// Encodes the rows of a request.
    ///
    /// A column comes from `rows` where it is there, else from the table of items, else it is missing. Columns that
    /// hold for all rows, `.same` or missing, are encoded once, and what the model computes of them alone is computed
    /// once, unless `isExact` or the model has towers of scenarios.
    ///
    /// - Parameters:
    ///   - rows: the rows, at least one.
    ///   - items: the rows of a table of items, if there is one.
    ///   - isExact: whether every row is computed whole, as in `motet predict`.
    ///   - encoder: what encodes them as the training rows were.
    ///   - place: how a row is called in error sentences.
    /// - Returns: the rows, for `scores`.
    /// - Throws: `PreparationError` for the first value that cannot be encoded.
    public func batch(
        _ rows: RawRows,
        items: ItemRows? = nil,
        isExact: Bool,
        _ encoder: RowEncoder,
        place: @escaping (Int) -> String = { "row \($0)" }
    ) throws -> RequestBatch {
        guard scenarioCount == 0 else {
            var rows = rows
            for column in items?.table.columns ?? [] where rows.columns[column] == nil {
                rows.columns[column] = items.flatMap { $0.table.values(column, $0.rows) }
            }
            return RequestBatch(
                content: .whole(try batch(rows, encoder, place: place)),
                rowCount: rows.count,
                once: []
            )
        }
        let plan = RequestPlan(self, rows, items?.table)
        let isWhole = isExact || rows.count == 1
        let (predictor, once) = try predictor(
            once: isWhole ? [] : plan.once,
            items: isWhole ? [] : plan.items,
            items?.table
        )
        var parts: [BatchBuffer] = []
        func add(_ names: Set<String>, _ rows: RawRows) throws {
            guard !names.isEmpty else { return }
            let dataset = try encoder.encode(rows, into: names, place: place)
            parts.append(try dataset.batch(columns(of: dataset)))
        }
        try add(once, plan.values(of: once, self, rows, count: 1, nil))
        let each = columns.subtracting(once).subtracting(plan.items)
        try add(each, plan.values(of: each, self, rows, count: rows.count, items))
        var numbers: [Int] = []
        if let items, !plan.items.isEmpty {
            if predictor.isReadingItems { numbers = items.rows }
            let read = Set(predictor.inputs.map { Self.column($0.name) })
            let columns = items.table.encoded.columns.map(\.name).filter {
                plan.items.contains($0) && read.contains($0)
            }
            if !columns.isEmpty {
                parts.append(try items.table.encoded.batch(columns, rows: items.rows))
            }
        }
        return RequestBatch(
            content: .parts(parts, ItemNumbers(numbers), predictor),
            rowCount: rows.count,
            once: once
        )
    }

    /// Answers the rows of a request.
    ///
    /// - Parameter batch: what `batch(_:items:isExact:_:place:)` encoded.
    /// - Returns: for each task the outputs of the rows in their order, row by row.
    /// - Throws: `GraphError` when the model cannot be compiled for the sizes.
    public func scores(_ batch: RequestBatch) throws -> [String: [Float]] {
        switch batch.content {
        case .whole(let buffer): return try scores(buffer)
        case .parts(let parts, let numbers, let predictor):
            var outputs: [String: [Float]] = [:]
            try predict(parts, numbers, predictor, rows: batch.rowCount) { index, values in
                outputs[predictor.outputNames[index]] = Array(values)
            }
            return calibrated(outputs, parts.lazy.compactMap { Self.scenarios($0) }.first)
        }
    }

    /// Compiles the model for a number of rows, so that as many answers at once find a workspace.
    ///
    /// - Parameters:
    ///   - batch: rows such as requests will have.
    ///   - workspaces: how many answers there will be at once.
    /// - Returns: the answers of the rows.
    /// - Throws: what `scores` throws.
    public func warm(_ batch: RequestBatch, workspaces: Int) throws -> [String: [Float]] {
        let (parts, numbers, predictor) =
            switch batch.content {
            case .whole(let buffer): ([buffer], ItemNumbers([]), self.predictor)
            case .parts(let parts, let numbers, let predictor): (parts, numbers, predictor)
            }
        // A workspace is taken before inputs are bound, so nested answers need one each.
        func nest(_ depth: Int) throws {
            guard depth > 0 else { return }
            try predict(
                parts,
                numbers,
                predictor,
                rows: batch.rowCount,
                willBind: { try nest(depth - 1) },
                read: { _, _ in }
            )
        }
        try nest(workspaces)
        return try scores(batch)
    }

    /// Runs a predictor on rows whose columns stand in several batches.
    func predict(
        _ parts: [BatchBuffer],
        _ numbers: ItemNumbers,
        _ predictor: Predictor,
        rows: Int,
        willBind: () throws -> Void = {},
        read: (Int, UnsafeBufferPointer<Float>) -> Void
    ) throws {
        var sizes: [SizeSymbol: Int] = [:]
        for part in parts { sizes.merge(part.sizes) { first, _ in first } }
        sizes[.batch] = rows
        let pointers = predictor.inputs.map { input -> UnsafeRawPointer? in
            if input.name == ItemFactoring.rowInput { return numbers.pointer }
            for part in parts {
                if let index = part.index(of: input.name) {
                    return UnsafeRawPointer(part.pointer(index))
                }
            }
            return nil
        }
        guard let some = pointers.lazy.compactMap({ $0 }).first else { return }
        var failure: (any Error)?
        try predictor.predict(
            sizes: sizes,
            valuesPerRow: valuesPerRow,
            bind: { index in
                if index == 0 { do { try willBind() } catch { failure = error } }
                return pointers[index] ?? some
            },
            read: read
        )
        if let failure { throw failure }
    }

    /// A predictor that is given some prepared columns once, and those of them that it takes so.
    ///
    /// Each set of columns has a predictor of its own, made when the set is first asked for; a request that brings one
    /// set too many is computed whole.
    func predictor(
        once asked: Set<String>,
        items: Set<String>,
        _ table: EncodedItems?
    ) throws -> (Predictor, Set<String>) {
        let tables = table.flatMap { $0.tables.mostBytes > 0 && !items.isEmpty ? $0.tables : nil }
        guard !asked.isEmpty || tables != nil else { return (predictor, []) }
        let key = VariantKey(
            once: asked,
            items: tables == nil ? [] : items,
            table: tables.map { ObjectIdentifier($0) }
        )
        return try variants.withLock { known in
            if let variant = known[key] { return (variant.predictor, variant.once) }
            guard known.count < Self.mostVariants else { return (predictor, []) }
            func inputs(of columns: Set<String>) -> [String] {
                predictor.inputs.map(\.name).filter { columns.contains(Self.column($0)) }
            }
            var once = asked
            var made = predictor
            repeat {
                let names = inputs(of: once)
                made = try Predictor(
                    predictor,
                    requestInputs: Set(names),
                    items: tables.map { ($0, Set(inputs(of: items))) }
                )
                let taken = Set(made.requestInputs)
                let refused = Set(names.filter { !taken.contains($0) }.map(Self.column))
                guard !refused.isEmpty else { break }
                // A list is taken with its offsets or not at all.
                once.subtract(refused)
            } while !once.isEmpty
            if once.isEmpty, !made.isReadingItems { made = predictor }
            known[key] = Variant(predictor: made, once: once, table: tables)
            return (made, once)
        }
    }

    /// The prepared column that an input of the model reads.
    static func column(_ input: String) -> String {
        for suffix in [".values", ".offsets"] where input.hasSuffix(suffix) {
            return String(input.dropLast(suffix.count))
        }
        return input
    }

    /// What a request brings.
    struct VariantKey: Hashable {
        /// The columns that hold for all rows.
        let once: Set<String>
        /// Those of a table of items.
        let items: Set<String>
        /// The table.
        let table: ObjectIdentifier?
    }

    /// The model with some columns given once, or read from a table of items.
    struct Variant: Sendable {
        let predictor: Predictor
        let once: Set<String>
        /// Kept, so that no other table gets its identity.
        let table: ItemTables?
    }

    private static let mostVariants = 8
}

/// Where each prepared column of a request comes from.
private struct RequestPlan {
    /// Those that hold for all rows.
    var once: Set<String> = []
    /// Those that the encoded table of items has.
    var items: Set<String> = []

    init(_ predictor: RunPredictor, _ rows: RawRows, _ table: EncodedItems?) {
        let encoded = Set(table?.encoded.columns.map(\.name) ?? [])
        for column in predictor.columns {
            let sources = predictor.sources[column] ?? []
            if encoded.contains(column), sources.allSatisfy({ rows.columns[$0] == nil }) {
                items.insert(column)
                continue
            }
            let isOnce = sources.allSatisfy { source in
                switch rows.columns[source] {
                case .same: true
                case .each: false
                case nil: table?.raw[source] == nil
                }
            }
            if isOnce { once.insert(column) }
        }
    }

    /// The values that some prepared columns are made of.
    func values(
        of columns: Set<String>,
        _ predictor: RunPredictor,
        _ rows: RawRows,
        count: Int,
        _ items: ItemRows?
    ) -> RawRows {
        var values: [String: RawRows.Column] = [:]
        for column in columns {
            for source in predictor.sources[column] ?? [] where values[source] == nil {
                values[source] =
                    rows.columns[source]
                    ?? items.flatMap { $0.table.values(source, $0.rows) }
            }
        }
        // Columns that nothing is made of here have what the schema accepts.
        let wanted = columns.reduce(into: Set<String>()) { wanted, column in
            wanted.formUnion(predictor.sources[column] ?? [])
        }
        for (name, value) in predictor.accepted where !wanted.contains(name) {
            values[name] = value
        }
        return RawRows(count: count, columns: values)
    }
}
