import MotetTraining

/// How the gradients of tasks lie to each other in each shared block.
public struct Conflicts: Codable, Hashable, Sendable {
    /// Where the figures come from.
    public enum Source: String, Codable, Hashable, Sendable {
        /// From the history: steps of the training, epoch by epoch.
        case training
        /// From batches of training rows, with the final parameters.
        case finalParameters = "final_parameters"
    }

    /// Two tasks in a block in one epoch.
    public struct Moment: Codable, Hashable, Sendable {
        /// The epoch, from 1.
        public var epoch: Int
        /// The mean cosine of the angle between their gradients.
        public var cosine: Double
        /// The share of steps looked at in which one opposed the other.
        public var opposed: Double
    }

    /// Two tasks in a block.
    public struct Pair: Codable, Hashable, Sendable {
        /// The first task.
        public var first: String
        /// The second task.
        public var second: String
        /// The mean cosine of the angle between their gradients.
        public var cosine: Double
        /// The share of steps looked at in which one opposed the other.
        public var opposed: Double
        /// The steps looked at in which both had a gradient.
        public var steps: Int
        /// The same epoch by epoch; empty for figures of final parameters.
        public var epochs: [Moment]
    }

    /// A shared layer, or one expert of a stack.
    public struct Block: Codable, Hashable, Sendable {
        /// The beginning of the names of its parameters, with the number of a stack's slice.
        public var name: String
        /// For each task the mean length of its gradient; nil where it never had one.
        public var norms: [Double?]
        /// The pairs of tasks that met.
        public var pairs: [Pair]
    }

    /// Where the figures come from.
    public var source: Source
    /// The steps looked at.
    public var steps: Int
    /// All shared dense parameters together.
    public var whole: Block
    /// Each block, in the order of the model.
    public var blocks: [Block]

    /// Reads the figures of a training off its epochs; nil where none recorded any.
    init?(_ epochs: [EpochRecord]) {
        let recorded = epochs.compactMap { epoch in
            epoch.sharedGradients.map { (epoch.epoch, $0) }
        }
        guard var sum = recorded.first?.1 else { return nil }
        for (_, record) in recorded.dropFirst() { sum.add(record) }
        self.init(.training, sum, recorded)
    }

    /// Takes the figures of final parameters.
    init(final record: SharedGradientRecord) { self.init(.finalParameters, record, []) }

    private init(
        _ source: Source,
        _ sum: SharedGradientRecord,
        _ epochs: [(Int, SharedGradientRecord)]
    ) {
        self.source = source
        steps = sum.probes
        whole = Self.block(sum.whole, sum.tasks, epochs.map { ($0, $1.whole) })
        blocks = sum.blocks.map { block in
            let moments = epochs.compactMap { number, record in
                record.blocks.first { $0.name == block.name }.map { (number, $0) }
            }
            return Self.block(block, sum.tasks, moments)
        }
    }

    private static func block(
        _ sum: SharedGradientRecord.Block,
        _ tasks: [String],
        _ epochs: [(Int, SharedGradientRecord.Block)]
    ) -> Block {
        var pairs: [Pair] = []
        for task in tasks.indices {
            for other in tasks.indices where other > task {
                guard let cosine = sum.meanCosine(task, other),
                    let opposed = sum.conflictShare(task, other)
                else { continue }
                let moments = epochs.compactMap { number, block -> Moment? in
                    guard let cosine = block.meanCosine(task, other),
                        let opposed = block.conflictShare(task, other)
                    else { return nil }
                    return Moment(epoch: number, cosine: cosine, opposed: opposed)
                }
                pairs.append(
                    Pair(
                        first: tasks[task],
                        second: tasks[other],
                        cosine: cosine,
                        opposed: opposed,
                        steps: sum.meetings(task, other),
                        epochs: moments
                    )
                )
            }
        }
        return Block(name: sum.name, norms: tasks.indices.map { sum.meanNorm($0) }, pairs: pairs)
    }
}
