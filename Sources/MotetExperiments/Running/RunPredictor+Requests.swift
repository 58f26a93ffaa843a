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
        let known = RawRows(count: rows.count, columns: raw.mapValues { .each($0) })
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
    /// once, unless `isExact`.
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
        try batch(
            rows.count,
            { rows.columns[$0] },
            items: items,
            isExact: isExact,
            encoder,
            place: place
        )
    }

    /// Encodes the rows of a request, as the other `batch` does, whose columns stand wherever `column` finds them.
    ///
    /// Where a request brings the columns of one before, it is encoded into the memory of that one.
    package func batch(
        _ count: Int,
        _ column: (String) -> RawRows.Column?,
        items: ItemRows? = nil,
        isExact: Bool,
        _ encoder: RowEncoder,
        place: @escaping (Int) -> String
    ) throws -> RequestBatch {
        let isWhole = isExact || count == 1
        let program = try program(column, items?.table, isWhole: isWhole, encoder)
        // What cannot be encoded leaves nothing behind: the next rows are written over it.
        let batch = try RequestBatch(program, rows: count)
        try batch.workspace.encode(count, column, items, place: place)
        return batch
    }

    /// How a request with some columns is computed: as the first that had them.
    private func program(
        _ column: (String) -> RawRows.Column?,
        _ table: EncodedItems?,
        isWhole: Bool,
        _ encoder: RowEncoder
    ) throws -> RequestProgram {
        let known = programs.withLock { $0 }
        for program in known where program.fits(column, table, isWhole: isWhole, encoder) {
            return program
        }
        let shape = RequestShape(column, isWhole: isWhole, encoder)
        let plan = RequestPlan(self, shape, table)
        let (predictor, once) = try predictor(
            once: isWhole ? [] : plan.once,
            items: isWhole ? [] : plan.items,
            table
        )
        let read = Set(predictor.inputs.map { Self.column($0.name) })
        let program = RequestProgram(
            shape,
            predictor,
            once: once,
            each: columns.subtracting(once).subtracting(plan.items),
            items: (table?.encoded.columns ?? []).map(\.name).filter {
                plan.items.contains($0) && read.contains($0)
            },
            scenarioCount: scenarioCount,
            table: table
        )
        programs.withLock { if $0.count < Self.mostPrograms { $0.append(program) } }
        return program
    }

    /// Answers the rows of a request.
    ///
    /// - Parameter batch: what `batch(_:items:isExact:_:place:)` encoded.
    /// - Returns: for each task the outputs of the rows in their order, row by row.
    /// - Throws: `GraphError` when the model cannot be compiled for the sizes.
    public func scores(_ batch: borrowing RequestBatch) throws -> [String: [Float]] {
        var outputs: [String: [Float]] = [:]
        try scores(batch) { task, values in outputs[tasks[task]] = Array(values) }
        return outputs
    }

    /// Answers the rows of a request in the memory of its batch.
    ///
    /// - Parameters:
    ///   - batch: what `batch(_:items:isExact:_:place:)` encoded.
    ///   - read: reads the outputs of a task, by its place in `tasks`, of the rows in their order, row by row; they
    ///     are there during the call.
    /// - Throws: `GraphError` when the model cannot be compiled for the sizes.
    public func scores(
        _ batch: borrowing RequestBatch,
        _ read: (_ task: Int, _ outputs: UnsafeBufferPointer<Float>) -> Void
    ) throws {
        let (program, workspace) = (batch.program, batch.workspace)
        try predict(program, workspace) { workspace.keep($0, $1) }
        let scenarios = run.calibration.needsScenarios ? workspace.scenarios : nil
        for (task, name) in tasks.enumerated() {
            guard let output = program.predictor.outputNames.firstIndex(of: name) else { continue }
            run.calibration.apply(to: &workspace.outputs[output], name, scenarios)
            workspace.outputs[output].withUnsafeBufferPointer { read(task, $0) }
        }
    }

    /// Compiles the model for a number of rows, so that as many answers at once find a workspace.
    ///
    /// - Parameters:
    ///   - batch: rows such as requests will have.
    ///   - workspaces: how many answers there will be at once.
    /// - Returns: the answers of the rows.
    /// - Throws: what `scores` throws.
    public func warm(
        _ batch: borrowing RequestBatch,
        workspaces: Int
    ) throws -> [String: [Float]] {
        // A workspace is taken before inputs are bound, so nested answers need one each.
        func nest(_ program: RequestProgram, _ workspace: RequestWorkspace, _ depth: Int) throws {
            guard depth > 0 else { return }
            try predict(
                program,
                workspace,
                willBind: { try nest(program, workspace, depth - 1) },
                read: { _, _ in }
            )
        }
        try nest(batch.program, batch.workspace, workspaces)
        return try scores(batch)
    }

    /// Runs the model on encoded rows, as they stand.
    private func predict(
        _ program: RequestProgram,
        _ workspace: RequestWorkspace,
        willBind: () throws -> Void = {},
        read: (Int, UnsafeBufferPointer<Float>) -> Void
    ) throws {
        var failure: (any Error)?
        try program.predictor.predict(
            sizes: workspace.sizes,
            valuesPerRow: valuesPerRow,
            bind: { index in
                if index == 0 { do { try willBind() } catch { failure = error } }
                return workspace.elements(index)
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
    /// More sets of columns than these are each planned when they come.
    private static let mostPrograms = 32
}
