import MotetRecommenders

extension Workload {
    /// Floating-point operations of all matrix products of a training step, for one row: forward, and
    /// twice that backward, for the gradients of weights and of inputs.
    var matrixProductFLOPs: Int { 3 * 2 * multiplications }

    private var multiplications: Int {
        let width = fields * dimension
        func chain(_ units: [Int], from input: Int) -> Int {
            zip([input] + units, units).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let tasks = 2
        if let settings = architecture.settings as? MMoE.Settings {
            let units = settings.expertUnits
            let towers = chain(towerUnits + [1], from: units.last ?? width)
            let experts = settings.experts
            return experts * chain(units, from: width) + tasks * (experts * width + towers)
        }
        guard let settings = architecture.settings as? PLE.Settings else { return 0 }
        let last = settings.expertUnits.last ?? width
        let experts = settings.sharedExperts + tasks * settings.taskExperts
        var total = tasks * chain(towerUnits + [1], from: last)
        for level in 0..<settings.levels {
            let input = level == 0 ? width : last
            total += experts * chain(settings.expertUnits, from: input)
            total += tasks * input * (settings.sharedExperts + settings.taskExperts)
            // The shared part has a gate of its own on every level but the last.
            if level < settings.levels - 1 { total += input * experts }
        }
        return total
    }
}
