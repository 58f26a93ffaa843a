import CKernels
import MotetCore
import MotetGraph

/// Products of rows with weights that never change, one for each matrix of a stack; none depends on another.
final class PackedProductInstruction: Instruction {
    /// Where a product reads and writes, in slices of its operands.
    private struct Slice {
        let source: Int
        let target: Int
    }

    private let slices: [Slice]
    private let matrices: [PackedMatrix]
    private let products: UnsafeMutablePointer<motet_packed_product>
    private let rows: Dimension
    private var currentRows = 0
    private let input: Value
    private let bias: Value?
    private let result: Value

    /// Nil where nothing is frozen, or the right side is no weight as it is stored.
    convenience init?(_ operation: MatMul, _ node: Graph.Node, _ context: LoweringContext) {
        guard let frozen = context.frozen, !operation.transposeLeft, !operation.transposeRight
        else { return nil }
        let rows = context.shape(node.inputs[0])[0]
        guard context.shape(node.inputs[0]).rank == 2,
            let matrix = frozen.matrix(node.inputs[1], slice: 0, rows: rows.fixedSize, context)
        else { return nil }
        self.init(
            node,
            [Slice(source: 0, target: 0)],
            [matrix],
            rows,
            operation.activation,
            context
        )
    }

    /// Nil where nothing is frozen, slices are added, or the right side is no stack of weights as it is stored.
    convenience init?(_ operation: StackedMatMul, _ node: Graph.Node, _ context: LoweringContext) {
        guard let frozen = context.frozen, !operation.transposeWeight, !operation.sumsSlices,
            Set(operation.targets).count == operation.targets.count
        else { return nil }
        let shape = context.shape(node.inputs[0])
        let rows = shape[shape.rank - 2]
        var matrices: [PackedMatrix] = []
        for slice in operation.sources.indices {
            guard
                let matrix = frozen.matrix(
                    node.inputs[1],
                    slice: slice,
                    rows: rows.fixedSize,
                    context
                )
            else { return nil }
            matrices.append(matrix)
        }
        self.init(
            node,
            zip(operation.sources, operation.targets).map {
                Slice(source: shape.rank == 2 ? 0 : $0, target: $1)
            },
            matrices,
            rows,
            operation.activation,
            context
        )
    }

    private init(
        _ node: Graph.Node,
        _ slices: [Slice],
        _ matrices: [PackedMatrix],
        _ rows: Dimension,
        _ activation: ActivationKind?,
        _ context: LoweringContext
    ) {
        self.slices = slices
        self.matrices = matrices
        self.rows = rows
        input = node.inputs[0]
        bias = node.inputs.count > 2 ? node.inputs[2] : nil
        result = node.outputs[0]
        products = .allocate(capacity: matrices.count)
        for (index, matrix) in matrices.enumerated() {
            (products + index).initialize(
                to: matrix.product(
                    leftStride: context.stride(node.inputs[0]),
                    resultStride: context.stride(node.outputs[0]),
                    activation
                )
            )
        }
        super.init(node)
    }

    deinit { products.deallocate() }

    override func resize(_ sizes: [SizeSymbol: Int]) {
        currentRows = rows.resolved(sizes) ?? 0
        for index in slices.indices { products[index].rows = Int64(currentRows) }
    }

    override func run(_ memory: Memory) {
        let (left, target) = (memory.floats(input), memory.floats(result))
        let bias = bias.map { memory.floats($0) }
        for index in slices.indices {
            let (inner, columns) = (matrices[index].inner, matrices[index].columns)
            products[index].a = UnsafePointer(left + slices[index].source * currentRows * inner)
            products[index].c = target + slices[index].target * currentRows * columns
            products[index].bias = bias.map { UnsafePointer($0 + index * columns) }
        }
        motet_packed_products(products, Int64(slices.count))
    }
}

/// Products of groups of rows with a frozen weight for each group.
final class PackedGroupsInstruction: Instruction {
    private let matrices: [PackedMatrix]
    private let products: UnsafeMutablePointer<motet_packed_product>
    private let rest: Float
    private let rows: Dimension
    private var currentRows = 0
    private let bias: Value?

    /// Nil where nothing is frozen, or the right side is no stack of weights as it is stored.
    init?(_ operation: GroupedMatMul, _ node: Graph.Node, _ context: LoweringContext) {
        guard let frozen = context.frozen, !operation.transposeWeight,
            let groups = context.shape(node.inputs[1])[0].fixedSize
        else { return nil }
        var matrices: [PackedMatrix] = []
        for group in 0..<groups {
            guard let matrix = frozen.matrix(node.inputs[1], slice: group, rows: nil, context)
            else { return nil }
            matrices.append(matrix)
        }
        self.matrices = matrices
        bias = node.inputs.count > 3 ? node.inputs[3] : nil
        rows = context.shape(node.inputs[0])[0]
        rest = operation.activation?.atZero ?? 0
        products = .allocate(capacity: max(groups, 1))
        for (index, matrix) in matrices.enumerated() {
            (products + index).initialize(
                to: matrix.product(
                    leftStride: context.stride(node.inputs[0]),
                    resultStride: context.stride(node.outputs[0]),
                    operation.activation
                )
            )
        }
        super.init(node)
    }

    deinit { products.deallocate() }

    override func resize(_ sizes: [SizeSymbol: Int]) {
        currentRows = rows.resolved(sizes) ?? 0
    }

    override func run(_ memory: Memory) {
        let ends = memory.integers(node.inputs[2])
        let (left, target) = (memory.floats(node.inputs[0]), memory.floats(node.outputs[0]))
        let bias = bias.map { memory.floats($0) }
        for group in matrices.indices {
            let (first, last) = (Int(ends[group]), Int(ends[group + 1]))
            products[group].rows = Int64(max(last - first, 0))
            products[group].a = UnsafePointer(left + first * Int(products[group].a_stride))
            products[group].c = target + first * Int(products[group].c_stride)
            products[group].bias = bias.map {
                UnsafePointer($0 + group * matrices[group].columns)
            }
        }
        motet_packed_products(products, Int64(matrices.count))
        // Rows of no group.
        let (count, stride) = (Int(ends[matrices.count]), Int(products[0].c_stride))
        let columns = matrices.first?.columns ?? 0
        for row in count..<max(currentRows, count) {
            (target + row * stride).update(repeating: rest, count: columns)
        }
    }
}
