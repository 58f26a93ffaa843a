import MotetCore
import MotetData
import MotetGraph

/// Connects the columns of batches with the inputs of an executable, without allocating in between.
final class BatchBinding {
    private let symbols: [SizeSymbol]
    private let sizes: UnsafeMutablePointer<Int>
    /// Position of the executable's input, position in the batch.
    private let pairs: [(input: Int, column: Int)]
    /// How the batch reaches the program that looks at the losses after the step.
    var probe: BatchBinding?

    init(
        _ executable: any Executable,
        _ loader: BatchLoader,
        columns: [String: String],
        bucket: Int = 0
    ) throws {
        let inputs = loader.bucketInputs[bucket]
        symbols = loader.symbols
        sizes = .allocate(capacity: max(symbols.count, 1))
        sizes.initialize(repeating: 0, count: max(symbols.count, 1))
        var pairs: [(input: Int, column: Int)] = []
        for (position, input) in executable.graph.inputs.enumerated() {
            guard let column = columns[input.name] else { continue }
            guard let index = inputs.firstIndex(where: { $0.name == column }) else {
                let names = inputs.map(\.name)
                throw TrainingError(
                    .dataMismatch,
                    "data: there is no column \"\(column)\", which the model reads; it has \(names.joined(separator: ", "))."
                        + Suggestion.sentence(for: column, in: names)
                )
            }
            let given = inputs[index]
            let wanted = executable.graph.type(of: input.value)
            guard given.dtype == wanted.dtype, BatchBinding.fits(given.shape, wanted.shape) else {
                throw TrainingError(
                    .dataMismatch,
                    "data: the column \"\(column)\" does not fit the model; expected \(wanted); received \(given.dtype.rawValue) \(given.shape)."
                )
            }
            pairs.append((position, index))
        }
        self.pairs = pairs
    }

    deinit { sizes.deallocate() }

    /// A batch's `[B, 1]` is a model's `[B]`; offsets of scenarios may end with a group the model has not.
    private static func fits(_ given: Shape, _ wanted: Shape) -> Bool {
        if let given = given.fixedCount, let wanted = wanted.fixedCount { return given >= wanted }
        return given.elementCount == wanted.elementCount
    }

    func bind(_ batch: BatchBuffer, to executable: any Executable) {
        for index in symbols.indices { sizes[index] = batch.size(index) }
        executable.setSizes(symbols, sizes)
        for pair in pairs { executable.bind(pair.input, to: batch.pointer(pair.column)) }
    }
}
