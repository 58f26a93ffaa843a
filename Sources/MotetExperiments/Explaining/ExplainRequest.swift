/// What to explain.
public struct ExplainRequest: Hashable, Sendable {
    /// The run directory.
    public var run: String
    /// Runs to compare with, such as one of single tasks.
    public var against: [String] = []
    /// The folder to write; nil for `explain` in the run directory.
    public var output: String?
    /// The most rows features and experts are looked at on.
    public var rows = 20_000
    /// How often each feature is permuted.
    public var repeats = 5

    /// Creates a request.
    public init(run: String) { self.run = run }
}
