import CKernels
import MotetCore
import MotetGraph

/// Reshapes, splits and concatenations: nothing where the plan made views of them, copies elsewhere.
enum ViewLowering {
    static func reshape(_ node: Graph.Node, _ context: LoweringContext) -> Instruction {
        let (input, result) = (node.inputs[0], node.outputs[0])
        // The input may be a view with gaps; the result is always without.
        let (width, stride) = (context.width(input), context.stride(input))
        let isView = isSamePlace(input, result, at: 0, context)
        return KernelInstruction(node, [context.rows(input)]) { memory, sizes in
            guard !isView else { return }
            motet_copy_rows(
                memory.pointers[input.id],
                Int64(stride),
                memory.pointers[result.id],
                Int64(width),
                Int64(sizes[0]),
                Int64(width)
            )
        }
    }

    static func concatenate(
        _ operation: Concatenate,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let result = node.outputs[0]
        let pieces = Pieces(whole: result, parts: node.inputs, axis: operation.axis, context)
        return KernelInstruction(node, pieces.dimensions) { memory, sizes in
            pieces.forEach(sizes) { index, offset, partRow, wholeRow, outer in
                let part = memory.pointers[node.inputs[index].id]
                let target = memory.pointers[result.id] + 4 * offset
                let stride = pieces.stride(index, partRow)
                let width = pieces.width(index, partRow)
                guard width < partRow else {
                    motet_copy_rows(
                        part,
                        Int64(stride),
                        target,
                        Int64(wholeRow),
                        Int64(outer),
                        Int64(partRow)
                    )
                    return
                }
                // Rows with gaps between them, several of which make a row of the whole.
                let rows = partRow / width
                for slice in 0..<outer {
                    motet_copy_rows(
                        part + 4 * slice * rows * stride,
                        Int64(stride),
                        target + 4 * slice * wholeRow,
                        Int64(width),
                        Int64(rows),
                        Int64(width)
                    )
                }
            }
        }
    }

    static func split(
        _ operation: Split,
        _ node: Graph.Node,
        _ context: LoweringContext
    ) -> Instruction {
        let input = node.inputs[0]
        let pieces = Pieces(whole: input, parts: node.outputs, axis: operation.axis, context)
        return KernelInstruction(node, pieces.dimensions) { memory, sizes in
            pieces.forEach(sizes) { index, offset, partRow, wholeRow, outer in
                motet_copy_rows(
                    memory.pointers[input.id] + 4 * offset,
                    Int64(wholeRow),
                    memory.pointers[node.outputs[index].id],
                    Int64(partRow),
                    Int64(outer),
                    Int64(partRow)
                )
            }
        }
    }

    /// Whether two values are one place in memory, the first at an offset in the second.
    static func isSamePlace(
        _ part: Value,
        _ whole: Value,
        at offset: Dimension,
        _ context: LoweringContext
    ) -> Bool {
        guard let first = context.plan.views[part.id], let second = context.plan.views[whole.id]
        else { return true }  // A value without a place is read by nobody.
        return first.buffer == second.buffer
            && first.offset.minus(second.offset) == offset
            && (first.rowStride == second.rowStride || offset == 0 || first.rowStride != nil)
    }
}

/// The parts of a value cut along one axis, and which of them must be copied.
private struct Pieces {
    let dimensions: [Dimension]
    private let sizes: [Int]
    private let copied: [Bool]
    private let strides: [Int?]
    /// The last sizes of the parts.
    private let widths: [Int?]

    init(whole: Value, parts: [Value], axis: Int, _ context: LoweringContext) {
        let shape = context.shape(whole)
        let outer = Shape(Array(shape.dimensions[..<axis])).elementCount ?? 1
        let inner = Shape(Array(shape.dimensions[(axis + 1)...])).elementCount ?? 1
        dimensions = [outer, inner, .fixed(shape[axis].fixedSize ?? 0)]
        sizes = parts.map { context.shape($0)[axis].fixedSize ?? 0 }
        strides = parts.map { context.plan.views[$0.id]?.rowStride }
        widths = parts.map { context.shape($0).last.fixedSize }
        var start = 0
        var copied: [Bool] = []
        for (part, size) in zip(parts, sizes) {
            let view = context.plan.views[part.id]
            let base = context.plan.views[whole.id]
            let offset = inner.scaled(by: start)
            let isView =
                view == nil
                || (view?.buffer == base?.buffer
                    && view?.offset.minus(base?.offset ?? 0) == offset)
            copied.append(!isView)
            start += size
        }
        self.copied = copied
    }

    /// Elements from one row of a part to the next.
    func stride(_ index: Int, _ row: Int) -> Int { strides[index] ?? row }

    /// Elements of a part that stand together: all of a row, unless its own rows have gaps between them.
    func width(_ index: Int, _ row: Int) -> Int {
        strides[index] == nil ? row : widths[index] ?? row
    }

    /// Visits the parts to copy: index, element offset in the whole, elements of a part's row, of the
    /// whole's row, and the number of rows.
    func forEach(
        _ resolved: UnsafePointer<Int>,
        _ body: (Int, Int, Int, Int, Int) -> Void
    ) {
        let (outer, inner, size) = (resolved[0], resolved[1], resolved[2])
        var start = 0
        for index in sizes.indices {
            if copied[index] {
                body(index, start * inner, sizes[index] * inner, size * inner, outer)
            }
            start += sizes[index]
        }
    }
}

extension Dimension {
    func minus(_ other: Dimension) -> Dimension {
        guard let name = symbol ?? other.symbol else { return .fixed(offset - other.offset) }
        let scale = scale - other.scale
        guard scale != 0 else { return .fixed(offset - other.offset) }
        return .symbol(name, scale: scale, offset: offset - other.offset)
    }

    func scaled(by factor: Int) -> Dimension {
        guard let symbol, factor != 0 else { return .fixed(offset * factor) }
        return .symbol(symbol, scale: scale * factor, offset: offset * factor)
    }
}
