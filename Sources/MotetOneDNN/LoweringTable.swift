import MotetCore
import MotetGraph

/// The rule for each operation, and for groups of nodes one kernel computes together.
enum LoweringTable {
    /// Lowers the nodes of one stage.
    static func lower(_ stage: Graph.Stage, _ context: LoweringContext) throws -> [Instruction] {
        let nodes = context.graph.nodes.filter { $0.stage == stage }
        var instructions: [Instruction] = []
        var index = 0
        while index < nodes.count {
            let group = runOfEqualKind(nodes, from: index)
            if let instruction = lowerGroup(group, context) {
                instructions.append(instruction)
                index += group.count
                continue
            }
            let node = nodes[index]
            guard let rule = rules.first(where: { $0.lowers(node.operation) }) else {
                throw GraphError(
                    .invalidGraph,
                    "oneDNN: \(type(of: node.operation).name) has no rule."
                )
            }
            instructions.append(try rule.lower(node, context))
            index += 1
        }
        return instructions
    }

    /// The nodes that one parallel loop computes together, by their positions in the graph.
    static func concurrentNodes(_ graph: Graph) -> [ClosedRange<Int>] {
        var groups: [ClosedRange<Int>] = []
        var index = 0
        while index < graph.nodes.count {
            let count = max(1, runOfEqualKind(graph.nodes, from: index).count)
            if count > 1 { groups.append(index...(index + count - 1)) }
            index += count
        }
        return groups
    }

    private enum GroupKind { case lookup, combination, update }

    private static func groupKind(_ node: Graph.Node) -> GroupKind? {
        switch node.operation {
        case is EmbeddingLookup: .lookup
        case is CombineRows: .combination
        case is OptimizerUpdate, is OptimizerRowUpdate: .update
        default: nil
        }
    }

    /// Neighbouring nodes of one kind that do not read each other's results.
    private static func runOfEqualKind(_ nodes: [Graph.Node], from start: Int) -> [Graph.Node] {
        guard let kind = groupKind(nodes[start]) else { return [] }
        var made = Set<Value>()
        var group: [Graph.Node] = []
        for node in nodes[start...] {
            guard groupKind(node) == kind, node.stage == nodes[start].stage,
                !node.inputs.contains(where: made.contains)
            else {
                break
            }
            made.formUnion(node.outputs)
            group.append(node)
        }
        return group
    }

    private static func lowerGroup(
        _ group: [Graph.Node],
        _ context: LoweringContext
    ) -> Instruction? {
        guard let first = group.first, let kind = groupKind(first) else { return nil }
        return switch kind {
        case .lookup: EmbeddingLowering.lookups(group, context)
        case .combination: EmbeddingLowering.combinations(group, context)
        case .update: OptimizerLowering.updates(group, context)
        }
    }

