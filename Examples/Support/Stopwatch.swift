/// How long a part of a program took.
public enum Stopwatch {
    /// Runs a closure.
    ///
    /// - Parameter body: what is timed.
    /// - Returns: the seconds it took, by the machine's steady clock.
    /// - Throws: what the closure throws.
    public static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let duration = try ContinuousClock().measure(body)
        return Double(duration.components.seconds)
            + Double(duration.components.attoseconds) * 1e-18
    }
}
