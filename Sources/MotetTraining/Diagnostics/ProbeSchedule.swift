/// In which steps gradients are looked at.
struct ProbeSchedule {
    /// The most probes of an epoch where nobody says how many.
    static let mostProbes = 8
    /// Where nobody says how many, a probe comes to so many steps for each task: it costs a backward pass through the
    /// shared part for each, about 0.4 steps.
    static let stepsPerTask = 25

    /// The probes between two reports.
    let probes: Int
    private let steps: Int

    /// Plans the probes of an epoch.
    ///
    /// - Parameters:
    ///   - wanted: how many an epoch; nil for one in 25 steps for each task, one at least and eight at most.
    ///   - steps: the steps between two reports.
    ///   - tasks: the number of tasks.
    init(_ wanted: Int?, steps: Int, tasks: Int) {
        self.steps = max(1, steps)
        let usual = steps / (Self.stepsPerTask * max(1, tasks))
        probes = min(wanted ?? min(Self.mostProbes, max(1, usual)), self.steps)
    }

    /// Whether a step of a phase, from 0, is looked at: the first of an epoch, and others at equal distances.
    func includes(_ step: Int) -> Bool {
        guard probes > 0 else { return false }
        let place = step % steps
        return place == 0 || place * probes / steps != (place - 1) * probes / steps
    }
}
