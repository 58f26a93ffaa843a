import MotetCore

extension OperationCase {
    /// Every operation of the graph, each with several shapes.
    public static let all: [OperationCase] =
        matrixProducts + stackedProducts + groupedProducts + activations + arithmetic + movements
        + normalizations + mixtures + lookups + storedRows + pooledLookups + paddedLists
        + rowGradients
        + pointwiseLosses + otherLosses + optimizerUpdates + rowUpdates + clippings + dropouts
        + compositions
        + recurrences + attentions + convolutions + poolings + boxLosses + chains + taskGradients
        + inBatchSoftmaxes

    /// Batches of 33, 1 and 5 rows on one executable, so that short batches follow full ones.
    static let rows: [[SizeSymbol: Int]] = [[.batch: 33], [.batch: 1], [.batch: 5]]
}

/// The length of a ragged feature's list of values.
let listLength = SizeSymbol("N.history")
/// The length of another ragged feature's list of values.
let otherLength = SizeSymbol("N.basket")
