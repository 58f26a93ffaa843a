import MotetMultiTask

/// How the gradients of tasks lay to each other in each shared block of a model, over some probes.
///
/// A block is a layer several tasks depend on, all its parameters together, or one slice of a stack of experts. The
/// gradient of a task is that of its term of the weighted losses.
public struct SharedGradientRecord: Hashable, Sendable, Codable {
    /// The tasks in the order of all lists.
    public let tasks: [String]
    /// The steps in which gradients were looked at.
    public internal(set) var probes = 0
    /// The blocks in the order of the model.
    public private(set) var blocks: [Block] = []
    /// All blocks taken together: the gradients of all shared dense parameters.
    public private(set) var whole: Block

    /// The gradients of tasks in one block.
    public struct Block: Hashable, Sendable, Codable {
        /// The layer, as the names of its parameters begin, with the number of the slice of a stack behind it.
        public let name: String
        /// For each task the probes in which it had a gradient that was finite.
        public private(set) var counts: [Int]
        private let taskCount: Int
        private var normSums: [Double]
        /// For each pair of tasks, row by row, the probes in which both had a gradient.
        private var meetings: [Int]
        private var conflicts: [Int]
        private var cosineSums: [Double]

        private enum CodingKeys: String, CodingKey {
            case name, counts, meetings, conflicts
            case taskCount = "tasks"
            case normSums = "norm_sums"
            case cosineSums = "cosine_sums"
        }

        init(_ name: String, tasks count: Int) {
            self.name = name
            taskCount = count
            counts = [Int](repeating: 0, count: count)
            normSums = [Double](repeating: 0, count: count)
            meetings = [Int](repeating: 0, count: count * count)
            conflicts = meetings
            cosineSums = [Double](repeating: 0, count: count * count)
        }

        /// Adds the products of one probe, `[n, n]` of some tasks; what is not finite is left out.
        mutating func add(_ gramian: [Double], of trained: [Int]) {
            let count = trained.count
            let lengths = (0..<count).map { place -> Double in
                let square = gramian[place * count + place]
                return square.isFinite && square > 0 ? square.squareRoot() : 0
            }
            for (place, task) in trained.enumerated() where lengths[place] > 0 {
                counts[task] += 1
                normSums[task] += lengths[place]
                for (other, second) in trained.enumerated()
                where other != place && lengths[other] > 0 {
                    let product = gramian[place * count + other]
                    guard product.isFinite else { continue }
                    let pair = task * taskCount + second
                    meetings[pair] += 1
                    if product < 0 { conflicts[pair] += 1 }
                    cosineSums[pair] += min(1, max(-1, product / lengths[place] / lengths[other]))
                }
            }
        }

        /// Adds what other probes found in the same block.
        mutating func add(_ other: Block) {
            for task in counts.indices {
                counts[task] += other.counts[task]
                normSums[task] += other.normSums[task]
            }
            for pair in meetings.indices {
                meetings[pair] += other.meetings[pair]
                conflicts[pair] += other.conflicts[pair]
                cosineSums[pair] += other.cosineSums[pair]
            }
        }

        /// The mean length of a task's gradient; nil where it never had one.
        public func meanNorm(_ task: Int) -> Double? {
            counts[task] > 0 ? normSums[task] / Double(counts[task]) : nil
        }

        /// The probes in which both tasks had a gradient.
        public func meetings(_ task: Int, _ other: Int) -> Int {
            meetings[task * taskCount + other]
        }

        /// The mean cosine of the angle between the gradients of two tasks; nil where they never met.
        public func meanCosine(_ task: Int, _ other: Int) -> Double? {
            let count = meetings(task, other)
            return count > 0 ? cosineSums[task * taskCount + other] / Double(count) : nil
        }

        /// The share of probes in which the gradients of two tasks opposed each other; nil where they never met.
        public func conflictShare(_ task: Int, _ other: Int) -> Double? {
            let count = meetings(task, other)
            return count > 0
                ? Double(conflicts[task * taskCount + other]) / Double(count) : nil
        }
    }

    /// Creates a record without probes.
    init(_ tasks: [String]) {
        self.tasks = tasks
        whole = Block("shared", tasks: tasks.count)
    }

    /// Adds the products of one probe: for each block `[n, n]` of the tasks trained.
    mutating func add(_ products: [(name: String, gramian: [Double])], of trained: [Int]) {
        probes += 1
        var sum = [Double](repeating: 0, count: trained.count * trained.count)
        for (name, gramian) in products {
            for index in sum.indices { sum[index] += gramian[index] }
            place(of: name) { $0.add(gramian, of: trained) }
        }
        whole.add(sum, of: trained)
    }

    /// Adds what another record of the same tasks found.
    ///
    /// - Parameter other: a record of the same tasks in the same order, such as that of the next epoch.
    public mutating func add(_ other: SharedGradientRecord) {
        guard other.tasks == tasks else { return }
        probes += other.probes
        for block in other.blocks { place(of: block.name) { $0.add(block) } }
        whole.add(other.whole)
    }

    private mutating func place(of name: String, _ change: (inout Block) -> Void) {
        if let index = blocks.firstIndex(where: { $0.name == name }) {
            change(&blocks[index])
        } else {
            var block = Block(name, tasks: tasks.count)
            change(&block)
            blocks.append(block)
        }
    }
}
