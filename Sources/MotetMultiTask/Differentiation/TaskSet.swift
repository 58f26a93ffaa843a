/// Some of the tasks of a program, by position.
struct TaskSet: Hashable, Sendable {
    private(set) var bits: UInt64 = 0

    static let none = TaskSet()

    init() {}

    /// One task, at a position below 64.
    init(_ task: Int) { bits = 1 << UInt64(task) }

    /// Whether more than one task is in it.
    var isShared: Bool { bits.nonzeroBitCount > 1 }

    /// The only task; nil where there is none or more than one.
    var only: Int? { bits.nonzeroBitCount == 1 ? bits.trailingZeroBitCount : nil }

    func union(_ other: TaskSet) -> TaskSet {
        var result = self
        result.bits |= other.bits
        return result
    }
}

/// The tasks whose losses depend on a value: for the whole of it, or for each slice along its first axis.
///
/// Towers and gates of several tasks are one stacked operation, of which each slice serves one task.
struct TaskOwners: Hashable, Sendable {
    /// One set for the whole value, or one for each slice.
    private(set) var slices: [TaskSet]

    init(_ slices: [TaskSet]) {
        let first = slices.first ?? .none
        self.slices = slices.allSatisfy { $0 == first } ? [first] : slices
    }

    static let none = TaskOwners([.none])

    /// All tasks of all slices.
    var all: TaskSet { slices.reduce(.none) { $0.union($1) } }

    /// Whether no slice serves more than one task.
    var isOwn: Bool { !slices.contains(where: \.isShared) }

    /// One set for each of `count` slices.
    func expanded(_ count: Int) -> [TaskSet] {
        slices.count == count ? slices : Array(repeating: all, count: count)
    }

    func union(_ other: TaskOwners) -> TaskOwners {
        let count = max(slices.count, other.slices.count)
        return TaskOwners(zip(expanded(count), other.expanded(count)).map { $0.union($1) })
    }
}
