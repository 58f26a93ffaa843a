import MotetCore

/// Operations of which row *b* of the results depends on row *b* of the inputs alone.
///
/// Applied to one row they make the row that every row of equal ones gets.
enum RowwiseOperations {
    /// A shape for one row; nil where the rows are part of a sum of sizes.
    static func once(_ shape: Shape) -> Shape? {
        var dimensions: [Dimension] = []
        for dimension in shape.dimensions {
            guard let symbol = dimension.symbol else {
                dimensions.append(dimension)
                continue
            }
            if symbol == .batch {
                dimensions.append(.fixed(dimension.scale + dimension.offset))
            } else if symbol.parts.isEmpty {
                dimensions.append(dimension)
            } else {
                return nil
            }
        }
        return Shape(dimensions)
    }

    /// The operation for one row; nil where rows depend on each other, or no rule says they don't.
    ///
    /// - Parameters:
    ///   - node: a node whose inputs are states, constants, or the same in all rows.
    ///   - fixed: for each input whether it is a state or a constant.
    ///   - graph: the program the node is part of.
    /// - Returns: the operation, another one where a shape is part of it.
    static func once(_ node: Graph.Node, fixed: [Bool], in graph: Graph) -> (any Operation)? {
        let shapes = node.inputs.map { graph.type(of: $0).shape }
        let lastIsFixed = shapes[0].rank > 0 && shapes[0].last.fixedSize != nil
        switch node.operation {
        case let reshape as Reshape:
            guard rowsBefore(shapes[0]) == rowsBefore(reshape.shape) else { return nil }
            return once(reshape.shape).map { Reshape($0) }
        case let broadcast as BroadcastLike: return once(broadcast.shape).map { BroadcastLike($0) }
        case let product as MatMul where fixed[1] && !product.transposeLeft: return product
        case is StackedMatMul where fixed[1], is EmbeddingLookup where fixed[0],
            is PooledEmbedding where fixed[0]:
            return node.operation
        case is Softmax where lastIsFixed, is LayerNormalization where lastIsFixed,
            is L2Normalization where lastIsFixed:
            return node.operation
        case is Concatenate, is Split, is StopGradient, is AddBias, is Activation, is Arithmetic,
            is Scale, is Exponential, is Logarithm, is Clip, is AddN, is PReLU, is Mean,
            is Transpose, is Mixture, is BatchNormalizationInference, is PadLists, is PaddingMask,
            is Attention, is MaskedMean, is MaskedMax, is LSTMScan, is GRUScan:
            return node.operation
        default: return nil
        }
    }

    /// Whether row *b* of a node's results depends on nothing but row *b* of some values.
    ///
    /// - Parameters:
    ///   - node: a node.
    ///   - values: the values.
    ///   - graph: the program the node is part of.
    /// - Returns: whether it reads one of the values, and else only states and constants.
    static func isAlone(_ node: Graph.Node, of values: Set<Value>, in graph: Graph) -> Bool {
        let fixed = node.inputs.map { input in
            switch graph.sources[input.id] {
            case .state, .constant: true
            case .input, .node: false
            }
        }
        guard zip(node.inputs, fixed).allSatisfy({ $1 || values.contains($0) }),
            fixed.contains(false)
        else { return false }
        return once(node, fixed: fixed, in: graph) != nil
    }

    /// The elements before the axis of the rows: a reshape that keeps them keeps each row's elements together.
    private static func rowsBefore(_ shape: Shape) -> Int? {
        var count = 1
        for dimension in shape.dimensions {
            guard let size = dimension.fixedSize else {
                return dimension.symbol == .batch && dimension.offset == 0 ? count : nil
            }
            count *= size
        }
        return nil
    }
}
