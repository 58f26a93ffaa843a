/// From where on a figure is worth a word; docs/explain.md states the same numbers.
enum ExplanationThresholds {
    /// Two tasks conflict in a block where they oppose each other in at least this share of the steps looked at.
    static let opposed = 0.5
    /// The mean cosine of two tasks that conflict, at most.
    static let cosine = -0.05
    /// Conflicts are told of at least so many steps.
    static let steps = 4
    /// A metric that is clearly worse is worth a word where it is so by at least this share of the other run's.
    static let transfer = 0.001
    /// An expert has collapsed onto where it has at least this share of every gate.
    static let collapse = 0.9
    /// An expert is dead below this share of every gate.
    static let dead = 0.02
    /// Gradients are out of balance where one is at least so many times as long as another.
    static let normRatio = 10.0
    /// Losses are out of balance where one task's is at least this share of the sum.
    static let lossShare = 0.9
    /// Predictions are off where their sum differs from that of labels by at least this share, clearly.
    static let calibration = 0.1
    /// A feature counts nothing where the mean drop is not above so many standard deviations, for all tasks.
    static let deviations = 1.0
    /// At most so many recommendations of one kind are made.
    static let perRule = 3
}
