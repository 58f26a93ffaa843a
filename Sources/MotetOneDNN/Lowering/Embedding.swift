import CKernels
import MotetCore
import MotetGraph

/// Lookups in tables and sums of their gradients.
enum EmbeddingLowering {
    /// Several lookups in one parallel loop.
    static func lookups(_ nodes: [Graph.Node], _ context: LoweringContext) -> Instruction {
        let jobs = JobList<motet_lookup>(nodes.count, motet_lookup())
        let widths = nodes.map { context.width($0.inputs[0]) }
        let vocabularies = nodes.map { context.shape($0.inputs[0])[0].fixedSize ?? 0 }
        let strides = nodes.map { context.stride($0.outputs[0]) }
        let counts = nodes.map { context.count($0.inputs[1]) }
        return KernelInstruction(nodes[nodes.count - 1], counts, nodeCount: nodes.count) {
            memory,
            sizes in
            for index in nodes.indices {
                let node = nodes[index]
                jobs.items[index] = motet_lookup(
                    table: memory.floats(node.inputs[0]),
                    ids: memory.integers(node.inputs[1]),
                    out: memory.floats(node.outputs[0]),
                    vocabulary: Int64(vocabularies[index]),
                    width: Int64(widths[index]),
                    rows: Int64(sizes[index]),
                    out_stride: Int64(strides[index])
                )
            }
            motet_embedding_lookup(jobs.items, Int64(nodes.count))
        }
    }

    static func stored(
        _ operation: StoredRows,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (table, ids, result) = (node.inputs[0], node.inputs[1], node.outputs[0])
        let bias = node.inputs.count == 3 ? node.inputs[2] : nil
        let slices = operation.slices ?? 1
        let vocabulary = Int64(context.shape(table)[0].fixedSize ?? 0)
        let units = Int64(context.width(table) / slices)
        let code: (kind: Int32, slope: Float) = operation.activation?.code ?? (0, 0)
        return KernelInstruction(node, [context.count(ids)]) { memory, sizes in
            var rows = motet_stored_rows(
                table: memory.floats(table),
                bias: bias.map { UnsafePointer(memory.floats($0)) },
                ids: memory.integers(ids),
                out: memory.floats(result),
                vocabulary: vocabulary,
                slices: Int64(slices),
                units: units,
                rows: Int64(sizes[0])
            )
            motet_stored_rows_run(&rows, code.kind, code.slope)
        }
    }

    static func paddingMask(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (ids, result) = (node.inputs[0], node.outputs[0])
        return KernelInstruction(node, [context.count(ids)]) { memory, sizes in
            motet_padding_mask(memory.integers(ids), memory.floats(result), Int64(sizes[0]))
        }
    }

    static func pooled(
        _ operation: PooledEmbedding,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (table, values, offsets) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let result = node.outputs[0]
        let vocabulary = Int64(context.shape(table)[0].fixedSize ?? 0)
        let (width, stride) = (Int64(context.width(table)), Int64(context.stride(result)))
        let mean: Int32 = operation.pooling == .mean ? 1 : 0
        return KernelInstruction(node, [context.rows(result)]) { memory, sizes in
            motet_pooled_embedding(
                memory.floats(table),
                vocabulary,
                width,
                memory.integers(values),
                memory.integers(offsets),
                Int64(sizes[0]),
                mean,
                memory.floats(result),
                stride
            )
        }
    }

    static func pooledGradient(
        _ operation: PooledEmbeddingGradient,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (upstream, offsets, result) = (node.inputs[0], node.inputs[2], node.outputs[0])
        let (width, stride) = (Int64(context.width(upstream)), Int64(context.stride(upstream)))
        let mean: Int32 = operation.pooling == .mean ? 1 : 0
        return KernelInstruction(node, [context.rows(upstream)]) { memory, sizes in
            motet_pooled_embedding_gradient(
                memory.floats(upstream),
                stride,
                memory.integers(offsets),
                Int64(sizes[0]),
                width,
                mean,
                memory.floats(result)
            )
        }
    }

    /// Sums of equal rows for several tables in one parallel loop.
    static func combinations(_ nodes: [Graph.Node], _ context: LoweringContext) -> Instruction {
        let jobs = JobList<motet_combination>(nodes.count, motet_combination())
        let sourceCounts = nodes.map { $0.inputs.count / 2 }
        let sources = JobList<motet_row_source>(sourceCounts.reduce(0, +), motet_row_source())
        let vocabularies = nodes.map { ($0.operation as? CombineRows)?.vocabularySize ?? 0 }
        let slots = SlotTables(vocabularies)
        let pairs = nodes.flatMap { node in
            stride(from: 0, to: node.inputs.count, by: 2).map {
                (ids: node.inputs[$0], rows: node.inputs[$0 + 1])
            }
        }
        let strides = pairs.map { context.stride($0.rows) }
        let counts = pairs.map { context.count($0.ids) }
        let widths = nodes.map { context.width($0.inputs[1]) }
        return KernelInstruction(nodes[nodes.count - 1], counts, nodeCount: nodes.count) {
            memory,
            sizes in
            for index in pairs.indices {
                sources.items[index] = motet_row_source(
                    ids: memory.integers(pairs[index].ids),
                    rows: memory.floats(pairs[index].rows),
                    count: Int64(sizes[index]),
                    stride: Int64(strides[index])
                )
            }
            var first = 0
            for index in nodes.indices {
                let outputs = nodes[index].outputs
                jobs.items[index] = motet_combination(
                    sources: sources.items + first,
                    source_count: Int64(sourceCounts[index]),
                    vocabulary: Int64(vocabularies[index]),
                    width: Int64(widths[index]),
                    slots: slots.tables[index],
                    unique_ids: memory.integers(outputs[0]),
                    sums: memory.floats(outputs[1]),
                    unique_count: memory.integers(outputs[2])
                )
                first += sourceCounts[index]
            }
            motet_combine_rows(jobs.items, Int64(nodes.count))
        }
    }

    static func denseRows(
        _ operation: DenseRows,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let (ids, rows, count) = (node.inputs[0], node.inputs[1], node.inputs[2])
        let result = node.outputs[0]
        let width = Int64(context.width(rows))
        return KernelInstruction(node, []) { memory, _ in
            motet_dense_rows(
                memory.integers(ids),
                memory.floats(rows),
                memory.integers(count),
                memory.floats(result),
                Int64(operation.vocabularySize),
                width
            )
        }
    }
}

/// Room for the arguments of a kernel that takes several jobs at once.
final class JobList<Job> {
    let items: UnsafeMutablePointer<Job>

    init(_ count: Int, _ empty: Job) {
        items = .allocate(capacity: max(count, 1))
        items.initialize(repeating: empty, count: max(count, 1))
    }

    deinit { items.deallocate() }
}

/// For each table, where the sum of each of its rows stands in a batch; -1 between batches.
private final class SlotTables {
    let tables: [UnsafeMutablePointer<Int32>]

    init(_ vocabularies: [Int]) {
        tables = vocabularies.map { vocabulary in
            let table = UnsafeMutablePointer<Int32>.allocate(capacity: max(vocabulary, 1))
            table.initialize(repeating: -1, count: max(vocabulary, 1))
            return table
        }
    }

    deinit {
        for table in tables { table.deallocate() }
    }
}
