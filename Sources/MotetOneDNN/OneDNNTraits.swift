import MotetGraph

/// Which kernels work on rows at a stride, and which may write over what they read.
struct OneDNNTraits: StorageTraits {
    func readsStridedRows(_ node: Graph.Node, input: Int) -> Bool {
        switch node.operation {
        case is MatMul: input < 2
        case is StackedMatMul: input == 0
        case is StackedMatMulWeightGradient, is GroupedMatMulWeightGradient: input < 2
        case is GroupedMatMul: input == 0
        case is PooledEmbeddingGradient: input == 0
        case is CombineRows: input % 2 == 1
        case is Attention, is ListAttention: input < 3
        case is AttentionGradient: input < 4
        case is SumRows, is GroupedSumRows: input == 0
        case is Concatenate: true
        default: false
        }
    }

    func writesStridedRows(_ node: Graph.Node, output: Int) -> Bool {
        switch node.operation {
        case is EmbeddingLookup, is PooledEmbedding, is MatMul, is GroupedMatMul, is Attention:
            output == 0
        default: false
        }
    }

    func reusableInputs(_ node: Graph.Node, output: Int) -> [Int] {
        switch (node.operation, output) {
        case (is Activation, 0), (is Scale, 0), (is Clip, 0), (is Dropout, 0),
            (is SpatialDropout, 0), (is Softmax, 0), (is AddBias, 0):
            [0]
        case (is ActivationGradient, 0), (is SoftmaxGradient, 0): [0, 1]
        case (is AddN, 0): Array(node.inputs.indices.prefix(1))
        // Gates after their functions take the place of those before, and their gradients that of both.
        case (is LSTMScan, 4), (is GRUScan, 2): [0]
        case (is MixtureGradient, 1): [2]
        case (is LSTMScanGradient, 0), (is GRUScanGradient, 0): [1]
        default: []
        }
    }
}
