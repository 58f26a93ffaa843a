/// The losses of tasks: their means since the last report, and how they were lately.
final class EpochLosses {
    /// How much of the recent mean a new loss replaces.
    private static let share = 0.1
    private let names: [String]
    /// Sums of each task's loss times its weight since the last report.
    private(set) var sums: [Double]
    /// Sums of the weights.
    private(set) var weights: [Double]
    /// An exponential mean of each task's losses; nil before the first.
    private(set) var recent: [Double?]
    /// How the tasks' gradients met since the last report; nil where they are only added up.
    var gradients: TaskGradientRecord?

    init(_ names: [String], comparesGradients: Bool = false) {
        self.names = names
        gradients = comparesGradients ? TaskGradientRecord(names) : nil
        sums = names.map { _ in 0 }
        weights = names.map { _ in 0 }
        recent = names.map { _ in nil }
    }

    func add(_ task: Int, loss: Double, weight: Double) {
        guard weight > 0 else { return }
        sums[task] += weight * loss
        weights[task] += weight
        recent[task] = recent[task].map { $0 + Self.share * (loss - $0) } ?? loss
    }

    func start() {
        for task in names.indices {
            sums[task] = 0
            weights[task] = 0
        }
        if gradients != nil { gradients = TaskGradientRecord(names) }
    }

    func restore(
        sums: [Double]?,
        weights: [Double]?,
        recent: [Double?]?,
        gradients: TaskGradientRecord?
    ) {
        self.sums = sums ?? names.map { _ in 0 }
        self.weights = weights ?? names.map { _ in 0 }
        self.recent = recent ?? names.map { _ in nil }
        if let gradients, self.gradients != nil { self.gradients = gradients }
    }

    /// The recent loss of a task among those that have one; the others count as their mean, or 1.
    func recentOrTypical(_ task: Int) -> Double {
        if let own = recent[task] { return own }
        var (sum, count) = (0.0, 0)
        for other in names.indices {
            guard let loss = recent[other] else { continue }
            sum += loss
            count += 1
        }
        return count > 0 ? sum / Double(count) : 1
    }

    /// The weighted mean loss of each task since the last report; nil where no row took part.
    var means: [Double?] { names.indices.map { weights[$0] > 0 ? sums[$0] / weights[$0] : nil } }

    /// The means of tasks of which a row took part.
    var named: [(name: String, value: Double)] {
        zip(names, means).compactMap { name, mean in mean.map { (name, $0) } }
    }
}
