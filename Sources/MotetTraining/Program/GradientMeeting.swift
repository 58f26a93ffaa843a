import MotetGraph

/// What one step says of the tasks' gradients.
struct GradientMeeting {
    /// For each task trained its factor in the shared part.
    let factors: [Float]
    /// For each task whether it took part: its loss and gradient were finite.
    let isKept: [Bool]
    /// `[K, K]`, row by row.
    let gramian: [Float]
    let isUnsolved: Bool

    init(_ outputs: AggregationOutputs, _ executable: any Executable) {
        let numbers = Array(executable.output(outputs.factors).bindMemory(to: Float.self))
        let count = numbers.count / 3
        factors = Array(numbers[..<count])
        isKept = numbers[count..<(2 * count)].map { $0 != 0 }
        gramian = Array(executable.output(outputs.gramian).bindMemory(to: Float.self))
        isUnsolved = executable.scalar(outputs.isUnsolved) != 0
    }
}

/// How the gradients of tasks met in the steps of an epoch.
public struct TaskGradientRecord: Hashable, Sendable, Codable {
    /// The tasks in the order of all lists.
    public let tasks: [String]
    /// The steps in which gradients were compared.
    public private(set) var steps = 0
    /// The steps whose problem had no solution, and which took the mean.
    public private(set) var unsolvedSteps = 0
    /// For each task the steps it was left out of, because its loss or gradient was not finite.
    public private(set) var skippedSteps: [Int]
    /// Sums over steps of each task's factor in the shared part.
    private var factorSums: [Double]
    /// Sums over steps of the length of each task's gradient.
    private var normSums: [Double]
    /// For each pair of tasks, row by row, the steps in which both had a gradient.
    private var meetings: [Int]
    /// Of those the steps in which one opposed the other.
    private var conflicts: [Int]
    private var cosineSums: [Double]

    init(_ tasks: [String]) {
        self.tasks = tasks
        skippedSteps = tasks.map { _ in 0 }
        factorSums = tasks.map { _ in 0 }
        normSums = factorSums
        let pairs = tasks.count * tasks.count
        meetings = [Int](repeating: 0, count: pairs)
        conflicts = meetings
        cosineSums = [Double](repeating: 0, count: pairs)
    }

    mutating func add(_ meeting: GradientMeeting, of trained: [Int]) {
        steps += 1
        if meeting.isUnsolved { unsolvedSteps += 1 }
        let count = trained.count
        let lengths = (0..<count).map {
            Double(max(meeting.gramian[$0 * count + $0], 0)).squareRoot()
        }
        for (place, task) in trained.enumerated() {
            if !meeting.isKept[place] { skippedSteps[task] += 1 }
            factorSums[task] += Double(meeting.factors[place])
            normSums[task] += lengths[place]
            for (other, second) in trained.enumerated()
            where other != place && lengths[place] > 0 && lengths[other] > 0 {
                let pair = task * tasks.count + second
                let product = Double(meeting.gramian[place * count + other])
                meetings[pair] += 1
                if product < 0 { conflicts[pair] += 1 }
                cosineSums[pair] += product / lengths[place] / lengths[other]
            }
        }
    }

    /// The mean factor of a task's gradient in the shared part; nil before the first step.
    public func meanFactor(_ task: Int) -> Double? {
        steps > 0 ? factorSums[task] / Double(steps) : nil
    }

    /// The mean length of a task's gradient where gradients are compared; nil before the first step.
    public func meanNorm(_ task: Int) -> Double? {
        steps > 0 ? normSums[task] / Double(steps) : nil
    }

    /// The share of steps in which the gradients of two tasks opposed each other, among those in which both had
    /// one; nil where there is none.
    public func conflictShare(_ task: Int, _ other: Int) -> Double? {
        let pair = task * tasks.count + other
        return meetings[pair] > 0 ? Double(conflicts[pair]) / Double(meetings[pair]) : nil
    }

    /// The mean cosine of the angle between the gradients of two tasks; nil where they never met.
    public func meanCosine(_ task: Int, _ other: Int) -> Double? {
        let pair = task * tasks.count + other
        return meetings[pair] > 0 ? cosineSums[pair] / Double(meetings[pair]) : nil
    }

    /// How the gradients of each two tasks lay to each other, those that opposed each other most first.
    ///
    /// - Parameter limit: how many pairs at most.
    /// - Returns: a sentence for each pair.
    public func conflicts(limit: Int) -> [String] {
        var pairs: [(share: Double, text: String)] = []
        for task in tasks.indices {
            for other in tasks.indices where other > task {
                guard let share = conflictShare(task, other), let cosine = meanCosine(task, other)
                else { continue }
                let percent = NumberText.fixed(100 * share, digits: 0)
                let text =
                    "\(tasks[task]) and \(tasks[other]) opposed in \(percent) % of steps (mean cosine \(NumberText.fixed(cosine, digits: 2)))"
                pairs.append((share, text))
            }
        }
        return pairs.sorted { $0.share > $1.share }.prefix(limit).map(\.text)
    }

    /// What a user must know of the steps: tasks left out, and problems without a solution.
    public var warnings: [String] {
        var warnings: [String] = []
        for (task, count) in zip(tasks, skippedSteps) where count > 0 {
            warnings.append(
                "task \"\(task)\" was left out of \(count) of \(steps) steps, because its loss or gradient was not finite"
            )
        }
        if unsolvedSteps > 0 {
            warnings.append(
                "\(unsolvedSteps) of \(steps) steps took the mean of the gradients, because the problem of the aggregation had no solution"
            )
        }
        return warnings
    }
}
