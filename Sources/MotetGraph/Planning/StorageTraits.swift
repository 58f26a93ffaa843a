/// What a backend's kernels can do with memory they did not lay out themselves.
public protocol StorageTraits: Sendable {
    /// Whether an input may be rows at a stride, as in a slice of a wider matrix.
    func readsStridedRows(_ node: Graph.Node, input: Int) -> Bool

    /// Whether an output may be written as rows at a stride.
    func writesStridedRows(_ node: Graph.Node, output: Int) -> Bool

    /// Inputs whose memory an output may take over, because each element is read before it is written.
    func reusableInputs(_ node: Graph.Node, output: Int) -> [Int]
}