    private static let rules: [any LoweringRule] = [
        HostLowering(),
        Lowering(MatMul.self) {
            PackedProductInstruction($0, $1, $2) ?? MatMulInstruction($0, $1, $2)
        },
        Lowering(StackedMatMul.self) {
            PackedProductInstruction($0, $1, $2) ?? StackedMatMulInstruction($0, $1, $2)
        },
        Lowering(StackedMatMulWeightGradient.self) { StackedWeightGradientInstruction($0, $1, $2) },
        Lowering(GroupedMatMul.self) {
            PackedGroupsInstruction($0, $1, $2) ?? GroupedLowering.product($0, $1, $2)
        },
        Lowering(GroupedMatMulWeightGradient.self) { GroupedLowering.weightGradient($0, $1, $2) },
        Lowering(GroupedAddBias.self) { GroupedLowering.addBias($1, $2) },
        Lowering(GroupedSumRows.self) { GroupedLowering.sumRows($0, $1, $2) },
        Lowering(Convolution2D.self) { try ConvolutionInstruction($0, $1, $2) },
        Lowering(Convolution2DInputGradient.self) { try ConvolutionInstruction($0, $1, $2) },
        Lowering(Convolution2DWeightGradient.self) { try ConvolutionInstruction($0, $1, $2) },
        Lowering(MaxPooling2D.self) { ImageLowering.maxPooling($0, $1, $2) },
        Lowering(MaxPooling2DGradient.self) { ImageLowering.maxPoolingGradient($0, $1, $2) },
        Lowering(AveragePooling2D.self) { ImageLowering.averagePooling($0, $1, $2) },
        Lowering(AveragePooling2DGradient.self) {
            ImageLowering.averagePoolingGradient($0, $1, $2)
        },
        Lowering(Pad2D.self) { ImageLowering.pad($0, $1, $2) },
        Lowering(Crop2D.self) { ImageLowering.crop($0, $1, $2) },
        Lowering(SpatialDropout.self) { ImageLowering.spatialDropout($0, $1, $2) },
        Lowering(MaskedMean.self) { MaskedPoolingLowering.mean($1, $2) },
        Lowering(MaskedMeanGradient.self) { MaskedPoolingLowering.meanGradient($1, $2) },
        Lowering(MaskedMax.self) { MaskedPoolingLowering.max($1, $2) },
        Lowering(MaskedMaxGradient.self) { MaskedPoolingLowering.maxGradient($1, $2) },
        Lowering(BoxLoss.self) { BoxLossLowering.loss($0, $1, $2) },
        Lowering(BoxLossGradient.self) { BoxLossLowering.gradient($0, $1, $2) },
        Lowering(Activation.self) { ElementwiseLowering.activation($0, $1, $2) },
        Lowering(ActivationGradient.self) { ElementwiseLowering.activationGradient($0, $1, $2) },
        Lowering(PReLU.self) { ElementwiseLowering.prelu($1, $2) },
        Lowering(PReLUGradient.self) { ElementwiseLowering.preluGradient($1, $2) },
        Lowering(Scale.self) { ElementwiseLowering.scale($0, $1, $2) },
        Lowering(Exponential.self) { ElementwiseLowering.exponential($1, $2) },
        Lowering(Logarithm.self) { ElementwiseLowering.logarithm($1, $2) },
        Lowering(Clip.self) { ElementwiseLowering.clip($0, $1, $2) },
        Lowering(AddN.self) { ElementwiseLowering.addN($1, $2) },
        Lowering(ExponentialAverage.self) { ElementwiseLowering.average($0, $1, $2) },
        Lowering(Arithmetic.self) { try BroadcastingLowering.arithmetic($0, $1, $2) },
        Lowering(SumToShape.self) { try BroadcastingLowering.sumToShape($0, $1, $2) },
        Lowering(BroadcastLike.self) { try BroadcastingLowering.broadcast($1, $2) },
        Lowering(Transpose.self) { try BroadcastingLowering.transpose($0, $1, $2) },
        Lowering(AddBias.self) { RowLowering.addBias($1, $2) },
        Lowering(SumRows.self) { RowLowering.sumRows($0, $1, $2) },
        Lowering(Softmax.self) { RowLowering.softmax($1, $2) },
        Lowering(SoftmaxGradient.self) { RowLowering.softmaxGradient($1, $2) },
        Lowering(Mean.self) { RowLowering.mean($0, $1, $2) },
        Lowering(Reshape.self) { ViewLowering.reshape($1, $2) },
        Lowering(StopGradient.self) { ViewLowering.reshape($1, $2) },
        Lowering(Concatenate.self) { ViewLowering.concatenate($0, $1, $2) },
        Lowering(Split.self) { ViewLowering.split($0, $1, $2) },
        Lowering(Mixture.self) { MixtureLowering.mixture($0, $1, $2) },
        Lowering(MixtureGradient.self) { MixtureLowering.gradient($0, $1, $2) },
        Lowering(StoredRows.self) { EmbeddingLowering.stored($0, $1, $2) },
        Lowering(PooledEmbedding.self) { EmbeddingLowering.pooled($0, $1, $2) },
        Lowering(PooledEmbeddingGradient.self) { EmbeddingLowering.pooledGradient($0, $1, $2) },
        Lowering(PadLists.self) { ListLowering.pad($0, $1, $2) },
        Lowering(PadListsGradient.self) { ListLowering.gradient($0, $1, $2) },
        Lowering(DenseRows.self) { EmbeddingLowering.denseRows($0, $1, $2) },
        Lowering(BatchNormalization.self) { NormalizationLowering.batch($0, $1, $2) },
        Lowering(BatchNormalizationGradient.self) {
            NormalizationLowering.batchGradient($0, $1, $2)
        },
        Lowering(BatchNormalizationInference.self) {
            NormalizationLowering.batchInference($0, $1, $2)
        },
        Lowering(GroupedNormalization.self) { GroupedNormalizationLowering.forward($0, $1, $2) },
        Lowering(GroupedNormalizationGradient.self) {
            GroupedNormalizationLowering.gradient($0, $1, $2)
        },
        Lowering(LayerNormalization.self) { NormalizationLowering.layer($0, $1, $2) },
        Lowering(LayerNormalizationGradient.self) { NormalizationLowering.layerGradient($1, $2) },
        Lowering(Attention.self) { AttentionLowering.attention($0, $1, $2) },
        Lowering(AttentionGradient.self) { AttentionLowering.gradient($0, $1, $2) },
        Lowering(ListAttention.self) { AttentionLowering.lists($0, $1, $2) },
        Lowering(L2Normalization.self) { AttentionLowering.unitLength($1, $2) },
        Lowering(L2NormalizationGradient.self) { AttentionLowering.unitLengthGradient($1, $2) },
        Lowering(Dropout.self) { NormalizationLowering.dropout($0, $1, $2) },
        Lowering(LSTMScan.self) { RecurrentLowering.lstm($0, $1, $2) },
        Lowering(LSTMScanGradient.self) { RecurrentLowering.lstmGradient($0, $1, $2) },
        Lowering(GRUScan.self) { RecurrentLowering.gru($0, $1, $2) },
        Lowering(GRUScanGradient.self) { RecurrentLowering.gruGradient($0, $1, $2) },
        Lowering(CRFLogLikelihood.self) { CRFLowering.loss($1, $2) },
        Lowering(CRFLogLikelihoodGradient.self) { CRFLowering.gradient($1, $2) },
        Lowering(CRFDecoding.self) { CRFLowering.decoding($0, $1, $2) },
        Lowering(InnerProducts.self) { TaskGradientLowering.products($0, $1, $2) },
        Lowering(MixtureProducts.self) { TaskGradientLowering.mixtureProducts($0, $1, $2) },
        Lowering(WeightedSum.self) { TaskGradientLowering.weightedSum($0, $1, $2) },
        Lowering(SignDropout.self) { TaskGradientLowering.signDropout($0, $1, $2) },
        Lowering(SampleWeights.self) { LossLowering.sampleWeights($0, $1, $2) },
        Lowering(PointwiseLoss.self) { LossLowering.pointwise($0, $1, $2) },
        Lowering(PointwiseLossGradient.self) { LossLowering.pointwiseGradient($0, $1, $2) },
        Lowering(CategoricalCrossEntropy.self) { LossLowering.categorical($0, $1, $2) },
        Lowering(CategoricalCrossEntropyGradient.self) {
            LossLowering.categoricalGradient($0, $1, $2)
        },
        Lowering(InBatchSoftmax.self) { InBatchSoftmaxLowering.loss($0, $1, $2) },
        Lowering(InBatchSoftmaxGradient.self) { InBatchSoftmaxLowering.gradient($0, $1, $2) },
        Lowering(PaddingMask.self) { EmbeddingLowering.paddingMask($1, $2) },
        Lowering(SumOfSquares.self) { OptimizerLowering.sumOfSquares($1, $2) },
        Lowering(ClippingFactor.self) { OptimizerLowering.clippingFactor($0, $1, $2) },
    ]
}
